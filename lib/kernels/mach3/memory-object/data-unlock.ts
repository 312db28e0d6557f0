/**
 * memory_object_data_unlock: somebody needs an access that the pager has forbidden (section 2, [21]).
 *
 * Layer: kernels/mach3; kernel to pager. Answer expected: a
 * memory_object_lock_request that allows it; until then the thread sleeps.
 */
import { PAGE_BYTES } from "../../../hardware/memory.ts";
import type { Kernel } from "../kernel.ts";
import { kernelMessage } from "../message.ts";
import type { Protection, VmPage } from "../vm-page.ts";

export const MEMORY_OBJECT_DATA_UNLOCK = "memory_object_data_unlock";

/** In-line data; `ports` has the control port. */
export interface MemoryObjectDataUnlock {
  /** In bytes. */
  offset: number;
  length: number;
  access: Protection;
}

/** Ask the pager of `page` to allow `access`. */
export function memoryObjectDataUnlock(kernel: Kernel, page: VmPage, access: Protection): void {
  const data: MemoryObjectDataUnlock = { offset: page.index * PAGE_BYTES, length: PAGE_BYTES, access };
  const { memoryObject, control } = page.object;
  kernel.charge(kernel.costs.dataRequestNs, "memory_object_data_unlock");
  kernel.send(memoryObject!, kernelMessage(MEMORY_OBJECT_DATA_UNLOCK, data, { ports: [kernel.sendRight(control!)] }));
}
