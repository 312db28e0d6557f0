/**
 * memory_object_create: a temporary object needs room outside memory (section 2, [21]).
 *
 * Layer: kernels/mach3; kernel to the default pager. Carries the receive right to a
 * new memory object port, with which the default pager becomes the object's pager,
 * and a send right to the control port. No answer: it is ready at once.
 */
import { Port } from "../port.ts";
import type { Kernel } from "../kernel.ts";
import { kernelMessage } from "../message.ts";
import type { VmObject } from "../vm-object.ts";

export const MEMORY_OBJECT_CREATE = "memory_object_create";

/** Let the default pager be the pager of `object`. */
export function createBackingStore(kernel: Kernel, object: VmObject): void {
  const port = new Port(kernel.sim, { name: `backing store of ${object.name}`, limit: kernel.limits.queueLimit });
  kernel.attachPager(object, port);
  object.ready = true;
  kernel.send(kernel.defaultPager!.port, kernelMessage(MEMORY_OBJECT_CREATE, undefined, {
    ports: [{ kind: "receive", port }, kernel.sendRight(object.control!)],
  }));
}
