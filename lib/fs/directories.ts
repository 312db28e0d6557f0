/**
 * Layer 5 of 5, first half: directories, files whose bytes are entries.
 *
 * Names are bytes here. The caller holds the lock of the directory. What changes
 * in a directory is written at once, as 4.3BSD does.
 */
import type { Simulation, Steps } from "../engine/index.ts";
import type { BlockMap } from "./block-map.ts";
import type { BufferCache } from "./buffer-cache.ts";
import type { Buffer } from "./buffer.ts";
import { findEntry, formatChunk, formatFirstChunk, inodeOfEntry, insertEntry, listEntries, removeEntry } from "./directory-chunk.ts";
import { UnixError } from "./errno.ts";
import type { Inode } from "./inode.ts";
import { CHUNK_BYTES, HOLE, NAME_BYTES_MAX } from "./layout.ts";

export class Directories {
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

  /** The number of the inode called `name` in `directory`; 0 if there is none. @throws UnixError ENAMETOOLONG, EIO. */
  *lookup(directory: Inode, name: Uint8Array): Steps<number> {
    if (name.length > NAME_BYTES_MAX) throw new UnixError("ENAMETOOLONG");
    for (let start = 0; start < directory.size; start += this.#cache.blockBytes) {
      const buffer = yield* this.#block(directory, start);
      const at = findEntry(buffer.bytes, buffer.view, this.#length(directory, start), name);
      const number = at < 0 ? 0 : inodeOfEntry(buffer.view, at);
      this.#cache.brelse(buffer);
      if (number !== 0) return number;
    }
    return 0;
  }

  /** Let `name`, which is not there yet, lead to the inode `number`. @throws UnixError ENOSPC, EIO. */
  *enter(directory: Inode, name: Uint8Array, number: number): Steps {
    for (let start = 0; start < directory.size; start += this.#cache.blockBytes) {
      const buffer = yield* this.#block(directory, start);
      if (insertEntry(buffer.bytes, buffer.view, 0, this.#length(directory, start), name, number)) return yield* this.#write(directory, buffer);
      this.#cache.brelse(buffer);
    }
    const buffer = yield* this.#grow(directory);
    const at = directory.size % this.#cache.blockBytes;
    formatChunk(buffer.view, at);
    insertEntry(buffer.bytes, buffer.view, at, at + CHUNK_BYTES, name, number);
    directory.size += CHUNK_BYTES;
    yield* this.#write(directory, buffer);
  }

  /** Take `name`, which is there, away. @throws UnixError EIO. */
  *remove(directory: Inode, name: Uint8Array): Steps {
    for (let start = 0; start < directory.size; start += this.#cache.blockBytes) {
      const buffer = yield* this.#block(directory, start);
      const at = findEntry(buffer.bytes, buffer.view, this.#length(directory, start), name);
      if (at >= 0) {
        removeEntry(buffer.view, at);
        return yield* this.#write(directory, buffer);
      }
      this.#cache.brelse(buffer);
    }
  }

  /** Give a new directory its "." and "..". @throws UnixError ENOSPC, EIO. */
  *format(directory: Inode, parent: number): Steps {
    const buffer = yield* this.#grow(directory);
    formatFirstChunk(buffer.bytes, buffer.view, 0, directory.number, parent);
    directory.size = CHUNK_BYTES;
    yield* this.#write(directory, buffer);
  }

  /** All entries, "." and ".." included. @throws UnixError EIO. */
  *list(directory: Inode): Steps<{ name: string; inode: number }[]> {
    const entries: { name: string; inode: number }[] = [];
    for (let start = 0; start < directory.size; start += this.#cache.blockBytes) {
      const buffer = yield* this.#block(directory, start);
      entries.push(...listEntries(buffer.bytes, buffer.view, this.#length(directory, start)));
      this.#cache.brelse(buffer);
    }
    return entries;
  }

  /** The block of `directory` that begins at byte `start`, held. */
  *#block(directory: Inode, start: number): Steps<Buffer> {
    const { block } = yield* this.#blockMap.bmap(directory, start / this.#cache.blockBytes);
    if (block === HOLE) throw new UnixError("EIO"); // directories have none
    return yield* this.#cache.bread(block);
  }

  /** The block into which the next chunk goes, held; a new one if the last is full. */
  *#grow(directory: Inode): Steps<Buffer> {
    const { blockBytes } = this.#cache;
    if (directory.size % blockBytes !== 0) return yield* this.#block(directory, directory.size - (directory.size % blockBytes));
    const { block } = yield* this.#blockMap.bmap(directory, directory.size / blockBytes, { allocate: true });
    const buffer = yield* this.#cache.getblk(block);
    this.#zero(buffer.address, blockBytes);
    return buffer;
  }

  *#write(directory: Inode, buffer: Buffer): Steps {
    directory.markChanged(this.#sim.now);
    buffer.owner = directory.number;
    yield* this.#cache.bwrite(buffer);
  }

  /** Bytes of `directory` in the block that begins at byte `start`. */
  #length(directory: Inode, start: number): number {
    return Math.min(directory.size - start, this.#cache.blockBytes);
  }
}
