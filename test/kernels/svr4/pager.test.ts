/** System V's page cache at work: what is read when, what is written when, and what happens when memory runs out. */
import { describe, expect, test } from "vitest";
import { UnixError } from "../../../lib/fs/errno.ts";
import { check } from "../../../lib/fs/check.ts";
import type { Svr4 } from "../../../lib/kernels/svr4/kernel.ts";
import type { Steps } from "../../../lib/engine/index.ts";
import { boot } from "../../../lib/systems/boot.ts";
import type { BootOptions } from "../../../lib/systems/boot.ts";
import type { System } from "../../../lib/systems/system.ts";
import type { Unix } from "../../../lib/unix/interface.ts";
import { expectBytes } from "../../tools/bytes.ts";
import { bootOnUsedDisk } from "../garbage.ts";

const PAGE = 4096;
const small: BootOptions<"svr4"> = { machine: { base: "hp-vectra", disk: { cylinders: 40 }, memory: { sizeMB: 2 } } };

const svr4 = (system: System): Svr4 => system.os as Svr4;

/** Bytes that tell where they stand. */
const numbered = (pages: number): Uint8Array => {
  const words = new Uint32Array((pages * PAGE) / 4);
  for (let i = 0; i < words.length; i++) words[i] = (i * 2654435761) >>> 0;
  return new Uint8Array(words.buffer);
};

/** The commands that the disk gets from now on, as "read 8" or "write 16". */
function commandsOf(system: System): string[] {
  const commands: string[] = [];
  const { controller } = system.machine;
  const issue = controller.issue.bind(controller);
  controller.issue = (command) => {
    commands.push(`${command.op} ${command.sectors}`);
    issue(command);
  };
  return commands;
}

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
    expect(commands).toEqual(["read 16", "read 16", "read 8"]);
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
      expect(commands).toEqual(["write 8"]);
      yield* unix.fsync(fd);
      expect(commands).toEqual(["write 8", "write 8", "write 8"]); // the page, the inode
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
    expect(commands).toEqual(["write 16", "write 16"]);
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
      expect(commands).toEqual(["write 8"]);
      yield* unix.lseek(fd, 2 * PAGE + 1);
      yield* unix.write(fd, new Uint8Array(10));
      expect(commands).toEqual(["write 8", "read 8"]);
    });
  });
});

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

/** The errno with which `steps` fail. */
function* errorOf(steps: Steps<unknown>): Steps<string | undefined> {
  try {
    yield* steps;
    return undefined;
  } catch (error) {
    if (error instanceof UnixError) return error.code;
    throw error;
  }
}

describe("what is gone stays gone", () => {
  /** A file of 8 pages full of ones, in memory and on the disk. */
  function* fileOfOnes(unix: Unix, path: string): Steps {
    const fd = yield* unix.creat(path);
    yield* unix.write(fd, new Uint8Array(8 * PAGE).fill(1));
    yield* unix.fsync(fd);
    yield* unix.close(fd);
  }

  test.each([4096, 8192])("a file that was cut and grows again shows zeros, in blocks of %i", (blockBytes) => {
    const system = bootOnUsedDisk("svr4", { ...small, fileSystem: { blockBytes } });
    for (const cut of [0, 1, PAGE - 1, PAGE, PAGE + 1, 3 * PAGE, 3 * PAGE + 7]) {
      const found = system.run(function* (unix) {
        const fd = yield* unix.open("/file", { create: true });
        yield* unix.write(fd, new Uint8Array(8 * PAGE).fill(1));
        yield* unix.ftruncate(fd, cut);
        yield* unix.ftruncate(fd, 8 * PAGE);
        yield* unix.lseek(fd, 0);
        return yield* unix.read(fd, 9 * PAGE);
      });
      const expected = new Uint8Array(8 * PAGE).fill(1, 0, cut);
      expectBytes(found, expected);
      expectBytes(system.image().read("/file"), expected);
    }
  });

  test("a file that gets the inode and the blocks of another does not get its pages", () => {
    const system = bootOnUsedDisk("svr4", small);
    const [before, after, bytes] = system.run(function* (unix) {
      yield* fileOfOnes(unix, "/first");
      const { inode } = yield* unix.stat("/first");
      yield* unix.unlink("/first");
      const fd = yield* unix.open("/second", { create: true });
      yield* unix.ftruncate(fd, 8 * PAGE);
      return [inode, (yield* unix.stat("/second")).inode, yield* unix.read(fd, 8 * PAGE)] as const;
    });
    expect(after).toBe(before);
    expectBytes(bytes, new Uint8Array(8 * PAGE));
  });

  test("nor when the last user of the first was one who had only looked at it", () => {
    const system = bootOnUsedDisk("svr4", small);
    const { fs } = svr4(system);
    const bytes = system.run(function* (unix) {
      yield* fileOfOnes(unix, "/first");
      const looking = yield* fs.namei("/first");
      yield* unix.unlink("/first");
      yield* fs.iput(looking);
      const fd = yield* unix.open("/second", { create: true });
      yield* unix.ftruncate(fd, 8 * PAGE);
      return yield* unix.read(fd, 8 * PAGE);
    });
    expectBytes(bytes, new Uint8Array(8 * PAGE));
  });

  test("an unlinked file keeps its bytes for all who have it open, and then frees what it had", () => {
    const system = bootOnUsedDisk("svr4", small);
    const { fs } = svr4(system);
    const before = fs.groups.superblock.freeBlocks;
    const found = system.run(function* (unix) {
      const one = yield* unix.open("/file", { create: true });
      const other = yield* unix.open("/file");
      yield* unix.write(one, new Uint8Array(5000).fill(7));
      yield* unix.unlink("/file");
      yield* unix.close(one);
      const bytes = yield* unix.read(other, 6000);
      yield* unix.close(other);
      return bytes;
    });
    expectBytes(found, new Uint8Array(5000).fill(7));
    expect(fs.groups.superblock.freeBlocks).toBe(before);
    expect(svr4(system).pages.size).toBe(0);
    system.image();
    expect(check(system.machine.controller.store)).toEqual([]);
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
