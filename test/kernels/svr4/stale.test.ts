/** System V: what is gone from a file stays gone, whoever gets its inode, its blocks and its page frames. */
import { describe, expect, test } from "vitest";
import type { Steps } from "../../../lib/engine/index.ts";
import { check } from "../../../lib/fs/check.ts";
import type { Unix } from "../../../lib/unix/interface.ts";
import { expectBytes } from "../../tools/bytes.ts";
import { bootOnUsedDisk } from "../garbage.ts";
import { PAGE, small, svr4 } from "./rig.ts";

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
