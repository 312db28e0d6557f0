/** System V when memory runs out: the pageout daemon, the clock hand, and calls that find no frame. */
import { describe, expect, test } from "vitest";
import { check } from "../../../lib/fs/check.ts";
import { boot } from "../../../lib/systems/boot.ts";
import { errorOf } from "../../fs/rig.ts";
import { expectBytes } from "../../tools/bytes.ts";
import { bootOnUsedDisk } from "../garbage.ts";
import { numbered, PAGE, small, svr4 } from "./rig.ts";

describe("when memory runs out", () => {
  test("a file larger than memory is written and read back byte by byte, and all frames come back", () => {
    const system = bootOnUsedDisk("svr4", small);
    const { pages } = svr4(system);
    const { memory } = system.machine;
    const free = memory.freeFrames;
    const bytes = numbered(700); // memory has 512 frames
    system.run(function* (unix) {
      const fd = yield* unix.open("/large", { create: true });
      for (let at = 0; at < bytes.length; at += 3 * PAGE) yield* unix.write(fd, bytes.subarray(at, at + 3 * PAGE));
      yield* unix.lseek(fd, 0);
      for (let at = 0; at < bytes.length; at += 2 * PAGE) {
        const found = yield* unix.read(fd, 2 * PAGE);
        expectBytes(found, bytes.subarray(at, at + 2 * PAGE));
      }
    });
    expect(pages.statistics.reclaimed).toBeGreaterThan(700);
    expect(pages.size).toBeLessThan(512);
    expectBytes(system.image().read("/large"), bytes);
    expect([pages.size, memory.freeFrames]).toEqual([0, free]);
  });

  test("looking for pages that may go takes the processor's time, page by page", () => {
    const [free, costly] = [0, 40].map((pageScanUs) => {
      const system = boot("svr4", { ...small, costs: { pageScanUs } });
      system.prepare({ "/large": 700 * PAGE });
      system.run(function* (unix) {
        const fd = yield* unix.open("/large");
        while ((yield* unix.read(fd, PAGE)).length > 0);
      });
      return { busyUs: system.counts().processorUs, scanned: svr4(system).pages.statistics.scanned };
    });
    expect(costly!.scanned).toBeGreaterThan(200);
    const perPageUs = (costly!.busyUs - free!.busyUs) / costly!.scanned;
    expect(perPageUs).toBeGreaterThan(36);
    expect(perPageUs).toBeLessThan(44); // the clock's interrupts come in between
  });

  test("the pageout daemon keeps some frames free, and writes what is dirty before it takes it", () => {
    const system = bootOnUsedDisk("svr4", small);
    const { memory } = system.machine;
    const lotsFree = Math.ceil(memory.frames * 0.03);
    const bytes = numbered(1);
    system.run(function* (unix) {
      const fd = yield* unix.open("/sparse", { create: true });
      // A part of each block, so that nothing goes to the disk by itself.
      for (let i = 0; i < 600; i++) {
        yield* unix.lseek(fd, i * PAGE);
        yield* unix.write(fd, bytes.subarray(0, 500));
      }
      yield* system.sim.sleep(2_000_000_000);
      expect(memory.freeFrames).toBeGreaterThanOrEqual(lotsFree);
      for (let i = 0; i < 600; i++) {
        yield* unix.lseek(fd, i * PAGE);
        expect(yield* unix.read(fd, 500)).toEqual(bytes.subarray(0, 500));
      }
    });
  });

  test("with no frame to be had a call fails with ENOMEM, changes nothing, and the next one succeeds when there are some", () => {
    const system = bootOnUsedDisk("svr4", small);
    const { memory, controller } = system.machine;
    const found = system.run(function* (unix) {
      const fd = yield* unix.open("/file", { create: true });
      yield* unix.write(fd, new Uint8Array(2 * PAGE).fill(1));
      yield* unix.fsync(fd);
      yield* unix.ftruncate(fd, 6 * PAGE); // the rest is a hole
      yield* unix.close(fd);
      const again = yield* unix.open("/file");
      for (const page of svr4(system).pages.all()) svr4(system).pager.remove(page);
      const taken: number[] = [];
      for (let frame = memory.allocate("test"); frame !== undefined; frame = memory.allocate("test")) taken.push(frame);
      const errors = [yield* errorOf(unix.read(again, 100)), yield* errorOf(unix.write(again, new Uint8Array(100)))];
      yield* unix.lseek(again, 4 * PAGE + 50);
      errors.push(yield* errorOf(unix.write(again, new Uint8Array(100))));
      for (const frame of taken) memory.free(frame);
      yield* unix.lseek(again, 4 * PAGE);
      const hole = yield* unix.read(again, PAGE);
      return { errors, hole };
    });
    expect(found).toEqual({ errors: ["ENOMEM", "ENOMEM", "ENOMEM"], hole: new Uint8Array(PAGE) });
    system.image();
    expect(check(controller.store)).toEqual([]);
  });

  test("two pages of a block do not wait for each other's frame", () => {
    const system = bootOnUsedDisk("svr4", { ...small, fileSystem: { blockBytes: 8192 } });
    const { memory } = system.machine;
    system.prepare({ "/file": 4 * PAGE });
    const read = system.run(function* (unix) {
      const fd = yield* unix.open("/file");
      yield* unix.read(fd, 0);
      while (memory.freeFrames > 2) memory.allocate("test"); // one for the process, one for the page
      return (yield* unix.read(fd, 100)).length;
    });
    expect(read).toBe(100);
  });
});
