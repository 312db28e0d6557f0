/**
 * Memory whose pages stay where they are: buffers of a server, shared pages.
 *
 * Layer: kernels/mach3. What vm_allocate and vm_wire do together, once, when a
 * server or a process is set up; nothing is charged beyond what its caller charges.
 */
import { PAGE_BYTES } from "../../hardware/memory.ts";
import type { Frame } from "../../hardware/memory.ts";
import type { Task } from "./task.ts";
import { VM_PROT_DEFAULT } from "./vm-page.ts";
import type { Protection, VmPage } from "./vm-page.ts";
import { allocateObject } from "./vm-object.ts";
import type { VmObject } from "./vm-object.ts";

export interface WiredMemory {
  readonly object: VmObject;
  readonly frames: readonly Frame[];
  /** Where it is in the task that it was made for. */
  readonly address: number;
}

/** Let `frames`, which are the caller's, be memory of `task`; `shared` if other tasks will reach it too. */
export function vmWire(task: Task, frames: readonly Frame[], shared = false): WiredMemory {
  const { kernel } = task;
  const object = allocateObject(kernel, frames.length, kernel.machine.memory.owner(frames[0]!));
  object.shared = shared;
  object.copyStrategy = "none"; // it is written at its physical address too, where nobody faults
  frames.forEach((frame, index) => {
    const page = kernel.pages.insert(object, index, frame);
    page.dirty = true;
    kernel.pages.wire(page);
  });
  return { object, frames, address: task.map.enter(frames.length * PAGE_BYTES, undefined, { object, inheritance: "none" }).start };
}

/** Let the pages of `memory` go where pages may go: out of memory, or to another task. */
export function vmUnwire(task: Task, { object }: WiredMemory): void {
  for (const page of object.pages.values()) task.kernel.pages.unwire(page);
}

/** Let `task` reach the same memory, with `protection`, and its children not; the address there. */
export function vmShare(task: Task, { object, frames }: WiredMemory, protection: Protection = VM_PROT_DEFAULT): number {
  const { start } = task.map.enter(frames.length * PAGE_BYTES, undefined, { object, inheritance: "none", protection, maxProtection: protection });
  object.references++;
  return start;
}

/** Let `bytes` bytes at `address` of `task`, all in memory and on their way elsewhere, stay there until then. */
export function vmHold(task: Task, address: number, bytes: number): void {
  const pages = residentPages(task, address, bytes);
  task.kernel.pages.inTransit += pages.length;
  for (const page of pages) task.kernel.pages.wire(page);
}

/** What was held goes. */
export function vmLetGo(task: Task, address: number, bytes: number): void {
  const pages = residentPages(task, address, bytes);
  task.kernel.pages.inTransit -= pages.length;
  for (const page of pages) task.kernel.pages.unwire(page);
}

/** The frames behind `bytes` bytes at `address` of `task`, all of which are in memory: what came from a device is. */
export function residentFrames(task: Task, address: number, bytes: number): Frame[] {
  return residentPages(task, address, bytes).map((page) => page.frame);
}

function residentPages(task: Task, address: number, bytes: number): VmPage[] {
  const pages: VmPage[] = [];
  for (let at = address; at < address + bytes; at += PAGE_BYTES) {
    const entry = task.map.lookup(at)!;
    pages.push(entry.object!.pages.get(entry.index + (at - entry.start) / PAGE_BYTES)!);
  }
  return pages;
}

/** Put the pages at `address` of `task` in the place of what is at `offset` of `frames`: their contents move, but not as a copy. */
export function vmExchange(task: Task, address: number, frames: readonly Frame[], offset: number, bytes: number): void {
  const { kernel } = task;
  let target = frames[0]! * PAGE_BYTES + offset;
  let left = bytes;
  for (const frame of residentFrames(task, address, bytes)) {
    const from = frame * PAGE_BYTES;
    const count = Math.min(PAGE_BYTES, left);
    kernel.machine.memory.bytes.copyWithin(target, from, from + count);
    kernel.sim.probe?.move("page", from, target, count, kernel.costs.pageListPageNs);
    kernel.charge(kernel.costs.pageListPageNs, "pages handed over");
    target += PAGE_BYTES;
    left -= PAGE_BYTES;
  }
}
