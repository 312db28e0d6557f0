/**
 * npm run worker: computes chunks of sweeps that others put into Redis.
 *
 * Layer: cli. On any number of machines; it ends with a signal and loses nothing.
 */
import { redisAddress } from "../analysis/sweep/backends/redis/address.ts";
import { work } from "../analysis/sweep/backends/redis/worker.ts";
import { countOf } from "./arguments.ts";

export interface WorkerFlags {
  redis?: string;
  redisCa?: string;
  threads?: string;
}

export async function worker({ redis, redisCa, threads }: WorkerFlags): Promise<void> {
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());
  await work(redisAddress(redis, redisCa), {
    threads: threads === undefined ? undefined : countOf("--threads", threads),
    signal: stop.signal,
    say: (line) => console.error(`${new Date().toISOString()} ${line}`),
  });
}
