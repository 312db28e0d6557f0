/**
 * memory_object_set_attributes: the pager is ready, and says how its object is to be treated (section 2, [21]).
 *
 * Layer: kernels/mach3; pager to kernel, the answer to memory_object_init. With
 * mayCache the kernel keeps the object's pages after the last mapping has gone, for
 * a limited number of objects. No answer.
 */
import type { Steps } from "../../../engine/index.ts";
import { machMsgSend } from "../ipc.ts";
import type { Kernel } from "../kernel.ts";
import type { KernelMessage, PortName } from "../message.ts";
import type { Task } from "../task.ts";
import type { VmObject } from "../vm-object.ts";

export const MEMORY_OBJECT_SET_ATTRIBUTES = "memory_object_set_attributes";

/** In-line data. */
export interface MemoryObjectSetAttributes {
  ready: boolean;
  mayCache: boolean;
}

/** memory_object_set_attributes (section 2, [21]). */
export function* memoryObjectSetAttributes(task: Task, control: PortName, data: MemoryObjectSetAttributes): Steps {
  yield* machMsgSend(task, { id: MEMORY_OBJECT_SET_ATTRIBUTES, remote: control, data });
}

/** The kernel takes the message. */
export function* takeSetAttributes(kernel: Kernel, object: VmObject, message: KernelMessage): Steps {
  const { ready, mayCache } = message.data as MemoryObjectSetAttributes;
  kernel.charge(kernel.costs.attributesNs, "memory_object_set_attributes");
  object.ready = ready;
  object.mayCache = mayCache;
  object.waiters.wakeAll();
  if (!mayCache) kernel.uncache(object);
}
