/**
 * memory_object_lock_completed: a lock request has been carried out (section 4.2).
 *
 * Layer: kernels/mach3; kernel to pager, the answer to memory_object_lock_request.
 * It comes after the memory_object_data_write messages that the request caused.
 */
import type { Kernel } from "../kernel.ts";
import { kernelMessage } from "../message.ts";
import type { Right } from "../message.ts";

export const MEMORY_OBJECT_LOCK_COMPLETED = "memory_object_lock_completed";

/** In-line data, in bytes, as in the request. */
export interface MemoryObjectLockCompleted {
  offset: number;
  length: number;
}

/** Answer a lock request with the right that came with it. */
export function memoryObjectLockCompleted(kernel: Kernel, reply: Right, offset: number, length: number): void {
  const data: MemoryObjectLockCompleted = { offset, length };
  kernel.answer(reply, kernelMessage(MEMORY_OBJECT_LOCK_COMPLETED, data));
}
