/** A file: its bytes, its blocks, its times, its end. */
import { describe, expect, it } from "vitest";
import { readImage } from "../../lib/fs/index.ts";
import { BLOCK, errorOf, onNewDisk, pattern, POINTERS, Rig } from "./rig.ts";

describe("a file", () => {
  it("gives back what was written, from the cache and from the disk", () => {
    const rig = new Rig();
    const bytes = pattern(3 * BLOCK + 100);
    onNewDisk(function* (fs) {
      const inode = yield* fs.create("/file");
      expect(yield* rig.write(fs, inode, 0, bytes)).toBe(bytes.length);
      expect(Buffer.from(bytes).equals(yield* rig.read(fs, inode, 0, 1e6))).toBe(true);
      yield* fs.iput(inode);
    }, rig);
    rig.use(function* (fs) {
      const inode = yield* fs.namei("/file");
      expect(Buffer.from(bytes).equals(yield* rig.read(fs, inode, 0, 1e6))).toBe(true);
      expect(Buffer.from(bytes.subarray(5000, 5010)).equals(yield* rig.read(fs, inode, 5000, 10))).toBe(true);
      expect(yield* rig.read(fs, inode, bytes.length, 10)).toHaveLength(0);
      yield* fs.iput(inode);
    });
    expect(Buffer.from(bytes).equals(readImage(rig.store).read("/file"))).toBe(true);
  });

  it("has holes where nothing was written: zeros without blocks", () => {
    const status = onNewDisk(function* (fs, rig) {
      const inode = yield* fs.create("/holes");
      yield* rig.write(fs, inode, 5 * BLOCK + 7, pattern(10));
      const bytes = yield* rig.read(fs, inode, 0, 1e6);
      expect(bytes).toHaveLength(5 * BLOCK + 17);
      expect(bytes.subarray(0, 5 * BLOCK + 7).every((byte) => byte === 0)).toBe(true);
      const status = fs.stat(inode);
      yield* fs.iput(inode);
      return status;
    });
    expect(status).toMatchObject({ size: 5 * BLOCK + 17, sectors: 8 });
  });

  it.each([
    ["a direct block", 11, 1],
    ["an indirect block", 12, 2],
    ["a double indirect block", 12 + POINTERS, 3],
    ["a triple indirect block", 12 + POINTERS + POINTERS ** 2, 4],
    ["the last block of all", 12 + POINTERS + POINTERS ** 2 + POINTERS ** 3 - 1, 4],
  ])("reaches %s", (_, logical, blocks) => {
    onNewDisk(function* (fs, rig) {
      const inode = yield* fs.create("/far");
      yield* rig.write(fs, inode, logical * BLOCK + 1, pattern(10));
      expect(inode.sectors).toBe(blocks * 8);
      expect(Buffer.from(pattern(10)).equals(yield* rig.read(fs, inode, logical * BLOCK + 1, 10))).toBe(true);
      expect(yield* fs.bmap(inode, logical - 1)).toMatchObject({ block: 0 });
      yield* fs.itrunc(inode, 0);
      expect(inode.sectors).toBe(0);
      yield* fs.iput(inode);
    });
  });

  it("cannot be larger than its pointers reach: EFBIG", () => {
    onNewDisk(function* (fs, rig) {
      const inode = yield* fs.create("/big");
      const max = fs.maxFileBytes;
      expect(max).toBe((12 + POINTERS + POINTERS ** 2 + POINTERS ** 3) * BLOCK);
      expect(yield* errorOf(rig.write(fs, inode, max, pattern(10)))).toBe("EFBIG");
      expect(inode.size).toBe(0);
      expect(yield* rig.write(fs, inode, max - 4, pattern(10))).toBe(4);
      expect(inode.size).toBe(max);
      expect(yield* errorOf(fs.itrunc(inode, max + 1))).toBe("EFBIG");
      yield* fs.itrunc(inode, 0);
      yield* fs.iput(inode);
    });
  });

  it("is cut and extended; what was cut off comes back as zeros", () => {
    onNewDisk(function* (fs, rig) {
      const inode = yield* fs.create("/cut");
      yield* rig.write(fs, inode, 0, pattern(20 * BLOCK));
      yield* fs.itrunc(inode, BLOCK + 10);
      expect(inode.sectors).toBe(2 * 8);
      yield* fs.itrunc(inode, 3 * BLOCK);
      const bytes = yield* rig.read(fs, inode, 0, 1e6);
      expect(bytes).toHaveLength(3 * BLOCK);
      expect(Buffer.from(bytes.subarray(0, BLOCK + 10)).equals(pattern(20 * BLOCK).subarray(0, BLOCK + 10))).toBe(true);
      expect(bytes.subarray(BLOCK + 10).every((byte) => byte === 0)).toBe(true);
      yield* fs.iput(inode);
    });
  });

  it("is cut in the middle of what an indirect block of the second level reaches", () => {
    const first = 12 + POINTERS;
    const written = [first, first + 5, first + POINTERS, first + POINTERS + 2, first + POINTERS + 9, first + 3 * POINTERS];
    onNewDisk(function* (fs, rig) {
      const inode = yield* fs.create("/tree");
      for (const logical of written) yield* rig.write(fs, inode, logical * BLOCK, pattern(BLOCK, logical));
      expect(inode.sectors).toBe((6 + 1 + 3) * 8);
      yield* fs.itrunc(inode, (first + POINTERS + 3) * BLOCK);
      expect(inode.sectors).toBe((4 + 1 + 2) * 8);
      for (const logical of written.slice(0, 4)) {
        expect(Buffer.from(pattern(BLOCK, logical)).equals(yield* rig.read(fs, inode, logical * BLOCK, BLOCK))).toBe(true);
      }
      yield* fs.iput(inode);
    });
  });

  it("gives blocks past its end back when it is cut to the size that it has", () => {
    onNewDisk(function* (fs, rig) {
      const inode = yield* fs.create("/granted");
      yield* rig.write(fs, inode, 0, pattern(100));
      const free = fs.groups.availableBlocks;
      for (let logical = 1; logical < 20; logical++) expect(yield* fs.bmap(inode, logical, { allocate: true })).toMatchObject({ fresh: true });
      expect(fs.groups.availableBlocks).toBe(free - 20); // and one indirect block
      yield* fs.itrunc(inode, inode.size);
      expect(fs.groups.availableBlocks).toBe(free);
      yield* fs.iput(inode);
    });
  });

  it("lets the caller clear the rest of its last block, when its data is kept elsewhere", () => {
    onNewDisk(function* (fs, rig) {
      const inode = yield* fs.create("/paged");
      yield* rig.write(fs, inode, 0, pattern(3 * BLOCK));
      const cleared: number[][] = [];
      yield* fs.itrunc(inode, BLOCK + 10, function* (_, logical, from) {
        cleared.push([logical, from]);
      });
      expect(cleared).toEqual([[1, 10]]);
      yield* fs.iput(inode);
    });
  });

  it("that was cut leaves no delayed write behind for a block that somebody else has now", () => {
    const rig = new Rig();
    onNewDisk(function* (fs) {
      const inode = yield* fs.create("/file");
      yield* rig.write(fs, inode, 0, pattern(100)); // delayed
      const { block } = yield* fs.bmap(inode, 0);
      yield* fs.itrunc(inode, 0);
      rig.store.writeRange(block * 8, pattern(BLOCK, 2)); // a page of another file, written past the cache
      yield* fs.sync();
      expect(Buffer.from(rig.store.readRange(block * 8, 8)).equals(pattern(BLOCK, 2))).toBe(true);
      yield* fs.iput(inode);
    }, rig);
  });

  it("lives on without a name until its last user has gone", () => {
    onNewDisk(function* (fs, rig) {
      const free = [fs.groups.availableBlocks, fs.groups.superblock.freeInodes];
      const inode = yield* fs.create("/temporary");
      const again = yield* fs.namei("/temporary");
      expect(again).toBe(inode);
      yield* rig.write(fs, inode, 0, pattern(BLOCK));
      yield* fs.unlink("/temporary");
      expect(yield* errorOf(fs.namei("/temporary"))).toBe("ENOENT");
      yield* fs.iput(again);
      expect(yield* rig.read(fs, inode, 0, BLOCK)).toHaveLength(BLOCK);
      yield* fs.iput(inode);
      expect([fs.groups.availableBlocks, fs.groups.superblock.freeInodes]).toEqual(free);
    });
  });

  it("tells its times, its size and the sectors that it holds", () => {
    const rig = new Rig({ requestNs: 1_000_000 });
    const status = onNewDisk(function* (fs) {
      const inode = yield* fs.create("/file", { permissions: 0o600 });
      yield* rig.sim.sleep(1_000_000_000);
      yield* rig.write(fs, inode, 0, pattern(13 * BLOCK));
      const written = rig.sim.now;
      yield* rig.sim.sleep(1_000_000_000);
      yield* rig.read(fs, inode, 0, 10);
      const status = fs.stat(inode);
      expect(status).toMatchObject({ inode: inode.number, mode: 0o100600, links: 1, size: 13 * BLOCK, sectors: 14 * 8, blockBytes: BLOCK });
      expect(status.accessedNs).toBeGreaterThanOrEqual(written + 1_000_000_000);
      expect(status.modifiedNs).toBeLessThanOrEqual(written);
      expect(status.changedNs).toBe(status.modifiedNs);
      yield* fs.iput(inode);
      return status;
    }, rig);
    expect(readImage(rig.store).entries.get("/file")!.inode).toMatchObject({ size: status.size, accessedNs: status.accessedNs, modifiedNs: status.modifiedNs });
  });

  it("gets a new generation when its inode is used again", () => {
    onNewDisk(function* (fs) {
      const generations: number[] = [];
      for (let i = 0; i < 400 && generations.length < 2; i++) {
        const inode = yield* fs.create("/file");
        if (inode.number === 3) generations.push(inode.generation);
        yield* fs.iput(inode);
        yield* fs.unlink("/file");
      }
      expect(generations).toEqual([1, 2]);
    });
  });

  it("is on the disk after fsync, others are not", () => {
    const rig = new Rig();
    onNewDisk(function* (fs) {
      for (const path of ["/synced", "/delayed"]) yield* rig.put(fs, path, pattern(100));
      const inode = yield* fs.namei("/synced");
      yield* fs.fsync(inode);
      yield* fs.iput(inode);
      const image = readImage(rig.store);
      expect(Buffer.from(pattern(100)).equals(image.read("/synced"))).toBe(true);
      expect(image.read("/delayed").every((byte) => byte === 0)).toBe(true);
    }, rig);
  });
});
