import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { boot, getpid, lseek, nullTrap, sequentialRead, sweep } from "../../../lib/index.ts";
import type { SweepOptions, SweepProgress } from "../../../lib/index.ts";

const folder = mkdtempSync(join(tmpdir(), "sweep-"));
afterAll(() => rmSync(folder, { recursive: true }));
let stores = 0;
const newStore = () => join(folder, `store-${stores++}`);

const small = { system: ["mach26", "svr4"], "machine.disk.rpm": [3600, 5400], fileBytes: [4096, 8192], replications: 2 };
const runSmall = (options: SweepOptions) => sweep(small, sequentialRead, { seed: 7, ...options });

test("threads give the bytes that this thread gives, whatever the size of the chunks", async () => {
  const serial = await runSmall({ backend: "serial", store: false });
  const threads = await runSmall({ backend: "threads", threads: 2, chunkPoints: 3 });
  expect(threads.toCSV()).toBe(serial.toCSV());
  expect(serial.length).toBe(16);
  expect(serial.complete).toBe(true);
  expect(serial).toMatchObject({ seed: 7, version: expect.stringMatching(/^\d+\.\d+\.\d+\+[0-9a-f]{12}$/) });
});

test("a row can be had again by boot() with its options and seed", async () => {
  const result = await runSmall({ backend: "serial", store: false });
  const { system, fileBytes, seed, kbPerSec, ...row } = result.rows()[13]!;
  const again = boot(system as "svr4", { seed: seed as number, machine: { base: "compaq", disk: { rpm: row["machine.disk.rpm"] as number } } });
  expect(sequentialRead(again, { fileBytes: fileBytes as number }).kbPerSec).toBe(kbPerSec);
});

describe("a point that throws", () => {
  // The second file does not fit the small disk.
  const grid = { system: "mach26", "machine.disk.cylinders": 8, fileBytes: [4096, 1 << 24, 8192] };

  test("is recorded with its options and its error, and the rest goes on", async () => {
    const result = await sweep(grid, "sequentialRead", { backend: "serial", store: false });
    expect(result.columns.error).toEqual([null, expect.stringContaining("ENOSPC"), null]);
    expect(result.failures).toEqual([{ system: "mach26", "machine.disk.cylinders": 8, fileBytes: 1 << 24, replication: 1, seed: expect.any(Number), error: expect.stringContaining("ENOSPC") }]);
    expect(result.columns.kbPerSec).toEqual([expect.any(Number), null, expect.any(Number)]);
  });

  test("stops the sweep when it is strict", async () => {
    await expect(sweep(grid, "sequentialRead", { backend: "serial", strict: true, store: false })).rejects.toThrow(/^point 1 failed: .*ENOSPC.*"fileBytes":16777216/);
  });
});

describe("progress", () => {
  test.each(["serial", "threads"] as const)("on %s goes from none to all, with rate and time left", async (backend) => {
    const seen: SweepProgress[] = [];
    await sweep({ system: "mach26", turns: Array.from({ length: 400 }, (_, i) => i + 1) }, getpid, { backend, store: false, onProgress: (progress) => void seen.push(progress) });
    expect(seen[0]).toEqual({ done: 0, total: 400, failed: 0, ratePerS: undefined, secondsLeft: undefined });
    expect(seen.at(-1)).toMatchObject({ done: 400, total: 400, failed: 0, secondsLeft: 0 });
    expect(seen.at(-1)!.ratePerS).toBeGreaterThan(0);
    expect(seen.map(({ done }) => done)).toEqual(seen.map(({ done }) => done).sort((a, b) => a - b));
    expect(seen.some(({ done }) => done > 0 && done < 400)).toBe(true);
  });
});

describe("an interrupted sweep", () => {
  const grid = { system: "mach26", turns: Array.from({ length: 120 }, (_, i) => i + 1) };

  test.each(["serial", "threads"] as const)("on %s stops at once, gives what is done, and goes on from there", async (backend) => {
    const store = newStore();
    const stop = new AbortController();
    let stopped = 0;
    const part = await sweep(grid, getpid, {
      backend, threads: 2, store, chunkPoints: 2, signal: stop.signal,
      onProgress: ({ done }) => {
        if (done < 8 || stop.signal.aborted) return;
        stopped = performance.now();
        stop.abort();
      },
    });
    expect(performance.now() - stopped).toBeLessThan(1000);
    expect(part.complete).toBe(false);
    expect(part.length).toBeGreaterThan(0);
    expect(part.length).toBeLessThan(120);

    const first: number[] = [];
    const whole = await sweep({ ...grid }, getpid, { backend: "threads", store, chunkPoints: 2, onProgress: ({ done }) => void first.push(done) });
    expect(first[0]).toBe(part.length);
    expect(whole.complete).toBe(true);
    expect(whole.toCSV()).toBe((await sweep(grid, getpid, { store: false })).toCSV());
    expect(whole.toCSV().startsWith(part.toCSV().slice(0, part.toCSV().indexOf("\n")))).toBe(true);
  });

  test("a point that takes for ever does not hold it up", async () => {
    const stop = new AbortController();
    let stopped = Infinity;
    const part = await sweep({ system: "mach26", turns: [1, 1e9] }, nullTrap, {
      backend: "threads", chunkPoints: 2, store: false, signal: stop.signal,
      onProgress: ({ done }) => {
        if (done === 0 || stop.signal.aborted) return;
        stopped = performance.now();
        stop.abort();
      },
    });
    expect(performance.now() - stopped).toBeLessThan(1000);
    expect(part).toMatchObject({ complete: false, length: 0 });
  });
});

describe("a store", () => {
  const grid = { system: "mach26", turns: [1, 2, 3, 4, 5, 6, 7, 8] };
  const run = (store: string, more: SweepOptions = {}) => sweep(grid, lseek, { backend: "serial", chunkPoints: 2, store, ...more });
  const fileOf = (store: string) => join(store, readdirSync(store)[0]!);

  test("keeps finished chunks and passes over a line that was cut short, wherever it was cut", async () => {
    const store = newStore();
    const whole = await run(store);
    const text = readFileSync(fileOf(store), "utf8");
    const lines = text.split("\n");
    for (const cut of [0, 10, lines[0]!.length, lines[0]!.length + 1, lines[0]!.length + lines[1]!.length + 20, text.length - 1]) {
      const torn = newStore();
      await run(torn);
      writeFileSync(fileOf(torn), text.slice(0, cut));
      const progress: number[] = [];
      const again = await run(torn, { onProgress: ({ done }) => void progress.push(done) });
      expect(again.toCSV()).toBe(whole.toCSV());
      expect(progress[0]).toBe(2 * Math.max(0, text.slice(0, cut).split("\n").length - 2));
    }
  });

  test("of another sweep is refused, with what differs", async () => {
    const store = newStore();
    await run(store);
    await expect(run(store, { seed: 2 })).rejects.toThrow(/rows of another sweep, its seed is 1, not 2/);
  });

  test("may be shared by sweeps that run at the same time", async () => {
    const store = newStore();
    const results = await Promise.all([run(store, { backend: "threads" }), run(store)]);
    expect(new Set(results.map((result) => result.toCSV())).size).toBe(1);
    expect((await run(store)).length).toBe(8);
  });
});

test("from a folder that is not the project's, worker threads start too", () => {
  const lib = new URL("../../../lib/index.ts", import.meta.url).href;
  const tsx = import.meta.resolve("tsx");
  const script = `import(${JSON.stringify(lib)}).then(async ({ sweep }) => console.log((await sweep({ system: "mach26", turns: [1, 2] }, "getpid", { store: false })).length))`;
  expect(spawnSync(process.execPath, ["--import", tsx, "-e", script], { cwd: folder, encoding: "utf8" })).toMatchObject({ stdout: "2\n", status: 0 });
});
