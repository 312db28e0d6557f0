/**
 * The external pager protocol: all that kernel and pagers say to each other.
 *
 * Layer: kernels/mach3; section 2, [21]. A pager is any task with the receive right
 * to a memory object port. It receives the messages of ExternalPagerMessage on it
 * and answers on the control port that comes with them.
 */
export { MEMORY_OBJECT_INIT } from "./init.ts";
export type { MemoryObjectInit } from "./init.ts";
export { memoryObjectSetAttributes } from "./set-attributes.ts";
export type { CopyStrategy, MemoryObjectSetAttributes } from "./set-attributes.ts";
export { MEMORY_OBJECT_DATA_REQUEST } from "./data-request.ts";
export type { MemoryObjectDataRequest } from "./data-request.ts";
export { memoryObjectDataProvided } from "./data-provided.ts";
export { memoryObjectDataSupply } from "./data-supply.ts";
export type { SupplyOptions } from "./data-supply.ts";
export { MEMORY_OBJECT_SUPPLY_COMPLETED } from "./supply-completed.ts";
export type { MemoryObjectSupplyCompleted } from "./supply-completed.ts";
export { memoryObjectDataUnavailable } from "./data-unavailable.ts";
export { memoryObjectDataError } from "./data-error.ts";
export { MEMORY_OBJECT_DATA_WRITE } from "./data-write.ts";
export type { MemoryObjectDataWrite } from "./data-write.ts";
export { MEMORY_OBJECT_DATA_UNLOCK } from "./data-unlock.ts";
export type { MemoryObjectDataUnlock } from "./data-unlock.ts";
export { memoryObjectLockRequest } from "./lock-request.ts";
export type { MemoryObjectLockRequest } from "./lock-request.ts";
export { MEMORY_OBJECT_LOCK_COMPLETED } from "./lock-completed.ts";
export type { MemoryObjectLockCompleted } from "./lock-completed.ts";
export { MEMORY_OBJECT_TERMINATE } from "./terminate.ts";
