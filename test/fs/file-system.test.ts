/** The mounted file system: what each operation does, and how it fails. */
import { describe, expect, it } from "vitest";
import type { Steps } from "../../lib/engine/index.ts";
import { check, isDirectory, locked, readImage, UnixError } from "../../lib/fs/index.ts";
import type { Errno, FileSystem } from "../../lib/fs/index.ts";
import { emptyDisk, errorOf, pattern, Rig, smallDisk } from "./rig.ts";

const BLOCK = 4096;
const POINTERS = 1024;

/** Run `work` on a new file system, which must be clean after it. */
function onNewDisk<T>(work: (fs: FileSystem, rig: Rig) => Steps<T>, rig = new Rig()): T {
  const result = rig.use((fs) => work(fs, rig));
  expect(check(rig.store)).toEqual([]);
  return result;
}

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

describe("a full disk", () => {
  it("promises its last blocks once", () => {
    const rig = new Rig({ requestNs: 1000, costNs: 100 });
    onNewDisk(function* (fs) {
      const inodes = [yield* fs.create("/one"), yield* fs.create("/other")];
      yield* rig.put(fs, "/rest", pattern((fs.groups.availableBlocks - 3) * BLOCK));
      expect(fs.groups.availableBlocks).toBe(2);
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

describe("directories", () => {
  it("count as links of themselves and of what is above", () => {
    onNewDisk(function* (fs) {
      yield* fs.mkdir("/a");
      yield* fs.mkdir("/a/b");
      yield* fs.iput(yield* fs.create("/a/file"));
      const a = yield* fs.namei("/a");
      expect([fs.root.links, a.links]).toEqual([3, 3]);
      expect(isDirectory(a)).toBe(true);
      for (const path of ["/a/.", "/a/b/..", "a", "//a//", "/a/b/../../a"]) {
        const same = yield* fs.namei(path);
        expect(same).toBe(a);
        yield* fs.iput(same);
      }
      yield* fs.iput(a);
      expect(yield* errorOf(fs.rmdir("/a"))).toBe("ENOTEMPTY");
      yield* fs.unlink("/a/file");
      yield* fs.rmdir("/a/b");
      yield* fs.rmdir("/a");
      expect(fs.root.links).toBe(2);
    });
  });

  it("grow with their entries, and use again what was taken away", () => {
    onNewDisk(function* (fs) {
      const name = (i: number) => `/name-${String(i).padStart(3, "0")}`;
      for (let i = 0; i < 300; i++) yield* fs.iput(yield* fs.create(name(i)));
      const { size } = fs.root;
      expect(size).toBeGreaterThan(BLOCK);
      expect(size % 512).toBe(0);
      for (let i = 0; i < 300; i += 3) yield* fs.unlink(name(i));
      for (let i = 0; i < 300; i++) expect(yield* errorOf(found(fs, name(i)))).toBe(i % 3 === 0 ? "ENOENT" : undefined);
      for (let i = 0; i < 300; i += 3) yield* fs.iput(yield* fs.create(name(i)));
      expect(fs.root.size).toBe(size);
    });
  });

  it("take relative paths from any directory, removed ones included", () => {
    onNewDisk(function* (fs) {
      yield* fs.mkdir("/here");
      const here = yield* fs.namei("/here");
      yield* fs.iput(yield* fs.create("file", { from: here }));
      yield* fs.iput(yield* fs.namei("/here/file"));
      yield* fs.unlink("file", here);
      yield* fs.rmdir("/here");
      expect(yield* errorOf(fs.create("file", { from: here }))).toBe("ENOENT");
      expect(yield* errorOf(fs.namei("file", here))).toBe("ENOENT");
      yield* fs.iput(here);
    });
  });

  it.each<[string, Errno, (fs: FileSystem) => Steps<unknown>]>([
    ["a path that leads nowhere", "ENOENT", (fs) => fs.namei("/missing")],
    ["a directory on the way that is not there", "ENOENT", (fs) => fs.create("/missing/file")],
    ["an empty path", "ENOENT", (fs) => fs.namei("")],
    ["a file on the way", "ENOTDIR", (fs) => fs.namei("/file/x")],
    ["a file where the parent should be", "ENOTDIR", (fs) => fs.create("/file/x")],
    ["a file with a slash behind", "ENOTDIR", (fs) => fs.namei("/file/")],
    ["creating what is there, exclusively", "EEXIST", (fs) => fs.create("/file", { exclusive: true })],
    ["creating a directory as a file", "EISDIR", (fs) => fs.create("/directory")],
    ["creating the root as a file", "EISDIR", (fs) => fs.create("/")],
    ["creating a file with a slash behind", "EISDIR", (fs) => fs.create("/new/")],
    ["making a directory that is there", "EEXIST", (fs) => fs.mkdir("/directory")],
    ["making a directory where a file is", "EEXIST", (fs) => fs.mkdir("/file")],
    ["making the root", "EEXIST", (fs) => fs.mkdir("/")],
    ["making \"..\"", "EEXIST", (fs) => fs.mkdir("/directory/..")],
    ["unlinking what is not there", "ENOENT", (fs) => fs.unlink("/missing")],
    ["unlinking a directory", "EISDIR", (fs) => fs.unlink("/directory")],
    ["unlinking the root", "EISDIR", (fs) => fs.unlink("/")],
    ["unlinking a file with a slash behind", "ENOTDIR", (fs) => fs.unlink("/file/")],
    ["removing what is not there", "ENOENT", (fs) => fs.rmdir("/missing")],
    ["removing a file as a directory", "ENOTDIR", (fs) => fs.rmdir("/file")],
    ["removing a directory with entries", "ENOTEMPTY", (fs) => fs.rmdir("/full")],
    ["removing \".\"", "EINVAL", (fs) => fs.rmdir("/directory/.")],
    ["removing \"..\"", "ENOTEMPTY", (fs) => fs.rmdir("/directory/..")],
    ["removing the root", "EBUSY", (fs) => fs.rmdir("/")],
    ["a name of 256 bytes", "ENAMETOOLONG", (fs) => fs.create(`/${"x".repeat(256)}`)],
    ["a path of 1024 bytes", "ENAMETOOLONG", (fs) => fs.namei("/x".repeat(512))],
    ["a name with a 0 in it", "EINVAL", (fs) => fs.namei("/a\0b")],
    ["unmounting while an inode is in use", "EBUSY", busyUnmount],
  ])("refuse %s with %s", (_, code, work) => {
    onNewDisk(function* (fs) {
      yield* fs.iput(yield* fs.create("/file"));
      for (const path of ["/directory", "/full", "/full/inner"]) yield* fs.mkdir(path);
      expect(yield* errorOf(work(fs))).toBe(code);
    });
  });

  it("take names of 255 bytes, and names that are not ASCII", () => {
    const names = ["x".repeat(255), "Ærøskøbing", "名前"];
    const rig = new Rig();
    onNewDisk(function* (fs) {
      for (const name of names) yield* fs.iput(yield* fs.create(`/${name}`));
    }, rig);
    expect(readImage(rig.store).files.sort()).toEqual(names.map((name) => `/${name}`).sort());
  });
});

/** Find `path`, and let it go. */
function* found(fs: FileSystem, path: string): Steps {
  yield* fs.iput(yield* fs.namei(path));
}

function* busyUnmount(fs: FileSystem): Steps {
  const inode = yield* fs.namei("/file");
  try {
    yield* fs.unmount();
  } finally {
    yield* fs.iput(inode);
  }
}

describe("processes at the same time", () => {
  it("lose no change to an inode that one lets go of while another takes it", () => {
    const rig = new Rig({ requestNs: 100_000 });
    onNewDisk(function* (fs) {
      yield* rig.put(fs, "/file", pattern(10));
      yield* fs.cache.purge();
      const inode = yield* fs.namei("/file");
      yield* rig.write(fs, inode, 10, pattern(10));
      yield* fs.cache.purge(); // the inode's block has to be read when it is written back
      const leaving = rig.sim.spawn("leaving", fs.iput(inode));
      yield* rig.sim.sleep(50_000);
      const again = yield* fs.iget(inode.number);
      yield* fs.itrunc(again, 5);
      yield* fs.iput(again);
      yield* rig.sim.join(leaving);
    }, rig);
    expect([...readImage(rig.store).read("/file")]).toEqual([...pattern(10).subarray(0, 5)]);
  });

  it("get one inode between them, and see each other's changes whole", () => {
    const rig = new Rig({ requestNs: 100_000, buffers: 6 });
    const size = 5 * BLOCK;
    onNewDisk(function* (fs) {
      yield* rig.put(fs, "/shared", new Uint8Array(size));
      function* writer(value: number): Steps {
        const inode = yield* fs.namei("/shared");
        for (let i = 0; i < 5; i++) yield* locked(inode, rig.write(fs, inode, 0, new Uint8Array(size).fill(value)));
        yield* fs.iput(inode);
      }
      function* reader(): Steps {
        const inode = yield* fs.namei("/shared");
        for (let i = 0; i < 20; i++) expect(new Set(yield* locked(inode, rig.read(fs, inode, 0, size))).size).toBe(1);
        yield* fs.iput(inode);
      }
      const threads = [writer(1), reader(), writer(2), reader(), writer(3)].map((steps, i) => rig.sim.spawn(`process ${i}`, steps));
      for (const thread of threads) yield* rig.sim.join(thread);
    }, rig);
  });

  it("make and remove files in the same directories without harm", () => {
    const rig = new Rig({ requestNs: 10_000, buffers: 5 });
    onNewDisk(function* (fs) {
      yield* fs.mkdir("/d");
      function* work(id: number): Steps {
        for (let i = 0; i < 30; i++) {
          const path = `/d/${(i * 7 + id) % 11}`;
          const step = (i + id) % 4;
          if (step === 0) yield* errorOf(fs.unlink(path));
          else if (step === 1) yield* errorOf(fs.mkdir(path));
          else if (step === 2) yield* errorOf(fs.rmdir(path));
          else yield* errorOf(rig.put(fs, path, pattern(id * 1000)));
        }
      }
      const threads = [1, 2, 3, 4, 5, 6].map((id) => rig.sim.spawn(`process ${id}`, work(id)));
      for (const thread of threads) yield* rig.sim.join(thread);
    }, rig);
  });
});

describe("a mount", () => {
  it("needs a file system of the cache's block size", () => {
    const rig = new Rig({ blockBytes: 8192 });
    expect(rig.run(errorOf(rig.mount()))).toBe("EINVAL");
  });
});
