/** The benchmarks of whole files: from the disk, to the disk, from memory; and how the platter's turns show in them. */
import { describe, expect, test } from "vitest";
import { boot } from "../../lib/systems/boot.ts";
import type { BootOptions } from "../../lib/systems/boot.ts";
import { cachedRead, sequentialRead, sequentialWrite } from "../../lib/workloads/files.ts";
import { expectBytes } from "../tools/bytes.ts";

const KB = 1024;
const MB = 1024 * KB;

/** The copies that a byte of a file goes through: on Mach 3.0 that of data_provided, and the Emulation Library's. */
const COPIES = { mach26: 1, svr4: 1, mix: 1, mach3: 2 };

describe.each(["mach26", "svr4", "mix", "mach3"] as const)("%s", (name) => {
  test("sequentialRead: every byte comes from the disk once, and is copied as often as the paper says", () => {
    const system = boot(name);
    const { machine } = system;
    const measured = sequentialRead(system, { fileBytes: MB });
    expect(measured).toMatchObject({ bytes: MB, operations: 256 });
    expect(machine.copiedBytes).toBe(COPIES[name] * MB);
    const moved = machine.controller.sectorsMoved * 512;
    expect(moved).toBeGreaterThanOrEqual(MB);
    expect(moved).toBeLessThan(1.06 * MB); // and the way to it: superblock, inode, directory, indirect block
  });

  test("sequentialRead: a file read before is no longer in memory", () => {
    const system = boot(name);
    const first = sequentialRead(system, { fileBytes: 256 * KB });
    const again = sequentialRead(system, { fileBytes: 256 * KB });
    expect(again.kbPerSec / first.kbPerSec).toBeCloseTo(1, 1);
  });

  test("sequentialRead, sequentialWrite: throughput does not depend on the file's length", () => {
    for (const workload of [sequentialRead, sequentialWrite]) {
      const short = workload(boot(name), { fileBytes: MB }).kbPerSec;
      const long = workload(boot(name), { fileBytes: 3 * MB }).kbPerSec;
      expect(Math.abs(short - long) / long, workload.name).toBeLessThan(0.05);
    }
  });

  test("sequentialWrite: when the time is taken everything is on the disk", () => {
    const system = boot(name);
    const measured = sequentialWrite(system, { fileBytes: 300 * KB + 5, writeBytes: 4096 });
    expect(measured).toMatchObject({ bytes: 300 * KB + 5, operations: 76 });
    expect(measured.elapsedNs).toBeLessThanOrEqual(system.sim.now);
    const moved = system.machine.controller.sectorsMoved;
    const bytes = system.image().read("/sequential");
    expectBytes(bytes, new Uint8Array(300 * KB + 5).fill(0x5a));
    expect(system.machine.controller.sectorsMoved - moved).toBeLessThan(100); // maps and counters, no data
  });

  test("cachedRead: the disk is not asked", () => {
    const fast = cachedRead(boot(name));
    const slow = cachedRead(boot(name, { machine: { disk: { rpm: 1200 } } } as BootOptions<"mach26" | "svr4" | "mix">));
    expect(Math.abs(fast.usPerOperation - slow.usPerOperation) / fast.usPerOperation).toBeLessThan(0.02);
    expect(fast.bytes).toBe(Math.min(2 * MB, boot(name).cacheBytes));
    expect(fast.kbPerSec).toBeGreaterThan(5 * sequentialRead(boot(name), { fileBytes: MB }).kbPerSec);
  });

  test("cachedRead: a file larger than the cache is no cached read any more", () => {
    const options = { machine: { memory: { sizeMB: 2 } } } as BootOptions<"mach26" | "svr4" | "mix">;
    const { cacheBytes } = boot(name, options);
    const larger = cachedRead(boot(name, options), { fileBytes: cacheBytes + 512 * KB });
    expect(larger.kbPerSec).toBeLessThan(0.5 * cachedRead(boot(name, options)).kbPerSec);
  });

  test("reading with longer calls is not slower", () => {
    const short = sequentialRead(boot(name), { fileBytes: MB }).kbPerSec;
    const long = sequentialRead(boot(name), { fileBytes: MB, readBytes: 32 * KB }).kbPerSec;
    expect(long).toBeGreaterThan(0.97 * short);
  });
});

describe("rotation quantises", () => {
  /** Time of a page, in ms, when read() computes for `readUs` more or less. */
  const pageMs = (name: "mach26" | "svr4", readUs: number): number => sequentialRead(boot(name, { costs: { readUs } }), { fileBytes: 512 * KB }).msPerPage;

  test("Mach 2.6 on the HP Vectra: up to the slack processing costs next to nothing, then a step", () => {
    const times = Array.from({ length: 22 }, (_, i) => pageMs("mach26", i * 800));
    const fast = times[0]!;
    const onPlateau = times.filter((ms) => ms < 1.05 * fast).length;
    expect(onPlateau * 800).toBeGreaterThan(4000); // the processing of Mach 3.0, 2.5 ms a page, hides here
    expect(onPlateau).toBeLessThan(20);
    const step = times[onPlateau]! - times[onPlateau - 1]!;
    expect(step).toBeGreaterThan(4 * 0.8); // 0.8 ms more of processing cost several ms
    for (let i = 1; i < times.length; i++) expect(times[i]).toBeGreaterThan(times[i - 1]! - 0.05);
  });

  test("System V on the Compaq: the controller reads on, so beyond the slack time grows with processing and not in steps", () => {
    const times = Array.from({ length: 14 }, (_, i) => pageMs("svr4", i * 1500));
    expect(times[6]! / times[0]!).toBeLessThan(1.03); // 9 ms more and nothing of it shows
    const growth = times.slice(-4).map((ms, i) => ms - times[times.length - 5 + i]!);
    for (const ms of growth) expect(ms).toBeCloseTo(1.5, 0);
  });
});

test.each<[string, () => unknown, RegExp]>([
  ["no file", () => sequentialRead(boot("mach26"), { fileBytes: 0 }), /^sequentialRead: fileBytes: .*found 0/],
  ["less than no file", () => cachedRead(boot("mach26"), { fileBytes: -4096 }), /^cachedRead: fileBytes: .*found -4096/],
  ["calls of nothing", () => sequentialRead(boot("mach26"), { readBytes: 0 }), /^sequentialRead: readBytes: .*found 0/],
  ["writes of nothing", () => sequentialWrite(boot("mach26"), { writeBytes: 0 }), /^sequentialWrite: writeBytes: .*found 0/],
  ["a misspelled option", () => sequentialWrite(boot("mach26"), { readBytes: 10 } as never), /unknown name "readBytes"; nearest is .* \(of fileBytes, writeBytes\)/],
  ["a file larger than the disk", () => sequentialRead(boot("mach26"), { fileBytes: 1e10 }), /ENOSPC/],
])("refused: %s", (_what, action, message) => {
  expect(action).toThrow(message);
});
