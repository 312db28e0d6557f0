/**
 * Memory in a message: out-of-line data between two address spaces.
 *
 * Layer: kernels/mach3; section 2 and, for page stealing, section 4.1.2. Usually
 * nothing is copied: the message refers to the sender's objects, or to copy objects
 * of them (copy-object.ts), and sender and receiver share their pages until one of
 * them writes. A page list carries the pages themselves, taken from the sender where
 * nobody else can want them.
 */
import type { Steps } from "../../engine/index.ts";
import { PAGE_BYTES } from "../../hardware/memory.ts";
import type { Frame } from "../../hardware/memory.ts";
import { unmapRange } from "./address-space.ts";
import { copyDelayed } from "./copy-object.ts";
import { MachError } from "./errors.ts";
import { entryObject, residentPage } from "./fault.ts";
import type { Kernel } from "./kernel.ts";
import type { OutOfLineItem } from "./message.ts";
import type { Task } from "./task.ts";
import { checkRange, virtualPage } from "./vm-map.ts";
import type { MapEntry } from "./vm-map.ts";
import { VM_PROT_READ, pagesOf } from "./vm-page.ts";
import type { VmPage } from "./vm-page.ts";
import { allocateObject, releaseObject } from "./vm-object.ts";
import type { VmObject } from "./vm-object.ts";

interface Run {
  object: VmObject;
  index: number;
  pages: number;
}

/** Memory in flight: references to objects, or frames that belong to the message. */
export interface VmCopy {
  readonly kernel: Kernel;
  readonly bytes: number;
  readonly runs: Run[];
  readonly frames: Frame[] | undefined;
  /** Called when the memory is in flight no longer. */
  landed?: (() => void) | undefined;
}

/** `frames`, which are the caller's, as memory in flight of `bytes` bytes. */
export function copyOfFrames(kernel: Kernel, frames: Frame[], bytes = frames.length * PAGE_BYTES): VmCopy {
  return { kernel, bytes, runs: [], frames };
}

/** Take what `item` describes out of `task` for a message. @throws KERN_INVALID_ADDRESS, KERN_PROTECTION_FAILURE */
export function* copyin(task: Task, item: OutOfLineItem): Steps<VmCopy> {
  const { kernel } = task;
  const { address, bytes, deallocate = false, pageList = false } = item;
  const end = address + pagesOf(bytes) * PAGE_BYTES;
  checkRange(address, end - address);
  task.map.demand(address, end, VM_PROT_READ);
  kernel.charge(kernel.costs.outOfLineNs, "out-of-line memory");
  kernel.counters.outOfLineBytes += bytes;
  const copy: VmCopy = { kernel, bytes, runs: [], frames: pageList ? [] : undefined };
  let complete = false;
  try {
    if (pageList) yield* takePages(task, address, end, deallocate, copy.frames!);
    else yield* copyRuns(task, address, end, copy.runs);
    complete = true;
  } finally {
    if (!complete) discardCopy(copy);
  }
  if (deallocate) unmapRange(task, address, end - address);
  return copy;
}

/** Put into `runs` what is mapped from `address` to `end`: looked up again after each entry, for which others may have been waited. */
function* copyRuns(task: Task, address: number, end: number, runs: Run[]): Steps {
  for (let at = address; at < end; ) {
    task.map.demand(at, end, VM_PROT_READ);
    const run = yield* copyObject(task, task.map.range(at, end)[0]!);
    if (run === undefined) continue;
    runs.push(run);
    at += run.pages * PAGE_BYTES;
  }
}

/**
 * The object behind `entry` as it is now, shared until one side writes. Where a pager wants that copied at once, which it
 * says when it is ready, it is. Undefined if the map was changed meanwhile, and the entry is not what it was.
 */
export function* copyObject(task: Task, entry: MapEntry): Steps<Run | undefined> {
  const { kernel } = task;
  const object = entryObject(task, entry);
  const { start, end, index } = entry;
  const run = { object, index, pages: (end - start) / PAGE_BYTES };
  object.references++;
  if (object.temporary && !object.shared) {
    entry.needsCopy = true;
    task.pmap.writeProtect(virtualPage(start), virtualPage(end));
    return run;
  }
  const isAsBefore = (): boolean => task.map.lookup(start) === entry && entry.start === start && entry.end === end && entry.object === object;
  try {
    while (!object.temporary && !object.ready && !object.memoryObject!.dead) yield* object.waiters.wait();
    if (!isAsBefore()) return undefined;
    if (object.copyStrategy === "delay") return { ...run, object: copyDelayed(kernel, object, index, run.pages) };
    const copied = yield* copyAtOnce(kernel, run);
    if (isAsBefore()) return { ...run, object: copied, index: 0 };
    releaseObject(kernel, copied);
    return undefined;
  } finally {
    releaseObject(kernel, object);
  }
}

/** An object with copies of all pages of the run. */
function* copyAtOnce(kernel: Kernel, { object, index, pages }: Run): Steps<VmObject> {
  const copied = allocateObject(kernel, pages);
  let complete = false;
  try {
    for (let i = 0; i < pages; i++) {
      const frame = yield* copyOfPage(kernel, copied.name, () => residentPage(kernel, object, index + i, VM_PROT_READ));
      kernel.pages.insert(copied, i, frame).dirty = true;
    }
    complete = true;
  } finally {
    if (!complete) releaseObject(kernel, copied);
  }
  return copied;
}

/** A frame of `owner` with a copy of the page that `find` finds, which is looked for when the frame is there: before, it might change and go. */
function* copyOfPage(kernel: Kernel, owner: string, find: () => Steps<VmPage>): Steps<Frame> {
  const frame = yield* kernel.allocateFrame(owner);
  let complete = false;
  try {
    const page = yield* find();
    kernel.copyFrame(page.frame, frame);
    complete = true;
  } finally {
    if (!complete) kernel.pages.freeFrame(frame);
  }
  return frame;
}

/**
 * Put into `frames` the pages from `address` to `end`, in as many page lists as it takes. A page is stolen if the
 * sender gives it up and its object is temporary, unshared, unshadowed and not precious to a pager; else it is copied.
 * When a page cannot be had, `frames` is empty and the sender has all that was stolen back.
 */
function* takePages(task: Task, address: number, end: number, deallocate: boolean, frames: Frame[]): Steps {
  const { kernel } = task;
  const stolen: VmPage[] = [];
  let complete = false;
  try {
    for (let at = address; at < end; at += PAGE_BYTES) {
      if (frames.length > 0 && frames.length % kernel.limits.pageListPages === 0) kernel.charge(kernel.costs.outOfLineNs, "out-of-line memory"); // the next list
      kernel.charge(kernel.costs.pageListPageNs, "pages handed over");
      const page = deallocate ? yield* mappedPage(task, at) : undefined;
      if (page !== undefined && page.object === task.map.lookup(at)!.object && mayBeStolen(page)) {
        frames.push(kernel.pages.remove(page));
        stolen.push(page);
      } else frames.push(yield* copyOfPage(kernel, "page list", () => mappedPage(task, at)));
    }
    complete = true;
    kernel.counters.framesStolen += stolen.length;
  } finally {
    if (!complete) giveBack(kernel, frames.splice(0), stolen);
  }
}

/** The page at `address` of `task`, in memory until the next wait. @throws as vmFault */
function* mappedPage(task: Task, address: number): Steps<VmPage> {
  const { kernel, map } = task;
  for (;;) {
    map.demand(address, address + PAGE_BYTES, VM_PROT_READ);
    const entry = map.lookup(address)!;
    const object = entryObject(task, entry);
    const { version } = map;
    object.references++;
    try {
      const page = yield* residentPage(kernel, object, entry.index + virtualPage(address - entry.start), VM_PROT_READ);
      if (map.version === version && entry.object === object) return page; // else the map was changed meanwhile
    } finally {
      releaseObject(kernel, object);
    }
  }
}

/** Put the `stolen` pages back where they were; the other `frames`, copies, are given up. */
function giveBack(kernel: Kernel, frames: readonly Frame[], stolen: readonly VmPage[]): void {
  const copies = new Set(frames);
  for (const { object, index, frame } of stolen) {
    if (object.references === 0 || object.pages.has(index)) continue; // unmapped or touched again meanwhile
    kernel.pages.insert(object, index, frame).dirty = true;
    copies.delete(frame);
  }
  for (const frame of copies) kernel.pages.freeFrame(frame);
}

function mayBeStolen({ object, precious, wired }: VmPage): boolean {
  return object.temporary && object.references === 1 && object.shadow === undefined && !precious && wired === 0;
}

/** Enter memory that came in a message into the address space of `task`; its address there, or undefined if there is no room: then it is lost. */
export function copyout(task: Task, copy: VmCopy): number | undefined {
  const { kernel } = task;
  kernel.charge(kernel.costs.outOfLineNs, "out-of-line memory");
  const start = roomFor(task, copy);
  if (start === undefined) {
    discardCopy(copy);
    return undefined;
  }
  copy.landed?.();
  if (copy.frames === undefined) {
    let address = start;
    for (const { object, index, pages } of copy.runs) address = task.map.enter(pages * PAGE_BYTES, address, { object, index, needsCopy: true }).end;
    return start;
  }
  const object = allocateObject(kernel, copy.frames.length, `memory of ${task.name}`);
  kernel.charge(copy.frames.length * kernel.costs.pageListPageNs, "pages handed over");
  for (let index = 0; index < copy.frames.length; index++) kernel.pages.insert(object, index, copy.frames[index]!).dirty = true;
  return task.map.enter(copy.bytes, start, { object }).start;
}

function roomFor(task: Task, { bytes }: VmCopy): number | undefined {
  try {
    return task.map.findSpace(pagesOf(bytes) * PAGE_BYTES);
  } catch (error) {
    if (!(error instanceof MachError) || error.code !== "KERN_NO_SPACE") throw error;
    return undefined;
  }
}

/** Memory in flight that the kernel works on: its frames stay where they are until they are released. */
export class HeldFrames {
  readonly frames: readonly Frame[];
  readonly #copy: VmCopy;
  readonly #wired: readonly VmPage[];

  constructor(copy: VmCopy, frames: readonly Frame[], wired: readonly VmPage[]) {
    this.frames = frames;
    this.#copy = copy;
    this.#wired = wired;
    copy.kernel.pages.inTransit += wired.length;
  }

  /** Let go of the frames, and give up the memory. */
  release(): void {
    const { pages } = this.#copy.kernel;
    pages.inTransit -= this.#wired.length;
    for (const page of this.#wired) pages.unwire(page);
    discardCopy(this.#copy);
  }
}

/** Bring all of `copy` into memory and keep it there. When that fails the memory is still the caller's. */
export function* holdFrames(copy: VmCopy): Steps<HeldFrames> {
  const { kernel } = copy;
  if (copy.frames !== undefined) return new HeldFrames(copy, copy.frames, []);
  const frames: Frame[] = [];
  const wired: VmPage[] = [];
  let complete = false;
  try {
    for (const { object, index, pages } of copy.runs) {
      for (let i = 0; i < pages; i++) {
        const page = yield* residentPage(kernel, object, index + i, VM_PROT_READ);
        kernel.pages.wire(page);
        wired.push(page);
        frames.push(page.frame);
      }
    }
    complete = true;
  } finally {
    if (!complete) for (const page of wired) kernel.pages.unwire(page);
  }
  return new HeldFrames(copy, frames, wired);
}

/** Give up memory in flight; there is nothing left of it. */
export function discardCopy(copy: VmCopy): void {
  const { kernel, runs, frames = [] } = copy;
  copy.landed?.();
  copy.landed = undefined;
  for (const { object } of runs.splice(0)) releaseObject(kernel, object);
  for (const frame of frames.splice(0)) kernel.pages.freeFrame(frame);
}
