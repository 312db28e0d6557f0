/**
 * How fast sweeps are: engines beside each other, what a point costs as there are more of
 * them, and what is saved by stopping when the answer is known.
 *
 * Layer: cli. All ratios are of one run on one machine. Redis is left out where there is none.
 */
import { spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sweep } from "../../analysis/index.ts";
import type { Grid, SweepOptions } from "../../analysis/index.ts";
import { projectRoot } from "../../notebook/places.ts";
import { freePort } from "../free-port.ts";
import type { Measurement } from "./engine.ts";

const MB = 1024 * 1024;
const POINTS = 1000;
/** Sizes of the sweeps whose points do little: 64 reads of a file that is in memory. */
const LIGHT = [100, 1000, 10_000, 100_000];
/** Points of the sweep during which a worker is killed. */
const KILLED_POINTS = 300;

/** @param points of the sweeps on which the engines are compared; `light` those whose cost per point is shown. */
export async function sweepBench(points = POINTS, light: readonly number[] = LIGHT): Promise<Measurement[]> {
  const heavy: Grid = { system: "mach3", fileBytes: 2 * MB, replications: points };
  const serialS = await secondsOf(heavy, "sequentialRead", { backend: "serial" });
  const threadsS = await secondsOf(heavy, "sequentialRead", { backend: "threads", threads: 2 });
  const redis = await withRedis(async (rig) => ({ seconds: await secondsOf(heavy, "sequentialRead", { backend: "redis", redis: rig.url }), recoveryS: await recovery(rig) }));
  const costs: Measurement[] = [];
  await secondsOf(cached(LIGHT[0]!), "cachedRead", { backend: "serial" }); // compiled before it is timed
  for (const count of light) {
    const seconds = await secondsOf(cached(count), "cachedRead", { backend: "serial" });
    costs.push({ name: `sweep, a point of ${count}`, unit: "ms", value: (1000 * seconds) / count });
  }
  return [
    { name: "sweep, threads beside serial", unit: "times as fast", value: serialS / threadsS },
    ...(redis === undefined ? [] : [
      { name: "sweep, Redis with two workers beside serial", unit: "times as fast", value: serialS / redis.seconds },
      { name: "sweep, a worker killed and replaced", unit: "s more", value: redis.recoveryS },
    ]),
    ...costs,
    ...scale(costs.at(-1)!.value),
    { name: "sweep, resident memory", unit: "MB", value: process.resourceUsage().maxRSS / 1000 },
    ...(await adaptive()),
  ];
}

/** 64 reads of a file that is in memory, so many times. */
const cached = (replications: number): Grid => ({ system: "mach26", fileBytes: 64 * 4096, replications });

/** From when the workers are up to the last row. */
async function secondsOf(grid: Grid, workload: string, options: SweepOptions): Promise<number> {
  let began: number | undefined = undefined;
  await sweep(grid, workload, {
    ...options,
    store: false,
    onProgress: ({ ratePerS }) => {
      if (ratePerS === undefined) began = performance.now();
      else began ??= performance.now();
    },
  });
  return (performance.now() - began!) / 1000;
}

/** How much longer a sweep takes when one of two workers is killed in the middle of it and another one started. */
async function recovery({ url, workers, startWorker }: Rig): Promise<number> {
  const grid: Grid = { system: "mach3", fileBytes: 2 * MB, replications: KILLED_POINTS };
  const options: SweepOptions = { backend: "redis", redis: url, chunkPoints: 4, store: false };
  const seconds = async (seed: number, onProgress: SweepOptions["onProgress"]) => {
    const began = performance.now();
    await sweep(grid, "sequentialRead", { ...options, seed, onProgress });
    return (performance.now() - began) / 1000;
  };
  const undisturbed = await seconds(2, undefined);
  const replacements: Promise<void>[] = [];
  const disturbed = await seconds(3, ({ done }) => {
    if (replacements.length > 0 || done < KILLED_POINTS / 3) return;
    workers[0]!.kill("SIGKILL");
    replacements.push(startWorker());
  });
  await Promise.all(replacements);
  return disturbed - undisturbed;
}

/** What a million and a hundred million such points take, at this cost, on machines of eight processors. */
function scale(msPerPoint: number): Measurement[] {
  const hours = (points: number, processors: number) => (points * msPerPoint) / 3.6e6 / processors;
  return [
    { name: "10^6 such points, 1 machine of 8 processors", unit: "hours", value: hours(1e6, 8) },
    { name: "10^8 such points, 20 machines of 8 processors", unit: "hours", value: hours(1e8, 160) },
  ];
}

/**
 * How many of the reads of the 600 KB/s sweep are not needed to know each throughput to 2 %, and whether it then is:
 * over what section 6.1 would change, on the paper's layout and on one without gaps. Where the layout's
 * pattern changes further on, as with gaps between runs of eight blocks, the beginning does not tell.
 */
async function adaptive(): Promise<Measurement[]> {
  const pager: Grid = { "pager.interface": ["data_provided", "data_supply"], "pager.readBytes": [4096, 16384, 65536], "pager.readAhead": [0, 1, 4, 16] };
  const layouts: Grid[] = [{}, { "fileSystem.rotdelayMs": 0, "fileSystem.maxcontig": 8 }];
  let [points, inside, reads, needed] = [0, 0, 0, 0];
  for (const layout of layouts) {
    const grid: Grid = { system: "mach3", fileBytes: 8 * MB, ...pager, ...layout };
    const whole = (await sweep(grid, "sequentialRead", { store: false })).columns;
    const part = (await sweep(grid, "sequentialRead", { store: false, until: { halfWidth: 0.02 } })).columns;
    const number = (columns: typeof whole, name: string, point: number) => Number(columns[name]?.[point] ?? 0);
    for (let i = 0; i < whole.kbPerSec!.length; i++, points++) {
      reads += number(whole, "operations", i);
      needed += number(part, "operations", i) + number(part, "warmUpOperations", i);
      if (Math.abs(number(part, "kbPerSec", i) - number(whole, "kbPerSec", i)) <= number(part, "kbPerSecHalfWidth", i)) inside++;
    }
  }
  return [
    { name: "600 KB/s sweep, reads without and with stopping", unit: "times as many", value: reads / needed },
    { name: "600 KB/s sweep, answers within the interval", unit: "%", value: (100 * inside) / points },
  ];
}

/** A Redis and its workers, of one thread each. */
interface Rig {
  url: string;
  workers: ChildProcess[];
  startWorker(): Promise<void>;
}

/** What `use` gives with a Redis that has two workers; undefined where there is no redis-server. */
async function withRedis<T>(use: (rig: Rig) => Promise<T>): Promise<T | undefined> {
  if (spawnSync("redis-server", ["--version"]).status !== 0) {
    console.error("Redis is left out: there is no redis-server");
    return undefined;
  }
  const folder = mkdtempSync(join(tmpdir(), "redis-"));
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  let server: ChildProcess | undefined;
  const workers: ChildProcess[] = [];
  const startWorker = async () => void workers.push(await started("1 thread at", process.execPath, ["--import", "tsx", "lib/cli/main.ts", "worker", "--redis", url, "--threads", "1"]));
  try {
    server = await started("Ready to accept", "redis-server", ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", ""]);
    await Promise.all([startWorker(), startWorker()]);
    await sweep({ system: "mach3", replications: 8, fileBytes: 2 * MB }, "sequentialRead", { backend: "redis", redis: url, store: false, chunkPoints: 1 }); // their threads are up
    return await use({ url, workers, startWorker });
  } finally {
    for (const one of [...workers, server]) one?.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A process that has said `sign`. */
async function started(sign: string, program: string, words: readonly string[]): Promise<ChildProcess> {
  const child = spawn(program, words, { cwd: projectRoot, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  await new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (said += text).includes(sign) && resolve());
    child.once("exit", () => reject(new Error(`${program} ended: ${said}`)));
  });
  return child;
}
