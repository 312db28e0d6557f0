/**
 * A worker of the Redis engine: takes chunks from the queue for as long as it runs.
 *
 * Layer: analysis. The points run in threads, so that this thread can tell Redis every
 * second that the worker lives; one that is silent for longer loses its chunk to another.
 */
import { availableParallelism } from "node:os";
import { UnrecoverableError, Worker } from "bullmq";
import type { Job } from "bullmq";
import { InputError } from "../../../../schema/index.ts";
import { ThreadPool } from "../pool.ts";
import { Connection, shownAddress } from "./connection.ts";
import type { RedisAddress } from "./connection.ts";
import { LOCK_MS, MOST_DEATHS, PREFIX, queueName, readJob, ROWS_SECONDS, rowsKey, STALLED_MS, stopKey } from "./queue.ts";
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

/**
 * Work for whoever puts sweeps of this version into the Redis at `address`, until the signal aborts.
 * @throws InputError when Redis is not there, or goes away for more than a minute.
 */
export async function work(address: RedisAddress, { threads = availableParallelism(), signal, say }: WorkerOptions): Promise<void> {
  const connection = await Connection.open(address, PATIENCE_MS);
  const crew = new Crew(threads, connection, say);
  const worker = new Worker<ChunkJob>(queueName(), (job) => crew.compute(job), {
    connection: connection.redis, prefix: PREFIX, concurrency: threads,
    lockDuration: LOCK_MS, stalledInterval: STALLED_MS, maxStalledCount: MOST_DEATHS, drainDelay: 1, runRetryDelay: 500,
  });
  worker.on("error", () => {}); // Connection tells when Redis is gone for good
  worker.on("failed", (_, error) => say(error.message));
  connection.redis.on("close", () => say(`Redis at ${shownAddress(address.url)} has gone away`));
  say(`${threads} ${threads === 1 ? "thread" : "threads"} at ${shownAddress(address.url)}, queue "${queueName()}"`);
  try {
    await connection.whileThere(new Promise<void>((resolve) => (signal.aborted ? resolve() : signal.addEventListener("abort", () => resolve(), { once: true }))));
  } finally {
    await crew.end();
    await worker.close(true).catch(() => {});
    connection.close();
  }
}

/** The threads of a worker, and what stops them. */
class Crew {
  readonly #threads: number;
  readonly #connection: Connection;
  readonly #say: (line: string) => void;
  #pool: ThreadPool;

  constructor(threads: number, connection: Connection, say: (line: string) => void) {
    this.#threads = threads;
    this.#connection = connection;
    this.#say = say;
    this.#pool = new ThreadPool(threads);
  }

  /** Compute the chunk that `job` asks for and leave its rows in Redis. */
  async compute(job: Job<ChunkJob>): Promise<void> {
    const { redis } = this.#connection;
    const { plan, chunk } = understand(job.data);
    const pool = this.#pool;
    const stop = setInterval(async () => {
      if ((await redis.exists(stopKey(plan.id)).catch(() => 0)) === 0 || this.#pool !== pool) return;
      this.#say(`sweep ${plan.id} was interrupted`);
      this.#pool = new ThreadPool(this.#threads);
      await pool.end();
    }, LOOK_MS);
    try {
      const rows = await pool.run(plan, chunk, new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)));
      await redis.multi().hset(rowsKey(plan.id), String(chunk), JSON.stringify(rows)).expire(rowsKey(plan.id), ROWS_SECONDS).exec();
    } catch (error) {
      if (error instanceof InputError) throw new UnrecoverableError(error.message);
      if (this.#pool === pool) throw error; // else the chunk is not wanted any more, or its coordinator asks again
    } finally {
      clearInterval(stop);
    }
  }

  async end(): Promise<void> {
    await this.#pool.end();
  }
}

function understand(data: unknown): ReturnType<typeof readJob> {
  try {
    return readJob(data);
  } catch (error) {
    throw error instanceof InputError ? new UnrecoverableError(error.message) : error;
  }
}
