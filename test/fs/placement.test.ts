/** Where files lie: the gap of rotdelay, the groups, the blocks between. */
import { describe, expect, it } from "vitest";
import { mkfs, populate, readImage } from "../../lib/fs/index.ts";
import type { FsParameters, Image } from "../../lib/fs/index.ts";
import { angleOfBlock, cylinderOfBlock, groupOfBlock, groupOfInode } from "../../lib/fs/geometry.ts";
import { groupForDirectory, searchOrder } from "../../lib/fs/placement.ts";
import { blankDisk, emptyDisk, Rig, smallDisk, vectraDisk } from "./rig.ts";

const MB = 1024 * 1024;

/** The image of the 340 MB disk with files of those sizes. */
function imageWith(files: Record<string, number>, parameters: Partial<FsParameters> = {}): Image {
  const store = blankDisk(vectraDisk);
  mkfs(store, vectraDisk, parameters);
  for (const [path, bytes] of Object.entries(files)) populate(store, path, bytes);
  return readImage(store);
}

/** How often each distance between the blocks of neighbours in the file occurs, most frequent first. */
function distances(blocks: number[]): [distance: number, times: number][] {
  const counts = new Map<number, number>();
  for (let i = 1; i < blocks.length; i++) {
    const distance = blocks[i]! - blocks[i - 1]!;
    counts.set(distance, (counts.get(distance) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1]);
}

describe("a sequential file on 35 sectors a track at 3600 rpm", () => {
  it.each([4096, 8192])("has a gap of one block of %i bytes between its blocks, for a rotdelay of 4 ms", (blockBytes) => {
    const blocks = imageWith({ "/file": 8 * MB }, { blockBytes }).blocks("/file");
    const [[distance, times]] = distances(blocks) as [[number, number]];
    expect(distance).toBe(2);
    expect(times / blocks.length).toBeGreaterThan(0.93);
  });

  it("has none without rotdelay", () => {
    const blocks = imageWith({ "/file": 8 * MB }, { rotdelayMs: 0 }).blocks("/file");
    const [[distance, times]] = distances(blocks) as [[number, number]];
    expect(distance).toBe(1);
    expect(times / blocks.length).toBeGreaterThan(0.93);
  });

  it("has a gap of two blocks for 8 ms", () => {
    const blocks = imageWith({ "/file": MB }, { rotdelayMs: 8 }).blocks("/file");
    expect(distances(blocks)[0]![0]).toBe(3);
  });

  it("is laid in runs of maxcontig", () => {
    const blocks = imageWith({ "/file": 2 * MB }, { maxcontig: 3 }).blocks("/file");
    const middle = blocks.slice(100, 300).map((block, i) => block - blocks[99 + i]!);
    expect(middle.join("").replaceAll("112", "").length).toBeLessThan(10);
  });

  it("holds its indirect blocks between its data", () => {
    const image = imageWith({ "/file": 8 * MB });
    const { pointers, sectors } = image.entries.get("/file")!.inode;
    const blocks = image.blocks("/file");
    expect(sectors).toBe((2048 + 3) * 8); // the single, the double, and one behind the double
    expect(groupOfBlock(image.superblock, pointers[12]!)).toBe(groupOfBlock(image.superblock, blocks[12]!));
    expect(Math.abs(pointers[12]! - blocks[12]!)).toBeLessThan(66); // a cylinder
  });
});

describe("the groups", () => {
  it("take turns: a file moves on when a group is full, and when it has had maxbpg blocks", () => {
    const groupsOf = (parameters: Partial<FsParameters>) => {
      const image = imageWith({ "/file": 8 * MB }, parameters);
      const groups = image.blocks("/file").map((block) => groupOfBlock(image.superblock, block));
      const lengths: number[] = [];
      groups.forEach((group, i) => (group === groups[i - 1] ? lengths[lengths.length - 1]!++ : lengths.push(1)));
      return lengths;
    };
    const natural = groupsOf({});
    expect(natural.length).toBeGreaterThan(3); // 2048 blocks, every second of the 980 of a group
    expect(Math.max(...natural)).toBeLessThan(520);
    const short = groupsOf({ maxbpg: 128 });
    expect(short.filter((blocks) => blocks === 128).length).toBeGreaterThanOrEqual(14);
  });

  it("keep the inode and the first blocks of a file with its directory", () => {
    const image = imageWith({ "/a/file": 40_000, "/b/file": 40_000, "/c/file": 40_000 });
    for (const name of ["a", "b", "c"]) {
      const home = groupOfInode(image.superblock, image.entries.get(`/${name}`)!.number);
      expect(groupOfInode(image.superblock, image.entries.get(`/${name}/file`)!.number)).toBe(home);
      for (const block of image.blocks(`/${name}/file`)) expect(groupOfBlock(image.superblock, block)).toBe(home);
    }
  });

  it("share directories evenly", () => {
    const store = emptyDisk(smallDisk);
    for (let i = 0; i < 7; i++) populate(store, `/${i}/file`, 0);
    const image = readImage(store);
    const counts = [0, 0, 0, 0];
    for (const { number } of image.entries.values()) if (image.directories.some((path) => image.entries.get(path)!.number === number)) counts[groupOfInode(image.superblock, number)]!++;
    expect(counts).toEqual([1, 2, 2, 2]); // and the root is in group 0
  });

  it("take a new directory where few are, unless inodes are short there", () => {
    const { superblock } = readImage(emptyDisk(smallDisk));
    const groups = [
      { directories: 3, freeBlocks: 50, freeInodes: 150 },
      { directories: 1, freeBlocks: 50, freeInodes: 10 },
      { directories: 2, freeBlocks: 50, freeInodes: 150 },
      { directories: 2, freeBlocks: 50, freeInodes: 150 },
    ];
    expect(groupForDirectory({ ...superblock, freeInodes: 460 }, groups)).toBe(2);
  });

  it("give the block that comes soonest under the heads of the same cylinder, when the one wanted is taken", () => {
    const rig = new Rig({ store: emptyDisk(vectraDisk) });
    rig.use(function* (fs) {
      const { superblock } = fs.groups;
      const wanted = 5 * 1050 + 300;
      const taken: number[] = [];
      fs.groups.promise(5);
      for (let i = 0; i < 5; i++) taken.push(yield* fs.groups.allocateBlock(wanted));
      expect(taken[0]).toBe(wanted);
      for (const block of taken) expect(cylinderOfBlock(superblock, block)).toBe(cylinderOfBlock(superblock, wanted));
      expect(taken.map((block) => (angleOfBlock(superblock, block) - angleOfBlock(superblock, wanted) + 35) % 35)).toEqual([0, 0, 1, 1, 2]);
      for (const block of taken) yield* fs.groups.freeBlock(block);
    });
  });

  it("send the second of two who want their last block to another group", () => {
    const rig = new Rig({ requestNs: 1000 });
    rig.use(function* (fs) {
      const { summaries } = fs.groups;
      const wanted = 3 * 68 + 40;
      const taken: number[] = [];
      while (summaries[3]!.freeBlocks > 1) {
        fs.groups.promise(1);
        taken.push(yield* fs.groups.allocateBlock(wanted));
      }
      yield* fs.cache.purge(); // so that both wait for the group's header
      fs.groups.promise(2);
      const threads = [1, 2].map(() => rig.sim.spawn("process", fs.groups.allocateBlock(wanted)));
      for (const thread of threads) taken.push(yield* rig.sim.join(thread));
      expect(taken.slice(-2).map((block) => groupOfBlock(fs.groups.superblock, block))).toEqual([3, 0]);
      for (const block of taken) yield* fs.groups.freeBlock(block);
    });
  });

  it("are all searched, the nearest in doubling steps first", () => {
    expect([...searchOrder(5, 8)].slice(0, 4)).toEqual([5, 6, 0, 4]);
    for (const groups of [1, 2, 3, 7, 77]) expect(new Set(searchOrder(groups - 1, groups)).size).toBe(groups);
  });
});
