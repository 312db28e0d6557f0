/**
 * memory_object_data_request: the kernel needs a page (section 4.1.2).
 *
 * Layer: kernels/mach3; kernel to pager. Answer expected: one of
 * memory_object_data_provided, _data_supply, _data_unavailable and _data_error for
 * the same range; until then the faulting thread sleeps.
 */
import { PAGE_BYTES } from "../../../hardware/memory.ts";
import type { Kernel } from "../kernel.ts";
import { kernelMessage } from "../message.ts";
import type { VmObject } from "../vm-object.ts";
import type { Protection } from "../vm-page.ts";

export const MEMORY_OBJECT_DATA_REQUEST = "memory_object_data_request";

/** In-line data; `ports` has the control port. */
export interface MemoryObjectDataRequest {
  /** In bytes. */
  offset: number;
  length: number;
  /** Access for which the page is wanted. */
  access: Protection;
}

/** Ask the pager of `object` for page `index`, whose place is held by a busy page. */
export function memoryObjectDataRequest(kernel: Kernel, object: VmObject, index: number, access: Protection): void {
  kernel.counters.pageIns++;
  kernel.charge(kernel.costs.dataRequestNs, "memory_object_data_request");
  const data: MemoryObjectDataRequest = { offset: index * PAGE_BYTES, length: PAGE_BYTES, access };
  kernel.send(object.memoryObject!, kernelMessage(MEMORY_OBJECT_DATA_REQUEST, data, { ports: [kernel.sendRight(object.control!)] }));
}
