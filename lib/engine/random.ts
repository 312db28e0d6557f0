/**
 * Seeded random streams, one for each component that needs chance.
 *
 * Layer: engine. A component draws from its own stream, so that adding a draw in
 * one place does not shift what any other place sees.
 */
import { createHash } from "node:crypto";
import { randomExponential } from "d3-random";
import { xoroshiro128plus } from "pure-rand";
import type { RandomGenerator } from "pure-rand";

export class RandomStream {
  readonly #generator: RandomGenerator;
  readonly #unitExponential: () => number;

  /** The stream called `name` of the run seeded with `seed`. */
  constructor(seed: number, name: string) {
    this.#generator = xoroshiro128plus(createHash("sha256").update(`${seed}/${name}`).digest().readInt32LE(0));
    this.#unitExponential = randomExponential.source(() => this.uniform())(1);
  }

  /** A number in [0, 1), with 53 random bits. */
  uniform(): number {
    const high = this.#generator.unsafeNext() >>> 5;
    const low = this.#generator.unsafeNext() >>> 6;
    return (high * 0x400_0000 + low) / 0x20_0000_0000_0000;
  }

  /** A whole number from `low` to `high`, both included. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.uniform() * (high - low + 1));
  }

  /** A draw from the exponential distribution with the given mean. */
  exponential(mean: number): number {
    return mean * this.#unitExponential();
  }
}
