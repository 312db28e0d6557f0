/**
 * The points of a sweep, numbered: which values, which seed, which chunk.
 *
 * Layer: analysis. A point is worked out from its number when it is wanted, so a
 * plan of a hundred million points takes no more room than one of ten.
 */
import { createHash } from "node:crypto";
import { check, InputError } from "../../schema/index.ts";
import { workloadOf } from "../../workloads/index.ts";
import type { Scalar, Workload } from "../../workloads/index.ts";
import { checkGrid } from "./grid.ts";
import type { Factor } from "./grid.ts";
import { samplePoints } from "./sample.ts";
import type { SampledPoints } from "./sample.ts";
import { sweepSpec } from "./spec.ts";
import type { SweepSpec } from "./spec.ts";

/** One point: what the grid says of it, and where its chances come from. */
export interface Point {
  /** By the names of the grid. */
  values: Readonly<Record<string, Scalar>>;
  /** From 1 on. */
  replication: number;
  seed: number;
}

/** The points of one grid. */
export interface Part {
  factors: readonly Factor[];
  /** Those of which a sample is drawn. */
  sampled: readonly Factor[];
  sample: SampledPoints | undefined;
  replications: number;
  /** Number of its first point, and how many it has. */
  first: number;
  count: number;
}

/** What a sweep is, if need be without saying how large its chunks are. */
export type PlannedSpec = Omit<SweepSpec, "chunkPoints"> & { chunkPoints?: number | undefined };

/** Small enough that each worker gets some and progress is seen. */
const CHUNKS = 256;
const MOST_CHUNK_POINTS = 32;
/** A plan keeps no points, but whoever runs it a few numbers for each chunk. */
const MOST_CHUNKS = 2 ** 25;

export class Plan {
  readonly spec: SweepSpec;
  readonly workload: Workload;
  readonly parts: readonly Part[];
  /** How many points there are. */
  readonly points: number;
  /** The names of all factors, in the order of the grids. */
  readonly names: readonly string[];
  /** The same for the same spec, and for no other. */
  readonly id: string;

  /** @throws InputError for the first thing in `spec` that is wrong, and for more points than can be kept in mind. */
  constructor(spec: PlannedSpec) {
    const { chunkPoints, version, ...asked } = check(sweepSpec.partial({ chunkPoints: true }), spec, "sweep");
    this.workload = workloadOf(spec.workload);
    if (spec.until !== undefined && !("until" in this.workload.parameters.shape)) throw new InputError(`until: ${spec.workload} does not stop by itself`);
    let first = 0;
    this.parts = spec.grids.map((grid) => {
      const { factors, replications } = checkGrid(grid, this.workload);
      const sampled = factors.filter(({ values }) => values === undefined);
      const sample = sampleOf(asked, sampled);
      const combinations = factors.reduce((product, { values }) => product * (values?.length ?? 1), 1);
      const part = { factors, sampled, sample, replications, first, count: combinations * (sample?.count ?? 1) * replications };
      first += part.count;
      return part;
    });
    this.points = first;
    this.spec = { ...asked, chunkPoints: chunkPoints ?? Math.min(MOST_CHUNK_POINTS, Math.ceil(first / CHUNKS)), version };
    if (this.chunks > MOST_CHUNKS) throw new InputError(`grid: expected ${MOST_CHUNKS * this.spec.chunkPoints} points at most in chunks of ${this.spec.chunkPoints}, found ${first}`);
    if (spec.sample !== undefined && this.parts.every(({ sampled }) => sampled.length === 0)) throw new InputError("sample: the grid has nothing to draw from: give a range { from, to } or { among: [...] }");
    this.names = [...new Set(this.parts.flatMap(({ factors }) => factors.map(({ name }) => name)))];
    this.id = createHash("sha256").update(JSON.stringify(this.spec)).digest("hex").slice(0, 16);
  }

  /** How many chunks there are. */
  get chunks(): number {
    return Math.ceil(this.points / this.spec.chunkPoints);
  }

  /** Number of the first point of `chunk`, and of the first behind it. */
  range(chunk: number): [from: number, to: number] {
    const from = chunk * this.spec.chunkPoints;
    return [from, Math.min(this.points, from + this.spec.chunkPoints)];
  }

  /**
   * The point numbered `index`. Replications change fastest, then the points of the sample,
   * then the last factor of the grid; the first factor changes slowest.
   */
  point(index: number): Point {
    const { part, combination, drawn, replication } = this.locate(index);
    const { factors, sampled, sample } = part;
    let rest = combination;
    const chosen = factors.toReversed().map(({ name, values, at }): [string, Scalar] => {
      if (values === undefined) {
        const dimension = sampled.findIndex((one) => one.name === name);
        return [name, at(sample!.coordinates[drawn * sampled.length + dimension]!)];
      }
      const digit = rest % values.length;
      rest = Math.floor(rest / values.length);
      return [name, values[digit]!];
    });
    return { values: Object.fromEntries(chosen.reverse()), replication, seed: this.#seed(index, replication) };
  }

  /** Where the point numbered `index` stands: in which grid, which combination of listed values, which point of the sample. */
  locate(index: number): { part: Part; combination: number; drawn: number; replication: number } {
    const part = this.parts.findLast(({ first }) => first <= index)!;
    const { sample, replications, first } = part;
    const point = Math.floor((index - first) / replications);
    const samples = sample?.count ?? 1;
    return { part, combination: Math.floor(point / samples), drawn: point % samples, replication: ((index - first) % replications) + 1 };
  }

  /** The seed of a point: of its replication alone, so that points differ by their values only, or of its number too. */
  #seed(index: number, replication: number): number {
    const { seed, commonRandomNumbers } = this.spec;
    const of = commonRandomNumbers ? `${seed}/replication ${replication}` : `${seed}/point ${index}`;
    return createHash("sha256").update(of).digest().readUIntBE(0, 6);
  }
}

function sampleOf({ sample, seed }: Pick<SweepSpec, "sample" | "seed">, sampled: readonly Factor[]): SampledPoints | undefined {
  if (sampled.length === 0) return undefined;
  if (sample === undefined) throw new InputError(`grid: ${sampled[0]!.name} is a range: say how to draw from it, as sample: { method: "latin-hypercube", points: 64 }`);
  return samplePoints(sample, sampled.length, seed);
}
