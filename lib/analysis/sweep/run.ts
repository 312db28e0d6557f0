/**
 * Running a plan: what is not in the store yet goes to an engine, what comes back into the store.
 *
 * Layer: analysis.
 */
import { InputError } from "../../schema/index.ts";
import type { Backend } from "./backends/backend.ts";
import type { Plan } from "./plan.ts";
import type { ChunkRows } from "./points.ts";
import type { Store } from "./store.ts";

/** How far a sweep is. */
export interface SweepProgress {
  /** Points that are done, and how many there are. */
  done: number;
  total: number;
  /** How many of those that are done threw. */
  failed: number;
  /** Points a second since the workers are up; undefined until the first is done. */
  ratePerS: number | undefined;
  /** What is left at this rate. */
  secondsLeft: number | undefined;
  /** How many workers there are, where they come and go. */
  workers?: number;
}

/** Which of several runs that share nothing this one is: the `index`-th (from 1 on) of `of`. */
export interface Shard {
  index: number;
  of: number;
}

export interface SweepRunOptions {
  /** Stop at the first point that throws. */
  strict?: boolean;
  shard?: Shard;
  /** Stops all workers within a second when it aborts, the serial backend after the point that it is at; what is done is kept. In a notebook, unless told otherwise, when the reader interrupts the cell. */
  signal?: AbortSignal;
  /** Told how far the sweep is: at its start, some ten times a second, and at its end. */
  onProgress?: (progress: SweepProgress) => void;
}

const REPORT_MS = 100;

/**
 * Compute what `store` lacks of `plan`.
 * @returns whether everything is there now: not if the signal was aborted.
 * @throws InputError for the first point that threw, now or in a former run, when `strict`; what onProgress throws.
 */
export async function runPlan(plan: Plan, store: Store, backend: Backend, options: SweepRunOptions = {}): Promise<boolean> {
  const { strict = false, shard = { index: 1, of: 1 }, signal, onProgress } = options;
  const mine = Array.from({ length: Math.ceil((plan.chunks - shard.index + 1) / shard.of) }, (_, i) => i * shard.of + shard.index - 1);
  const chunks = mine.filter((chunk) => !store.chunks.has(chunk));
  if (strict) for (const chunk of mine) if (store.chunks.has(chunk)) refuseFailures(plan, store.get(chunk));
  const failure = new AbortController();
  /** Whoever calls, a backend or a timer: what is thrown stops the workers, and is what the sweep throws. */
  const guarded = <T>(step: (value: T) => void) => (value: T): void => {
    try {
      if (!failure.signal.aborted) step(value);
    } catch (error) {
      failure.abort(error);
    }
  };
  const meter = new Meter(plan, mine, store, onProgress && guarded(onProgress));
  const take = guarded((rows: ChunkRows) => {
    meter.take(rows);
    if (strict) refuseFailures(plan, rows);
    store.put(rows);
  });
  const signals = AbortSignal.any([failure.signal, ...(signal === undefined ? [] : [signal])]);
  const timer = setInterval(() => meter.report(), REPORT_MS);
  try {
    meter.report();
    if (chunks.length > 0 && !signals.aborted) {
      await backend({ plan, chunks, signal: signals, take, ready: () => meter.start(), workers: (count) => (meter.workers = count), progress: (chunk, points) => meter.progress(chunk, points) });
    }
    meter.end();
  } finally {
    clearInterval(timer);
  }
  if (failure.signal.aborted) throw failure.signal.reason;
  return mine.every((chunk) => store.chunks.has(chunk));
}

/** @throws InputError for the first point of a chunk that threw. */
function refuseFailures(plan: Plan, { chunk, errors }: ChunkRows): void {
  const [first] = Object.keys(errors).map(Number).sort((a, b) => a - b);
  if (first === undefined) return;
  const index = plan.range(chunk)[0] + first;
  throw new InputError(`point ${index} failed: ${errors[first]} (${JSON.stringify(plan.point(index).values)})`);
}

/** Counts points and reckons how long the rest takes. */
class Meter {
  readonly #plan: Plan;
  readonly #total: number;
  readonly #onProgress: ((progress: SweepProgress) => void) | undefined;
  readonly #running = new Map<number, number>();
  workers: number | undefined = undefined;
  #before = 0; // points that were done by former runs
  #done = 0;
  #failed = 0;
  #began: number | undefined = undefined;

  constructor(plan: Plan, mine: readonly number[], store: Store, onProgress: ((progress: SweepProgress) => void) | undefined) {
    this.#plan = plan;
    this.#onProgress = onProgress;
    let total = 0;
    for (const chunk of mine) {
      const points = pointsOf(plan, chunk);
      total += points;
      if (!store.chunks.has(chunk)) continue;
      this.#before += points;
      this.#failed += Object.keys(store.get(chunk).errors).length;
    }
    this.#total = total;
  }

  /** The workers are up: the first to be told. */
  start(): void {
    if (this.#began !== undefined) return;
    this.#began = performance.now();
    this.report();
  }

  progress(chunk: number, points: number): void {
    this.#running.set(chunk, points);
  }

  take({ chunk, errors }: ChunkRows): void {
    this.#running.delete(chunk);
    this.#done += pointsOf(this.#plan, chunk);
    this.#failed += Object.keys(errors).length;
  }

  /** What was under way, if anything was, is lost. */
  end(): void {
    this.#running.clear();
    this.report();
  }

  report(): void {
    if (this.#onProgress === undefined) return;
    let now = this.#done;
    for (const points of this.#running.values()) now += points;
    const seconds = this.#began === undefined ? 0 : (performance.now() - this.#began) / 1000;
    const ratePerS = now > 0 && seconds > 0 ? now / seconds : undefined;
    const done = this.#before + now;
    this.#onProgress({
      done,
      total: this.#total,
      failed: this.#failed,
      ratePerS,
      secondsLeft: ratePerS === undefined ? undefined : (this.#total - done) / ratePerS,
      ...(this.workers !== undefined && { workers: this.workers }),
    });
  }
}

function pointsOf(plan: Plan, chunk: number): number {
  const [from, to] = plan.range(chunk);
  return to - from;
}
