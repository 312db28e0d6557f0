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
import { parsed } from "../../row-files.ts";
import { chunkRows } from "../../store.ts";
import type { Work } from "../backend.ts";
import type { RedisAddress } from "./address.ts";
import { Connection } from "./connection.ts";
import { jobId, LEAVE_MS, leftKey, PREFIX, queueName, rowsKey, SPEC_SECONDS, specKey, STOP_SECONDS, stopKey } from "./queue.ts";
import type { ChunkJob } from "./queue.ts";

/** Chunks that lie in the queue at a time. */
const WINDOW = 256;
const LOOK_MS = 50;
/** Whether the chunks are still in the queue is looked for this often, in case that Redis has forgotten them. */
const RENEW_MS = 2000;
/** What BullMQ says of a job whose workers died. */
const DEATHS = /stalled more than/;

export const redis = (address: RedisAddress) => async (work: Work): Promise<void> => {
  const connection = await Connection.open(address);
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
  let renewed = -Infinity;
  while (wanted.size > 0 && !signal.aborted) {
    const again = performance.now() - renewed > RENEW_MS;
    const gone = again ? await missing(queue, redis, plan, [...outstanding]) : []; // asked for before the rows are: a chunk leaves the queue after its rows have come
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
    if (again) await publish(redis, plan);
    await claim(redis, plan, outstanding);
    await enqueue(queue, plan, [...fresh, ...gone.filter((chunk) => outstanding.has(chunk))]);
    if (again) {
      renewed = performance.now();
      const count = await queue.getWorkersCount();
      workers(count);
      if (count > 0) ready();
    }
    await setTimeout(LOOK_MS, undefined, { signal }).catch(() => {});
  }
  await withdraw(queue, redis, plan, [...outstanding]);
}

/** Leave the spec where workers find it, in case that they do not yet. */
async function publish(redis: Connection["redis"], { id, spec }: Plan): Promise<void> {
  if ((await redis.expire(specKey(id), SPEC_SECONDS)) === 0) await redis.set(specKey(id), JSON.stringify(spec), "EX", SPEC_SECONDS);
}

/** Those chunks whose rows have come. */
async function takeRows({ plan, take }: Work, redis: Connection["redis"], wanted: ReadonlySet<number>): Promise<number[]> {
  const key = rowsKey(plan.id);
  const found = (await redis.hkeys(key)).map(Number).filter((chunk) => wanted.has(chunk)); // the others are for other coordinators
  const taken: number[] = [];
  for (const chunk of found) {
    const [from, to] = plan.range(chunk);
    const text = await redis.hget(key, String(chunk));
    const rows = chunkRows(parsed(text ?? ""), to - from);
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

/** Those chunks that are not in the queue. */
async function missing(queue: Queue<ChunkJob>, redis: Connection["redis"], plan: Plan, chunks: readonly number[]): Promise<number[]> {
  const there = await Promise.all(chunks.map((chunk) => redis.exists(queue.toKey(jobId(plan.id, chunk)))));
  return chunks.filter((_, i) => there[i] === 0);
}

/** Put chunks into the queue; those that are there already stay where they are. */
async function enqueue(queue: Queue<ChunkJob>, plan: Plan, chunks: readonly number[]): Promise<void> {
  if (chunks.length === 0) return;
  await queue.addBulk(chunks.map((chunk) => ({ name: plan.workload.name, data: { plan: plan.id, chunk }, opts: { jobId: jobId(plan.id, chunk), removeOnComplete: true } })));
}

/** Whoever else leaves the sweep: these chunks are wanted. */
async function claim(redis: Connection["redis"], { id }: Plan, chunks: ReadonlySet<number>): Promise<void> {
  if (chunks.size > 0) await redis.multi().srem(leftKey(id), ...chunks).srem(stopKey(id), ...chunks).exec();
}

/** This coordinator does not want these chunks any more. Unless others do they leave the queue, and workers stop computing them. */
async function withdraw(queue: Queue<ChunkJob>, redis: Connection["redis"], { id }: Plan, chunks: readonly number[]): Promise<void> {
  if (chunks.length === 0) return;
  await redis.multi().sadd(leftKey(id), ...chunks).expire(leftKey(id), STOP_SECONDS).exec();
  await setTimeout(LEAVE_MS);
  const left = new Set((await redis.smembers(leftKey(id))).map(Number));
  const unwanted = chunks.filter((chunk) => left.has(chunk));
  if (unwanted.length === 0) return;
  await redis.multi().sadd(stopKey(id), ...unwanted).expire(stopKey(id), STOP_SECONDS).exec();
  await Promise.allSettled(unwanted.map((chunk) => queue.remove(jobId(id, chunk))));
}
