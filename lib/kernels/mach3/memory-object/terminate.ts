/**
 * memory_object_terminate: nobody has the memory object mapped any more (section 2, [21]).
 *
 * Layer: kernels/mach3; kernel to pager, after the last memory_object_data_write.
 * Carries the receive right of the control port: with it the pager ends what
 * memory_object_init began. No answer. A later vm_map begins again with init.
 */
import type { Kernel } from "../kernel.ts";
import { kernelMessage } from "../message.ts";
import type { VmObject } from "../vm-object.ts";

export const MEMORY_OBJECT_TERMINATE = "memory_object_terminate";

/** Tell the pager of `object` that the kernel has forgotten it; `ports` has the control port. */
export function memoryObjectTerminate(kernel: Kernel, object: VmObject): void {
  const control = object.control!;
  kernel.send(object.memoryObject!, kernelMessage(MEMORY_OBJECT_TERMINATE, undefined, { ports: [{ kind: "receive", port: control }] }));
  kernel.detachPager(object);
}
