/** The checker finds every kind of damage, and nothing where there is none. */
import { describe, expect, it } from "vitest";
import type { SectorStore } from "../../lib/hardware/disk/sector-store.ts";
import { check, populate, readImage } from "../../lib/fs/index.ts";
import type { Image, Problem } from "../../lib/fs/index.ts";
import { blockMapOffset, headerBlock, inodeBlock, inodeOffset, superblockBlock } from "../../lib/fs/geometry.ts";
import { ENTRY, GROUP, INODE, INODE_MAP, SUMMARY, SUPERBLOCK } from "../../lib/fs/layout.ts";
import { blankDisk, emptyDisk, pattern, smallDisk, vectraDisk } from "./rig.ts";

const BLOCK = 4096;

/** An image with directories, files, a hole and an indirect block. */
function sound(): SectorStore {
  const store = emptyDisk(smallDisk);
  populate(store, "/a/small", pattern(100));
  populate(store, "/a/large", pattern(20 * BLOCK));
  populate(store, "/b/c/deep", pattern(3 * BLOCK));
  return store;
}

/** Damages an image. */
class Damage {
  readonly image: Image;
  readonly #store: SectorStore;

  constructor(store: SectorStore) {
    this.#store = store;
    this.image = readImage(store);
  }

  number(path: string): number {
    return path === "/" ? 2 : this.image.entries.get(path)!.number;
  }

  /** Change `block`. */
  block(block: number, change: (view: DataView, bytes: Uint8Array) => void): void {
    const bytes = this.#store.readRange(block * 8, 8).slice();
    change(new DataView(bytes.buffer), bytes);
    this.#store.writeRange(block * 8, bytes);
  }

  /** Change the inode of `path`. */
  inode(path: string, change: (view: DataView) => void): void {
    const { superblock } = this.image;
    const number = this.number(path);
    this.block(inodeBlock(superblock, number), (view) => change(new DataView(view.buffer, inodeOffset(superblock, number), 128)));
  }

  /** Set pointer `slot` of the inode of `path`. */
  pointer(path: string, slot: number, block: number): void {
    this.inode(path, (view) => view.setUint32(INODE.pointers + slot * 4, block, true));
  }

  /** Change the first block of the directory `path`; `at` is where the entry `name` begins. */
  entry(path: string, name: string, change: (view: DataView, at: number, bytes: Uint8Array) => void): void {
    const block = path === "/" ? this.#rootBlock() : this.image.blocks(path)[0]!;
    this.block(block, (view, bytes) => {
      let at = 0;
      while (new TextDecoder().decode(bytes.subarray(at + 8, at + 8 + view.getUint16(at + ENTRY.nameBytes, true))) !== name) at += view.getUint16(at + ENTRY.entryBytes, true);
      change(view, at, bytes);
    });
  }

  #rootBlock(): number {
    const { superblock } = this.image;
    return new DataView(this.#store.readRange(inodeBlock(superblock, 2) * 8, 8).slice().buffer).getUint32(inodeOffset(superblock, 2) + INODE.pointers, true);
  }

  header(group: number, change: (view: DataView, bytes: Uint8Array) => void): void {
    this.block(headerBlock(this.image.superblock, group), change);
  }
}

const bump = (view: DataView, at: number) => view.setUint32(at, view.getUint32(at, true) + 1, true);

/** What the damage is, what the checker must say of it, and the damage. */
const damages: [string, Problem["kind"], RegExp, (d: Damage) => void][] = [
  ["no magic number", "superblock", /no file system here/, (d) => d.block(2, (view) => view.setUint32(SUPERBLOCK.magic, 0, true))],
  ["a wrong number of blocks", "superblock", /^blocks is 273, its parameters give 272/, (d) => d.block(2, (view) => bump(view, SUPERBLOCK.blocks))],
  ["an impossible block size", "superblock", /blockBytes is a whole number from 4096/, (d) => d.block(2, (view) => view.setUint32(SUPERBLOCK.blockBytes, 3, true))],
  ["the geometry of another disk", "superblock", /^blocks is 272, its parameters give 2720/, (d) => d.block(2, (view) => view.setUint32(SUPERBLOCK.cylinders, 640, true))],
  ["a copy of the superblock that differs", "superblock", /copy in group 2 has rotdelayMs 5 instead of 4/, (d) => d.block(superblockBlock(d.image.superblock, 2), (view) => bump(view, SUPERBLOCK.rotdelayMs))],
  ["a header without its magic number", "group", /header of group 1 is not one/, (d) => d.header(1, (view) => bump(view, GROUP.magic))],
  ["the header of another group", "group", /header of group 1 is not one/, (d) => d.header(1, (view) => bump(view, GROUP.index))],
  ["a rotor out of range", "group", /a rotor of group 3/, (d) => d.header(3, (view) => view.setUint32(GROUP.blockRotor, 1000, true))],
  ["a mode that is none", "inode", /has the unknown mode/, (d) => d.inode("/a/small", (view) => view.setUint16(INODE.mode, 0o120777, true))],
  ["an inode that is never given out", "inode", /inode 1 is in use/, (d) => d.block(inodeBlock(d.image.superblock, 1), (view) => view.setUint16(128 + INODE.mode, 0o100644, true))],
  ["an impossible size", "inode", /impossible size/, (d) => d.inode("/a/small", (view) => view.setUint32(INODE.size + 4, 1 << 20, true))],
  ["a directory of half a chunk", "inode", /not whole chunks/, (d) => d.inode("/a", (view) => view.setUint32(INODE.size, 700, true))],
  ["a wrong count of sectors", "inode", /says that it holds 9 sectors/, (d) => d.inode("/a/small", (view) => bump(view, INODE.sectors))],
  ["a pointer off the disk", "block", /block 0: 99999 is not a data block/, (d) => d.pointer("/a/small", 0, 99999)],
  ["a pointer into a group's own blocks", "block", /is not a data block/, (d) => d.pointer("/a/small", 0, headerBlock(d.image.superblock, 1))],
  ["a pointer past the end of the file", "block", /block 0: \d+ lies past the end/, (d) => d.inode("/a/small", (view) => view.setUint32(INODE.size, 0, true))],
  ["an indirect pointer off the disk", "block", /1-fold indirect block for 12/, (d) => d.pointer("/a/large", 12, 4_000_000_000)],
  ["a pointer off the disk in an indirect block", "block", /block 13: 54321/, (d) => d.block(d.image.entries.get("/a/large")!.inode.pointers[12]!, (view) => view.setUint32(4, 54321, true))],
  ["a block with two owners", "duplicate", /is claimed by inode \d+ too/, (d) => d.pointer("/a/small", 0, d.image.blocks("/b/c/deep")[1]!)],
  ["a block twice in one file", "duplicate", /is claimed by inode \d+ too/, (d) => d.pointer("/b/c/deep", 0, d.image.blocks("/b/c/deep")[1]!)],
  ["an indirect block that points to itself", "duplicate", /is claimed by/, (d) => {
    const indirect = d.image.entries.get("/a/large")!.inode.pointers[12]!;
    d.block(indirect, (view) => view.setUint32(0, indirect, true));
  }],
  ["a root that is a file", "directory", /the root is not a directory/, (d) => d.inode("/", (view) => view.setUint16(INODE.mode, 0o100644, true))],
  ["a directory without \".\"", "directory", /does not begin with "\."/, (d) => d.entry("/a", ".", (view, at) => view.setUint32(at, 2, true))],
  ["a wrong \"..\"", "directory", /second entry of directory \d+ is not "\.\."/, (d) => d.entry("/b/c", "..", (view, at) => view.setUint32(at, 2, true))],
  ["a name twice", "directory", /the name is there already/, (d) => d.entry("/a", "large", (_, at, bytes) => bytes.set(new TextEncoder().encode("small"), at + 8))],
  ["a second \".\"", "directory", /entry "\.": the name is there already/, (d) => d.entry("/a", "large", (view, at, bytes) => {
    view.setUint16(at + ENTRY.nameBytes, 1, true);
    bytes.set([46, 0], at + ENTRY.name);
  })],
  ["an entry for a free inode", "directory", /inode 77 is not in use/, (d) => d.entry("/a", "small", (view, at) => view.setUint32(at, 77, true))],
  ["an entry of length 0", "directory", /impossible length 0/, (d) => d.entry("/a", "small", (view, at) => view.setUint16(at + ENTRY.entryBytes, 0, true))],
  ["an entry that leaves its chunk", "directory", /impossible length 600/, (d) => d.entry("/a", "small", (view, at) => view.setUint16(at + ENTRY.entryBytes, 600, true))],
  ["entries that stop short of the chunk's end", "directory", /an entry crosses into the next chunk/, (d) => d.entry("/a", "large", (view, at) => view.setUint16(at + ENTRY.entryBytes, 508 - at, true))],
  ["a name longer than its entry", "directory", /name has the impossible length 200/, (d) => d.entry("/a", "small", (view, at) => view.setUint16(at + ENTRY.nameBytes, 200, true))],
  ["a name without its end", "directory", /does not end with 0/, (d) => d.entry("/a", "small", (_, at, bytes) => (bytes[at + ENTRY.name + 5] = 120))],
  ["a name with a slash", "directory", /contains a slash/, (d) => d.entry("/a", "small", (_, at, bytes) => (bytes[at + ENTRY.name] = 47))],
  ["a directory in two places", "directory", /has a place already/, (d) => d.entry("/a", "small", (view, at) => view.setUint32(at, d.number("/b/c"), true))],
  ["a directory with a hole", "directory", /has a hole at block 0/, (d) => d.pointer("/a", 0, 0)],
  ["a directory as large as can be, all hole", "directory", /has a hole at block 1/, (d) => d.inode("/a", (view) => view.setUint32(INODE.size + 4, 0xf00, true))],
  ["a file that no entry names", "unreachable", /no directory leads to it/, (d) => d.entry("/a", "small", (view, at) => view.setUint32(at, 0, true))],
  ["a directory that is only its own", "unreachable", /no directory leads to it/, (d) => d.entry("/b", "c", (view, at) => view.setUint32(at, 0, true))],
  ["a wrong link count", "links", /link count of 2, 1 entries/, (d) => d.inode("/a/small", (view) => view.setUint16(INODE.links, 2, true))],
  ["a directory's wrong link count", "links", /link count of 2, 3 entries/, (d) => d.inode("/b", (view) => view.setUint16(INODE.links, 2, true))],
  ["a block in use that the map calls free", "map", /block \d+ is in use or not there/, (d) => d.header(0, (_, bytes) => (bytes[blockMapOffset(d.image.superblock)]! |= 1))],
  ["a free block that the map calls used", "map", /block 271 is free/, (d) => d.header(3, (_, bytes) => (bytes[blockMapOffset(d.image.superblock) + 8]! &= ~8))],
  ["a block in the map that is not there", "map", /block 272 is in use or not there/, (d) => d.header(3, (_, bytes) => (bytes[blockMapOffset(d.image.superblock) + 8]! |= 16))],
  ["an inode in use that the map calls free", "map", /inode 2 is in use/, (d) => d.header(0, (_, bytes) => (bytes[INODE_MAP]! &= ~4))],
  ["a free inode that the map calls used", "map", /inode 639 is free/, (d) => d.header(3, (_, bytes) => (bytes[INODE_MAP + 19]! |= 128))],
  ["a group's wrong count of free blocks", "counter", /group 1, header: freeBlocks/, (d) => d.header(1, (view) => bump(view, GROUP.freeBlocks))],
  ["a wrong count in the summary", "counter", /group 2, summary: directories/, (d) => d.block(d.image.superblock.summaryBlock, (view) => bump(view, 32 + SUMMARY.directories))],
  ["a wrong count in the superblock", "counter", /superblock: freeInodes/, (d) => d.block(2, (view) => bump(view, SUPERBLOCK.freeInodes))],
];

describe("the checker", () => {
  it("finds a sound image clean", () => {
    expect(check(sound())).toEqual([]);
  });

  it.each(damages)("finds %s", (_, kind, message, damage) => {
    const store = sound();
    damage(new Damage(store));
    const problems = check(store);
    expect(problems.filter((problem) => problem.kind === kind && message.test(problem.message))).not.toEqual([]);
  });

  it("speaks of little else than the damage", () => {
    for (const [name, , , damage] of damages) {
      const store = sound();
      damage(new Damage(store));
      expect(check(store).length, name).toBeLessThan(20);
    }
  });

  it("says of a blank disk that there is no file system", () => {
    expect(check(blankDisk(smallDisk))).toEqual([{ kind: "superblock", message: expect.stringContaining("no file system here") }]);
  });

  it("finds a file system that is larger than its disk", () => {
    const store = sound();
    const shorter = { sectors: 2000, readRange: store.readRange.bind(store), writeRange: store.writeRange.bind(store) };
    expect(check(shorter)).toEqual([{ kind: "superblock", message: "it speaks of 2176 sectors, the disk has 2000" }]);
  });

  it("survives any bytes in place of the metadata", () => {
    for (let seed = 1; seed <= 60; seed++) {
      const store = sound();
      const image = readImage(store);
      const blocks = [3, 4, 5, 9, 10, image.blocks("/a")[0]!, image.entries.get("/a/large")!.inode.pointers[12]!, headerBlock(image.superblock, 1)];
      store.writeRange(blocks[seed % blocks.length]! * 8, pattern(BLOCK, seed));
      expect(check(store).length).toBeGreaterThan(0);
    }
  });

  it("takes milliseconds for the 340 MB disk", () => {
    const store = emptyDisk(vectraDisk);
    populate(store, "/file", 8 * 1024 * 1024);
    check(store);
    const start = performance.now();
    for (let i = 0; i < 5; i++) expect(check(store)).toEqual([]);
    expect((performance.now() - start) / 5).toBeLessThan(100);
  });
});
