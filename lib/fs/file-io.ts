/**
 * Reading and writing files through the buffer cache, as 4.3BSD does.
 *
 * Mach 2.6 serves read() and write() so, and the BSD4.3 Single Server what it does
 * not map. Systems with a page cache use bmap instead. A sequential read starts to
 * read the next block while the caller consumes this one; a block written to its
 * end goes to the disk at once but nobody waits for it, a partial one is delayed.
 */
import { spanned } from "../engine/index.ts";
import type { Simulation, Steps } from "../engine/index.ts";
import type { BlockMap } from "./block-map.ts";
import type { BufferCache } from "./buffer-cache.ts";
import type { Buffer } from "./buffer.ts";
import { UnixError } from "./errno.ts";
import type { Inode } from "./inode.ts";
import { HOLE } from "./layout.ts";

/** Copy the next `bytes` bytes between the caller and the physical `address`. */
export type Move = (address: number, bytes: number) => Steps;

export class FileIo {
  readonly #sim: Simulation;
  readonly #cache: BufferCache;
  readonly #blockMap: BlockMap;
  readonly #zero: (address: number, bytes: number) => void;

  constructor(sim: Simulation, cache: BufferCache, blockMap: BlockMap, zero: (address: number, bytes: number) => void) {
    this.#sim = sim;
    this.#cache = cache;
    this.#blockMap = blockMap;
    this.#zero = zero;
  }

  /** Move up to `bytes` bytes of the file from `offset` on to the caller; how many there were. @throws UnixError EIO. */
  readi(inode: Inode, offset: number, bytes: number, move: Move): Steps<number> {
    return spanned(this.#sim, "readi", this.#readi(inode, offset, bytes, move));
  }

  *#readi(inode: Inode, offset: number, bytes: number, move: Move): Steps<number> {
    const { blockBytes } = this.#cache;
    const end = Math.min(offset + bytes, inode.size);
    for (let at = offset; at < end; ) {
      const logical = Math.floor(at / blockBytes);
      const from = at - logical * blockBytes;
      const count = Math.min(blockBytes - from, end - at);
      const buffer = yield* this.#readBlock(inode, logical);
      try {
        yield* spanned(this.#sim, "uiomove", move(buffer.address + from, count));
      } finally {
        this.#cache.brelse(buffer);
      }
      at += count;
    }
    inode.markAccessed(this.#sim.now);
    return Math.max(0, end - offset);
  }

  /**
   * Move `bytes` bytes from the caller into the file from `offset` on; how many were written,
   * fewer if an error came after some.
   * @throws UnixError ENOSPC, EFBIG, EIO if nothing was written; the file is then as it was.
   */
  writei(inode: Inode, offset: number, bytes: number, move: Move): Steps<number> {
    return spanned(this.#sim, "writei", this.#writei(inode, offset, bytes, move));
  }

  *#writei(inode: Inode, offset: number, bytes: number, move: Move): Steps<number> {
    const { blockBytes } = this.#cache;
    let written = 0;
    try {
      while (written < bytes) {
        const at = offset + written;
        const logical = Math.floor(at / blockBytes);
        const from = at - logical * blockBytes;
        const count = Math.min(blockBytes - from, bytes - written);
        yield* this.#writeBlock(inode, logical, from, count, move);
        written += count;
        inode.size = Math.max(inode.size, at + count);
        inode.markChanged(this.#sim.now);
      }
    } catch (error) {
      if (!(error instanceof UnixError)) throw error;
      yield* this.#blockMap.itrunc(inode, inode.size); // a block past the end that got no bytes
      if (written === 0) throw error;
    }
    return written;
  }

  /** A buffer with block `logical` of the file, held; zeros for a hole. */
  *#readBlock(inode: Inode, logical: number): Steps<Buffer> {
    const { block, next } = yield* this.#blockMap.bmap(inode, logical);
    const sequential = inode.lastRead + 1 === logical;
    inode.lastRead = logical;
    if (block !== HOLE) return yield* sequential && next !== HOLE ? this.#cache.breada(block, [next]) : this.#cache.bread(block);
    const buffer = yield* this.#cache.geteblk();
    this.#zero(buffer.address, this.#cache.blockBytes);
    return buffer;
  }

  *#writeBlock(inode: Inode, logical: number, from: number, count: number, move: Move): Steps {
    const { blockBytes } = this.#cache;
    const { block, fresh } = yield* this.#blockMap.bmap(inode, logical, { allocate: true });
    const replaced = fresh || count === blockBytes;
    const buffer = yield* replaced ? this.#cache.getblk(block) : this.#cache.bread(block);
    const whole = count === blockBytes;
    if (fresh && !whole) this.#zero(buffer.address, blockBytes);
    const usable = fresh || buffer.valid;
    buffer.owner = inode.number;
    try {
      yield* spanned(this.#sim, "uiomove", move(buffer.address + from, count));
    } catch (error) {
      if (fresh && whole) this.#zero(buffer.address, blockBytes);
      if (usable) this.#cache.bdwrite(buffer);
      else this.#cache.brelse(buffer); // the disk still has the old contents
      throw error;
    }
    if (from + count === blockBytes) yield* this.#cache.bawrite(buffer);
    else this.#cache.bdwrite(buffer);
  }
}
