/**
 * memory_object_data_provided: the pager gives data, and the kernel copies them (section 4.1.2).
 *
 * Layer: kernels/mach3; pager to kernel, the answer to memory_object_data_request.
 * The "less efficient and now obsolete interface": "requires a copy within the
 * kernel". No answer. Pages that nobody asked for are taken if they are not there.
 */
import { spanned } from "../../../engine/index.ts";
import type { Steps } from "../../../engine/index.ts";
import { PAGE_BYTES } from "../../../hardware/memory.ts";
import { machMsgSend } from "../ipc.ts";
import type { Kernel } from "../kernel.ts";
import type { KernelMessage, OutOfLineItem, PortName } from "../message.ts";
import type { Task } from "../task.ts";
import { holdFrames } from "../vm-copy.ts";
import type { VmObject } from "../vm-object.ts";
import { VM_PROT_NONE } from "../vm-page.ts";
import type { Protection } from "../vm-page.ts";
import { wanted } from "./placeholder.ts";

export const MEMORY_OBJECT_DATA_PROVIDED = "memory_object_data_provided";

/** In-line data; `memory` has whole pages. */
export interface MemoryObjectDataProvided {
  /** In bytes. */
  offset: number;
  /** Accesses that are not allowed until they are asked for with memory_object_data_unlock. */
  lock: Protection;
}

/** memory_object_data_provided (section 4.1.2): give the kernel a copy of `memory` as the data at byte `offset`. */
export function memoryObjectDataProvided(task: Task, control: PortName, offset: number, memory: OutOfLineItem, lock: Protection = VM_PROT_NONE): Steps {
  const data: MemoryObjectDataProvided = { offset, lock };
  return spanned(task.kernel.sim, "Data Provided", machMsgSend(task, { id: MEMORY_OBJECT_DATA_PROVIDED, remote: control, data, memory: [memory] }));
}

/** The kernel takes the message. */
export function* takeDataProvided(kernel: Kernel, object: VmObject, message: KernelMessage): Steps {
  const { offset, lock } = message.data as MemoryObjectDataProvided;
  kernel.charge(kernel.costs.dataProvidedNs, "memory_object_data_provided");
  const held = yield* holdFrames(message.memory[0]!);
  let index = offset / PAGE_BYTES - 1;
  try {
    for (const source of held.frames) {
      index++;
      if (!wanted(object, index)) continue;
      const frame = yield* kernel.allocateFrame(object.name);
      if (!wanted(object, index)) {
        kernel.pages.freeFrame(frame);
        continue;
      }
      kernel.copyFrame(source, frame);
      kernel.pages.fill(object, index, frame).lock = lock;
    }
  } finally {
    held.release();
    object.wakeWaiters();
  }
}
