/** The worker threads of one machine, each with one chunk at a time, and no more than there are chunks. Layer: analysis. */
import { availableParallelism } from "node:os";
import type { Work } from "./backend.ts";
import { ThreadPool } from "./pool.ts";

const LOOK_MS = 50;

/** Pools that nobody uses now, by their number of threads: the next sweep takes one up. */
const idle = new Map<number, ThreadPool>();

export const threads = (count = availableParallelism()) => async ({ plan, chunks, signal, ready, progress, take }: Work): Promise<void> => {
  const pool = idle.get(count) ?? new ThreadPool(count);
  idle.delete(count);
  const running = new Map<number, Int32Array>();
  const look = setInterval(() => running.forEach((done, chunk) => progress(chunk, Atomics.load(done, 0))), LOOK_MS);
  const aborted = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
  const wanted = Math.min(count, chunks.length);
  const queue = chunks[Symbol.iterator]();
  const lane = async () => {
    for (const chunk of queue) {
      const done = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
      running.set(chunk, done);
      const rows = await pool.run(plan, chunk, done);
      running.delete(chunk);
      if (signal.aborted) return;
      take(rows);
    }
  };
  try {
    await Promise.race([aborted, pool.up(wanted)]);
    if (signal.aborted) return;
    ready();
    await Promise.race([aborted, Promise.all(Array.from({ length: wanted }, lane))]);
  } finally {
    clearInterval(look);
    if (running.size === 0 && !idle.has(count)) idle.set(count, pool);
    else await pool.end();
  }
};
