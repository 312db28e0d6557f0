/**
 * memory_object_data_unavailable: the pager has no data; let there be zeros (section 4.2).
 *
 * Layer: kernels/mach3; pager to kernel, the answer to memory_object_data_request
 * for a hole or for what lies past the end of a file: "causes the kernel to supply
 * a zero filled page to the client". No answer.
 */
import type { Steps } from "../../../engine/index.ts";
import { PAGE_BYTES } from "../../../hardware/memory.ts";
import { machMsgSend } from "../ipc.ts";
import type { Kernel } from "../kernel.ts";
import type { KernelMessage, PortName } from "../message.ts";
import type { Task } from "../task.ts";
import { pagesOf } from "../vm-page.ts";
import type { VmObject } from "../vm-object.ts";

export const MEMORY_OBJECT_DATA_UNAVAILABLE = "memory_object_data_unavailable";

/** In-line data, in bytes. */
export interface MemoryObjectDataUnavailable {
  offset: number;
  length: number;
}

/** memory_object_data_unavailable (section 4.2): there are no data from byte `offset` on for `length` bytes. */
export function* memoryObjectDataUnavailable(task: Task, control: PortName, offset: number, length: number): Steps {
  const data: MemoryObjectDataUnavailable = { offset, length };
  yield* machMsgSend(task, { id: MEMORY_OBJECT_DATA_UNAVAILABLE, remote: control, data });
}

/** The kernel takes the message: the pages that were asked for are absent. */
export function* takeDataUnavailable(kernel: Kernel, object: VmObject, message: KernelMessage): Steps {
  const { offset, length } = message.data as MemoryObjectDataUnavailable;
  kernel.charge(kernel.costs.dataUnavailableNs, "memory_object_data_unavailable");
  endRequests(object, offset, length, "absent");
}

/** The requests for `length` bytes from `offset` on are over, without data. */
export function endRequests(object: VmObject, offset: number, length: number, outcome: "absent" | "error"): void {
  for (let i = 0; i < pagesOf(length); i++) {
    const page = object.pages.get(offset / PAGE_BYTES + i);
    if (page?.busy !== true) continue;
    page.busy = false;
    page[outcome] = true;
  }
  object.wakeWaiters();
}
