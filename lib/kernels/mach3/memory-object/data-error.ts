/**
 * memory_object_data_error: the pager could not get the data (section 2, [21]).
 *
 * Layer: kernels/mach3; pager to kernel, the answer to memory_object_data_request.
 * The thread that touched the page gets KERN_MEMORY_ERROR. No answer.
 */
import type { Steps } from "../../../engine/index.ts";
import { machMsgSend } from "../ipc.ts";
import type { Kernel } from "../kernel.ts";
import type { KernelMessage, PortName } from "../message.ts";
import type { Task } from "../task.ts";
import type { VmObject } from "../vm-object.ts";
import { endRequests } from "./data-unavailable.ts";

export const MEMORY_OBJECT_DATA_ERROR = "memory_object_data_error";

/** In-line data, in bytes. */
export interface MemoryObjectDataError {
  offset: number;
  length: number;
}

/** memory_object_data_error (section 2, [21]): the data from byte `offset` on for `length` bytes are lost. */
export function* memoryObjectDataError(task: Task, control: PortName, offset: number, length: number): Steps {
  const data: MemoryObjectDataError = { offset, length };
  yield* machMsgSend(task, { id: MEMORY_OBJECT_DATA_ERROR, remote: control, data });
}

/** The kernel takes the message. */
export function* takeDataError(kernel: Kernel, object: VmObject, message: KernelMessage): Steps {
  const { offset, length } = message.data as MemoryObjectDataError;
  kernel.charge(kernel.costs.dataUnavailableNs, "memory_object_data_error");
  endRequests(object, offset, length, "error");
}
