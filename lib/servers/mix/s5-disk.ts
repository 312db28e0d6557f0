/**
 * Blocks and inodes of an S5 file system: allocation, and from a file's block to the disk's.
 *
 * Layer: servers/mix. All of it is done under one lock, which S5 (s5.ts) holds.
 */
import type { Steps } from "../../engine/index.ts";
import type { BufferCache } from "../../fs/buffer-cache.ts";
import { UnixError } from "../../fs/errno.ts";
import {
  decodeS5Inode, encodeS5Inode, readS5Chain, S5_ADDRESSES, S5_CHAIN, S5_DIRECT, S5_MODE, S5_POINTERS, s5InodePlace, s5Superblock, writeS5Chain,
} from "./s5-layout.ts";
import type { S5DiskInode, S5Shape } from "./s5-layout.ts";

/** An inode in memory. */
export interface S5Inode extends S5DiskInode {
  readonly number: number;
  users: number;
}

export class S5Disk {
  readonly cache: BufferCache;
  readonly #shape: S5Shape;
  readonly #zero: (address: number, bytes: number) => void;
  readonly #inodes = new Map<number, S5Inode>();

  /** `zero` clears memory and charges for it. */
  constructor(cache: BufferCache, shape: S5Shape, zero: (address: number, bytes: number) => void) {
    this.cache = cache;
    this.#shape = shape;
    this.#zero = zero;
  }

  /** The inode `number`, one more user. */
  *iget(number: number): Steps<S5Inode> {
    let inode = this.#inodes.get(number);
    if (inode === undefined) {
      const { block, offset } = s5InodePlace(number);
      const buffer = yield* this.cache.bread(block);
      inode = { number, users: 0, ...decodeS5Inode(buffer.view, offset) };
      this.cache.brelse(buffer);
      this.#inodes.set(number, inode);
    }
    inode.users++;
    return inode;
  }

  /** One user less; with the last one the inode goes to its block, or the file goes if it has no name. */
  *iput(inode: S5Inode): Steps {
    if (inode.users === 1) {
      if (inode.links === 0) {
        yield* this.truncate(inode, 0);
        inode.mode = S5_MODE.none;
      }
      yield* this.iupdate(inode);
    }
    if (--inode.users === 0) this.#inodes.delete(inode.number);
  }

  *iupdate(inode: S5Inode): Steps {
    const { block, offset } = s5InodePlace(inode.number);
    const buffer = yield* this.cache.bread(block);
    encodeS5Inode(inode, buffer.view, offset);
    this.cache.bdwrite(buffer);
  }

  /** A new inode, used once, with one link. @throws UnixError ENOSPC */
  *ialloc(mode: number): Steps<S5Inode> {
    for (let number = 3; number <= this.#shape.inodes; number++) {
      if (this.#inodes.has(number)) continue;
      const inode = yield* this.iget(number);
      if (inode.mode === S5_MODE.none) {
        inode.mode = mode;
        inode.links = 1;
        inode.size = 0;
        inode.generation = (inode.generation + 1) % 256;
        inode.addresses.fill(0);
        return inode;
      }
      this.#inodes.delete(number);
    }
    throw new UnixError("ENOSPC");
  }

  /** Where block `logical` of the file lies, 0 for a hole; with `allocate` it gets one, `fresh`. @throws UnixError ENOSPC, EFBIG */
  *bmap(inode: S5Inode, logical: number, allocate = false): Steps<{ block: number; fresh: boolean }> {
    const [slot, ...indices] = path(logical);
    let block = inode.addresses[slot]!;
    let fresh = false;
    if (block === 0 && allocate) {
      block = inode.addresses[slot] = yield* this.#alloc(indices.length > 0);
      fresh = true;
    }
    for (const [depth, index] of indices.entries()) {
      if (block === 0) break;
      const holder = block;
      let buffer = yield* this.cache.bread(holder);
      block = buffer.view.getUint32(4 * index, true);
      this.cache.brelse(buffer);
      fresh = false;
      if (block !== 0 || !allocate) continue;
      block = yield* this.#alloc(depth < indices.length - 1);
      fresh = true;
      buffer = yield* this.cache.bread(holder);
      buffer.view.setUint32(4 * index, block, true);
      this.cache.bdwrite(buffer);
    }
    return { block, fresh };
  }

  /** Cut the file to `size` bytes: blocks past that go back to the free list. */
  *truncate(inode: S5Inode, size: number): Steps {
    const keep = Math.ceil(size / this.cache.blockBytes);
    let first = 0;
    for (let slot = 0; slot < S5_ADDRESSES; slot++) {
      const level = Math.max(0, slot - S5_DIRECT + 1);
      if (inode.addresses[slot] !== 0 && (yield* this.#free(inode.addresses[slot]!, level, keep - first))) inode.addresses[slot] = 0;
      first += S5_POINTERS ** level;
    }
    inode.size = size;
  }

  /** Free what hangs on `block` over `level` blocks, but for the first `keep` data blocks; whether all of it went. */
  *#free(block: number, level: number, keep: number): Steps<boolean> {
    if (level > 0 && keep < S5_POINTERS ** level) {
      const span = S5_POINTERS ** (level - 1);
      for (let index = Math.max(0, Math.floor(keep / span)); index < S5_POINTERS; index++) {
        let buffer = yield* this.cache.bread(block);
        const child = buffer.view.getUint32(4 * index, true);
        this.cache.brelse(buffer);
        if (child === 0 || !(yield* this.#free(child, level - 1, keep - index * span))) continue;
        buffer = yield* this.cache.bread(block);
        buffer.view.setUint32(4 * index, 0, true);
        this.cache.bdwrite(buffer);
      }
    }
    if (keep > 0) return false;
    yield* this.#release(block);
    return true;
  }

  /** The next block of the chain, cleared if it is to hold pointers or entries. @throws UnixError ENOSPC */
  *#alloc(clear: boolean): Steps<number> {
    let buffer = yield* this.cache.bread(s5Superblock);
    const free = readS5Chain(buffer.view, 0);
    this.cache.brelse(buffer);
    const block = free.pop() ?? 0;
    if (block === 0) throw new UnixError("ENOSPC");
    let rest = free;
    if (free.length === 0) {
      const next = yield* this.cache.bread(block); // it held the rest of the chain
      rest = readS5Chain(next.view, 0);
      this.cache.brelse(next);
    }
    buffer = yield* this.cache.bread(s5Superblock);
    writeS5Chain(buffer.view, 0, rest);
    this.cache.bdwrite(buffer);
    if (clear) {
      const cleared = yield* this.cache.getblk(block);
      this.#zero(cleared.address, this.cache.blockBytes);
      this.cache.bdwrite(cleared);
    } else yield* this.cache.invalidate(block);
    return block;
  }

  *#release(block: number): Steps {
    let buffer = yield* this.cache.bread(s5Superblock);
    let free = readS5Chain(buffer.view, 0);
    this.cache.brelse(buffer);
    if (free.length === S5_CHAIN) {
      const holder = yield* this.cache.getblk(block);
      writeS5Chain(holder.view, 0, free);
      this.cache.bdwrite(holder);
      free = [block];
    } else free.push(block);
    buffer = yield* this.cache.bread(s5Superblock);
    writeS5Chain(buffer.view, 0, free);
    this.cache.bdwrite(buffer);
  }
}

/** The slot of the inode from which block `logical` is reached, then the index in each block on the way. @throws UnixError EFBIG */
function path(logical: number): [number, ...number[]] {
  if (logical < S5_DIRECT) return [logical];
  let rest = logical - S5_DIRECT;
  for (let level = 1; level <= S5_ADDRESSES - S5_DIRECT; level++) {
    const reach = S5_POINTERS ** level;
    if (rest < reach) return [S5_DIRECT + level - 1, ...Array.from({ length: level }, (_, i) => Math.floor(rest / S5_POINTERS ** (level - 1 - i)) % S5_POINTERS)];
    rest -= reach;
  }
  throw new UnixError("EFBIG");
}
