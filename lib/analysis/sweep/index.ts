/** Sweeps: a benchmark at every point of a grid, on one machine or many. */
export { sweep } from "./sweep.ts";
export type { SweepOptions, WorkloadChoice } from "./setup.ts";
export { gain, highest } from "./groups.ts";
export type { GainOptions } from "./groups.ts";
export { SweepResult } from "./result.ts";
export type { PivotOptions, Row } from "./result.ts";
export type { SweepRunOptions, Shard, SweepProgress } from "./run.ts";
export type { Axis, Grid, Range, Sample } from "./spec.ts";
export type { Cell } from "./points.ts";

// What commands are made of.
export { Plan } from "./plan.ts";
export { runPlan } from "./run.ts";
export { setUp } from "./setup.ts";
export { FolderStore, MemoryStore, storedSpec, storeIn } from "./store.ts";
export type { Store } from "./store.ts";
export { readSweepFile } from "./sweep-file.ts";
export { checkOut, writeTable } from "./write.ts";
