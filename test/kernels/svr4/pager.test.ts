/** System V's page cache at work: what is read when, what is written when, and what if the disk fails. */
import { describe, expect, test } from "vitest";
import { errorOf } from "../../fs/rig.ts";
import { boot } from "../../../lib/systems/boot.ts";
import type { System } from "../../../lib/systems/system.ts";
import { expectBytes } from "../../tools/bytes.ts";
import { commandsOf } from "../commands.ts";
import type { Command } from "../commands.ts";
import { bootOnUsedDisk } from "../garbage.ts";
import { numbered, PAGE, small, svr4 } from "./rig.ts";

/** Commands in short: "read 8", "write 16". */
const short = (commands: readonly Command[]): string[] => commands.map(({ op, sectors }) => `${op} ${sectors}`);

describe("reading", () => {
  /** Read the pages `order` of a file of 40 pages, in calls of one page. */
  function readPages(system: System, order: readonly number[]): void {
    system.prepare({ "/file": 40 * PAGE });
    system.run(function* (unix) {
      const fd = yield* unix.open("/file", { access: "read" });
      for (const page of order) {
        yield* unix.lseek(fd, page * PAGE);
        yield* unix.read(fd, PAGE);
      }
    });
  }
  const ascending = Array.from({ length: 10 }, (_, i) => 20 + i);

  test("pages in sequence have the next block read ahead, once each", () => {
    const system = boot("svr4");
    readPages(system, ascending);
    const { pager } = svr4(system);
    expect([pager.io.statistics.reads, pager.readAheads]).toEqual([11, 9]); // the first two were not yet a sequence
  });

  test("pages out of sequence have not", () => {
    for (const order of [[...ascending].reverse(), [20, 30, 22, 35, 24], [20, 22, 24, 26, 28]]) {
      const system = boot("svr4");
      readPages(system, order);
      const { pager } = svr4(system);
      expect([pager.io.statistics.reads, pager.readAheads]).toEqual([order.length, 0]);
    }
  });

  test("the last block has none to read ahead", () => {
    const system = boot("svr4");
    readPages(system, [37, 38, 39]);
    const { pager } = svr4(system);
    expect([pager.io.statistics.reads, pager.readAheads]).toEqual([3, 1]);
  });

  test("a block of 8 KB comes in one command, the last as far as the file reaches", () => {
    const system = boot("svr4", { fileSystem: { blockBytes: 8192 } });
    system.prepare({ "/file": 4 * PAGE + 10 });
    const commands = commandsOf(system);
    system.run(function* (unix) {
      const fd = yield* unix.open("/file", { access: "read" });
      commands.length = 0;
      for (let i = 0; i < 5; i++) yield* unix.read(fd, PAGE);
    });
    expect(short(commands)).toEqual(["read 16", "read 16", "read 8"]);
  });

  test("a hole is read without the disk", () => {
    const system = bootOnUsedDisk("svr4", small);
    const found = system.run(function* (unix) {
      const fd = yield* unix.open("/file", { create: true });
      yield* unix.ftruncate(fd, 8 * PAGE);
      const commands = commandsOf(system);
      return [yield* unix.read(fd, 8 * PAGE), commands.length] as const;
    });
    expectBytes(found[0], new Uint8Array(8 * PAGE));
    expect(found[1]).toBe(0);
  });
});

describe("writing", () => {
  test("a block written to its end goes to the disk at once and nobody waits; a part of one waits for fsync", () => {
    const system = boot("svr4");
    const commands = commandsOf(system);
    system.run(function* (unix) {
      const fd = yield* unix.open("/file", { create: true });
      commands.length = 0;
      const begin = system.sim.now;
      yield* unix.write(fd, new Uint8Array(PAGE));
      expect(system.sim.now - begin).toBeLessThan(2_000_000);
      yield* unix.write(fd, new Uint8Array(PAGE - 1));
      yield* system.sim.sleep(100_000_000);
      expect(short(commands)).toEqual(["write 8"]);
      yield* unix.fsync(fd);
      expect(short(commands)).toEqual(["write 8", "write 8", "write 8"]); // the page, the inode
    });
  });

  test("both pages of a block of 8 KB go in one command when its end is written", () => {
    const system = boot("svr4", { fileSystem: { blockBytes: 8192 } });
    const commands = commandsOf(system);
    system.run(function* (unix) {
      const fd = yield* unix.open("/file", { create: true });
      commands.length = 0;
      for (let i = 0; i < 4; i++) yield* unix.write(fd, new Uint8Array(PAGE));
      yield* system.sim.sleep(200_000_000);
    });
    expect(short(commands)).toEqual(["write 16", "write 16"]);
  });

  test("a page is not read before it is overwritten whole, or beyond its end", () => {
    const system = boot("svr4");
    system.prepare({ "/file": 3 * PAGE + 100 });
    const commands = commandsOf(system);
    system.run(function* (unix) {
      const fd = yield* unix.open("/file");
      commands.length = 0;
      yield* unix.write(fd, new Uint8Array(PAGE));
      yield* unix.lseek(fd, 3 * PAGE);
      yield* unix.write(fd, new Uint8Array(200));
      yield* system.sim.sleep(100_000_000);
      expect(short(commands)).toEqual(["write 8"]);
      yield* unix.lseek(fd, 2 * PAGE + 1);
      yield* unix.write(fd, new Uint8Array(10));
      expect(short(commands)).toEqual(["write 8", "read 8"]);
    });
  });
});

describe("a disk that fails", () => {
  /** The next `count` requests of kind `op` end with EIO; the bytes do not move. */
  function fail(system: System, op: "read" | "write", count: number): void {
    const { device } = svr4(system);
    const strategy = device.strategy.bind(device);
    device.strategy = (request) => {
      if (request.op !== op || count-- <= 0) strategy(request);
      else system.sim.after(1_000_000, () => request.done("EIO"));
    };
  }

  test("makes the read fail, and the next one try again", () => {
    const system = boot("svr4", small);
    system.prepare({ "/file": numbered(4) });
    const found = system.run(function* (unix) {
      const fd = yield* unix.open("/file");
      fail(system, "read", 1);
      return [yield* errorOf(unix.read(fd, 10)), yield* unix.read(fd, 10)];
    });
    expect(found).toEqual(["EIO", numbered(4).subarray(0, 10)]);
  });

  test("on a block read ahead does no harm", () => {
    const system = boot("svr4", small);
    system.prepare({ "/file": numbered(6) });
    const found = system.run(function* (unix) {
      const fd = yield* unix.open("/file");
      yield* unix.read(fd, PAGE);
      let reads = 0;
      const { device } = svr4(system);
      const strategy = device.strategy.bind(device);
      device.strategy = (request) => (++reads === 2 ? void system.sim.after(1_000_000, () => request.done("EIO")) : strategy(request));
      yield* unix.read(fd, PAGE);
      yield* system.sim.sleep(50_000_000);
      return yield* unix.read(fd, PAGE);
    });
    expectBytes(found, numbered(6).subarray(2 * PAGE, 3 * PAGE));
  });

  test("on a write is told by the next fsync, and by that one only", () => {
    const system = boot("svr4", small);
    const errors = system.run(function* (unix) {
      const fd = yield* unix.open("/file", { create: true });
      yield* unix.fsync(fd);
      fail(system, "write", 1);
      yield* unix.write(fd, new Uint8Array(PAGE));
      return [yield* errorOf(unix.fsync(fd)), yield* errorOf(unix.fsync(fd))];
    });
    expect(errors).toEqual(["EIO", undefined]);
  });
});
