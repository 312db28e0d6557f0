/**
 * The event queue: what happens next, and in which order.
 *
 * Layer: engine. A 4-ary heap over typed arrays keyed by time and then by order
 * of scheduling, beside a first-in-first-out ring for what happens at once.
 * Entries of the heap that are due now were scheduled before now was reached, so
 * they go ahead of the ring: together the two keep one total order, and the same
 * schedule always plays back the same way.
 */

/** Something that can be scheduled. One object may stand in the queue several times. */
export interface Occurrence {
  happen(): void;
}

const INITIAL = 256;

export class EventQueue {
  /** Events that have been taken out since the start. */
  taken = 0;
  #times = new Float64Array(INITIAL);
  #orders = new Float64Array(INITIAL);
  #slots = new Int32Array(INITIAL);
  #size = 0;
  #order = 0;
  #occurrences: (Occurrence | undefined)[] = [];
  #freeSlots: number[] = [];
  #ring: (Occurrence | undefined)[] = new Array<Occurrence | undefined>(INITIAL).fill(undefined);
  #ringHead = 0;
  #ringSize = 0;

  /** Events that wait to happen. */
  get length(): number {
    return this.#size + this.#ringSize;
  }

  /** Time of the next event in ns, `now` when one is due at once; undefined when there is none. */
  nextTime(now: number): number | undefined {
    if (this.#ringSize > 0) return now;
    return this.#size > 0 ? this.#times[0] : undefined;
  }

  /** Let `occurrence` happen at the present time, after all that is already due. */
  addNow(occurrence: Occurrence): void {
    if (this.#ringSize === this.#ring.length) this.#growRing();
    this.#ring[(this.#ringHead + this.#ringSize++) & (this.#ring.length - 1)] = occurrence;
  }

  /** Let `occurrence` happen at `time` (ns), which lies after the present. */
  add(time: number, occurrence: Occurrence): void {
    if (this.#size === this.#times.length) this.#growHeap();
    const free = this.#freeSlots.pop();
    const slot = free ?? this.#occurrences.length;
    this.#occurrences[slot] = occurrence;
    this.#siftUp(this.#size++, time, this.#order++, slot);
  }

  /** Take out what happens next at `now`; call only when nextTime(now) is `now`. */
  take(now: number): Occurrence {
    this.taken++;
    if (this.#size > 0 && this.#times[0]! <= now) {
      const slot = this.#slots[0]!;
      const last = --this.#size;
      if (last > 0) this.#siftDown(this.#times[last]!, this.#orders[last]!, this.#slots[last]!);
      const occurrence = this.#occurrences[slot]!;
      this.#occurrences[slot] = undefined;
      this.#freeSlots.push(slot);
      return occurrence;
    }
    const occurrence = this.#ring[this.#ringHead]!;
    this.#ring[this.#ringHead] = undefined;
    this.#ringHead = (this.#ringHead + 1) & (this.#ring.length - 1);
    this.#ringSize--;
    return occurrence;
  }

  #siftUp(hole: number, time: number, order: number, slot: number): void {
    const times = this.#times, orders = this.#orders, slots = this.#slots;
    while (hole > 0) {
      const parent = (hole - 1) >> 2;
      if (times[parent]! <= time) break; // equal times: the parent was scheduled earlier
      times[hole] = times[parent]!;
      orders[hole] = orders[parent]!;
      slots[hole] = slots[parent]!;
      hole = parent;
    }
    times[hole] = time;
    orders[hole] = order;
    slots[hole] = slot;
  }

  #siftDown(time: number, order: number, slot: number): void {
    const times = this.#times, orders = this.#orders, slots = this.#slots;
    const size = this.#size;
    let hole = 0;
    for (let first = 1; first < size; first = 4 * hole + 1) {
      let least = first;
      const end = Math.min(first + 4, size);
      for (let child = first + 1; child < end; child++) {
        const t = times[child]!;
        if (t < times[least]! || (t === times[least]! && orders[child]! < orders[least]!)) least = child;
      }
      if (time < times[least]! || (time === times[least]! && order < orders[least]!)) break;
      times[hole] = times[least]!;
      orders[hole] = orders[least]!;
      slots[hole] = slots[least]!;
      hole = least;
    }
    times[hole] = time;
    orders[hole] = order;
    slots[hole] = slot;
  }

  #growHeap(): void {
    const length = 2 * this.#times.length;
    const grown = <A extends Float64Array | Int32Array>(from: A, to: A): A => {
      to.set(from);
      return to;
    };
    this.#times = grown(this.#times, new Float64Array(length));
    this.#orders = grown(this.#orders, new Float64Array(length));
    this.#slots = grown(this.#slots, new Int32Array(length));
  }

  #growRing(): void {
    const old = this.#ring;
    this.#ring = new Array<Occurrence | undefined>(2 * old.length).fill(undefined);
    for (let i = 0; i < this.#ringSize; i++) this.#ring[i] = old[(this.#ringHead + i) & (old.length - 1)];
    this.#ringHead = 0;
  }
}
