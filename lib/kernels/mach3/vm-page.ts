/**
 * Pages: what the kernel knows about a page of an object, and the queues it stands in.
 *
 * Layer: kernels/mach3. A page has a frame of real memory, or stands for one that a
 * pager has been asked for. The referenced and dirty bits are set by each access
 * through a mapping, as the 80386 sets them.
 */
import { PAGE_BYTES } from "../../hardware/memory.ts";
import type { Frame } from "../../hardware/memory.ts";
import type { Mapping } from "./pmap.ts";
import type { VmObject } from "./vm-object.ts";

/** Kinds of access, as bits. */
export const VM_PROT_NONE = 0;
export const VM_PROT_READ = 1;
export const VM_PROT_WRITE = 2;
export const VM_PROT_DEFAULT = 3;
export type Protection = number;

/** The frame of a page that has none yet. */
export const NO_FRAME: Frame = -1;

/** Number of pages that `bytes` bytes from a page boundary on touch. */
export const pagesOf = (bytes: number): number => Math.ceil(bytes / PAGE_BYTES);

export class VmPage {
  frame: Frame;
  object: VmObject;
  /** Which page of the object it is. */
  index: number;
  /** In the hands of a pager: whoever wants it waits. */
  busy = false;
  /** The pager has no data for it, or could not get them. */
  absent = false;
  error = false;
  /** The pager wants it back even when it is clean. */
  precious = false;
  dirty = false;
  referenced = false;
  /** How many need it to stay where it is. */
  wired = 0;
  /** Accesses that the pager has forbidden. */
  lock: Protection = VM_PROT_NONE;
  readonly mappings: Mapping[] = [];
  queue: PageQueue | undefined = undefined;
  next: VmPage | undefined = undefined;
  previous: VmPage | undefined = undefined;

  constructor(object: VmObject, index: number, frame: Frame) {
    this.object = object;
    this.index = index;
    this.frame = frame;
  }

  /** Physical address of its first byte. */
  get address(): number {
    return this.frame * PAGE_BYTES;
  }
}

/** Pages in the order in which they came. A page stands in one queue at most. */
export class PageQueue {
  length = 0;
  first: VmPage | undefined = undefined;
  #last: VmPage | undefined = undefined;

  append(page: VmPage): void {
    page.queue?.remove(page);
    page.queue = this;
    page.previous = this.#last;
    if (this.#last === undefined) this.first = page;
    else this.#last.next = page;
    this.#last = page;
    this.length++;
  }

  remove(page: VmPage): void {
    if (page.previous === undefined) this.first = page.next;
    else page.previous.next = page.next;
    if (page.next === undefined) this.#last = page.previous;
    else page.next.previous = page.previous;
    page.queue = page.next = page.previous = undefined;
    this.length--;
  }
}
