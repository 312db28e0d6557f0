/**
 * memory_object_data_supply: the pager gives pages, and the kernel takes them (section 4.1.2).
 *
 * Layer: kernels/mach3; pager to kernel, the answer to memory_object_data_request.
 * "The VM system just removes the physical page from the server and places it
 * directly in the Memory Object without copying it", if the sender deallocates it
 * and nobody else can want it; see vm-copy.ts. No answer.
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

export const MEMORY_OBJECT_DATA_SUPPLY = "memory_object_data_supply";

/** In-line data; `memory` has whole pages. */
export interface MemoryObjectDataSupply {
  /** In bytes. */
  offset: number;
  /** Accesses that are not allowed until they are asked for with memory_object_data_unlock. */
  lock: Protection;
  /** The pager wants the pages back even when they are clean. */
  precious: boolean;
}

/** memory_object_data_supply (section 4.1.2): give the kernel the pages of the memory as the data at byte `offset`. */
export function* memoryObjectDataSupply(
  task: Task, control: PortName, offset: number, { address, bytes, deallocate }: Omit<OutOfLineItem, "pageList">, { lock = VM_PROT_NONE, precious = false } = {},
): Steps {
  const data: MemoryObjectDataSupply = { offset, lock, precious };
  yield* spanned(task.kernel.sim, "Data Supply", machMsgSend(task, { id: MEMORY_OBJECT_DATA_SUPPLY, remote: control, data, memory: [{ address, bytes, deallocate, pageList: true }] }));
}

/** The kernel takes the message. */
export function* takeDataSupply(kernel: Kernel, object: VmObject, message: KernelMessage): Steps {
  const { offset, lock, precious } = message.data as MemoryObjectDataSupply;
  kernel.charge(kernel.costs.dataSupplyNs, "memory_object_data_supply");
  const { frames } = yield* holdFrames(message.memory[0]!);
  for (const [i, frame] of frames.entries()) {
    const index = offset / PAGE_BYTES + i;
    if (wanted(object, index)) Object.assign(kernel.pages.fill(object, index, frame), { lock, precious });
    else kernel.pages.freeFrame(frame);
  }
  object.waiters.wakeAll();
}
