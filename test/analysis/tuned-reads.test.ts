/** How far Mach 3.0 gets towards the paper's 600 KB/s, and what the disk does meanwhile. */
import { expect, test } from "vitest";
import { diskLimit, diskTime } from "../../lib/analysis/disk-time.ts";
import { tunedReads, tuningSteps } from "../../lib/analysis/tuned-reads.ts";
import { boot, systemNames } from "../../lib/systems/boot.ts";
import { sequentialRead } from "../../lib/workloads/index.ts";

const FILE_BYTES = 64 * 4096;
const sum = (parts: Iterable<number>): number => [...parts].reduce((total, part) => total + part, 0);

test("what the disk does adds up to the time of a page, on all systems", () => {
  for (const name of systemNames) {
    const total = sum(diskTime(name, {}, FILE_BYTES).map(({ msPerPage }) => msPerPage));
    const { msPerPage } = sequentialRead(boot(name), { fileBytes: FILE_BYTES });
    expect(total / msPerPage, name).toBeCloseTo(1, 2);
  }
});

test("the file's sectors pass once, at the media's pace; gaps between the blocks pass besides", () => {
  const parts = (maxcontig: number) => diskTime("mach3", { fileSystem: { maxcontig }, pager: { throughBufferCache: false, readBytes: 32768 } }, FILE_BYTES).map(({ msPerPage }) => msPerPage);
  const { rpm, sectorsPerTrack } = boot("mach3").machine.spec.disk;
  const media = (8 * 60_000) / rpm / sectorsPerTrack;
  const [apart, together] = [parts(1), parts(8)];
  expect(together[0]! / media).toBeCloseTo(1, 1);
  expect(apart[0]! / media).toBeCloseTo(1, 1);
  expect(together[1]! + together[2]!).toBeLessThan(0.2 * media);
  expect(apart[1]! + apart[2]!).toBeGreaterThan(0.4 * media);
});

test("a slow processor shows as a disk that nobody asks", () => {
  const slow = diskTime("mach3", { library: { readUs: 20_000 } }, FILE_BYTES);
  expect(diskLimit(slow)).toMatchObject({ part: "no request" });
  expect(diskLimit(slow).msPerPage).toBeGreaterThan(5);
});

test("interface, request and read-ahead alone bring nothing while blocks lie apart; each step beyond brings a lot", () => {
  const steps = tuningSteps();
  const rates = steps.map(({ kbPerSec }) => kbPerSec);
  for (const rate of rates.slice(0, 3)) expect(rate / rates[0]!).toBeCloseTo(1, 1);
  expect(rates[3]! / rates[0]!).toBeGreaterThan(1.5);
  expect(rates[4]! / rates[3]!).toBeGreaterThan(1.2);
  for (const { limit, limitMs, parts } of steps) expect(parts[limit]).toBe(limitMs);
  const apart = ({ parts }: (typeof steps)[0]) => parts["other sectors pass"] + parts["the next block comes round"];
  expect(apart(steps[2]!)).toBeGreaterThan(2);
  expect(apart(steps[3]!)).toBeLessThan(0.6);
});

test("the sweep has a row for each setting and layout, as sequentialRead gives it", async () => {
  const rows = await tunedReads({ backend: "serial", readBytes: [4096, 32768], readAhead: [0, 1], fileBytes: FILE_BYTES });
  expect(rows).toHaveLength(2 * 2 * 2 * 2);
  const best = rows.reduce((most, row) => (row.kbPerSec > most.kbPerSec ? row : most));
  expect(best).toMatchObject({ layout: "side by side", readBytes: 32768 });
  expect(best.percentOfHope).toBeCloseTo(best.kbPerSec / 6, 6);
  await expect(tunedReads({ backend: "serial", readBytes: [1000] })).rejects.toThrow(/readBytes/);
});
