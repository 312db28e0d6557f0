/**
 * Address maps: which part of which object is at which address of a task.
 *
 * Layer: kernels/mach3. Entries in the order of their addresses, none of which
 * overlap; all addresses are multiples of the page.
 */
import { PAGE_BYTES } from "../../hardware/memory.ts";
import { MachError } from "./errors.ts";
import { VM_PROT_DEFAULT, pagesOf } from "./vm-page.ts";
import type { Protection } from "./vm-page.ts";
import type { VmObject } from "./vm-object.ts";

/** What a child task gets: nothing, the same memory, or a copy. */
export type Inheritance = "none" | "share" | "copy";

export interface MapEntry {
  start: number;
  end: number;
  /** Undefined until the memory is touched: zeros. */
  object: VmObject | undefined;
  /** Page of the object that is at `start`. */
  index: number;
  protection: Protection;
  maxProtection: Protection;
  inheritance: Inheritance;
  /** The object is someone else's too: shadow it before the first write. */
  needsCopy: boolean;
}

/** The addresses that user tasks have. */
export const VM_MIN_ADDRESS = 0x1000;
export const VM_MAX_ADDRESS = 0xc000_0000;

export class VmMap {
  readonly #entries: MapEntry[] = [];
  /** Below this no page is free: where the search for room begins. */
  #fullBelow = VM_MIN_ADDRESS;
  /** Grows with every change, so that a fault that slept can tell. */
  version = 0;

  entries(): readonly MapEntry[] {
    return this.#entries;
  }

  /** The first entry from `address` on, cut there if it begins before. */
  next(address: number): MapEntry | undefined {
    this.#clip(address);
    return this.#entries[this.#firstEndingAfter(address)];
  }

  /** The entry that contains `address`. */
  lookup(address: number): MapEntry | undefined {
    const entry = this.#entries[this.#firstEndingAfter(address)];
    return entry !== undefined && entry.start <= address ? entry : undefined;
  }

  /** Enter `bytes` bytes at `address`, or where there is room. @throws KERN_NO_SPACE, KERN_INVALID_ADDRESS */
  enter(bytes: number, address: number | undefined, what: Partial<MapEntry> = {}): MapEntry {
    const length = pagesOf(bytes) * PAGE_BYTES;
    const start = address ?? this.findSpace(length);
    checkRange(start, length);
    const at = this.#firstEndingAfter(start);
    const next = this.#entries[at];
    if (next !== undefined && next.start < start + length) throw new MachError("KERN_NO_SPACE", `address ${hex(start)} is taken`);
    const entered = mapEntry(start, start + length, what);
    this.#entries.splice(at, 0, entered);
    this.version++;
    return entered;
  }

  /** The entries from `start` up to `end`, cut at both. */
  range(start: number, end: number): MapEntry[] {
    this.#clip(start);
    this.#clip(end);
    const found: MapEntry[] = [];
    for (let at = this.#firstEndingAfter(start); at < this.#entries.length && this.#entries[at]!.start < end; at++) found.push(this.#entries[at]!);
    return found;
  }

  /** Check that `access` is allowed all the way from `start` to `end`. @throws KERN_INVALID_ADDRESS, KERN_PROTECTION_FAILURE */
  demand(start: number, end: number, access: Protection): void {
    for (let at = start; at < end; ) {
      const entry = this.lookup(at);
      if (entry === undefined) throw new MachError("KERN_INVALID_ADDRESS", `nothing is mapped at ${hex(at)}`);
      if ((entry.protection & access) !== access) throw new MachError("KERN_PROTECTION_FAILURE", `at ${hex(at)}`);
      at = entry.end;
    }
  }

  /** The lowest address with `length` free bytes. @throws KERN_NO_SPACE */
  findSpace(length: number): number {
    const entries = this.#entries;
    let start = this.#fullBelow;
    let at = this.#firstEndingAfter(start);
    for (; entries[at]?.start === start; at++) start = entries[at]!.end;
    this.#fullBelow = start;
    for (; at < entries.length && entries[at]!.start - start < length; at++) start = entries[at]!.end;
    if (start + length > VM_MAX_ADDRESS) throw new MachError("KERN_NO_SPACE", `${length} bytes`);
    return start;
  }

  /** Forget `entry`. */
  remove(entry: MapEntry): void {
    this.#entries.splice(this.#firstEndingAfter(entry.start), 1);
    if (entry.start < this.#fullBelow) this.#fullBelow = entry.start;
    this.version++;
  }

  /** Cut the entry that contains `address`, if it begins before, in two. */
  #clip(address: number): void {
    const at = this.#firstEndingAfter(address);
    const entry = this.#entries[at];
    if (entry === undefined || entry.start >= address) return;
    const head = mapEntry(entry.start, address, entry);
    entry.index += (address - entry.start) / PAGE_BYTES;
    entry.start = address;
    if (entry.object !== undefined) entry.object.references++;
    this.#entries.splice(at, 0, head);
    this.version++;
  }

  /** Place of the first entry that ends after `address`. */
  #firstEndingAfter(address: number): number {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#entries[middle]!.end > address) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/** An entry from `start` to `end`, like `what` and otherwise ordinary. */
function mapEntry(start: number, end: number, what: Partial<MapEntry>): MapEntry {
  const { object, index = 0, protection = VM_PROT_DEFAULT, maxProtection = VM_PROT_DEFAULT, inheritance = "copy", needsCopy = false } = what;
  return { start, end, object, index, protection, maxProtection, inheritance, needsCopy };
}

/** Number of the virtual page that contains `address`. */
export const virtualPage = (address: number): number => Math.floor(address / PAGE_BYTES);

/** @throws KERN_INVALID_ADDRESS when `start` is no page boundary, or the range leaves user space. */
export function checkRange(start: number, length: number): void {
  if (start % PAGE_BYTES !== 0 || start < VM_MIN_ADDRESS || start + length > VM_MAX_ADDRESS || length <= 0) {
    throw new MachError("KERN_INVALID_ADDRESS", `${length} bytes at ${hex(start)}`);
  }
}

const hex = (address: number): string => `0x${address.toString(16)}`;
