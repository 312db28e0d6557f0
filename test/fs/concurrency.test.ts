/** Several processes in one file system at the same time. */
import { describe, expect, it } from "vitest";
import type { Steps } from "../../lib/engine/index.ts";
import { locked, readImage } from "../../lib/fs/index.ts";
import { inodeBlock } from "../../lib/fs/geometry.ts";
import { BLOCK, errorOf, onNewDisk, pattern, Rig } from "./rig.ts";

describe("processes at the same time", () => {
  it("free a file that one removes while another lets go of it", () => {
    const rig = new Rig({ requestNs: 100_000 });
    onNewDisk(function* (fs) {
      const free = fs.groups.superblock.freeInodes;
      yield* rig.put(fs, "/file", pattern(10));
      const inode = yield* fs.namei("/file");
      yield* rig.write(fs, inode, 10, pattern(10));
      const itsBlock = yield* rig.cache.bread(inodeBlock(fs.groups.superblock, inode.number));
      const leaving = rig.sim.spawn("leaving", fs.iput(inode)); // has to wait for the block
      yield* rig.sim.sleep(1000);
      yield* fs.unlink("/file");
      expect([inode.links, inode.references]).toEqual([0, 1]);
      rig.cache.brelse(itsBlock);
      yield* rig.sim.join(leaving);
      expect(fs.groups.superblock.freeInodes).toBe(free);
    }, rig);
  });

  it("lose no change to an inode that another was waiting to have read", () => {
    const rig = new Rig({ requestNs: 100_000 });
    onNewDisk(function* (fs) {
      yield* rig.put(fs, "/file", pattern(10));
      yield* fs.cache.purge();
      function* extend(size: number): Steps {
        const inode = yield* fs.iget(3);
        if (size > inode.size) yield* fs.itrunc(inode, size);
        yield* fs.iput(inode);
      }
      const threads = [5000, 0].map((size) => rig.sim.spawn("process", extend(size)));
      for (const thread of threads) yield* rig.sim.join(thread);
    }, rig);
    expect(readImage(rig.store).read("/file")).toHaveLength(5000);
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
