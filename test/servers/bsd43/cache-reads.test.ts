/** Reads ahead through the buffer cache (pager.readAhead): how many, and how far they may go. */
import { expect, test } from "vitest";
import type { BufferCacheStatistics } from "../../../lib/fs/buffer-cache.ts";
import type { Bsd43Server } from "../../../lib/servers/bsd43/server.ts";
import { boot } from "../../../lib/systems/boot.ts";
import type { BootOptions } from "../../../lib/systems/boot.ts";
import { sequentialRead } from "../../../lib/workloads/index.ts";

const PAGE = 4096;
const PAGES = 64;

/** What the buffer cache does while the first `pages` pages of a file of 64 are read one after the other. */
function reading(pages: number, options: BootOptions<"mach3">): BufferCacheStatistics {
  const system = boot("mach3", { machine: { base: "hp-vectra", disk: { cylinders: 60 }, memory: { sizeMB: 4 } }, ...options });
  const { cache } = system.os as unknown as Bsd43Server;
  system.prepare({ "/file": PAGES * PAGE });
  return system.run(function* (unix) {
    const fd = yield* unix.open("/file");
    const before = { ...cache.statistics };
    for (let page = 0; page < pages; page++) expect((yield* unix.read(fd, PAGE)).length).toBe(PAGE);
    const after = { ...cache.statistics };
    return Object.fromEntries(Object.entries(after).map(([key, count]) => [key, count - before[key as keyof BufferCacheStatistics]])) as unknown as BufferCacheStatistics;
  });
}

test("a sequential reader has as many blocks read ahead of it as readAhead says", () => {
  for (const readAhead of [0, 1, 4, 16]) {
    expect(reading(8, { pager: { readAhead } }).readAheads, `readAhead ${readAhead}`).toBe(readAhead === 0 ? 0 : 7 + readAhead);
  }
});

test("each block of the file is read once, and nothing behind its end", () => {
  for (const readAhead of [0, 1, 4, 16]) expect(reading(PAGES, { pager: { readAhead } }).reads - 1, `readAhead ${readAhead}`).toBe(PAGES); // and the indirect block
});

test("what is read ahead fills no more than aheadPercent of the buffer cache, and one block at least", () => {
  const eight = { server: { bufferCachePercent: 1 } }; // the least: 8 blocks, or 10 of 40 KB
  expect(reading(8, { ...eight, pager: { readAhead: 16, aheadPercent: 40 } }).readAheads).toBe(7 + 4);
  expect(reading(8, { ...eight, pager: { readAhead: 16, aheadPercent: 1 } }).readAheads).toBe(7 + 1);
});

test.each([4096, 8192])("with blocks of %i bytes, answers of 64 KB from a cache that is smaller still have the bytes of the file", (blockBytes) => {
  const bytes = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 31 + Math.floor(i / PAGE) * 7) % 251);
  const system = boot("mach3", {
    machine: { base: "hp-vectra", disk: { cylinders: 60 }, memory: { sizeMB: 1 } }, server: { bufferCachePercent: 5 },
    fileSystem: { blockBytes }, pager: { readBytes: 65536, readAhead: 16 },
  });
  system.prepare({ "/file": bytes });
  const read = system.run(function* (unix) {
    return yield* unix.read(yield* unix.open("/file"), bytes.length);
  });
  expect(Buffer.compare(read, bytes)).toBe(0);
});

test("one block ahead hides the processing of a page; more bring one reader nothing, as the disk is never idle then", () => {
  const kbPerSec = (readAhead: number): number => sequentialRead(boot("mach3", { pager: { readAhead }, fileSystem: { rotdelayMs: 0 } }), { fileBytes: PAGES * PAGE }).kbPerSec;
  const [none, one, eight] = [0, 1, 8].map(kbPerSec) as [number, number, number];
  expect(one).toBeGreaterThan(1.01 * none);
  expect(eight / one).toBeCloseTo(1, 2);
});
