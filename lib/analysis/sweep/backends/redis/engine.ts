/**
 * The Redis engine: chunks go to a queue, workers on any number of machines compute them.
 *
 * Layer: analysis. Everything is asked for again and again and nothing depends on a
 * message that comes once: which rows are there, which chunks are wanted. So it does
 * not matter who was killed when, this coordinator, workers, or Redis itself.
 */
import { setTimeout } from "node:timers/promises";
import { Queue } from "bullmq";
import { InputError } from "../../../../schema/index.ts";
import type { Plan } from "../../plan.ts";
import { lostRows } from "../../points.ts";
import { chunkRows } from "../../store.ts";
import type { Work } from "../backend.ts";
import { Connection, redisAddress } from "./connection.ts";
import { jobId, PREFIX, queueName, rowsKey, STOP_SECONDS, stopKey } from "./queue.ts";
import type { ChunkJob } from "./queue.ts";

/** Chunks that lie in the queue at a time. */
const WINDOW = 256;
const LOOK_MS = 50;
/** The chunks in the queue are put there again this often, in case that Redis has forgotten them. */
const RENEW_MS = 2000;
/** What BullMQ says of a job whose workers died. */
const DEATHS = /stalled more than/;

export const redis = (url?: string, ca?: string) => async (work: Work): Promise<void> => {
  const connection = await Connection.open(redisAddress(url, ca));
  const queue = new Queue<ChunkJob>(queueName(), { connection: connection.redis, prefix: PREFIX });
  queue.on("error", () => {}); // Connection tells when Redis is gone for good
  try {
    await connection.whileThere(coordinate(work, queue, connection));
  } finally {
    await queue.close().catch(() => {});
    connection.close();
  }
};

async function coordinate(work: Work, queue: Queue<ChunkJob>, { redis }: Connection): Promise<void> {
  const { plan, chunks, signal, ready, workers } = work;
  const outstanding = new Set<number>();
  const wanted = new Set(chunks);
  const queued = chunks[Symbol.iterator]();
  await redis.del(stopKey(plan.id));
  let renewed = -Infinity;
  while (wanted.size > 0 && !signal.aborted) {
    for (const chunk of [...(await takeRows(work, redis, wanted)), ...(await takeFailed(work, queue, wanted))]) {
      wanted.delete(chunk);
      outstanding.delete(chunk);
    }
    const fresh: number[] = [];
    while (outstanding.size < Math.min(WINDOW, wanted.size)) {
      const next = queued.next();
      if (next.done) break;
      if (!wanted.has(next.value)) continue;
      outstanding.add(next.value);
      fresh.push(next.value);
    }
    const again = performance.now() - renewed > RENEW_MS;
    if (again) renewed = performance.now();
    await enqueue(queue, plan, again ? [...outstanding] : fresh);
    if (again) {
      const count = await queue.getWorkersCount();
      workers(count);
      if (count > 0) ready();
    }
    await setTimeout(LOOK_MS, undefined, { signal }).catch(() => {});
  }
  await withdraw(queue, redis, plan, [...outstanding]);
}

/** Those chunks whose rows have come. */
async function takeRows({ plan, take }: Work, redis: Connection["redis"], wanted: ReadonlySet<number>): Promise<number[]> {
  const key = rowsKey(plan.id);
  const found = (await redis.hkeys(key)).map(Number);
  const taken: number[] = [];
  for (const chunk of found.filter((one) => wanted.has(one))) {
    const [from, to] = plan.range(chunk);
    const text = await redis.hget(key, String(chunk));
    const rows = text === null ? undefined : chunkRows(JSON.parse(text), to - from);
    if (rows?.chunk !== chunk) continue; // no worker of ours wrote that: the chunk stays in the queue
    take(rows);
    taken.push(chunk);
  }
  if (found.length > 0) await redis.hdel(key, ...found.map(String));
  return taken;
}

/** Those chunks that killed their workers. @throws InputError when workers refuse the sweep. */
async function takeFailed({ plan, take }: Work, queue: Queue<ChunkJob>, wanted: ReadonlySet<number>): Promise<number[]> {
  const taken: number[] = [];
  for (const job of await queue.getFailed()) {
    const { chunk } = job.data;
    if (job.id !== jobId(plan.id, chunk) || !wanted.has(chunk)) continue;
    await job.remove();
    if (!DEATHS.test(job.failedReason)) throw new InputError(`a worker refused the sweep: ${job.failedReason}`);
    take(lostRows(plan, chunk, "the worker died of it"));
    taken.push(chunk);
  }
  return taken;
}

/** Put chunks into the queue; those that are there already stay where they are. */
async function enqueue(queue: Queue<ChunkJob>, plan: Plan, chunks: readonly number[]): Promise<void> {
  if (chunks.length === 0) return;
  await queue.addBulk(chunks.map((chunk) => ({ name: plan.workload.name, data: { plan: plan.spec, chunk }, opts: { jobId: jobId(plan.id, chunk), removeOnComplete: true } })));
}

/** Nobody wants these chunks any more: they leave the queue, and workers stop computing them. */
async function withdraw(queue: Queue<ChunkJob>, redis: Connection["redis"], plan: Plan, chunks: readonly number[]): Promise<void> {
  if (chunks.length === 0) return;
  await redis.set(stopKey(plan.id), 1, "EX", STOP_SECONDS);
  await Promise.allSettled(chunks.map((chunk) => queue.remove(jobId(plan.id, chunk))));
}
