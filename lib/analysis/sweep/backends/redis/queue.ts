/**
 * What coordinators and workers agree on: names in Redis, and what a job is.
 *
 * Layer: analysis; BullMQ. A job is a chunk of a sweep, given as data. The rows that come
 * of it go to a hash of the sweep, from which its coordinator takes them. The queue has
 * the version in its name: a worker never gets work of other code than its own.
 */
import { z } from "zod";
import { check, InputError } from "../../../../schema/index.ts";
import { Plan } from "../../plan.ts";
import { sweepSpec } from "../../spec.ts";
import { codeVersion } from "../../version.ts";

export const PREFIX = "kernelized";

export const queueName = (): string => `chunks of ${codeVersion().replaceAll(":", "-")}`;

/** The hash of rows, by chunk; what is left there is forgotten after a week. */
export const rowsKey = (plan: string): string => `${PREFIX}:rows:${plan}`;
export const ROWS_SECONDS = 7 * 24 * 3600;

/** A key that is there while nobody wants rows of a sweep any more. */
export const stopKey = (plan: string): string => `${PREFIX}:stop:${plan}`;
export const STOP_SECONDS = 60;

export const jobId = (plan: string, chunk: number): string => `${plan}-${chunk}`;

/** A worker that has said nothing for so long is dead, which is looked for every so often. */
export const LOCK_MS = 2500;
export const STALLED_MS = 1000;
/** A chunk that takes so many workers with it is given up. */
export const MOST_DEATHS = 5;

const chunkJob = z.strictObject({ plan: sweepSpec, chunk: z.int().min(0) });
export type ChunkJob = z.output<typeof chunkJob>;

/**
 * The chunk that a job asks for.
 * @throws InputError for what is no job of this version.
 */
export function readJob(data: unknown): { plan: Plan; chunk: number } {
  const { plan: spec, chunk } = check(chunkJob, data, "job");
  if (spec.version !== codeVersion()) throw new InputError(`job: the sweep is of version ${spec.version}, this worker of ${codeVersion()}`);
  const plan = new Plan(spec);
  if (chunk >= plan.chunks) throw new InputError(`job: chunk ${chunk} of a sweep of ${plan.chunks}`);
  return { plan, chunk };
}
