/**
 * memory_object_data_supply: the pager gives pages, and the kernel takes them (section 4.1.2).
 *
 * Layer: kernels/mach3; pager to kernel, the answer to memory_object_data_request.
 * "The VM system just removes the physical page from the server and places it
 * directly in the Memory Object without copying it", if the sender deallocates it
 * and nobody else can want it; see vm-copy.ts. At a page that it has already the
 * kernel stops. Answer, if a port for it was given: memory_object_supply_completed.
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
import { memoryObjectSupplyCompleted } from "./supply-completed.ts";

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

/** How pages are given: as in the message, and `replyPort` gets memory_object_supply_completed. */
export interface SupplyOptions {
  lock?: Protection;
  precious?: boolean;
  replyPort?: PortName | undefined;
}

/** memory_object_data_supply (section 4.1.2): give the kernel the pages of the memory as the data at byte `offset`. */
export function memoryObjectDataSupply(
  task: Task, control: PortName, offset: number, { address, bytes, deallocate }: Omit<OutOfLineItem, "pageList">, { lock = VM_PROT_NONE, precious = false, replyPort }: SupplyOptions = {},
): Steps {
  const data: MemoryObjectDataSupply = { offset, lock, precious };
  return spanned(task.kernel.sim, "Data Supply", machMsgSend(task, { id: MEMORY_OBJECT_DATA_SUPPLY, remote: control, local: replyPort, data, memory: [{ address, bytes, deallocate, pageList: true }] }));
}

/** The kernel takes the message. */
export function* takeDataSupply(kernel: Kernel, object: VmObject, message: KernelMessage): Steps {
  const { offset, lock, precious } = message.data as MemoryObjectDataSupply;
  kernel.charge(kernel.costs.dataSupplyNs, "memory_object_data_supply");
  const [memory] = message.memory;
  const { frames } = yield* holdFrames(memory!);
  const first = offset / PAGE_BYTES;
  let taken = 0;
  while (taken < frames.length && wanted(object, first + taken)) {
    Object.assign(kernel.pages.fill(object, first + taken, frames[taken]!), { lock, precious });
    taken++;
  }
  for (let i = taken; i < frames.length; i++) kernel.pages.freeFrame(frames[i]!);
  object.wakeWaiters();
  if (message.reply !== undefined) memoryObjectSupplyCompleted(kernel, message.reply, offset, frames.length * PAGE_BYTES, offset + taken * PAGE_BYTES);
}
