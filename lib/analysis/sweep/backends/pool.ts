/**
 * A pool of worker threads that compute chunks.
 *
 * Layer: analysis; piscina. The pool of the threads engine, and of every worker of the
 * Redis engine, whose own thread must stay free to tell Redis that it is alive.
 */
import { fileURLToPath } from "node:url";
import { Piscina } from "piscina";
import { InputError } from "../../../schema/index.ts";
import type { Plan } from "../plan.ts";
import { lostRows } from "../points.ts";
import type { ChunkRows } from "../points.ts";
import type { Muster, ThreadAnswer, ThreadTask } from "./thread.ts";

/** A chunk that takes so many threads with it is given up. */
const TRIES = 3;
/** Threads wait so long for another sweep; to start one takes a second. */
const IDLE_MS = 10_000;

export class ThreadPool {
  readonly #pool: Piscina<ThreadTask | Muster, ThreadAnswer>;
  readonly #threads: number;
  #ended = false;

  constructor(threads: number) {
    this.#threads = threads;
    this.#pool = new Piscina({
      filename: fileURLToPath(new URL("thread-entry.mjs", import.meta.url)),
      execArgv: [], // not those of this process, whose loader thread-entry.mjs does without
      minThreads: 0,
      maxThreads: threads,
      idleTimeout: IDLE_MS,
    });
    this.#pool.on("error", () => {}); // a thread that dies idle is missed by nobody
  }

  /** Until so many threads are up, all of them unless told otherwise. */
  async up(threads = this.#threads): Promise<void> {
    const arrived = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    await Promise.all(Array.from({ length: threads }, () => this.#pool.run({ threads, arrived })));
  }

  /**
   * Compute `chunk`. A thread that dies of it is replaced and the chunk tried again; when it
   * has killed several, its points count as failed.
   * @param done where the thread tells how many points are done.
   * @throws InputError when the threads do not understand the plan; Error when the pool was ended.
   */
  async run(plan: Plan, chunk: number, done: Int32Array): Promise<ChunkRows> {
    for (let tries = 0; tries < TRIES && !this.#ended; tries++) {
      const answer = await this.#pool.run({ id: plan.id, spec: plan.spec, chunk, done }).catch(() => undefined);
      if (answer === undefined) continue;
      if ("fault" in answer) throw new InputError(answer.fault);
      return answer;
    }
    if (this.#ended) throw new Error("the worker threads were stopped");
    return lostRows(plan, chunk, "the worker died of it");
  }

  /** Ends all threads at once, in whatever they are. */
  async end(): Promise<void> {
    this.#ended = true;
    await this.#pool.destroy();
  }
}
