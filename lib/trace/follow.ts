/**
 * Follows bytes: where what a read() got came from, and where what a write() gave went.
 *
 * Layer: trace. A trace tells of every copy and transfer between physical addresses, so
 * the bytes of one call can be followed, piece by piece, back to the sectors that they
 * were read from, or on to those that they were written to. The program's variables and
 * messages on their way have addresses as well.
 */
import { PAGE_BYTES } from "../hardware/memory.ts";
import { SECTOR_BYTES } from "../hardware/disk/sectors.ts";
import type { Movement, Operation, Trace } from "./trace.ts";

/** Where bytes come from or end: on the disk, in zeros, in a program, or in memory as it was before the trace or is after it. */
export type Origin = "disk" | "zeros" | "program" | "memory";

/** A piece of what a call moved, and its way. */
export interface Trail {
  /** Where the piece begins in what the call moved, and its length. */
  readonly at: number;
  readonly bytes: number;
  /** Where it came from; of a write(), where it ended. */
  readonly origin: Origin;
  /** The sector on the disk, and where in it the piece begins. */
  readonly sector: number | undefined;
  readonly inSector: number;
  /** Every movement of the piece on its way, in the order of time. */
  readonly movements: readonly Movement[];
}

/** A stretch of memory, and when: what was recorded before `order` is earlier. */
interface Place {
  readonly address: number;
  readonly bytes: number;
  readonly order: number;
  /** Where it begins in what the call moved. */
  readonly at: number;
}

/** Follows the bytes of calls in one trace. */
export class Follower {
  readonly #into = new Map<number, Movement[]>(); // by page, what came into it
  readonly #outOf = new Map<number, Movement[]>(); // by page, what left it, or was done with it as it is
  readonly #movements: readonly Movement[];

  constructor({ movements }: Pick<Trace, "movements">) {
    this.#movements = movements;
    for (const movement of movements) {
      if (movement.kind !== "sector out" && movement.kind !== "map" && movement.to >= 0) add(this.#into, movement.to, movement);
      if (movement.kind !== "sector in" && movement.from >= 0) add(this.#outOf, movement.from, movement);
    }
  }

  /** The ways of the bytes that `operation`, a read() or write(), moved; pieces in their order. */
  follow({ name, span, bytes }: Operation): Trail[] {
    const trails: Trail[] = [];
    const made = name === "write";
    // The call's own end of the way is the program's variable; write() may have written the first part of it only.
    const own = this.#movements.find((movement) => movement.span === span && (made ? movement.kind === "store" && movement.from < 0 : movement.kind === "load" && movement.to < 0));
    if (own === undefined || bytes === 0) return trails;
    const place = { address: made ? own.to : own.from, bytes, order: own.order, at: 0 };
    if (made) this.#forward(place, [], trails);
    else this.#back(place, [], trails);
    return trails.sort((a, b) => a.at - b.at);
  }

  /** Where the bytes at `place` came from: the last movement into each part of it. */
  #back(place: Place, later: readonly Movement[], trails: Trail[]): void {
    const pageEnd = nextPage(place.address);
    if (place.address + place.bytes > pageEnd) {
      const [first, second] = cut(place, pageEnd - place.address);
      this.#back(first, later, trails);
      this.#back(second, later, trails);
      return;
    }
    const into = this.#into.get(pageOf(place.address)) ?? [];
    const last = into.findLast((movement) => movement.order < place.order && overlaps(place, movement.to, movement.bytes));
    if (last === undefined) {
      trails.push(trail(place, "memory", later));
      return;
    }
    const [before, part, after] = around(place, last.to, last.bytes);
    if (before !== undefined) this.#back(before, later, trails);
    if (after !== undefined) this.#back(after, later, trails);
    const between = ({ kind, order }: Movement) => kind === "map" && order > last.order && order < place.order;
    if (last.kind === "store" && last.from < 0) {
      trails.push(trail(part, "program", later));
      return;
    }
    const way = [last, ...(this.#outOf.get(pageOf(place.address)) ?? []).filter(between), ...later];
    const offset = part.address - last.to;
    if (last.kind === "sector in") trails.push(trail(part, "disk", way, last.from, offset));
    else if (last.kind === "zero") trails.push(trail(part, "zeros", way));
    else this.#back({ ...part, address: last.from + offset, order: last.order }, way, trails);
  }

  /** Where the bytes at `place` go: everything that takes them along, until others take their place. */
  #forward(place: Place, earlier: readonly Movement[], trails: Trail[]): void {
    const pageEnd = nextPage(place.address);
    if (place.address + place.bytes > pageEnd) {
      const [first, second] = cut(place, pageEnd - place.address);
      this.#forward(first, earlier, trails);
      this.#forward(second, earlier, trails);
      return;
    }
    const page = pageOf(place.address);
    const overwritten = this.#into.get(page)?.find((movement) => movement.order > place.order && movement.from !== movement.to && overlaps(place, movement.to, movement.bytes));
    if (overwritten === undefined) {
      this.#onward(place, Infinity, earlier, trails);
      return;
    }
    const [before, part, after] = around(place, overwritten.to, overwritten.bytes);
    if (before !== undefined) this.#forward(before, earlier, trails);
    if (after !== undefined) this.#forward(after, earlier, trails);
    this.#onward(part, overwritten.order, earlier, trails);
  }

  /** Where the bytes at `place`, within one page and all overwritten at `lost`, go until then. */
  #onward(place: Place, lost: number, earlier: readonly Movement[], trails: Trail[]): void {
    let stayed = [place];
    let before = earlier;
    for (const movement of this.#outOf.get(pageOf(place.address)) ?? []) {
      if (movement.order >= lost) break;
      if (movement.order <= place.order || this.#endsWith(movement) || !overlaps(place, movement.from, movement.bytes)) continue;
      const way = [...before, movement];
      if (movement.kind === "map" || movement.from === movement.to) {
        before = way; // it stays where it is
        continue;
      }
      const [, part] = around(place, movement.from, movement.bytes);
      const offset = part.address - movement.from;
      stayed = stayed.flatMap((rest) => without(rest, movement));
      if (movement.kind === "sector out") trails.push(trail(part, "disk", way, movement.to, offset));
      else this.#forward({ ...part, address: movement.to + offset, order: movement.order }, way, trails);
    }
    for (const rest of stayed) trails.push(trail(rest, "memory", before));
  }

  /** Whether bytes are only looked at: loaded into a variable that nothing leaves again. */
  #endsWith({ kind, to }: Movement): boolean {
    return kind === "load" && (to < 0 || !this.#outOf.get(pageOf(to))?.some((movement) => movement.to >= 0 && movement.from >= to));
  }
}

const pageOf = (address: number): number => Math.floor(address / PAGE_BYTES);
const nextPage = (address: number): number => (pageOf(address) + 1) * PAGE_BYTES;
const overlaps = ({ address, bytes }: Place, from: number, count: number): boolean => address < from + count && from < address + bytes;

function add(pages: Map<number, Movement[]>, address: number, movement: Movement): void {
  for (let page = pageOf(address); page <= pageOf(address + movement.bytes - 1); page++) {
    const known = pages.get(page);
    if (known === undefined) pages.set(page, [movement]);
    else known.push(movement);
  }
}

/** The first `bytes` bytes of `place`, and the rest. */
function cut(place: Place, bytes: number): [Place, Place] {
  return [{ ...place, bytes }, { ...place, address: place.address + bytes, bytes: place.bytes - bytes, at: place.at + bytes }];
}

/** What of `place` lies before the `count` bytes from `from` on, in them, and after them. */
function around(place: Place, from: number, count: number): [Place | undefined, Place, Place | undefined] {
  let before: Place | undefined;
  let after: Place | undefined;
  let part = place;
  if (from > part.address) [before, part] = cut(part, from - part.address);
  if (from + count < part.address + part.bytes) [part, after] = cut(part, from + count - part.address);
  return [before, part, after];
}

/** What of `place` the movement leaves where it is. */
function without(place: Place, { from, bytes }: Movement): Place[] {
  if (!overlaps(place, from, bytes)) return [place];
  const [before, , after] = around(place, from, bytes);
  return [before, after].filter((rest) => rest !== undefined);
}

function trail({ at, bytes }: Place, origin: Origin, movements: readonly Movement[], sector?: number, inSector = 0): Trail {
  return { at, bytes, origin, sector: sector === undefined ? undefined : sector + Math.floor(inSector / SECTOR_BYTES), inSector: inSector % SECTOR_BYTES, movements };
}
