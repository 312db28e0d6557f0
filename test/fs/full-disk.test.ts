/** A full disk refuses, and changes nothing. */
import { describe, expect, it } from "vitest";
import { BLOCK, emptyDisk, errorOf, onNewDisk, pattern, Rig, smallDisk } from "./rig.ts";

describe("a full disk", () => {
  it("promises its last blocks once", () => {
    const rig = new Rig({ requestNs: 1000, costNs: 100 });
    onNewDisk(function* (fs) {
      const inodes = [yield* fs.create("/one"), yield* fs.create("/other")];
      yield* rig.put(fs, "/rest", pattern((fs.groups.availableBlocks - 4) * BLOCK));
      expect(fs.groups.availableBlocks).toBe(3);
      const threads = inodes.map((inode) => rig.sim.spawn("writer", errorOf(rig.write(fs, inode, 12 * BLOCK, pattern(10))))); // needs two blocks
      for (const thread of threads) yield* rig.sim.join(thread);
      expect(threads.map((thread) => thread.result)).toEqual([undefined, "ENOSPC"]);
      expect(inodes.map((inode) => inode.sectors)).toEqual([16, 0]);
      for (const inode of inodes) yield* fs.iput(inode);
    }, rig);
  });

  it("takes what fits, then says ENOSPC and changes nothing", () => {
    onNewDisk(function* (fs, rig) {
      const inode = yield* fs.create("/all");
      const available = fs.groups.availableBlocks;
      const written = yield* rig.write(fs, inode, 0, pattern(400 * BLOCK));
      expect(written).toBe((available - 1) * BLOCK); // one is the indirect block
      expect(fs.groups.availableBlocks).toBe(0);
      expect(yield* errorOf(rig.write(fs, inode, written, pattern(10)))).toBe("ENOSPC");
      expect(inode.size).toBe(written);
      expect(yield* errorOf(fs.mkdir("/directory"))).toBe("ENOSPC");
      const empty = yield* fs.create("/empty"); // needs no block
      expect(yield* errorOf(rig.write(fs, empty, 0, pattern(1)))).toBe("ENOSPC");
      expect(empty).toMatchObject({ size: 0, sectors: 0 });
      yield* fs.iput(empty);
      yield* fs.iput(inode);
      yield* fs.unlink("/all");
      expect(fs.groups.availableBlocks).toBe(available);
    });
  });

  it("keeps its reserve of minfree", () => {
    const full = (minfreePercent: number) => {
      const rig = new Rig({ store: emptyDisk(smallDisk, { minfreePercent }) });
      return rig.use(function* (fs) {
        yield* rig.put(fs, "/all", pattern(400 * BLOCK));
        return fs.groups.superblock.freeBlocks;
      });
    };
    expect(full(0)).toBe(0);
    expect(full(10)).toBe(24); // of 241 data blocks
  });

  it("does not start an indirect block when the block behind it finds no room", () => {
    onNewDisk(function* (fs, rig) {
      const inode = yield* fs.create("/file");
      yield* rig.put(fs, "/rest", pattern((fs.groups.availableBlocks - 2) * BLOCK));
      expect(fs.groups.availableBlocks).toBe(1);
      expect(yield* errorOf(rig.write(fs, inode, 12 * BLOCK, pattern(10)))).toBe("ENOSPC");
      expect(inode).toMatchObject({ size: 0, sectors: 0 });
      expect(fs.groups.availableBlocks).toBe(1);
      yield* fs.iput(inode);
    });
  });

  it("runs out of inodes too", () => {
    const rig = new Rig({ store: emptyDisk(smallDisk, { bytesPerInode: 65536 }) });
    onNewDisk(function* (fs) {
      const inodes = fs.groups.superblock.freeInodes;
      for (let i = 0; i < inodes; i++) yield* fs.iput(yield* fs.create(`/${i}`));
      expect(yield* errorOf(fs.create("/one more"))).toBe("ENOSPC");
      yield* fs.unlink("/7");
      yield* fs.iput(yield* fs.create("/one more"));
    }, rig);
  });
});
