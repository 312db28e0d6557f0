/**
 * memory_object_init: the kernel introduces itself to a pager (section 2, [21]).
 *
 * Layer: kernels/mach3; kernel to pager. Carries a send right to the control port,
 * on which the pager answers, and the page size. Answer expected:
 * memory_object_set_attributes; until then nobody's fault on the object goes on.
 */
import { PAGE_BYTES } from "../../../hardware/memory.ts";
import type { Kernel } from "../kernel.ts";
import { kernelMessage } from "../message.ts";
import type { VmObject } from "../vm-object.ts";

export const MEMORY_OBJECT_INIT = "memory_object_init";

/** In-line data; `ports` has the control port. */
export interface MemoryObjectInit {
  pageBytes: number;
}

/** Tell the pager of `object` that it is mapped for the first time. */
export function memoryObjectInit(kernel: Kernel, object: VmObject): void {
  const data: MemoryObjectInit = { pageBytes: PAGE_BYTES };
  kernel.send(object.memoryObject!, kernelMessage(MEMORY_OBJECT_INIT, data, { ports: [kernel.sendRight(object.control!)] }));
}
