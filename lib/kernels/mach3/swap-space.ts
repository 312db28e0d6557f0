/**
 * Swap space: which page of which memory object is where on the paging device.
 *
 * Layer: kernels/mach3; the books of the default pager. They are right between any
 * two steps of its threads, whichever of them works on what.
 */
import { WaitQueue } from "../../engine/index.ts";
import type { Simulation, Steps } from "../../engine/index.ts";
import type { PortName } from "./message.ts";

/** What has room for one page. */
export type Slot = number;

export class SwapSpace {
  readonly #free: Slot[];
  readonly #freed: WaitQueue;

  constructor(sim: Simulation, slots: number) {
    this.#free = Array.from({ length: slots }, (_, i) => slots - 1 - i);
    this.#freed = new WaitQueue(sim, "room in swap space");
  }

  /** Slots that hold no page. */
  get free(): number {
    return this.#free.length;
  }

  /** A slot for a page that the kernel has sent: it sends none without room, but what has that room may still be about to go. */
  *take(): Steps<Slot> {
    while (this.#free.length === 0) yield* this.#freed.wait();
    return this.#free.pop()!;
  }

  give(slot: Slot): void {
    this.#free.push(slot);
    this.#freed.wakeOne();
  }
}

/** What the default pager keeps of one memory object. */
export class BackingStore {
  readonly #space: SwapSpace;
  readonly #slots = new Map<number, Slot | "lost">(); // by page
  readonly #expected = new Set<number>(); // pages that have come to be written and are not
  readonly #written = new Set<Slot>(); // slots that the device is writing
  readonly #settled: WaitQueue;
  /** Messages about it that have been taken and not dealt with. */
  pending = 0;
  /** The object has ended: the name of its control port. */
  ended: PortName | undefined = undefined;

  constructor(sim: Simulation, space: SwapSpace) {
    this.#space = space;
    this.#settled = new WaitQueue(sim, "a page to be written to swap space");
  }

  /** The pages from `first` to `end` - 1 have come to be written: who asks for one gets these bytes, and none older. */
  expect(first: number, end: number): void {
    for (let page = first; page < end; page++) this.#expected.add(page);
  }

  /** Where `page` goes, which was expected: to where it was, or to a slot of its own. Undefined if nobody can ask for it any more. */
  *room(page: number): Steps<Slot | undefined> {
    const known = this.#slots.get(page);
    if (this.ended !== undefined) return undefined;
    const slot = typeof known === "number" ? known : yield* this.#space.take();
    if (this.ended === undefined) this.#written.add(slot);
    else this.#space.give(slot); // it ended while there was no room
    return this.#written.has(slot) ? slot : undefined;
  }

  /** `page` is in `slot` now, or, the slot being of no use to any page, lost. */
  wrote(page: number, slot: Slot, good: boolean): void {
    this.#expected.delete(page);
    this.#written.delete(slot);
    if (this.ended === undefined) this.#slots.set(page, good ? slot : "lost");
    else if (good) this.#space.give(slot);
    this.#settled.wakeAll();
  }

  /** Where `page` is, when nobody writes it any more: undefined if it never came, or nobody can ask for it any more. */
  *find(page: number): Steps<Slot | "lost" | undefined> {
    while (this.#expected.has(page) && this.ended === undefined) yield* this.#settled.wait();
    return this.#slots.get(page);
  }

  /** The object has ended; `control` is its control port. A slot that is being written is given up when that is done. */
  end(control: PortName): void {
    this.ended = control;
    for (const slot of this.#slots.values()) if (slot !== "lost" && !this.#written.has(slot)) this.#space.give(slot);
    this.#slots.clear();
    this.#settled.wakeAll();
  }
}
