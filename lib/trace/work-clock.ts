/**
 * When the work that a thread has charged is done.
 *
 * Layer: trace. A thread charges work in no time and does it later: interrupts, threads
 * that are more urgent and switches come in between. A WorkClock knows when a thread had
 * the processor to itself, and so tells how far it had come at any time.
 */

/** From when to when the processor was taken. */
interface Stretch {
  readonly fromNs: number;
  readonly toNs: number;
}

export class WorkClock {
  // The times in which the thread did its own work, and how much it had done before each.
  readonly #fromNs: number[] = [];
  readonly #toNs: number[] = [];
  readonly #doneNs: number[] = [];

  /** Of a thread with the processor in `turns`, the first `switchNs` of which were spent on getting there; `interrupts` interrupted whoever ran. Both in the order of time. */
  constructor(turns: readonly (Stretch & { readonly switchNs: number })[], interrupts: readonly Stretch[]) {
    let next = 0;
    let doneNs = 0;
    for (const { fromNs, toNs, switchNs } of turns) {
      let switching = switchNs;
      let at = fromNs;
      const work = (until: number): void => {
        const begin = at + Math.min(switching, until - at);
        switching -= begin - at;
        if (until <= begin) return;
        this.#fromNs.push(begin);
        this.#toNs.push(until);
        this.#doneNs.push(doneNs);
        doneNs += until - begin;
      };
      while (next < interrupts.length && interrupts[next]!.toNs <= fromNs) next++;
      for (; next < interrupts.length && interrupts[next]!.fromNs < toNs; next++) {
        work(Math.max(at, interrupts[next]!.fromNs));
        at = Math.max(at, interrupts[next]!.toNs);
        if (at > toNs) break; // it goes on into the next turn
      }
      if (at < toNs) work(toNs);
    }
  }

  /** When `ns` of work, begun at `fromNs`, are done; if nothing is known of the thread's turns, as much later. */
  done(fromNs: number, ns: number): number {
    if (ns === 0) return fromNs;
    const first = this.#at(fromNs);
    if (first === this.#fromNs.length) return fromNs + ns;
    const goal = this.#doneNs[first]! + Math.max(0, fromNs - this.#fromNs[first]!) + ns;
    let stretch = first;
    while (stretch + 1 < this.#fromNs.length && this.#doneNs[stretch]! + this.#toNs[stretch]! - this.#fromNs[stretch]! < goal) stretch++;
    return this.#fromNs[stretch]! + goal - this.#doneNs[stretch]!;
  }

  /** The first stretch of work that ends after `timeNs`. */
  #at(timeNs: number): number {
    let low = 0;
    for (let high = this.#toNs.length; low < high; ) {
      const middle = (low + high) >> 1;
      if (this.#toNs[middle]! <= timeNs) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
