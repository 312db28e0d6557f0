/** Reading and writing through the buffer cache: what is read ahead, what is delayed, what a failure leaves. */
import { describe, expect, it } from "vitest";
import type { Steps } from "../../lib/engine/index.ts";
import { UnixError } from "../../lib/fs/index.ts";
import { BLOCK, errorOf, onNewDisk, pattern, Rig } from "./rig.ts";

describe("sequential reading", () => {
  it("reads each block once, all but the first two ahead of their use", () => {
    const rig = new Rig({ requestNs: 1000 });
    rig.use((fs) => rig.put(fs, "/file", pattern(12 * BLOCK)));
    rig.use(function* (fs) {
      const inode = yield* fs.namei("/file");
      const before = { ...rig.cache.statistics };
      for (let block = 0; block < 12; block++) yield* rig.read(fs, inode, block * BLOCK, BLOCK);
      const { reads, readAheads } = rig.cache.statistics;
      expect([reads - before.reads, readAheads - before.readAheads]).toEqual([12, 10]);
      yield* fs.iput(inode);
    });
  });

  it("in small pieces looks no further ahead than in large ones, and random reading not at all", () => {
    const rig = new Rig();
    rig.use((fs) => rig.put(fs, "/file", pattern(12 * BLOCK)));
    rig.use(function* (fs) {
      const inode = yield* fs.namei("/file");
      const before = rig.cache.statistics.readAheads;
      for (let at = 0; at < 4 * BLOCK; at += 512) yield* rig.read(fs, inode, at, 512);
      expect(rig.cache.statistics.readAheads - before).toBe(3);
      for (const block of [9, 6, 8, 11]) yield* rig.read(fs, inode, block * BLOCK, BLOCK);
      expect(rig.cache.statistics.readAheads - before).toBe(3);
      yield* fs.iput(inode);
    });
  });
});

describe("writing", () => {
  it("sends a block that was written to its end to the disk at once, and delays a part of one", () => {
    const rig = new Rig();
    rig.use(function* (fs) {
      const inode = yield* fs.create("/file");
      const before = rig.cache.statistics.writes;
      yield* rig.write(fs, inode, 0, pattern(1000));
      expect(rig.cache.statistics.writes - before).toBe(0);
      yield* rig.write(fs, inode, 1000, pattern(3096));
      expect(rig.cache.statistics.writes - before).toBe(1);
      yield* fs.iput(inode);
    });
  });

  it("clears a new block of which it writes a part, and not one that it fills", () => {
    const rig = new Rig();
    rig.use(function* (fs) {
      const inode = yield* fs.create("/file");
      const before = rig.zeroedBytes;
      yield* rig.write(fs, inode, 0, pattern(3 * BLOCK));
      expect(rig.zeroedBytes - before).toBe(0);
      yield* rig.write(fs, inode, 3 * BLOCK, pattern(100));
      expect(rig.zeroedBytes - before).toBe(BLOCK);
      yield* fs.iput(inode);
    });
  });

  it("leaves zeros, and nothing of another file, in a new block that it could not fill", () => {
    const rig = new Rig({ buffers: 4 });
    rig.use(function* (fs) {
      yield* rig.put(fs, "/secret", pattern(12 * BLOCK)); // in every buffer
      const inode = yield* fs.create("/file");
      inode.size = BLOCK; // a hole
      const error = yield* errorOf(fs.writei(inode, 0, BLOCK, function* () {
        throw new UnixError("ENOMEM");
      }));
      expect(error).toBe("ENOMEM");
      expect((yield* rig.read(fs, inode, 0, BLOCK)).every((byte) => byte === 0)).toBe(true);
      yield* fs.iput(inode);
    });
  });

  it("reads no block that it replaces whole", () => {
    const rig = new Rig();
    rig.use((fs) => rig.put(fs, "/file", pattern(4 * BLOCK)));
    rig.use(function* (fs) {
      const inode = yield* fs.namei("/file");
      const before = rig.cache.statistics.reads;
      yield* rig.write(fs, inode, BLOCK, pattern(2 * BLOCK, 2));
      expect(rig.cache.statistics.reads - before).toBe(0);
      yield* fs.iput(inode);
    });
  });

  it("that the caller breaks off leaves the file as far as it was written", () => {
    onNewDisk(function* (fs, rig) {
      const inode = yield* fs.create("/file");
      let calls = 0;
      function* fail(address: number, bytes: number): Steps {
        if (++calls === 3) throw new UnixError("EFAULT");
        rig.memory.view(address, bytes).fill(7);
      }
      expect(yield* fs.writei(inode, 0, 4 * BLOCK, fail)).toBe(2 * BLOCK);
      expect(inode).toMatchObject({ size: 2 * BLOCK, sectors: 16 });
      yield* fs.iput(inode);
    });
  });
});

describe("replacing a block", () => {
  it("that the caller breaks off leaves what is on the disk", () => {
    onNewDisk(function* (fs, rig) {
      yield* rig.put(fs, "/file", pattern(2 * BLOCK));
      yield* fs.cache.purge();
      const inode = yield* fs.namei("/file");
      function* fail(): Steps {
        throw new UnixError("EFAULT");
      }
      expect(yield* errorOf(fs.writei(inode, BLOCK, BLOCK, fail))).toBe("EFAULT");
      expect(Buffer.from(pattern(2 * BLOCK)).equals(yield* rig.read(fs, inode, 0, 2 * BLOCK))).toBe(true);
      yield* fs.iput(inode);
    });
  });
});
