/**
 * From what a user asks for to a plan and an engine, everything checked.
 *
 * Layer: analysis.
 */
import { z } from "zod";
import { check, InputError } from "../../schema/index.ts";
import { untilOptions, workloadOf } from "../../workloads/index.ts";
import type { Until } from "../../workloads/index.ts";
import { interruption } from "../interruption.ts";
import type { Backend } from "./backends/backend.ts";
import { addressText, redisAddress } from "./backends/redis/address.ts";
import { serial } from "./backends/serial.ts";
import { threads } from "./backends/threads.ts";
import { Plan } from "./plan.ts";
import type { SweepRunOptions, Shard } from "./run.ts";
import { chunkPointsSpec, sampleSpec } from "./spec.ts";
import type { Grid, Sample } from "./spec.ts";
import { codeVersion } from "./version.ts";

/** One of the benchmarks, or its name. */
export type WorkloadChoice = string | ((...args: never[]) => unknown);

export interface SweepOptions extends Omit<SweepRunOptions, "shard"> {
  /** What computes the points: this thread, worker threads (as it is unless told otherwise), or workers that Redis brings together with this process, which `redis` implies. */
  backend?: "serial" | "threads" | "redis";
  /** How many worker threads; as many as the machine has processors. */
  threads?: number;
  /** Where Redis is: redis://user:password@host:port, rediss:// with TLS; by default what the environment has as REDIS_URL, or this machine. */
  redis?: string;
  /** A file of certificates (PEM) that vouch for Redis, instead of the system's. */
  redisCa?: string;
  /** From which the seeds of all points come; 1 unless told otherwise. */
  seed?: number;
  /** How to draw from the ranges of the grid. */
  sample?: Sample;
  /**
   * Let each point stop when its throughput is known so well, { halfWidth: 0.02 } for 2 %; by default it does all
   * it is told to. For workloads that make one call over and over; the result has `kbPerSecHalfWidth`.
   */
  until?: Until;
  /**
   * Whether the points of one replication have the same seed, so that they differ by their
   * values and not by where the platter happened to stand: true unless told otherwise. Otherwise
   * each point has its own, as estimates of variance over the whole grid want.
   */
  commonRandomNumbers?: boolean;
  /** Points that a worker computes at a time; by default a 256th of all, 32 at most. An interruption loses those that are under way. */
  chunkPoints?: number;
  /** Compute only a part, such as "2/8", the second of eight; the store keeps it until all are there. */
  shard?: string;
  /**
   * A folder that keeps the rows while they come and afterwards, so that a sweep that was killed or
   * interrupted goes on where it was. By default a folder of build/sweeps that is removed in the end; false for none.
   */
  store?: string | false;
}

const shard = z.string().regex(/^[1-9]\d*\/[1-9]\d*$/, "expected i/n with i from 1 to n, such as 2/8");

/** What of the options can stand in a file. */
export const plainOptions = z.strictObject({
  backend: z.enum(["serial", "threads", "redis"]).optional(),
  threads: z.int().min(1).optional(),
  redis: addressText.optional(),
  redisCa: z.string().optional(),
  seed: z.int().default(1),
  sample: sampleSpec.optional(),
  until: untilOptions.optional(),
  commonRandomNumbers: z.boolean().default(true),
  chunkPoints: chunkPointsSpec.optional(),
  shard: shard.optional(),
  store: z.union([z.string().min(1), z.literal(false)]).optional(),
  strict: z.boolean().optional(),
});

const allOptions = plainOptions.extend({
  signal: z.instanceof(AbortSignal).optional(),
  onProgress: z.custom<NonNullable<SweepRunOptions["onProgress"]>>((value) => typeof value === "function").optional(),
});

/** A sweep that can be run. */
export interface Setup {
  plan: Plan;
  engine: Backend;
  run: SweepRunOptions;
  /** See SweepOptions. */
  store: string | false | undefined;
}

/** @throws InputError for the first thing that is wrong. */
export function setUp(grid: Grid | readonly Grid[], workload: WorkloadChoice, options: SweepOptions): Setup {
  const { backend: chosen, threads: threadCount, redis: url, redisCa, shard: part, store, strict, signal = interruption(), onProgress, chunkPoints, ...spec } = check(allOptions, options, "options of sweep");
  const backend = chosen ?? (url === undefined && redisCa === undefined ? "threads" : "redis");
  if (backend !== "redis" && (url ?? redisCa) !== undefined) throw new InputError(`options of sweep: redis: only counts with backend "redis", found backend "${backend}"`);
  const address = backend === "redis" ? redisAddress(url, redisCa) : undefined;
  const engines: Record<typeof backend, Backend> = {
    serial,
    threads: threads(threadCount),
    redis: async (work) => (await import("./backends/redis/engine.ts")).redis(address!)(work),
  };
  const grids = (Array.isArray(grid) ? grid : [grid]) as Plan["spec"]["grids"];
  const whole = { grids, workload: workloadOf(workload).name, ...spec, version: codeVersion() };
  const plan = new Plan({ ...whole, chunkPoints });
  return { plan, engine: engines[backend], run: { strict, signal, onProgress, shard: part === undefined ? undefined : shardOf(part) }, store };
}

function shardOf(text: string): Shard {
  const [index, of] = text.split("/").map(Number) as [number, number];
  if (index > of) throw new InputError(`options of sweep: shard: expected 1/${of} to ${of}/${of}, found ${text}`);
  return { index, of };
}
