/**
 * memory_object_set_attributes: the pager is ready, and says how its object is to be treated (section 2, [21]).
 *
 * Layer: kernels/mach3; pager to kernel, the answer to memory_object_init. With
 * mayCache the kernel keeps the object's pages after the last mapping has gone, for
 * a limited number of objects. The copy strategy says what happens when a task
 * copies the memory: MEMORY_OBJECT_COPY_NONE, all pages are asked for and copied at
 * once, one after the other, so that what others write while a page is waited for is
 * in the copy of some pages and not of others; MEMORY_OBJECT_COPY_DELAY, a page is copied when it is first written (see
 * copy-object.ts), for which the pager promises to change data only in pages that it
 * has flushed. The third one, MEMORY_OBJECT_COPY_CALL, by which the pager is told
 * with memory_object_copy and makes a memory object for the copy itself, is for
 * pagers that keep copies of their own, which none here does; it is not modelled. No
 * answer.
 */
import type { Steps } from "../../../engine/index.ts";
import { machMsgSend } from "../ipc.ts";
import type { Kernel } from "../kernel.ts";
import type { KernelMessage, PortName } from "../message.ts";
import type { Task } from "../task.ts";
import type { VmObject } from "../vm-object.ts";

export const MEMORY_OBJECT_SET_ATTRIBUTES = "memory_object_set_attributes";

/** How the kernel copies memory of the object: each page at once, or when it is written. */
export type CopyStrategy = "none" | "delay";

/** In-line data. */
export interface MemoryObjectSetAttributes {
  ready: boolean;
  mayCache: boolean;
  copyStrategy: CopyStrategy;
}

/** memory_object_set_attributes (section 2, [21]). */
export function* memoryObjectSetAttributes(task: Task, control: PortName, data: MemoryObjectSetAttributes): Steps {
  yield* machMsgSend(task, { id: MEMORY_OBJECT_SET_ATTRIBUTES, remote: control, data });
}

/** The kernel takes the message. */
export function* takeSetAttributes(kernel: Kernel, object: VmObject, message: KernelMessage): Steps {
  const { ready, mayCache, copyStrategy } = message.data as MemoryObjectSetAttributes;
  kernel.charge(kernel.costs.attributesNs, "memory_object_set_attributes");
  object.ready = ready;
  object.mayCache = mayCache;
  object.copyStrategy = copyStrategy;
  object.wakeWaiters();
  if (!mayCache) kernel.uncache(object);
}
