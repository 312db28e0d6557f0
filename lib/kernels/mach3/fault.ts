/**
 * Page faults: from the address that was touched to a page in memory.
 *
 * Layer: kernels/mach3; section 4.1.2. "If the page is already present in the
 * kernel VM system, but the task does not have a valid mapping, then the kernel
 * enters the page mapping and returns from the fault. If the page is not present,
 * the kernel sends a memory_object_data_request() message."
 */
import { spanned } from "../../engine/index.ts";
import type { Steps } from "../../engine/index.ts";
import { PAGE_BYTES } from "../../hardware/memory.ts";
import { isUnpushed, pushPage } from "./copy-object.ts";
import { MachError } from "./errors.ts";
import type { Kernel } from "./kernel.ts";
import { memoryObjectDataRequest } from "./memory-object/data-request.ts";
import { memoryObjectDataUnlock } from "./memory-object/data-unlock.ts";
import { Pmap } from "./pmap.ts";
import { KERNEL } from "./task.ts";
import type { Task } from "./task.ts";
import { virtualPage } from "./vm-map.ts";
import type { MapEntry } from "./vm-map.ts";
import { NO_FRAME, VM_PROT_READ, VM_PROT_WRITE } from "./vm-page.ts";
import type { Protection, VmPage } from "./vm-page.ts";
import { allocateObject, collapse, releaseObject, shadowObject } from "./vm-object.ts";
import type { VmObject } from "./vm-object.ts";

/**
 * Let `task` reach `address` for `access`.
 * @throws KERN_INVALID_ADDRESS, KERN_PROTECTION_FAILURE, or KERN_MEMORY_ERROR when the pager has failed.
 */
export function vmFault(task: Task, address: number, access: Protection): Steps {
  return spanned(task.kernel.sim, "Pagefault", fault(task, address, access), KERNEL);
}

function* fault(task: Task, address: number, access: Protection): Steps {
  const { kernel, map } = task;
  kernel.counters.faults++;
  kernel.charge(kernel.costs.pageFaultNs, "fault");
  for (;;) {
    const entry = map.lookup(address);
    if (entry === undefined) throw new MachError("KERN_INVALID_ADDRESS", `0x${address.toString(16)} of ${task.name}`);
    if ((entry.protection & access) !== access) throw new MachError("KERN_PROTECTION_FAILURE", `0x${address.toString(16)} of ${task.name}`);
    if ((access & VM_PROT_WRITE) !== 0) ownObject(kernel, entry);
    const object = entryObject(task, entry);
    const index = entry.index + virtualPage(address - entry.start);
    let page = presentPage(object, index, access);
    if (page === undefined) {
      const { version } = map;
      object.references++;
      try {
        page = yield* residentPage(kernel, object, index, access);
        if (map.version !== version || entry.object !== object) continue; // the map was changed while the pager worked, or another thread wrote first
      } finally {
        releaseObject(kernel, object);
      }
    }
    const writable = page.object === object && !entry.needsCopy && ((entry.protection & ~page.lock) & VM_PROT_WRITE) !== 0 && !isUnpushed(object, index);
    task.pmap.enter(virtualPage(address), page, writable);
    task.pmap.access(virtualPage(address), (access & VM_PROT_WRITE) !== 0); // before the page could go again
    kernel.counters.mappings++;
    kernel.sim.probe?.move("map", page.address, address, PAGE_BYTES, 0, task.name);
    return;
  }
}

/** Page `index` of `object` itself, if it is in memory and `access` needs nobody's help. */
function presentPage(object: VmObject, index: number, access: Protection): VmPage | undefined {
  const page = object.pages.get(index);
  const there = page !== undefined && !page.busy && !page.error && !page.absent && (page.lock & access) === 0;
  return there && ((access & VM_PROT_WRITE) === 0 || !isUnpushed(object, index)) ? page : undefined;
}

/** The object of `entry`, of the map of `task`, made now if the memory has not been touched before. */
export function entryObject(task: Task, entry: MapEntry): VmObject {
  if (entry.object === undefined) {
    entry.object = allocateObject(task.kernel, (entry.end - entry.start) / PAGE_BYTES, `memory of ${task.name}`);
    entry.index = 0;
  }
  return entry.object;
}

/** Before a write: give `entry` an object of its own if it shares one that was copied. */
export function ownObject(kernel: Kernel, entry: MapEntry): void {
  if (!entry.needsCopy) return;
  entry.needsCopy = false;
  const source = entry.object;
  if (source === undefined || (source.references === 1 && source.temporary && source.covers === undefined)) return; // nobody else is left
  entry.object = shadowObject(kernel, source, entry.index, (entry.end - entry.start) / PAGE_BYTES);
  entry.index = 0;
}

/**
 * Page `index` of `first` in memory, for `access`: found in `first` or in what it shadows, asked of a pager, or
 * filled with zeros. For a write it is always a page of `first`, and its copies have got the old one. Between the return and the next wait it stays.
 */
export function* residentPage(kernel: Kernel, first: VmObject, index: number, access: Protection): Steps<VmPage> {
  const present = presentPage(first, index, access);
  if (present !== undefined) return present;
  first.faults++;
  try {
    for (;;) {
      const page = yield* search(kernel, first, index, access);
      if (page === undefined) continue;
      if ((access & VM_PROT_WRITE) === 0 || !isUnpushed(first, index)) return page;
      const own = pushPage(kernel, page);
      if (own !== undefined) return own;
      yield* kernel.pages.waitForFrame();
    }
  } finally {
    first.faults--;
    kernel.pages.wantsNoMore();
  }
}

/** One pass down the chain of shadows; undefined after a wait, when all may be different. */
function* search(kernel: Kernel, first: VmObject, firstIndex: number, access: Protection): Steps<VmPage | undefined> {
  let object = first;
  let index = firstIndex;
  for (;;) {
    const page = object.pages.get(index);
    const needed = object === first ? access : VM_PROT_READ; // what is found below is only read
    if (page?.busy === true) return yield* waitFor(object, index);
    if (page?.error === true) {
      if (pagerMayHave(object, index)) kernel.pages.free(page); // and can be asked again
      throw new MachError("KERN_MEMORY_ERROR", `page ${index} of ${object.name}`);
    }
    if (page?.absent === true) kernel.pages.free(page); // the pager was asked and has nothing
    else if (page !== undefined) {
      if ((page.lock & needed) !== 0) {
        memoryObjectDataUnlock(kernel, page, needed);
        return yield* waitFor(object, index);
      }
      if (object === first) return page;
      return (access & VM_PROT_WRITE) === 0 ? page : yield* copyUp(kernel, page, first, firstIndex);
    } else if (pagerMayHave(object, index)) {
      if (object.memoryObject!.dead) throw new MachError("KERN_MEMORY_ERROR", `the pager of ${object.name} is gone`);
      if (object.ready) {
        kernel.pages.insert(object, index, NO_FRAME).busy = true;
        memoryObjectDataRequest(kernel, object, index, needed);
      }
      return yield* waitFor(object, index);
    }
    if (object.shadow === undefined) return yield* zeroFill(kernel, first, firstIndex);
    index += object.shadowOffset;
    object = object.shadow;
  }
}

/** Sleep until something has happened to page `index` of `object`, or to another. What comes stays until the running thread has seen it. */
function* waitFor(object: VmObject, index: number): Steps<undefined> {
  object.faults++;
  try {
    yield* holding(object, index, object.waiters.wait());
  } finally {
    object.faults--;
  }
  return undefined;
}

/** Take `steps`; page `index` of `object` does not leave memory for want of frames before their end. */
export function* holding<T>(object: VmObject, index: number, steps: Steps<T>): Steps<T> {
  object.held.push(index);
  try {
    return yield* steps;
  } finally {
    object.held.splice(object.held.indexOf(index), 1);
  }
}

function pagerMayHave(object: VmObject, index: number): boolean {
  return object.memoryObject !== undefined && (!object.temporary || object.pagedOut?.has(index) === true);
}

/** The page is written for the first time since it was copied: a copy of it in `first`. */
function* copyUp(kernel: Kernel, page: VmPage, first: VmObject, index: number): Steps<VmPage | undefined> {
  const own = kernel.pages.allocate(first, index);
  if (own === undefined) return yield* waitForFrame(kernel);
  kernel.copyFrame(page.frame, own.frame);
  kernel.counters.copyOnWrites++;
  own.dirty = true;
  Pmap.unmap(page); // whoever shares `first` must see the copy from now on
  collapse(kernel, first);
  return own;
}

function* zeroFill(kernel: Kernel, object: VmObject, index: number): Steps<VmPage | undefined> {
  const page = kernel.pages.allocate(object, index);
  if (page === undefined) return yield* waitForFrame(kernel);
  kernel.machine.bzero(page.address, PAGE_BYTES);
  kernel.counters.zeroFills++;
  page.dirty = object.covers !== undefined; // of a copy object it may not be forgotten: what it shadows may be written
  return page;
}

function* waitForFrame(kernel: Kernel): Steps<undefined> {
  yield* kernel.pages.waitForFrame();
  return undefined;
}

/** Physical address behind `address` of `task`, if the access needs no fault; else -1. */
export function translate(task: Task, address: number, access: typeof VM_PROT_READ | typeof VM_PROT_WRITE): number {
  const page = task.pmap.access(virtualPage(address), access === VM_PROT_WRITE);
  return page === undefined ? -1 : page.address + (address % PAGE_BYTES);
}
