/** Sweeps: a benchmark at every point of a grid, on one machine or many. */
export { sweep } from "./sweep.ts";
export type { SweepOptions } from "./sweep.ts";
export { gain, highest } from "./groups.ts";
export type { GainOptions } from "./groups.ts";
export { SweepResult } from "./result.ts";
export type { PivotOptions, Row } from "./result.ts";
export type { RunOptions, Shard, SweepProgress } from "./run.ts";
export type { Axis, Grid, Range, Sample } from "./spec.ts";
export type { Cell } from "./points.ts";
