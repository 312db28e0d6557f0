/**
 * VM objects: what address spaces are made of (section 2).
 *
 * Layer: kernels/mach3. An object is a run of pages. Its pages come from a pager,
 * named by the port of its memory object, or are filled with zeros; a temporary
 * object gets a pager only when its pages must leave memory. A shadow object holds
 * what was written after a copy was made; the rest it finds in the object that it
 * shadows. For objects that cannot be copied in this way there are copy objects; see
 * copy-object.ts.
 */
import { WaitQueue } from "../../engine/index.ts";
import type { Simulation } from "../../engine/index.ts";
import type { Kernel } from "./kernel.ts";
import type { CopyStrategy } from "./memory-object/set-attributes.ts";
import { memoryObjectTerminate } from "./memory-object/terminate.ts";
import { pageOut } from "./memory-object/data-write.ts";
import type { Port } from "./port.ts";
import { NO_FRAME } from "./vm-page.ts";
import type { VmPage } from "./vm-page.ts";

/** Pages of an object from `first` up to, not including, `end`. */
export interface PageRange {
  first: number;
  end: number;
}

export class VmObject {
  readonly name: string;
  /** Length in pages. */
  size: number;
  readonly pages = new Map<number, VmPage>();
  /** Map entries, shadows and messages that refer to it. */
  references = 1;
  /** The object that this one shadows, and which of its pages is this one's first. */
  shadow: VmObject | undefined = undefined;
  shadowOffset = 0;
  /** Goes with its last reference: nothing but this kernel knows its contents. */
  readonly temporary: boolean;
  /** Several address spaces see each other's writes to it, so it stays theirs when it is copied. */
  shared = false;
  /** How it is copied if it is shared, or its pager is to see what is written; a pager that has said nothing has promised nothing. */
  copyStrategy: CopyStrategy;
  /** The copy object that gets its pages before they are written: the newest one. */
  copy: VmObject | undefined = undefined;
  /** Of a copy object: the pages that it may have to get, and the copy object made before it, which shadows it. */
  covers: PageRange | undefined = undefined;
  older: VmObject | undefined = undefined;
  /** The memory object, to which the kernel holds a send right, and the port on which the pager answers. */
  memoryObject: Port | undefined = undefined;
  control: Port | undefined = undefined;
  /** The pager has set the attributes and may be asked. */
  ready = false;
  mayCache = false;
  /** Of a temporary object: the pages that its pager has been given. */
  pagedOut: Set<number> | undefined = undefined;
  /** Pages sent to the pager in messages that it has not received, and in how many: what it gives unasked may be older. */
  inFlight: Map<number, number> | undefined = undefined;
  /** Its pages that threads wait for, or need while they wait for another: they do not leave memory for want of frames. */
  readonly held: number[] = [];
  /** Faults that are looking at it. */
  faults = 0;
  readonly #sim: Simulation;
  #waiters: WaitQueue | undefined = undefined;

  constructor(kernel: Kernel, size: number, temporary: boolean, kind = temporary ? "temporary object" : "memory object") {
    this.name = `${kind} ${++kernel.objectsMade}`;
    this.size = size;
    this.temporary = temporary;
    this.copyStrategy = temporary ? "delay" : "none";
    this.#sim = kernel.sim;
  }

  /** Who waits for one of its pages, or for one to be in use no longer. Most objects, such as the memory of a message, live without anybody waiting. */
  get waiters(): WaitQueue {
    return (this.#waiters ??= new WaitQueue(this.#sim, `a page of ${this.name}`));
  }

  /** Something has happened to one of its pages. */
  wakeWaiters(): void {
    if (this.#waiters !== undefined) this.#waiters.wakeAll();
  }
}

/** A temporary object of `size` pages, all zero; `kind` says what it is, such as whose memory. */
export function allocateObject(kernel: Kernel, size: number, kind?: string): VmObject {
  return new VmObject(kernel, size, true, kind);
}

/** An object that shadows `size` pages of `source` from `offset` on; the reference to the source goes over to it. */
export function shadowObject(kernel: Kernel, source: VmObject, offset: number, size: number): VmObject {
  const shadow = allocateObject(kernel, size);
  shadow.shadow = source;
  shadow.shadowOffset = offset;
  return shadow;
}

/** Give up a reference. The last one ends the object, unless its pager allows it to be cached. */
export function releaseObject(kernel: Kernel, released: VmObject): void {
  for (let object: VmObject | undefined = released; object !== undefined; object = object.shadow) {
    if (--object.references > 0) return;
    if (object.memoryObject !== undefined && object.mayCache) {
      kernel.cacheObject(object);
      return;
    }
    terminateObject(kernel, object);
  }
}

/** End an object without references: what its pager must know is written back, its frames are freed. */
export function terminateObject(kernel: Kernel, object: VmObject): void {
  const pages = [...object.pages.values()];
  if (!object.temporary) pageOut(kernel, object, pages.filter((page) => page.frame !== NO_FRAME && (page.dirty || page.precious)));
  for (const page of object.pages.values()) kernel.pages.free(page);
  if (object.memoryObject !== undefined) memoryObjectTerminate(kernel, object);
  const source = object.shadow;
  if (source?.copy === object) source.copy = undefined;
  if (source?.older === object) source.older = undefined;
}

/** Whether pages are pushed into `object` when what it is a copy of is written. */
const isNewestCopy = (object: VmObject): boolean => object.shadow?.copy === object;

/**
 * Where nobody else refers to the object that `object` shadows, take over its pages:
 * else chains of shadows would grow with every fork.
 */
export function collapse(kernel: Kernel, object: VmObject): void {
  for (let source = object.shadow; source !== undefined; source = object.shadow) {
    if (source.references > 1 || !source.temporary || source.memoryObject !== undefined || source.faults > 0) return;
    if (isNewestCopy(source)) {
      collapse(kernel, source); // when nobody else is left who could write, it is a copy like others
      if (isNewestCopy(source)) return;
    }
    for (const page of [...source.pages.values()]) {
      const index = page.index - object.shadowOffset;
      if (page.busy || page.wired > 0) return;
      if (index < 0 || index >= object.size || object.pages.has(index) || object.pagedOut?.has(index)) kernel.pages.free(page);
      else {
        const { dirty, referenced, error } = page;
        const moved = kernel.pages.insert(object, index, kernel.pages.remove(page));
        Object.assign(moved, { dirty, referenced, error });
      }
    }
    if (source.shadow?.older === source) source.shadow.older = undefined;
    object.shadow = source.shadow;
    object.shadowOffset += source.shadowOffset;
  }
}
