/**
 * When a run may stop: the mean of what it repeats is known well enough.
 *
 * Layer: engine. What comes one after the other is alike, so single values do not tell
 * how sure their mean is; means of long batches do (Law, Simulation Modeling and Analysis,
 * section 9.5). The beginning, while caches fill, is cut off where that makes the rest most
 * even: MSER-5 (White 1997). A run that stops as soon as its interval is as narrow as asked
 * for has the interval that was asked for, and no narrower one (Chow and Robbins 1965).
 */
import { studentT } from "./student-t.ts";

/** How well the mean is to be known. */
export interface Precision {
  /** Half the width of the interval, as a share of the mean: 0.02 for 2 %. */
  halfWidth: number;
  /** With which the true mean lies in the interval. */
  confidence: number;
}

/** What is known of a mean. */
export interface SteadyMean {
  /** Values at the beginning that do not count. */
  warmUp: number;
  /** Values that count. */
  count: number;
  mean: number;
  /** Of the interval, as a share of the mean. */
  halfWidth: number;
}

/** Values that make one of MSER-5. */
const GROUP = 5;
const BATCHES = 20;
/** What repeats itself does so after a power of two, as blocks and windows do: a batch is a multiple of this many values. */
const PERIOD = 16;
/** How alike two batches that follow each other may be. */
const MOST_CORRELATION = 0.3;
/** Between two looks the run grows by so much. */
const GROWTH = 1.25;

export class SteadyState {
  readonly #precision: Precision;
  readonly #values: number[] = [];
  #next = BATCHES * PERIOD;

  constructor(precision: Precision) {
    this.#precision = precision;
  }

  /** Takes the next value; whether the mean is known well enough now. */
  add(value: number): boolean {
    this.#values.push(value);
    if (this.#values.length < this.#next) return false;
    this.#next = Math.ceil(this.#values.length * GROWTH);
    const estimate = this.#estimate();
    return estimate !== undefined && estimate.halfWidth <= this.#precision.halfWidth;
  }

  /** The mean and its interval; undefined while there is too little, or batches are too alike. */
  known(): SteadyMean | undefined {
    const known = this.#estimate();
    return known && { ...known, halfWidth: Math.max(known.halfWidth, this.#precision.halfWidth) };
  }

  #estimate(): SteadyMean | undefined {
    const warmUp = GROUP * warmUpGroups(this.#values);
    const kept = this.#values.slice(warmUp);
    const inBatch = Math.floor(kept.length / BATCHES / PERIOD) * PERIOD;
    if (inBatch === 0) return undefined;
    const used = kept.slice(kept.length - inBatch * BATCHES);
    const batches = Array.from({ length: BATCHES }, (_, i) => average(used.slice(i * inBatch, (i + 1) * inBatch)));
    const mean = average(batches);
    const squares = batches.map((one) => (one - mean) ** 2);
    const sum = squares.reduce((total, one) => total + one, 0);
    const products = batches.slice(1).reduce((total, one, i) => total + (one - mean) * (batches[i]! - mean), 0);
    if (sum > 0 && products / sum > MOST_CORRELATION) return undefined;
    const error = Math.sqrt(sum / (BATCHES - 1) / BATCHES);
    return { warmUp: this.#values.length - used.length, count: used.length, mean, halfWidth: (studentT(this.#precision.confidence, BATCHES - 1) * error) / mean };
  }
}

/** How many groups of values MSER-5 cuts off: at most half of them, or else it has not settled and the rest is too short. */
function warmUpGroups(values: readonly number[]): number {
  const groups = Array.from({ length: Math.floor(values.length / GROUP) }, (_, i) => average(values.slice(i * GROUP, (i + 1) * GROUP)));
  let [count, sum, squares] = [0, 0, 0];
  let best = { at: 0, score: Infinity };
  for (let cut = groups.length - 1; cut >= 0; cut--) {
    const value = groups[cut]!;
    count++;
    sum += value;
    squares += value * value;
    const score = (squares - (sum * sum) / count) / (count * count);
    if (cut <= groups.length / 2 && score <= best.score) best = { at: cut, score };
  }
  return best.at;
}

function average(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}
