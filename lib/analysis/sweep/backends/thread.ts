/**
 * What a worker thread runs: a chunk, by its number and the spec of its sweep.
 *
 * Layer: analysis. The spec is checked like any other input; no code comes with it.
 */
import { InputError } from "../../../schema/index.ts";
import { Plan } from "../plan.ts";
import { runPoints } from "../points.ts";
import type { ChunkRows } from "../points.ts";
import type { SweepSpec } from "../spec.ts";

export interface ThreadTask {
  /** Of the plan: a thread that knows it already need not make it again. */
  id: string;
  spec: SweepSpec;
  chunk: number;
  /** Shared: how many points are done. */
  done: Int32Array;
}

/** So many threads are to be up: each counts itself and waits for the others. */
export interface Muster {
  threads: number;
  /** Shared. */
  arrived: Int32Array;
}

/** The others may have been ended meanwhile. */
const MUSTER_MS = 10_000;

/** Rows, or what is wrong with the spec. */
export type ThreadAnswer = ChunkRows | { fault: string };

let plan: Plan | undefined = undefined;

/** The rows of a chunk; of a muster nothing. */
export default function runChunk(task: ThreadTask | Muster): ThreadAnswer | undefined {
  if ("arrived" in task) {
    Atomics.add(task.arrived, 0, 1);
    Atomics.notify(task.arrived, 0);
    for (let count = Atomics.load(task.arrived, 0); count < task.threads; count = Atomics.load(task.arrived, 0)) {
      if (Atomics.wait(task.arrived, 0, count, MUSTER_MS) === "timed-out") break;
    }
    return undefined;
  }
  try {
    if (plan?.id !== task.id) plan = new Plan(task.spec);
  } catch (error) {
    if (error instanceof InputError) return { fault: error.message };
    throw error;
  }
  const points = runPoints(plan, task.chunk);
  let step = points.next();
  for (; !step.done; step = points.next()) Atomics.store(task.done, 0, step.value);
  return step.value;
}
