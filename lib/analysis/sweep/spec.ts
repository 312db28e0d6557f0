/**
 * What a sweep is, as data: the very thing that is written into stores and sent to workers.
 *
 * Layer: analysis. From the same spec every engine on every machine makes the same
 * points with the same seeds, so the rows are the same whoever computes them.
 */
import { z } from "zod";
import { untilOptions } from "../../workloads/index.ts";
import type { Scalar } from "../../workloads/index.ts";

const scalar = z.union([z.string(), z.number(), z.boolean()], "expected a finite number, a word, true or false");

const range = z.strictObject({ from: z.number(), to: z.number(), step: z.number().positive().optional(), log: z.boolean().optional() });
const among = z.strictObject({ among: z.array(scalar).min(2) });

/** Values from which a sample is drawn: evenly `from` … `to`, in whole steps from `from` on, or evenly in the logarithm. */
export type Range = z.output<typeof range>;

/** What a factor of a grid can be: one value, a list that is gone through, or what a sample is drawn from. */
export type Axis = Scalar | readonly Scalar[] | Range | { among: readonly Scalar[] };

/**
 * The factors of a sweep by name, in the order in which the rows go through them: `system`,
 * `machine`, options by path ("pager.readBytes", "machine.disk.rpm"), the values of the
 * workload, and how many `replications` there are of each point.
 */
export type Grid = Readonly<Record<string, Axis>>;

export const gridSpec = z.record(z.string(), z.union([scalar, z.array(scalar).min(1), range, among], "expected a finite number, a word, true, false, a list of them, { from, to } or { among: [...] }"));

/** Points of a chunk, what a worker computes at a time; their rows are kept in one piece. */
export const chunkPointsSpec = z.int().min(1).max(1_000_000);

export const sampleSpec = z.strictObject({
  /** Of the ranges: "saltelli" is the design from which Sobol indices come. */
  method: z.enum(["latin-hypercube", "sobol", "saltelli"]),
  /** How many points; in the design of Saltelli, of each of its k + 2 matrices. */
  points: z.int().min(2),
});
export type Sample = z.output<typeof sampleSpec>;

export const sweepSpec = z.strictObject({
  grids: z.array(gridSpec).min(1),
  workload: z.string(),
  seed: z.int(),
  sample: sampleSpec.optional(),
  /** When the workload stops by itself; by default it does all it is told to. */
  until: untilOptions.optional(),
  /** Whether the points of one replication share their seed. */
  commonRandomNumbers: z.boolean(),
  chunkPoints: chunkPointsSpec,
  /** Of the code and data that the rows depend on. */
  version: z.string(),
});
export type SweepSpec = z.output<typeof sweepSpec>;
