/** An empty file system: its superblock follows from the parameters, its image is clean. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { check, mkfs, readImage } from "../../lib/fs/index.ts";
import { gapBlocks, groupBlocks, reservedBlocks, superblockBlock } from "../../lib/fs/geometry.ts";
import { InputError } from "../../lib/schema/index.ts";
import { blankDisk, emptyDisk, smallDisk, vectraDisk } from "./rig.ts";

describe("mkfs", () => {
  it("makes a clean file system with an empty root directory", () => {
    const store = emptyDisk();
    expect(check(store)).toEqual([]);
    const image = readImage(store);
    expect([...image.entries]).toEqual([]);
    expect(image.superblock).toMatchObject({ blocks: 272, groups: 4, blocksPerGroup: 68, directories: 1 });
  });

  it("lays out the 340 MB disk in groups of 16 cylinders, whole blocks each", () => {
    const { superblock } = readImage(emptyDisk(vectraDisk));
    expect(superblock).toMatchObject({ blocks: 80325, groups: 77, blocksPerGroup: 1050, inodesPerGroup: 2112, groupShift: 5, maxbpg: 1024 });
  });

  it.each([4096, 8192])("turns 4 ms on 35 sectors into a gap of one block of %i bytes", (blockBytes) => {
    expect(gapBlocks(readImage(emptyDisk(vectraDisk, { blockBytes })).superblock)).toBe(1);
  });

  it("puts the superblock's copies on different tracks of the cylinder", () => {
    const { superblock } = readImage(emptyDisk(vectraDisk));
    const heads = Array.from({ length: 15 }, (_, group) => Math.floor((superblockBlock(superblock, group) * 8) / 35) % 15);
    expect(new Set(heads).size).toBeGreaterThanOrEqual(13);
  });

  it("keeps for itself what is in no group's data", () => {
    const { superblock } = readImage(emptyDisk());
    let data = 0;
    for (let group = 0; group < superblock.groups; group++) {
      const [from, to] = reservedBlocks(superblock, group);
      data += groupBlocks(superblock, group) - (to - from);
    }
    expect(superblock.dataBlocks).toBe(data);
    expect(superblock.freeBlocks).toBe(data - 1); // the root directory has one
  });

  it("makes a clean file system on any geometry, or says why it cannot", () => {
    fc.assert(
      fc.property(
        fc.record({ cylinders: fc.integer({ min: 1, max: 200 }), heads: fc.integer({ min: 1, max: 16 }), sectorsPerTrack: fc.integer({ min: 1, max: 64 }), rpm: fc.constant(3600) }),
        fc.record({
          blockBytes: fc.constantFrom(4096, 8192),
          cylindersPerGroup: fc.integer({ min: 1, max: 32 }),
          bytesPerInode: fc.constantFrom(512, 2048, 8192),
          maxcontig: fc.integer({ min: 1, max: 4 }),
          rotdelayMs: fc.integer({ min: 0, max: 8 }),
        }),
        (geometry, parameters) => {
          const store = blankDisk(geometry);
          try {
            mkfs(store, geometry, parameters);
          } catch (error) {
            expect(error).toBeInstanceOf(InputError);
            expect((error as Error).message).toMatch(/too small, with these|lower cylindersPerGroup|raise cylindersPerGroup/);
            return;
          }
          expect(check(store)).toEqual([]);
        },
      ),
      { numRuns: 300 },
    );
  });

  it.each([
    ["a block size that is not one", { blockBytes: 5000 }, "blockBytes is 4096 or 8192, found 5000"],
    ["a parameter out of range", { minfreePercent: 120 }, "minfreePercent is a whole number from 0 to 99, found 120"],
    ["a parameter that is no number", { maxcontig: Number.NaN }, "maxcontig is a whole number from 1"],
  ])("refuses %s", (_, parameters, message) => {
    expect(() => mkfs(blankDisk(smallDisk), smallDisk, parameters)).toThrow(message);
  });

  it("refuses a disk that is too small, one smaller than its geometry, and one in use", () => {
    const tiny = { ...smallDisk, cylinders: 2 };
    expect(() => mkfs(blankDisk(tiny), tiny)).toThrow("a disk of 8 blocks is too small");
    expect(() => mkfs(blankDisk(tiny), smallDisk)).toThrow("the geometry has 2176 sectors, the disk only 68");
    expect(() => mkfs(emptyDisk(), smallDisk)).toThrow("carries a file system already");
  });
});
