/**
 * What coordinators and workers agree on: names in Redis, and what a job is.
 *
 * Layer: analysis; BullMQ. A job is a chunk of a sweep, given as data; the spec of the sweep
 * lies in Redis once. The rows that come of it go to a hash of the sweep, from which its
 * coordinators take them. The queue has the version in its name: a worker never gets work of
 * other code than its own.
 */
import type { Redis } from "ioredis";
import { z } from "zod";
import { check, InputError } from "../../../../schema/index.ts";
import { Plan } from "../../plan.ts";
import type { SweepSpec } from "../../spec.ts";
import { codeVersion } from "../../version.ts";

export const PREFIX = "kernelized";

export const queueName = (): string => `chunks of ${codeVersion().replaceAll(":", "-")}`;

/** The spec of a sweep in JSON. What nobody asked for in a week is forgotten. */
export const specKey = (plan: string): string => `${PREFIX}:spec:${plan}`;
export const SPEC_SECONDS = 7 * 24 * 3600;

/** The hash of rows, by chunk; what is left there is forgotten after a week. */
export const rowsKey = (plan: string): string => `${PREFIX}:rows:${plan}`;
export const ROWS_SECONDS = 7 * 24 * 3600;

/** The chunks that a coordinator does not want any more: others that do take them out again, */
export const leftKey = (plan: string): string => `${PREFIX}:left:${plan}`;
/** and so long they are given for it. */
export const LEAVE_MS = 200;

/** The chunks that nobody wants any more: workers stop computing them. */
export const stopKey = (plan: string): string => `${PREFIX}:stop:${plan}`;
export const STOP_SECONDS = 60;

export const jobId = (plan: string, chunk: number): string => `${plan}-${chunk}`;

/** A worker that has said nothing for so long is dead, which is looked for every so often. */
export const LOCK_MS = 2500;
export const STALLED_MS = 1000;
/** A chunk that takes so many workers with it is given up. */
export const MOST_DEATHS = 5;

const chunkJob = z.strictObject({ plan: z.string().regex(/^[0-9a-f]{16}$/), chunk: z.int().min(0) });
/** A chunk of the sweep whose plan has this id. */
export type ChunkJob = z.output<typeof chunkJob>;

/** A worker remembers so many sweeps. */
const PLANS = 8;

/** Makes of jobs what they ask for, and the plan of each sweep only once. */
export class JobReader {
  readonly #redis: Redis;
  /** By id; those that were used last stand last. */
  readonly #plans = new Map<string, Promise<Plan | undefined>>();

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  /**
   * The chunk that a job asks for; no plan when Redis has forgotten the spec, which only those renew that want the sweep.
   * @throws InputError for what is no job of this version.
   */
  async read(data: unknown): Promise<{ plan: Plan | undefined; chunk: number }> {
    const { plan: id, chunk } = check(chunkJob, data, "job");
    const plan = await this.#plan(id);
    if (plan !== undefined && chunk >= plan.chunks) throw new InputError(`job: chunk ${chunk} of a sweep of ${plan.chunks}`);
    return { plan, chunk };
  }

  async #plan(id: string): Promise<Plan | undefined> {
    const making = this.#plans.get(id) ?? this.#make(id);
    this.#plans.delete(id);
    this.#plans.set(id, making);
    const [oldest] = this.#plans.keys();
    if (this.#plans.size > PLANS) this.#plans.delete(oldest!);
    const plan = await making.catch((error: unknown) => {
      if (!(error instanceof InputError)) this.#forget(id, making); // the next may have more luck
      throw error;
    });
    if (plan === undefined) this.#forget(id, making);
    return plan;
  }

  #forget(id: string, making: Promise<Plan | undefined>): void {
    if (this.#plans.get(id) === making) this.#plans.delete(id);
  }

  async #make(id: string): Promise<Plan | undefined> {
    const text = await this.#redis.get(specKey(id));
    if (text === null) return undefined;
    const plan = new Plan(specOf(text));
    if (plan.spec.version !== codeVersion()) throw new InputError(`job: the sweep is of version ${plan.spec.version}, this worker of ${codeVersion()}`);
    if (plan.id !== id) throw new InputError(`job: the spec of sweep ${id} is that of another, ${plan.id}`);
    return plan;
  }
}

function specOf(text: string): SweepSpec {
  try {
    return JSON.parse(text) as SweepSpec; // Plan checks it
  } catch {
    throw new InputError("job: the spec of the sweep is no JSON");
  }
}
