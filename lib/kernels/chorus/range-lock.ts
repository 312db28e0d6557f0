/**
 * Serialises overlapping operations on a segment, section 4.3.2.
 *
 * Layer: kernels/chorus. Operations stand in one row in order of arrival. One may
 * go on when no earlier one overlaps it, unless both only read; so operations on
 * different parts run side by side and nobody is overtaken for ever.
 */
import { WaitQueue } from "../../engine/index.ts";
import type { Simulation, Steps } from "../../engine/index.ts";
import type { Access } from "./area.ts";

export interface Operation {
  readonly start: number;
  readonly end: number;
  readonly access: Access;
}

export class RangeLock {
  readonly #row: Operation[] = [];
  readonly #sim: Simulation;
  readonly #name: string;
  #waiters: WaitQueue | undefined = undefined;

  constructor(sim: Simulation, name: string) {
    this.#sim = sim;
    this.#name = name;
  }

  /** Nothing is going on. */
  get idle(): boolean {
    return this.#row.length === 0;
  }

  /** Wait until the bytes from `start` on can be read or written in one piece; then they are the caller's until `end`. */
  *begin(start: number, bytes: number, access: Access): Steps<Operation> {
    const operation = { start, end: start + bytes, access };
    this.#row.push(operation);
    while (this.#mustWait(operation)) {
      this.#waiters ??= new WaitQueue(this.#sim, `overlapping operations on ${this.#name}`);
      yield* this.#waiters.wait();
    }
    return operation;
  }

  /** The operation is over. */
  end(operation: Operation): void {
    this.#row.splice(this.#row.indexOf(operation), 1);
    this.#waiters?.wakeAll();
  }

  #mustWait(operation: Operation): boolean {
    for (const earlier of this.#row) {
      if (earlier === operation) return false;
      const overlap = earlier.start < operation.end && operation.start < earlier.end;
      if (overlap && (earlier.access === "write" || operation.access === "write")) return true;
    }
    return false;
  }
}
