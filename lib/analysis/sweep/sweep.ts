/**
 * sweep(): thousands of simulated machines, on one thread, many threads or many machines.
 *
 * Layer: analysis. The same grid and seed give the same rows, to the last bit, whatever
 * computes them.
 */
import { join } from "node:path";
import { SweepResult } from "./result.ts";
import { runPlan } from "./run.ts";
import { setUp } from "./setup.ts";
import type { SweepOptions, WorkloadChoice } from "./setup.ts";
import type { Grid } from "./spec.ts";
import { MemoryStore, MirroredStore, storeIn } from "./store.ts";
import { projectRoot } from "./version.ts";

/**
 * Run `workload`, one of the benchmarks or its name, at every point of `grid`, on a machine of its own for each.
 * @param grid factors by name; several grids come one after the other.
 * @returns the rows in the order of the grid; those that are done, when the signal aborts.
 * @throws InputError for a grid or an option that is wrong, before anything runs; for the first point that throws, when `strict`; when Redis cannot be reached.
 */
export async function sweep(grid: Grid | readonly Grid[], workload: WorkloadChoice, options: SweepOptions = {}): Promise<SweepResult> {
  const { plan, engine, run, store: folder } = setUp(grid, workload, options);
  const path = folder ?? join(projectRoot, "build/sweeps", plan.id);
  const store = path === false ? new MemoryStore() : new MirroredStore(storeIn(path, plan));
  try {
    await runPlan(plan, store, engine, run);
    const result = new SweepResult(plan, store);
    if (result.complete && folder === undefined) store.remove();
    return result;
  } finally {
    store.close();
  }
}
