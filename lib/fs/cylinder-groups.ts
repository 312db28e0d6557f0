/**
 * Layer 3 of 5: cylinder groups, which give out blocks and inodes.
 *
 * The superblock and the summary of the groups are kept in memory while the file
 * system is mounted; the maps are read and changed through the buffer cache. A
 * group's header is held while it changes, so two processes never take the same.
 *
 * Blocks are promised first: whether there is room shows before anything is
 * changed, so a full disk leaves nothing half-done.
 */
import type { Simulation, Steps } from "../engine/index.ts";
import { clearBits, findBitAround, setBits, testBit } from "./bits.ts";
import type { BufferCache } from "./buffer-cache.ts";
import type { Buffer } from "./buffer.ts";
import { UnixError } from "./errno.ts";
import {
  angleOfBlock,
  blockMapOffset,
  cylinderOfBlock,
  groupBase,
  groupBlocks,
  groupOfBlock,
  groupOfInode,
  headerBlock,
  reserveBlocks,
  sectorsPerBlock,
} from "./geometry.ts";
import { decode, encode, GROUP, INODE_MAP, SUMMARY, SUMMARY_BYTES, SUPERBLOCK, SUPERBLOCK_MAGIC } from "./layout.ts";
import type { Summary, Superblock } from "./layout.ts";
import { groupForDirectory, preferredBlock, searchOrder } from "./placement.ts";

export class CylinderGroups {
  readonly superblock: Superblock;
  /** The counters of each group. */
  readonly summaries: Summary[];
  readonly #sim: Simulation;
  readonly #cache: BufferCache;
  readonly #allocateNs: number;
  #promised = 0;

  /** `allocateNs`: what it costs to give out or take back one block or inode. */
  constructor(sim: Simulation, cache: BufferCache, superblock: Superblock, summaries: Summary[], allocateNs: number) {
    this.#sim = sim;
    this.#cache = cache;
    this.superblock = superblock;
    this.summaries = summaries;
    this.#allocateNs = allocateNs;
  }

  /** Read superblock and summary. @throws UnixError EINVAL if there is no file system of this block size. */
  static *load(sim: Simulation, cache: BufferCache, superblock: number, allocateNs: number): Steps<CylinderGroups> {
    const first = yield* cache.bread(superblock);
    const sb = decode(SUPERBLOCK, first.view);
    cache.brelse(first);
    if (sb.magic !== SUPERBLOCK_MAGIC || sb.blockBytes !== cache.blockBytes) throw new UnixError("EINVAL", "mount");
    const summaries: Summary[] = [];
    for (let block = 0; block < sb.summaryBlocks; block++) {
      const buffer = yield* cache.bread(sb.summaryBlock + block);
      for (let at = 0; at < sb.blockBytes && summaries.length < sb.groups; at += SUMMARY_BYTES) summaries.push(decode(SUMMARY, buffer.view, at));
      cache.brelse(buffer);
    }
    return new CylinderGroups(sim, cache, sb, summaries, allocateNs);
  }

  /** Write superblock and summary. */
  *store(): Steps {
    const sb = this.superblock;
    const first = yield* this.#cache.bread(sb.superblockOffset);
    encode(SUPERBLOCK, sb, first.view);
    this.#cache.bdwrite(first);
    const perBlock = sb.blockBytes / SUMMARY_BYTES;
    for (let block = 0; block < sb.summaryBlocks; block++) {
      const buffer = yield* this.#cache.bread(sb.summaryBlock + block);
      const entries = this.summaries.slice(block * perBlock, (block + 1) * perBlock);
      entries.forEach((summary, i) => encode(SUMMARY, summary, buffer.view, i * SUMMARY_BYTES));
      this.#cache.bdwrite(buffer);
    }
  }

  /** Blocks that files can still have. */
  get availableBlocks(): number {
    return this.superblock.freeBlocks - reserveBlocks(this.superblock) - this.#promised;
  }

  /** Promise `blocks` blocks to the caller, who takes them with allocateBlock. @throws UnixError ENOSPC. */
  promise(blocks: number): void {
    if (this.availableBlocks < blocks) throw new UnixError("ENOSPC");
    this.#promised += blocks;
  }

  /** Give back the promise of `blocks` blocks. */
  release(blocks: number): void {
    this.#promised -= blocks;
  }

  /** The block that inode number `inode` would like for its block `logical`; see preferredBlock. */
  prefer(inode: number, logical: number, index?: number, pointer?: (index: number) => number): number {
    return preferredBlock(this.superblock, this.summaries, inode, logical, index, pointer);
  }

  /**
   * Take a promised block: `preferred`, or else the one on its cylinder that comes soonest
   * under the heads after it, or else any of its group, or else of another.
   */
  *allocateBlock(preferred: number): Steps<number> {
    this.#sim.charge(this.#allocateNs, "block and inode maps");
    const sb = this.superblock;
    const home = Math.min(groupOfBlock(sb, preferred), sb.groups - 1);
    for (const group of searchOrder(home, sb.groups)) {
      if (this.summaries[group]!.freeBlocks === 0) continue;
      const header = yield* this.#header(group);
      const index = this.#findBlock(header, group, preferred);
      if (index < 0) {
        this.#cache.brelse(header); // somebody else took the last one meanwhile
        continue;
      }
      clearBits(this.#blockMap(header), index, index + 1);
      header.view.setUint32(GROUP.blockRotor, index, true);
      this.#count(header, group, "freeBlocks", -1);
      this.#cache.bdwrite(header);
      this.#promised--;
      return groupBase(sb, group) + index;
    }
    throw new UnixError("ENOSPC");
  }

  /** Take `block` back, and forget what the cache holds of it. */
  *freeBlock(block: number): Steps {
    this.#sim.charge(this.#allocateNs, "block and inode maps");
    yield* this.#cache.invalidate(block);
    const group = groupOfBlock(this.superblock, block);
    const index = block - groupBase(this.superblock, group);
    const header = yield* this.#header(group);
    if (testBit(this.#blockMap(header), index)) throw new Error(`file system: block ${block} is freed, but it is free already`);
    setBits(this.#blockMap(header), index, index + 1);
    this.#count(header, group, "freeBlocks", 1);
    this.#cache.bdwrite(header);
  }

  /** Take an inode, for a directory in a roomy group, for a file in the group of its directory `parent`. @throws UnixError ENOSPC. */
  *allocateInode(parent: number, directory: boolean): Steps<number> {
    this.#sim.charge(this.#allocateNs, "block and inode maps");
    const sb = this.superblock;
    const home = directory ? groupForDirectory(sb, this.summaries) : groupOfInode(sb, parent);
    for (const group of searchOrder(home, sb.groups)) {
      if (this.summaries[group]!.freeInodes === 0) continue;
      const header = yield* this.#header(group);
      const map = header.bytes.subarray(INODE_MAP);
      const index = findBitAround(map, 0, sb.inodesPerGroup, header.view.getUint32(GROUP.inodeRotor, true), false);
      if (index < 0) {
        this.#cache.brelse(header);
        continue;
      }
      setBits(map, index, index + 1);
      header.view.setUint32(GROUP.inodeRotor, index, true);
      if (directory) this.#count(header, group, "directories", 1);
      this.#count(header, group, "freeInodes", -1);
      this.#cache.bdwrite(header);
      return group * sb.inodesPerGroup + index;
    }
    throw new UnixError("ENOSPC");
  }

  /** Take inode number `inode` back. */
  *freeInode(inode: number, directory: boolean): Steps {
    this.#sim.charge(this.#allocateNs, "block and inode maps");
    const group = groupOfInode(this.superblock, inode);
    const index = inode % this.superblock.inodesPerGroup;
    const header = yield* this.#header(group);
    clearBits(header.bytes.subarray(INODE_MAP), index, index + 1);
    if (directory) this.#count(header, group, "directories", -1);
    this.#count(header, group, "freeInodes", 1);
    this.#cache.bdwrite(header);
  }

  /** A free block of `group`, as an index in it, for someone who would like `preferred`; -1 if it is full. */
  #findBlock(header: Buffer, group: number, preferred: number): number {
    const sb = this.superblock;
    const map = this.#blockMap(header);
    const base = groupBase(sb, group);
    const blocks = groupBlocks(sb, group);
    const wanted = preferred - base;
    if (wanted < 0 || wanted >= blocks) return findBitAround(map, 0, blocks, header.view.getUint32(GROUP.blockRotor, true), true);
    if (testBit(map, wanted)) return wanted;
    const near = this.#soonestOnCylinder(map, base, blocks, preferred);
    return near >= 0 ? near : findBitAround(map, 0, blocks, wanted, true);
  }

  /** The free block on the cylinder of `preferred` whose sectors follow its own soonest in the rotation; -1 if there is none. */
  #soonestOnCylinder(map: Uint8Array, base: number, blocks: number, preferred: number): number {
    const sb = this.superblock;
    const cylinder = cylinderOfBlock(sb, preferred);
    const angle = angleOfBlock(sb, preferred);
    const first = Math.ceil((cylinder * sb.heads * sb.sectorsPerTrack) / sectorsPerBlock(sb)) - base;
    let best = -1;
    let soonest = Infinity;
    for (let index = Math.max(first, 0); index < blocks && cylinderOfBlock(sb, base + index) === cylinder; index++) {
      if (!testBit(map, index)) continue;
      const wait = (angleOfBlock(sb, base + index) - angle + sb.sectorsPerTrack) % sb.sectorsPerTrack;
      if (wait < soonest) {
        soonest = wait;
        best = index;
      }
    }
    return best;
  }

  /** The header of `group`, held. */
  *#header(group: number): Steps<Buffer> {
    return yield* this.#cache.bread(headerBlock(this.superblock, group));
  }

  #blockMap(header: Buffer): Uint8Array {
    return header.bytes.subarray(blockMapOffset(this.superblock));
  }

  /** Add `change` to a counter everywhere it is kept. */
  #count(header: Buffer, group: number, counter: keyof Summary, change: 1 | -1): void {
    const count = (this.summaries[group]![counter] += change);
    this.superblock[counter] += change;
    header.view.setUint32(GROUP[counter], count, true);
  }
}
