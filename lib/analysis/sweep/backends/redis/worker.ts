/**
 * A worker of the Redis engine: takes chunks from the queue for as long as it runs.
 *
 * Layer: analysis. The points run in threads, so that this thread can tell Redis every
 * second that the worker lives; one that is silent for longer loses its chunk to another.
 */
import { availableParallelism } from "node:os";
import { setTimeout } from "node:timers/promises";
import { UnrecoverableError, WaitingError, Worker } from "bullmq";
import type { Job } from "bullmq";
import { InputError } from "../../../../schema/index.ts";
import { ThreadPool } from "../pool.ts";
import type { RedisAddress } from "./address.ts";
import { Connection, refusal } from "./connection.ts";
import { JobReader, LOCK_MS, MOST_DEATHS, PREFIX, queueName, ROWS_SECONDS, rowsKey, STALLED_MS, stopKey } from "./queue.ts";
import type { ChunkJob } from "./queue.ts";

export interface WorkerOptions {
  /** How many chunks it computes at a time: as many as the machine has processors. */
  threads?: number;
  /** Ends the worker; what it computes goes to others. */
  signal: AbortSignal;
  say: (line: string) => void;
}

/** A worker waits so long for a Redis that went away. */
const PATIENCE_MS = 60_000;
const LOOK_MS = 300;
/** A worker that is to end takes so long at most to put its chunks back into the queue. */
const BACK_MS = 1000;

/**
 * Work for whoever puts sweeps of this version into the Redis at `address`, until the signal aborts.
 * @throws InputError when Redis is not there, or goes away for more than a minute.
 */
export async function work(address: RedisAddress, { threads = availableParallelism(), signal, say }: WorkerOptions): Promise<void> {
  const connection = await Connection.open(address, { patienceMs: PATIENCE_MS, say });
  const crew = new Crew(connection, say);
  const worker = new Worker<ChunkJob>(queueName(), (job, token) => crew.compute(job, token), {
    connection: connection.redis, prefix: PREFIX, concurrency: threads,
    lockDuration: LOCK_MS, stalledInterval: STALLED_MS, maxStalledCount: MOST_DEATHS, drainDelay: 1, runRetryDelay: 500,
  });
  let told = "";
  worker.on("error", (error) => { // Connection tells when Redis is gone
    const why = refusal(error) ?? told;
    if (why !== told) say(`Redis at ${address.shown}: ${why}`);
    told = why;
  });
  worker.on("failed", (_, error) => say(error.message));
  say(`${threads} ${threads === 1 ? "thread" : "threads"} at ${address.shown}, queue "${queueName()}"`);
  try {
    await connection.whileThere(new Promise<void>((resolve) => (signal.aborted ? resolve() : signal.addEventListener("abort", () => resolve(), { once: true }))));
    const closing = worker.close();
    await crew.end();
    await Promise.race([closing, setTimeout(BACK_MS)]);
  } finally {
    await crew.end();
    await worker.close(true).catch(() => {});
    connection.close();
  }
}

/** The threads of a worker, one a chunk, and what stops each. */
class Crew {
  readonly #connection: Connection;
  readonly #jobs: JobReader;
  readonly #say: (line: string) => void;
  /** Each of one thread, which can be ended for itself. */
  readonly #pools = new Set<ThreadPool>();
  readonly #idle: ThreadPool[] = [];
  #ended = false;

  constructor(connection: Connection, say: (line: string) => void) {
    this.#connection = connection;
    this.#jobs = new JobReader(connection.redis);
    this.#say = say;
  }

  /** Compute the chunk that `job` asks for and leave its rows in Redis. */
  async compute(job: Job<ChunkJob>, token?: string): Promise<void> {
    const { redis } = this.#connection;
    const { plan, chunk } = await this.#understand(job.data);
    if (this.#ended) return this.#back(job, token);
    if (plan === undefined) return; // who wants the chunk puts its spec and itself there again
    const pool = this.#pool();
    let state = "computing" as "computing" | "unwanted" | "done";
    const look = setInterval(async () => {
      const stop = await redis.sismember(stopKey(plan.id), chunk).catch(() => 0);
      if (stop === 0 || state !== "computing") return;
      state = "unwanted";
      await this.#dismiss(pool);
    }, LOOK_MS);
    try {
      const rows = await pool.run(plan, chunk, new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)));
      state = "done";
      await redis.multi().hset(rowsKey(plan.id), String(chunk), JSON.stringify(rows)).expire(rowsKey(plan.id), ROWS_SECONDS).exec();
    } catch (error) {
      if (error instanceof InputError) throw new UnrecoverableError(error.message);
      if (this.#ended) await this.#back(job, token);
      if (state !== "unwanted") throw error;
      this.#say(`chunk ${chunk} of sweep ${plan.id} is not wanted any more`);
    } finally {
      clearInterval(look);
      if (this.#pools.has(pool)) this.#idle.push(pool);
    }
  }

  /** What is computed goes back into the queue, for others. */
  async end(): Promise<void> {
    this.#ended = true;
    await Promise.all([...this.#pools].map((pool) => this.#dismiss(pool)));
  }

  async #back(job: Job<ChunkJob>, token: string | undefined): Promise<never> {
    await job.moveToWait(token);
    throw new WaitingError(); // neither done nor failed
  }

  #pool(): ThreadPool {
    const pool = this.#idle.pop() ?? new ThreadPool(1);
    this.#pools.add(pool);
    return pool;
  }

  async #dismiss(pool: ThreadPool): Promise<void> {
    this.#pools.delete(pool);
    await pool.end();
  }

  async #understand(data: unknown): ReturnType<JobReader["read"]> {
    try {
      return await this.#jobs.read(data);
    } catch (error) {
      throw error instanceof InputError ? new UnrecoverableError(error.message) : error;
    }
  }
}
