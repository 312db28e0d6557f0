/**
 * Layer 4 of 5, first half: from a file's block to the disk's.
 *
 * bmap is the function behind every read and page-in, and behind every allocation,
 * whenever a system chooses to make it: at write() in Mach 2.6 and System V, at
 * page-out in the BSD4.3 Single Server (section 4.2), when write permission is
 * granted in CHORUS/MiX (4.4), where itrunc takes back at close what was not used.
 * The caller holds the inode's lock.
 */
import type { Simulation, Steps } from "../engine/index.ts";
import type { BufferCache } from "./buffer-cache.ts";
import type { Buffer } from "./buffer.ts";
import type { CylinderGroups } from "./cylinder-groups.ts";
import { UnixError } from "./errno.ts";
import { maxFileBlocks, pointersPerBlock, sectorsPerBlock } from "./geometry.ts";
import type { Inode } from "./inode.ts";
import { DIRECT_POINTERS, HOLE, INDIRECT_LEVELS, POINTER_BYTES, POINTERS } from "./layout.ts";

/** Where a block of a file lies. */
export interface Mapping {
  /** The disk block, or HOLE. */
  block: number;
  /** It was allocated just now: what the disk holds there has nothing to do with the file. */
  fresh: boolean;
  /** The disk block of the file's next one, if the same pointers tell, else HOLE: what to read ahead. */
  next: number;
}

/** A hole, seen from the inode: see BlockMap.bmap. */
interface Place {
  slot: number;
  indices: number[];
  /** How many of the indirect blocks on the way are there, */
  depth: number;
  /** and the last of them. */
  holder: number;
}

/** Put zeros into a file's block `logical` from byte `from` of it on. */
export type ClearTail = (inode: Inode, logical: number, from: number) => Steps;

export class BlockMap {
  readonly #sim: Simulation;
  readonly #cache: BufferCache;
  readonly #groups: CylinderGroups;
  readonly #bmapNs: number;
  readonly #zero: (address: number, bytes: number) => void;
  readonly #perBlock: number;
  readonly #sectors: number;

  /** `bmapNs`: what one translation costs; `zero` clears memory and charges for it. */
  constructor(sim: Simulation, cache: BufferCache, groups: CylinderGroups, bmapNs: number, zero: (address: number, bytes: number) => void) {
    this.#sim = sim;
    this.#cache = cache;
    this.#groups = groups;
    this.#bmapNs = bmapNs;
    this.#zero = zero;
    this.#perBlock = pointersPerBlock(groups.superblock);
    this.#sectors = sectorsPerBlock(groups.superblock);
  }

  /** The largest size that a file can have, in bytes. */
  get maxFileBytes(): number {
    return maxFileBlocks(this.#groups.superblock) * this.#cache.blockBytes;
  }

  /**
   * Where block `logical` of the file lies; with `allocate` a hole gets a block.
   * @throws UnixError EFBIG past the last block that an inode can reach, ENOSPC (nothing has changed then), EIO.
   */
  *bmap(inode: Inode, logical: number, { allocate = false } = {}): Steps<Mapping> {
    this.#sim.charge(this.#bmapNs, "bmap");
    const { slot, indices } = this.#path(logical);
    let block = inode.pointers[slot]!;
    let next = HOLE;
    let preferred: number | undefined;
    let holder = HOLE; // the indirect block that points, or would point, to `block`
    let depth = 0;
    if (indices.length === 0) {
      if (slot + 1 < DIRECT_POINTERS) next = inode.pointers[slot + 1]!;
      if (allocate && block === HOLE) preferred = this.#groups.prefer(inode.number, logical, slot, (i) => inode.pointers[i]!);
    }
    for (; block !== HOLE && depth < indices.length; depth++) {
      holder = block;
      const buffer = yield* this.#cache.bread(holder);
      const index = indices[depth]!;
      block = pointerAt(buffer, index);
      if (depth === indices.length - 1) {
        if (index + 1 < this.#perBlock) next = pointerAt(buffer, index + 1);
        if (allocate && block === HOLE) preferred = this.#groups.prefer(inode.number, logical, index, (i) => pointerAt(buffer, i));
      }
      this.#cache.brelse(buffer);
    }
    if (block !== HOLE || !allocate) return { block, fresh: false, next };
    preferred ??= this.#groups.prefer(inode.number, logical);
    const place: Place = { slot, indices, depth, holder };
    return { block: yield* this.#grow(inode, place, preferred), fresh: true, next };
  }

  /**
   * Make the file `size` bytes long: what lies beyond is given back, blocks allocated
   * past the end included; where it grows there is a hole.
   * @param clearTail clears the rest of the last block; by default in the buffer cache, a
   *   system that keeps file data elsewhere gives its own.
   * @throws UnixError EFBIG, EIO.
   */
  *itrunc(inode: Inode, size: number, clearTail: ClearTail = (...tail) => this.#clearTail(...tail)): Steps {
    if (size > this.maxFileBytes) throw new UnixError("EFBIG");
    const { blockBytes } = this.#cache;
    if (size < inode.size && size % blockBytes !== 0) yield* clearTail(inode, Math.floor(size / blockBytes), size % blockBytes);
    if (size !== inode.size) inode.markChanged(this.#sim.now);
    inode.size = size;
    const keep = Math.ceil(size / blockBytes);
    let first = 0;
    for (let slot = 0; slot < POINTERS; slot++) {
      const level = Math.max(0, slot - DIRECT_POINTERS + 1);
      const block = inode.pointers[slot]!;
      if (keep <= first) inode.pointers[slot] = HOLE;
      if (block !== HOLE) yield* this.#free(inode, block, level, Math.max(0, keep - first));
      first += this.#perBlock ** level;
    }
  }

  /** The slot of the inode from which block `logical` is reached, then the index in each indirect block on the way. */
  #path(logical: number): Pick<Place, "slot" | "indices"> {
    if (logical < DIRECT_POINTERS) return { slot: logical, indices: [] };
    let rest = logical - DIRECT_POINTERS;
    for (let level = 1; level <= INDIRECT_LEVELS; level++) {
      const reach = this.#perBlock ** level;
      if (rest < reach) {
        const indices: number[] = [];
        for (let digit = level - 1; digit >= 0; digit--) indices.push(Math.floor(rest / this.#perBlock ** digit) % this.#perBlock);
        return { slot: DIRECT_POINTERS + level - 1, indices };
      }
      rest -= reach;
    }
    throw new UnixError("EFBIG");
  }

  /** Allocate the block at `place`, and before it the indirect blocks that lead to it. */
  *#grow(inode: Inode, { slot, indices, depth, holder }: Place, preferred: number): Steps<number> {
    let missing = indices.length - depth + 1;
    this.#groups.promise(missing);
    try {
      for (let at = depth; ; at++) {
        const block = yield* this.#groups.allocateBlock(preferred);
        missing--;
        if (at < indices.length) yield* this.#writeIndirect(block);
        if (at === 0) inode.pointers[slot] = block;
        else yield* this.#setPointers(inode, holder, indices[at - 1]!, indices[at - 1]! + 1, block);
        inode.sectors += this.#sectors;
        inode.dirty = true;
        if (at === indices.length) return block;
        holder = block;
      }
    } finally {
      this.#groups.release(missing);
    }
  }

  /** Write an indirect block of holes, and wait for it: no pointer may lead to one that was never written. */
  *#writeIndirect(block: number): Steps {
    const buffer = yield* this.#cache.getblk(block);
    this.#zero(buffer.address, this.#cache.blockBytes);
    yield* this.#cache.bwrite(buffer);
  }

  /** Let the pointers of the indirect block `holder` from `from` to before `to` be `pointer`. */
  *#setPointers(inode: Inode, holder: number, from: number, to: number, pointer: number): Steps {
    const buffer = yield* this.#cache.bread(holder);
    for (let index = from; index < to; index++) buffer.view.setUint32(index * POINTER_BYTES, pointer, true);
    buffer.owner = inode.number;
    this.#cache.bdwrite(buffer);
  }

  /** Give back what is reached from `block` over `level` indirect blocks, but for the first `keep` data blocks; all of it if `keep` is 0. */
  *#free(inode: Inode, block: number, level: number, keep: number): Steps {
    const span = this.#perBlock ** (level - 1); // data blocks behind one pointer
    if (level > 0 && keep < span * this.#perBlock) {
      const from = Math.floor(keep / span);
      const children = yield* this.#readPointers(block, from);
      if (keep > 0 && children.some((child) => child !== HOLE)) yield* this.#setPointers(inode, block, Math.ceil(keep / span), this.#perBlock, HOLE);
      for (const [i, child] of children.entries()) {
        if (child !== HOLE) yield* this.#free(inode, child, level - 1, Math.max(0, keep - (from + i) * span));
      }
    }
    if (keep > 0) return;
    yield* this.#groups.freeBlock(block);
    inode.sectors -= this.#sectors;
    inode.dirty = true;
  }

  /** The pointers of the indirect block `holder` from `from` on. */
  *#readPointers(holder: number, from: number): Steps<number[]> {
    const buffer = yield* this.#cache.bread(holder);
    const pointers: number[] = [];
    for (let index = from; index < this.#perBlock; index++) pointers.push(pointerAt(buffer, index));
    this.#cache.brelse(buffer);
    return pointers;
  }

  *#clearTail(inode: Inode, logical: number, from: number): Steps {
    const { block } = yield* this.bmap(inode, logical);
    if (block === HOLE) return;
    const buffer = yield* this.#cache.bread(block);
    this.#zero(buffer.address + from, this.#cache.blockBytes - from);
    buffer.owner = inode.number;
    this.#cache.bdwrite(buffer);
  }
}

const pointerAt = (buffer: Buffer, index: number): number => buffer.view.getUint32(index * POINTER_BYTES, true);
