/**
 * Copy objects: copies of memory that goes on being written by those who share it.
 *
 * Layer: kernels/mach3; section 2, [21]. A temporary object that one address space
 * has is copied symmetrically: both sides shadow it before they write. What a pager
 * backs, or several tasks share, must stay one object for those who write to it, so
 * its copy is asymmetric ("delay"): the copy is an object of its own, which shadows
 * the source. Nothing is copied and no pager asked when it is made. Whoever writes
 * a page of the source first pushes the old page into the copy object; who has the
 * copy shadows the copy object before a write, so that it is never written itself
 * and serves all copies made until the source changes. After that the next copy
 * gets a new copy object, between the source and the older one: a page that the
 * older one lacks it finds in the newer one, or in the source.
 */
import type { Kernel } from "./kernel.ts";
import { Pmap } from "./pmap.ts";
import { NO_FRAME, VM_PROT_NONE } from "./vm-page.ts";
import type { VmPage } from "./vm-page.ts";
import { allocateObject, releaseObject } from "./vm-object.ts";
import type { PageRange, VmObject } from "./vm-object.ts";

/** A copy of `pages` pages of `source` from `first` on, as they are now: an object with the same page numbers, with one reference more. */
export function copyDelayed(kernel: Kernel, source: VmObject, first: number, pages: number): VmObject {
  const range = { first, end: first + pages };
  protectPages(source, range);
  const old = source.copy;
  const copy = old !== undefined && isUntouched(old) ? old : insertCopy(kernel, source);
  copy.references++;
  copy.covers = old === undefined ? range : { first: Math.min(first, old.covers!.first), end: Math.max(range.end, old.covers!.end) };
  copy.size = copy.covers.end;
  return copy;
}

/** A new copy object of `source`, without a reference of its own, between it and the one that there was. */
function insertCopy(kernel: Kernel, source: VmObject): VmObject {
  const old = source.copy;
  const copy = allocateObject(kernel, 0);
  copy.references = 0;
  copy.shadow = source;
  source.references++;
  if (old !== undefined) {
    old.shadow = copy;
    copy.references++;
    source.references--;
    copy.older = old;
  }
  source.copy = copy;
  return copy;
}

/** Let nobody write those of the pages that are in memory without a fault. */
function protectPages(source: VmObject, { first, end }: PageRange): void {
  if (end - first > source.pages.size) {
    for (const page of source.pages.values()) if (page.index >= first && page.index < end) Pmap.writeProtect(page);
    return;
  }
  for (let index = first; index < end; index++) {
    const page = source.pages.get(index);
    if (page !== undefined) Pmap.writeProtect(page);
  }
}

const isUntouched = ({ pages, pagedOut }: VmObject): boolean => pages.size === 0 && (pagedOut?.size ?? 0) === 0;

/** Whether some copy of `source` still finds its page `index` there, and so wants the old one before it changes. */
export function isUnpushed(source: VmObject, index: number): boolean {
  for (let copy = source.copy; copy !== undefined; copy = copy.older) {
    const { first, end } = copy.covers!;
    if (index < first || index >= end || copy.pages.has(index) || copy.pagedOut?.has(index) === true) return false;
    if (copy.references > 1 || copy.older === undefined) return true; // else only the older one looks into it
  }
  return false;
}

/**
 * Before `page` is written: the copy object gets it, and who holds its frame goes on seeing the old bytes. The page
 * that its object has instead, with the same bytes; undefined, and nothing is done, when there is no frame for it.
 */
export function pushPage(kernel: Kernel, page: VmPage): VmPage | undefined {
  const { object: source, index, dirty, referenced, precious, lock } = page;
  const frame = kernel.pages.allocateFrame(source.name);
  if (frame === undefined) return undefined;
  kernel.copyFrame(page.frame, frame);
  kernel.counters.copyOnWrites++;
  handOver(kernel, page);
  return Object.assign(kernel.pages.insert(source, index, frame), { dirty, referenced, precious, lock });
}

/** `page` leaves its object: the copy object gets it. */
export function handOver(kernel: Kernel, page: VmPage): void {
  kernel.pages.rehome(page, page.object.copy!);
  page.dirty = true; // it is nowhere else
  page.precious = false;
  page.lock = VM_PROT_NONE;
}

/** The pages of a range of `source` that its copies want before they change. */
export function unpushedPages(source: VmObject, { first, end }: PageRange): number[] {
  const { covers } = source.copy ?? {};
  const wanted: number[] = [];
  if (covers !== undefined) for (let index = Math.max(first, covers.first); index < Math.min(end, covers.end); index++) if (isUnpushed(source, index)) wanted.push(index);
  return wanted;
}

/** Whether page `index` of `object` is in memory, whatever its pager allows. */
export function inMemory(object: VmObject, index: number): VmPage | undefined {
  const page = object.pages.get(index);
  return page === undefined || page.busy || page.absent || page.error || page.frame === NO_FRAME ? undefined : page;
}

/** If the copies of `source` have all that they want they need it no longer. */
export function completeCopy(kernel: Kernel, source: VmObject): void {
  const { copy } = source;
  if (copy === undefined || unpushedPages(source, copy.covers!).length > 0) return;
  source.copy = copy.covers = copy.shadow = undefined;
  releaseObject(kernel, source);
}
