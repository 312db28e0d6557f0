/**
 * sweep(): thousands of simulated machines, on one thread, many threads or many machines.
 *
 * Layer: analysis. The same grid and seed give the same rows, to the last bit, whatever
 * computes them.
 */
import { join } from "node:path";
import { z } from "zod";
import { check } from "../../schema/index.ts";
import { workloadOf } from "../../workloads/index.ts";
import type { Backend } from "./backends/backend.ts";
import { serial } from "./backends/serial.ts";
import { threads } from "./backends/threads.ts";
import { Plan } from "./plan.ts";
import { SweepResult } from "./result.ts";
import { runPlan } from "./run.ts";
import type { RunOptions } from "./run.ts";
import { sampleSpec } from "./spec.ts";
import type { Grid, Sample } from "./spec.ts";
import { FolderStore, MemoryStore, MirroredStore, removeStore } from "./store.ts";
import { codeVersion, projectRoot } from "./version.ts";

export interface SweepOptions extends Omit<RunOptions, "shard"> {
  /** What computes the points: this thread, worker threads (which unless told otherwise are as many as the machine has processors). */
  backend?: "serial" | "threads";
  /** Worker threads. */
  threads?: number;
  /** From which the seeds of all points come; 1 unless told otherwise. */
  seed?: number;
  /** How to draw from the ranges of the grid. */
  sample?: Sample;
  /**
   * Whether the points of one replication have the same seed, so that they differ by their
   * values and not by where the platter happened to stand: true unless told otherwise. Otherwise
   * each point has its own, as estimates of variance over the whole grid want.
   */
  commonRandomNumbers?: boolean;
  /** Points that a worker computes at a time; by default a 256th of all, 256 at most. */
  chunkPoints?: number;
  /**
   * A folder that keeps the rows while they come and afterwards, so that a sweep that was killed or
   * interrupted goes on where it was. By default a folder of build/sweeps that is removed in the end; false for none.
   */
  store?: string | false;
}

const optionsSchema = z.strictObject({
  backend: z.enum(["serial", "threads"]).default("threads"),
  threads: z.int().min(1).optional(),
  seed: z.int().default(1),
  sample: sampleSpec.optional(),
  commonRandomNumbers: z.boolean().default(true),
  chunkPoints: z.int().min(1).optional(),
  store: z.union([z.string().min(1), z.literal(false)]).optional(),
  strict: z.boolean().optional(),
  signal: z.instanceof(AbortSignal).optional(),
  onProgress: z.custom<NonNullable<RunOptions["onProgress"]>>((value) => typeof value === "function").optional(),
});

const CHUNKS = 256;
const MOST_CHUNK_POINTS = 256;

/**
 * Run `workload`, one of the benchmarks or its name, at every point of `grid`, on a machine of its own for each.
 * @param grid factors by name; several grids come one after the other.
 * @returns the rows in the order of the grid; those that are done, when the signal aborts.
 * @throws InputError for a grid or an option that is wrong, before anything runs; for the first point that throws, when `strict`.
 */
export async function sweep(grid: Grid | readonly Grid[], workload: string | ((...args: never[]) => unknown), options: SweepOptions = {}): Promise<SweepResult> {
  const { backend, threads: threadCount, store: folder, strict, signal, onProgress, ...rest } = check(optionsSchema, options, "options of sweep");
  const plan = planOf(Array.isArray(grid) ? (grid as readonly Grid[]) : [grid as Grid], workloadOf(workload).name, rest);
  const engine: Backend = backend === "serial" ? serial : threads(threadCount);
  const path = folder ?? join(projectRoot, "build/sweeps", plan.id);
  const store = path === false ? new MemoryStore() : new MirroredStore(new FolderStore(path, plan.spec));
  try {
    const complete = await runPlan(plan, store, engine, { strict, signal, onProgress });
    const result = new SweepResult(plan, store);
    if (complete && folder === undefined && path !== false) removeStore(path);
    return result;
  } finally {
    store.close();
  }
}

interface PlanOptions {
  seed: number;
  sample?: Sample;
  commonRandomNumbers: boolean;
  chunkPoints?: number;
}

/** The plan of these grids; chunks are small enough that each worker gets some and progress is seen. */
function planOf(grids: readonly Grid[], workload: string, { chunkPoints, ...options }: PlanOptions): Plan {
  const spec = { grids: grids as Plan["spec"]["grids"], workload, ...options, version: codeVersion() };
  const draft = new Plan({ ...spec, chunkPoints: 1 });
  return new Plan({ ...spec, chunkPoints: chunkPoints ?? Math.min(MOST_CHUNK_POINTS, Math.max(1, Math.ceil(draft.points / CHUNKS))) });
}
