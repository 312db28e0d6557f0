/** Sweeps over a real Redis, whose parts are killed one after the other with SIGKILL. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { Queue } from "bullmq";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { redisAddress } from "../../../lib/analysis/sweep/backends/redis/address.ts";
import { Connection } from "../../../lib/analysis/sweep/backends/redis/connection.ts";
import { PREFIX, queueName, specKey } from "../../../lib/analysis/sweep/backends/redis/queue.ts";
import { sequentialRead, sweep } from "../../../lib/index.ts";
import type { Grid, SweepOptions } from "../../../lib/index.ts";
import { freePort } from "../../../lib/cli/free-port.ts";
import { Command, PASSWORD, RedisServer, until } from "./redis-rig.ts";

const folder = mkdtempSync(join(tmpdir(), "sweep-redis-"));
let server: RedisServer;
const workers: Command[] = [];

async function startWorker(): Promise<Command> {
  const worker = new Command("worker", "--redis", server.url, "--threads", "1");
  workers.push(worker);
  await worker.says("1 thread at");
  return worker;
}

beforeAll(async () => {
  server = new RedisServer(await freePort());
  await server.start();
  await Promise.all([startWorker(), startWorker()]);
});

afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.kill()));
  await server.end();
  rmSync(folder, { recursive: true });
});

let sweeps = 0;
/** A sweep that nobody has run before, of chunks that take a while, over Redis or on this thread. */
function newSweep({ chunks = 12, chunkPoints = 4, fileBytes = 1 << 20 } = {}) {
  const seed = ++sweeps;
  const grid: Grid = { system: "mach26", fileBytes, "machine.disk.rpm": Array.from({ length: chunks * chunkPoints }, (_, i) => 3600 + i) };
  const store = join(folder, `store-${seed}`);
  return {
    grid, seed, store,
    run: (options: SweepOptions = {}) => sweep(grid, sequentialRead, { redis: server.url, seed, chunkPoints, store, ...options }),
    /** What this thread gives. */
    csv: async () => (await sweep(grid, sequentialRead, { backend: "threads", seed, chunkPoints, store: false })).toCSV(),
    /** The lines of chunks in the store. */
    chunksKept: () => readdirSync(store).flatMap((name) => readFileSync(join(store, name), "utf8").split("\n").slice(1, -1).map((line) => JSON.parse(line).chunk as number)),
  };
}

/** The moment at which at least `chunks` chunks were done. */
function afterChunks(chunks: number, chunkPoints = 4): { onProgress: SweepOptions["onProgress"]; reached: Promise<void> } {
  let reach: () => void;
  const reached = new Promise<void>((resolve) => (reach = resolve));
  return { reached, onProgress: ({ done }) => void (done >= chunks * chunkPoints && reach()) };
}

test("gives the bytes that threads give", async () => {
  const one = newSweep({ fileBytes: 65536 });
  const counts: (number | undefined)[] = [];
  expect((await one.run({ onProgress: ({ workers: count }) => void counts.push(count) })).toCSV()).toBe(await one.csv());
  expect(counts).toContain(2);
});

test("a point that throws is recorded with its options and error", async () => {
  const grid = { system: "mach26", "machine.disk.cylinders": 8, fileBytes: [4096, 1 << 24] };
  const result = await sweep(grid, sequentialRead, { backend: "redis", redis: server.url, store: false });
  expect(result.failures).toMatchObject([{ fileBytes: 1 << 24, error: expect.stringContaining("ENOSPC") }]);
});

test("an interruption stops the workers within a second, and gives what is done", async () => {
  const one = newSweep({ chunks: 4, chunkPoints: 40, fileBytes: 4 << 20 });
  const stop = new AbortController();
  const running = one.run({ signal: stop.signal });
  const connection = new Redis(server.url, { maxRetriesPerRequest: null });
  const queue = new Queue(queueName(), { connection, prefix: PREFIX });
  await until(async () => (await queue.getActiveCount()) === 2, "both workers were at work");
  const stopped = performance.now();
  stop.abort();
  expect(await running).toMatchObject({ complete: false });
  await until(async () => (await queue.getActiveCount()) === 0, "no worker was at work");
  expect(performance.now() - stopped).toBeLessThan(2000); // a second, and the threads' way out on a busy machine
  connection.disconnect();
});

test("what is no job is refused by the schema, and the worker goes on", async () => {
  const connection = new Redis(server.url, { maxRetriesPerRequest: null });
  const queue = new Queue(queueName(), { connection, prefix: PREFIX });
  const spec = { grids: [{ system: "mach26", "machine.disk.rpn": 1 }], workload: "getpid", seed: 1, commonRandomNumbers: true, chunkPoints: 1, version: queueName().replace("chunks of ", "") };
  const good = { ...spec, grids: [{ system: "mach26" }] };
  const ids = ["0".repeat(16), "1".repeat(16), "2".repeat(16), "3".repeat(16)];
  for (const [i, text] of [JSON.stringify(spec), JSON.stringify(good), JSON.stringify({ ...good, version: "0.0.1" }), "{"].entries()) await connection.set(specKey(ids[i]!), text);
  const jobs = await queue.addBulk([{ code: "process.exit()" }, ...ids.map((plan) => ({ plan, chunk: 0 }))].map((data) => ({ name: "x", data })));
  const reasons = await until(async () => {
    const found = await queue.getFailed();
    return found.length === jobs.length && found.map(({ failedReason }) => failedReason).sort();
  }, "all were refused");
  expect(reasons).toEqual([
    expect.stringContaining('grid: unknown name "machine.disk.rpn"; nearest is "machine.disk.rpm"'),
    expect.stringMatching(/^job: the spec of sweep 1{16} is that of another, /),
    "job: the spec of the sweep is no JSON",
    expect.stringMatching(/^job: the sweep is of version 0.0.1, this worker of /),
    expect.stringContaining('job: unknown name "code"'),
  ]);
  await queue.obliterate({ force: true });
  connection.disconnect();
});

describe("nothing is lost, doubled or torn when", () => {
  test("a worker is killed: it is missed within 5 s", async () => {
    const one = newSweep();
    const { onProgress, reached } = afterChunks(2);
    const running = one.run({ onProgress });
    await reached;
    const killedAt = Date.now();
    await workers[0]!.kill();
    expect((await running).toCSV()).toBe(await one.csv());
    expect(one.chunksKept().sort((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, i) => i));
    const redis = new Redis(server.url);
    const events = await redis.xrange(`${PREFIX}:${queueName()}:events`, killedAt, "+");
    redis.disconnect();
    const missed = events.filter(([, fields]) => fields.includes("stalled")).map(([id]) => Number(id.split("-")[0]));
    expect(missed.length).toBeGreaterThan(0);
    expect(missed[0]! - killedAt).toBeLessThan(5000);
  });

  test("all workers are killed and another one comes", async () => {
    const one = newSweep();
    const { onProgress, reached } = afterChunks(2);
    const running = one.run({ onProgress });
    await reached;
    await Promise.all(workers.map((worker) => worker.kill()));
    await startWorker();
    expect((await running).toCSV()).toBe(await one.csv());
  });

  test("Redis is killed and comes back", async () => {
    const one = newSweep();
    const { onProgress, reached } = afterChunks(2);
    const running = one.run({ onProgress });
    await reached;
    await server.kill();
    await setTimeout(500);
    await server.start();
    expect((await running).toCSV()).toBe(await one.csv());
  });

  test("Redis is killed and stays away: an error names it within 5 s, and the sweep goes on later", async () => {
    const one = newSweep();
    const { onProgress, reached } = afterChunks(2);
    const running = one.run({ onProgress }).catch((error: Error) => error);
    await reached;
    await server.kill();
    const killedAt = performance.now();
    const error = (await running) as Error;
    expect(performance.now() - killedAt).toBeLessThan(5500);
    expect(error).toMatchObject({ name: "InputError", message: expect.stringMatching(/^Redis at redis:\/\/:\*\*\*@127\.0\.0\.1:\d+ cannot be reached: connect ECONNREFUSED/) });
    const kept = one.chunksKept().length;
    expect(kept).toBeGreaterThanOrEqual(2);
    await server.start();
    const seen: number[] = [];
    expect((await one.run({ onProgress: ({ done }) => void seen.push(done) })).toCSV()).toBe(await one.csv());
    expect(seen[0]).toBe(4 * kept);
  });

  test.each(["redis", "threads"])("the coordinator of %s is killed and started again", async (backend) => {
    const one = newSweep();
    const file = join(folder, `${backend}.json`);
    writeFileSync(file, JSON.stringify({ workload: "sequentialRead", grid: one.grid, seed: one.seed, chunkPoints: 4, store: one.store, ...(backend === "redis" ? { redis: server.url } : { backend, threads: 1 }) }));
    const words = ["sweep", file, "--out", join(folder, `${backend}.csv`)];
    const first = new Command(...words);
    const kept = () => readdirSync(folder).includes(`store-${one.seed}`) && one.chunksKept().length;
    await until(() => (kept() || 0) >= 2, "two chunks were kept");
    await first.kill();
    const before = one.chunksKept().length;
    expect(before).toBeLessThan(12);
    const second = new Command(...words);
    await second.says(": 48 points");
    expect(readFileSync(join(folder, `${backend}.csv`), "utf8")).toBe(await one.csv());
    expect(one.chunksKept()).toHaveLength(12);
    expect(first.output + second.output).not.toContain(PASSWORD);
  });
});

test("the password of Redis is never shown", () => {
  expect(workers.map(({ output }) => output).join()).not.toContain(PASSWORD);
  expect(workers[0]!.output).toContain("redis://:***@127.0.0.1");
});

describe("with TLS", () => {
  let secure: RedisServer;
  const ca = join(folder, "ca.pem");
  const key = join(folder, "key.pem");
  beforeAll(async () => {
    execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out", ca], { stdio: "ignore" });
    secure = new RedisServer(await freePort());
    await secure.start("--port", "0", "--tls-port", String(secure.port), "--tls-cert-file", ca, "--tls-key-file", key, "--tls-ca-cert-file", ca, "--tls-auth-clients", "no");
  });
  afterAll(() => secure.end());

  test("Redis is reached when its certificate is vouched for, and only then", async () => {
    const url = secure.url.replace("redis:", "rediss:");
    const connection = await Connection.open(redisAddress(url, ca));
    expect(await connection.redis.ping()).toBe("PONG");
    connection.close();
    await expect(Connection.open(redisAddress(url))).rejects.toThrow(/cannot be reached: self-signed certificate/);
    await expect(Connection.open(redisAddress(secure.url))).rejects.toThrow("cannot be reached");
  });
});

test("a Redis that is not there, that does not answer, or that refuses the password is told within 5 s", async () => {
  const port = await freePort();
  const silent = (await import("node:net")).createServer().listen(port, "127.0.0.1");
  const began = performance.now();
  const errors = await Promise.all(
    [`redis://:${PASSWORD}@127.0.0.1:${await freePort()}`, `redis://127.0.0.1:${port}`, `redis://:no@127.0.0.1:${server.port}`].map((url) =>
      sweep({ system: "mach26" }, "getpid", { backend: "redis", redis: url, store: false }).catch((error: Error) => error.message)),
  );
  expect(performance.now() - began).toBeLessThan(5000);
  expect(errors).toEqual([
    expect.stringMatching(/^Redis at redis:\/\/:\*\*\*@127\.0\.0\.1:\d+ cannot be reached: connect ECONNREFUSED/),
    expect.stringMatching(/^Redis at redis:\/\/127\.0\.0\.1:\d+ cannot be reached/),
    expect.stringMatching(/^Redis at redis:\/\/:\*\*\*@127\.0\.0\.1:\d+ cannot be reached: WRONGPASS/),
  ]);
  silent.close();
});
