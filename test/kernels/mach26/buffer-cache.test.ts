/** Mach 2.6 and its buffer cache of fixed size, whatever the files. */
import { expect, test } from "vitest";
import { check } from "../../../lib/fs/check.ts";
import type { Mach26 } from "../../../lib/kernels/mach26/kernel.ts";
import { boot } from "../../../lib/systems/boot.ts";
import type { BootOptions } from "../../../lib/systems/boot.ts";
import { bootOnUsedDisk } from "../garbage.ts";
import { expectBytes } from "../../tools/bytes.ts";

const PAGE = 4096;
/** Memory for 51 buffers. */
const small: BootOptions<"mach26"> = { machine: { disk: { cylinders: 40 }, memory: { sizeMB: 2 } } };

test("the cache has a tenth of memory, and no file data lies anywhere else", () => {
  const system = boot("mach26");
  const mach26 = system.os as Mach26;
  const { memory } = system.machine;
  expect(mach26.cache.size).toBe(Math.floor(memory.frames / 10));
  system.prepare({ "/file": 3 * 1024 * 1024 });
  const free = memory.freeFrames;
  system.run(function* (unix) {
    const fd = yield* unix.open("/file");
    while ((yield* unix.read(fd, PAGE)).length > 0) expect(memory.freeFrames).toBe(free - 1); // the process has one
  });
});

test("cacheBytes is what a second reading finds there, and little more would not fit", () => {
  const reads = (bytes: number): number => {
    const system = boot("mach26");
    system.prepare({ "/file": bytes });
    return system.run(function* (unix) {
      const fd = yield* unix.open("/file");
      while ((yield* unix.read(fd, 8 * PAGE)).length > 0);
      yield* unix.lseek(fd, 0);
      const { statistics } = (system.os as Mach26).cache;
      const before = statistics.reads;
      while ((yield* unix.read(fd, 8 * PAGE)).length > 0);
      return statistics.reads - before;
    });
  };
  const { cacheBytes } = boot("mach26");
  expect(reads(cacheBytes)).toBe(0);
  expect(reads(cacheBytes + 16 * PAGE)).toBeGreaterThan(100);
});

test("delayed writes go to the disk when their buffers are needed, and nothing is lost", () => {
  const system = bootOnUsedDisk("mach26", small);
  const mark = (i: number): Uint8Array => new Uint8Array(300).fill(1 + (i % 250));
  system.run(function* (unix) {
    const fd = yield* unix.open("/sparse", { create: true });
    // A part of each block, so that each is delayed: four times what the cache holds.
    for (let i = 0; i < 200; i++) {
      yield* unix.lseek(fd, i * PAGE + 100);
      yield* unix.write(fd, mark(i));
    }
    for (let i = 0; i < 200; i++) {
      yield* unix.lseek(fd, i * PAGE);
      const page = new Uint8Array(PAGE);
      page.set(mark(i), 100);
      expectBytes(yield* unix.read(fd, i < 199 ? PAGE : 400), page.subarray(0, i < 199 ? PAGE : 400));
    }
  });
  const image = system.image().read("/sparse");
  for (let i = 0; i < 200; i++) expect(image.subarray(i * PAGE + 100, i * PAGE + 400)).toEqual(mark(i));
  expect(check(system.machine.controller.store)).toEqual([]);
});

test("a block written again and again while it is in the cache goes to the disk once", () => {
  const system = boot("mach26", small);
  const { device } = system.os as Mach26;
  const writes = system.run(function* (unix) {
    const fd = yield* unix.open("/file", { create: true });
    yield* unix.fsync(fd);
    const before = device.statistics.requests;
    for (let i = 0; i < 30; i++) {
      yield* unix.lseek(fd, 0);
      yield* unix.write(fd, new Uint8Array(100).fill(i));
    }
    yield* unix.fsync(fd);
    return device.statistics.requests - before;
  });
  expect(writes).toBe(2); // the block and the inode
});
