/** A Redis that several sweeps share, and one that refuses, with a worker in this process. */
import { setTimeout } from "node:timers/promises";
import { Queue } from "bullmq";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { redisAddress } from "../../../lib/analysis/sweep/backends/redis/address.ts";
import { Connection } from "../../../lib/analysis/sweep/backends/redis/connection.ts";
import { jobId, JobReader, PREFIX, queueName, rowsKey, specKey } from "../../../lib/analysis/sweep/backends/redis/queue.ts";
import { work } from "../../../lib/analysis/sweep/backends/redis/worker.ts";
import { setUp } from "../../../lib/analysis/sweep/setup.ts";
import { freePort } from "../../../lib/cli/free-port.ts";
import { sequentialRead, sweep } from "../../../lib/index.ts";
import type { Grid, SweepOptions } from "../../../lib/index.ts";
import { PASSWORD, RedisServer, until } from "./redis-rig.ts";

let server: RedisServer;
let redis: Redis;
let queue: Queue;
const said: string[] = [];
const ends: (() => Promise<void>)[] = [];

/** A worker of two threads; what ends it. */
function startWorker(): () => Promise<void> {
  const stop = new AbortController();
  const working = work(redisAddress(server.url), { threads: 2, signal: stop.signal, say: (line) => void said.push(line) });
  working.catch(() => {});
  const end = async () => {
    stop.abort();
    await working;
  };
  ends.push(end);
  return end;
}

beforeAll(async () => {
  server = new RedisServer(await freePort());
  await server.start();
  redis = new Redis(server.url, { maxRetriesPerRequest: null });
  redis.on("error", () => {});
  queue = new Queue(queueName(), { connection: redis, prefix: PREFIX });
  queue.on("error", () => {});
  startWorker();
  await until(() => said.some((line) => line.startsWith("2 threads at")), "the worker was there");
});

afterAll(async () => {
  await Promise.all(ends.map((end) => end()));
  await queue.close();
  redis.disconnect();
  await server.end();
});

let sweeps = 100;
function newSweep({ chunks = 12, chunkPoints = 1, fileBytes = 65536 } = {}) {
  const grid: Grid = { system: "mach26", fileBytes, "machine.disk.rpm": Array.from({ length: chunks * chunkPoints }, (_, i) => 3600 + i) };
  const options: SweepOptions = { seed: ++sweeps, chunkPoints, store: false };
  const { plan } = setUp(grid, sequentialRead, options);
  return {
    plan,
    run: (more: SweepOptions = {}) => sweep(grid, sequentialRead, { redis: server.url, ...options, ...more }),
    /** How often a worker began with the chunk. */
    begun: async (chunk: number) => (await redis.xrange(`${PREFIX}:${queueName()}:events`, "-", "+")).filter(([, fields]) => fields[1] === "active" && fields.includes(jobId(plan.id, chunk))).length,
  };
}

/** A sweep whose chunks take a second or more: they are stopped before they are done. */
const longSweep = (chunks = 1) => newSweep({ chunks, chunkPoints: 40, fileBytes: 2 << 20 });

describe("coordinators leave each other alone:", () => {
  test("each computes its shard, and no chunk is computed twice", async () => {
    const one = newSweep({ chunks: 16 });
    await Promise.all([one.run({ shard: "1/2" }), one.run({ shard: "2/2" })]);
    for (let chunk = 0; chunk < 16; chunk++) expect(await one.begun(chunk)).toBe(1);
  });

  test("one is interrupted, the other goes on with the same sweep", async () => {
    const one = longSweep(2);
    const stop = new AbortController();
    const leaving = one.run({ signal: stop.signal });
    const staying = one.run();
    await until(async () => (await queue.getActiveCount()) === 2, "both chunks were computed");
    stop.abort();
    expect(await leaving).toMatchObject({ complete: false });
    const done = await Promise.race([staying, setTimeout(20_000)]); // a stop lasts a minute
    expect(done?.complete).toBe(true);
  });

  test("one is interrupted, and its chunk ends while that of another sweep goes on in the same worker", async () => {
    const [gone, other] = [longSweep(), longSweep()];
    const stop = new AbortController();
    const leaving = gone.run({ signal: stop.signal });
    const staying = other.run();
    await until(async () => (await queue.getActiveCount()) === 2, "both were computed");
    said.length = 0;
    stop.abort();
    await until(() => said.length > 0, "the worker had stopped");
    expect(await leaving).toMatchObject({ complete: false });
    expect((await staying).complete).toBe(true);
    expect(said).toEqual([`chunk 0 of sweep ${gone.plan.id} is not wanted any more`]);
    expect(await other.begun(0)).toBe(1);
  });

  test("an interrupted sweep goes on at once when it is started again", async () => {
    const one = longSweep();
    const stop = new AbortController();
    const first = one.run({ signal: stop.signal });
    await until(async () => (await queue.getActiveCount()) === 1, "it was computed");
    stop.abort();
    await first;
    const again = await Promise.race([one.run(), setTimeout(20_000)]);
    expect(again?.complete).toBe(true);
  });
});

test("a worker that is told to end leaves its chunk to another", async () => {
  const one = longSweep();
  const running = one.run();
  await until(async () => (await queue.getActiveCount()) === 1, "it was computed");
  startWorker();
  await ends.shift()!();
  expect((await running).failures).toEqual([]);
  expect(await one.begun(0)).toBeGreaterThan(1);
});

test("the spec of a sweep is sent once, and a worker makes its plan once", async () => {
  const { plan } = newSweep();
  await redis.set(specKey(plan.id), JSON.stringify(plan.spec));
  const jobs = new JobReader(redis);
  const [first, second] = await Promise.all([jobs.read({ plan: plan.id, chunk: 0 }), jobs.read({ plan: plan.id, chunk: 1 })]);
  expect(first.plan?.id).toBe(plan.id);
  expect(second.plan).toBe(first.plan);
  expect((await jobs.read({ plan: plan.id, chunk: 2 })).plan).toBe(first.plan);
  const unknown = "f".repeat(16);
  expect((await jobs.read({ plan: unknown, chunk: 0 })).plan).toBeUndefined();
  await expect(jobs.read({ plan: plan.id, chunk: 12 })).rejects.toThrow("job: chunk 12 of a sweep of 12");
});

test("a spec that Redis has forgotten is sent again, and rows that are none are not taken", async () => {
  const one = newSweep({ chunks: 1 });
  await Promise.all(ends.splice(0).map((end) => end()));
  const running = one.run();
  await until(() => redis.exists(specKey(one.plan.id)), "the spec was there");
  await redis.del(specKey(one.plan.id));
  await redis.hset(rowsKey(one.plan.id), "0", "{");
  startWorker();
  expect((await running).complete).toBe(true);
});

describe("what Redis refuses is told in one line that names it:", () => {
  const at = `Redis at redis://:***@127.0.0.1:`;
  const refused = async (url = server.url) => (await newSweep().run({ redis: url }).catch((error: Error) => error)) as Error;

  test("no room", async () => {
    await redis.config("SET", "maxmemory", "1");
    expect(await refused()).toMatchObject({ name: "InputError", message: `${at}${server.port}: OOM command not allowed when used memory > 'maxmemory'.` });
    await redis.config("SET", "maxmemory", "0");
  });

  test("a replica that cannot be written to, of which the worker tells once", async () => {
    said.length = 0;
    await redis.replicaof("127.0.0.1", "1");
    expect(await refused()).toMatchObject({ name: "InputError", message: `${at}${server.port}: READONLY You can't write against a read only replica.` });
    await until(() => said.some((line) => line.includes("READONLY")), "the worker told");
    await setTimeout(1200); // it tries again after 500 ms
    await redis.replicaof("NO", "ONE");
    expect(said.filter((line) => line.includes("READONLY"))).toEqual([`${at}${server.port}: READONLY You can't write against a read only replica.`]);
  });

  test("a database that is not there", async () => {
    expect(await refused(`${server.url}/99`)).toMatchObject({ name: "InputError", message: `${at}${server.port}/99: ERR DB index is out of range` });
    const connection = await Connection.open(redisAddress(`${server.url}/3`));
    expect(await connection.redis.client("INFO")).toContain(" db=3 ");
    connection.close();
  });

  test("a password in the query is honoured and not shown", async () => {
    const address = redisAddress(`redis://127.0.0.1:${server.port}/99?password=${PASSWORD}`);
    await expect(Connection.open(address)).rejects.toThrow(`${at}${server.port}/99: ERR DB index is out of range`);
  });
});

test("a worker tells once that Redis has gone away, and once that it is back", async () => {
  said.length = 0;
  await server.kill();
  await setTimeout(1200); // it tries again every 500 ms
  await server.start();
  const shown = `Redis at redis://:***@127.0.0.1:${server.port}`;
  await until(() => said.length > 1, "the worker told");
  expect(said).toEqual([`${shown} has gone away`, `${shown} is back`]);
});
