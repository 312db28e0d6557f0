/**
 * Benchmarks that stop by themselves when their result is sure enough.
 *
 * Layer: workloads. For those that make the same call over and over: the time of a call
 * settles, and its mean is known long before the file ends. It is the mean of what lies ahead
 * only if that is like what was read: a file whose layout has another pattern further on, as
 * with gaps between runs of eight blocks (rotdelay 4 ms, maxcontig 8), has to be read to its end.
 */
import { z } from "zod";
import { SteadyState } from "../engine/index.ts";
import type { System } from "../systems/system.ts";
import { measurement, stopwatch } from "./measurement.ts";
import type { Measurement } from "./measurement.ts";

/** How sure: half the width of the interval as a share of the mean, 0.02 for 2 %, and the confidence of the interval. */
export const untilOptions = z.strictObject({ halfWidth: z.number().gt(0).lt(1), confidence: z.number().gt(0).lt(1).default(0.95) });
export type Until = z.input<typeof untilOptions>;

/** Watches the calls of one run. */
export class CallWatch {
  readonly #system: System;
  readonly #steady: SteadyState | undefined;
  readonly #whole: ReturnType<typeof stopwatch>;
  #since: number;

  /** Begins now; without `until` the run is measured as a whole. */
  constructor(system: System, until: z.output<typeof untilOptions> | undefined) {
    this.#system = system;
    this.#steady = until && new SteadyState(until);
    this.#whole = stopwatch(system);
    this.#since = system.sim.now;
  }

  /** A call has come back: whether that is enough. */
  enough(): boolean {
    if (this.#steady === undefined) return false;
    const { now } = this.#system.sim;
    const enough = this.#steady.add(now - this.#since);
    this.#since = now;
    return enough;
  }

  /**
   * The measurement of `operations` calls that moved `bytes` bytes since the beginning; where the run was
   * watched and settled, of those calls of it that count, with the interval.
   */
  stop(operations: number, bytes: number): Measurement {
    const whole = this.#whole(operations, bytes);
    const known = this.#steady?.known();
    if (known === undefined) return whole;
    const counted = measurement(known.count, (bytes / operations) * known.count, Math.round(known.mean * known.count), whole.perOperation);
    return { ...counted, kbPerSecHalfWidth: counted.kbPerSec * known.halfWidth, warmUpOperations: known.warmUp };
  }
}
