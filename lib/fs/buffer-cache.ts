/**
 * Layer 2 of 5: the buffer cache, a fixed pool of disk blocks in memory.
 *
 * All systems of the paper have one: Mach 2.6 moves all file data through it, the
 * BSD4.3 Single Server too "for historical reasons" (section 4.1.2), MiX's Object
 * Manager and System V keep inodes, directories and indirect blocks in it (4.3.3).
 *
 * Interface:
 *   To use a block, call bread (its contents are wanted) or getblk (they will be
 *   overwritten): the buffer is then held, and nobody else gets it.
 *   Give it back with brelse, or having changed it with one of
 *     bwrite   write it now and wait
 *     bawrite  write it now, do not wait
 *     bdwrite  write it when its room is needed, or at flush
 *   Hold one buffer at a time: then no pool is too small.
 *
 * Which buffer is given to a new block: the one that was released longest ago.
 */
import { spanned, WaitQueue } from "../engine/index.ts";
import type { Simulation, Steps } from "../engine/index.ts";
import { PAGE_BYTES } from "../hardware/memory.ts";
import type { Memory } from "../hardware/memory.ts";
import { InputError } from "../schema/index.ts";
import type { BlockDevice } from "./block-device.ts";
import { Buffer, FreeList, NO_BLOCK } from "./buffer.ts";
import { UnixError } from "./errno.ts";
import type { Errno } from "./errno.ts";
import { SECTOR_BYTES } from "./layout.ts";

export interface BufferCacheOptions {
  sim: Simulation;
  memory: Pick<Memory, "allocateRun" | "view">;
  device: BlockDevice;
  /** Bytes of a block: whole sectors, and whole pages or an even part of one. */
  blockBytes: number;
  /** How many blocks the pool holds. */
  buffers: number;
  /** Cost of finding a block's buffer, in ns. */
  lookupNs: number;
}

/** What the cache has done so far. */
export interface BufferCacheStatistics {
  /** Blocks that bread found, and those that it had to read. */
  hits: number;
  misses: number;
  /** Blocks read and written in all, and of the reads those ahead of their use. */
  reads: number;
  writes: number;
  readAheads: number;
}

export class BufferCache {
  readonly blockBytes: number;
  readonly statistics: BufferCacheStatistics = { hits: 0, misses: 0, reads: 0, writes: 0, readAheads: 0 };
  readonly #sim: Simulation;
  readonly #device: BlockDevice;
  readonly #lookupNs: number;
  readonly #sectors: number;
  readonly #pool: Buffer[];
  readonly #blocks = new Map<number, Buffer>();
  readonly #free = new FreeList();
  readonly #freed: WaitQueue;
  #writeError: Errno | undefined = undefined;

  /** @throws InputError if memory has no room for the pool. */
  constructor({ sim, memory, device, blockBytes, buffers, lookupNs }: BufferCacheOptions) {
    this.blockBytes = blockBytes;
    this.#sim = sim;
    this.#device = device;
    this.#lookupNs = lookupNs;
    this.#sectors = blockBytes / SECTOR_BYTES;
    this.#freed = new WaitQueue(sim, "a free disk buffer");
    const frames = memory.allocateRun("buffer cache", Math.ceil((buffers * blockBytes) / PAGE_BYTES));
    if (frames === undefined || buffers < 1) throw new InputError(`buffer cache: memory has no room for ${buffers} buffers of ${blockBytes} bytes`);
    const base = frames[0]! * PAGE_BYTES;
    this.#pool = Array.from({ length: buffers }, (_, i) => new Buffer(memory, base + i * blockBytes, blockBytes));
    for (const buffer of this.#pool) this.#free.append(buffer);
  }

  /** How many blocks the pool holds. */
  get size(): number {
    return this.#pool.length;
  }

  /** Is `block` in the cache? */
  incore(block: number): boolean {
    return this.#blocks.has(block);
  }

  /** The buffer of `block`, held, whatever it contains; waits while somebody else holds it or all are held. */
  *getblk(block: number): Steps<Buffer> {
    this.#sim.charge(this.#lookupNs, "getblk");
    for (;;) {
      const cached = this.#blocks.get(block);
      if (cached === undefined) {
        const buffer = yield* this.#cleanOldest();
        if (this.#blocks.has(block)) continue; // somebody else brought it meanwhile
        if (buffer === undefined) yield* this.#freed.wait();
        else return this.#claim(buffer, block);
      } else if (cached.busy) yield* spanned(this.#sim, cached.transferring && !cached.valid ? "Read from Disk" : "buffer is busy", this.#changed(cached).wait());
      else return this.#take(cached);
    }
  }

  /** A buffer without a block, held; brelse forgets it. */
  *geteblk(): Steps<Buffer> {
    for (;;) {
      const buffer = yield* this.#cleanOldest();
      if (buffer !== undefined) return this.#claim(buffer, NO_BLOCK);
      yield* this.#freed.wait();
    }
  }

  /** The buffer of `block` with its contents, held. @throws UnixError EIO. */
  bread(block: number): Steps<Buffer> {
    return spanned(this.#sim, "bread", this.#bread(block));
  }

  *#bread(block: number): Steps<Buffer> {
    const buffer = yield* this.getblk(block);
    if (buffer.valid) {
      this.statistics.hits++;
      return buffer;
    }
    this.statistics.misses++;
    yield* this.#start(buffer, "read");
    return yield* spanned(this.#sim, "Read from Disk", this.#finish(buffer));
  }

  /** As bread, and meanwhile start to read those blocks of `ahead` that are not here while buffers are free. @throws UnixError EIO. */
  breada(block: number, ahead: readonly number[]): Steps<Buffer> {
    return spanned(this.#sim, "breada", this.#breada(block, ahead));
  }

  *#breada(block: number, ahead: readonly number[]): Steps<Buffer> {
    const known = this.incore(block); // perhaps still on its way: the next ones do not wait for it
    const buffer = known ? undefined : yield* this.getblk(block);
    const asked = buffer?.valid === false;
    if (asked) yield* this.#start(buffer, "read");
    for (const next of ahead) if (!this.incore(next)) yield* this.#readAhead(next);
    if (buffer === undefined) return yield* this.#bread(block);
    this.statistics[asked ? "misses" : "hits"]++;
    return asked ? yield* spanned(this.#sim, "Read from Disk", this.#finish(buffer)) : buffer;
  }

  /** Release a held buffer; one without contents is forgotten. */
  brelse(buffer: Buffer): void {
    buffer.busy = false;
    if (buffer.valid) this.#free.append(buffer);
    else {
      this.#forget(buffer);
      this.#free.prepend(buffer);
    }
    buffer.changed?.wakeAll();
    this.#freed.wakeAll();
  }

  /** Write a held buffer, wait for it, and release it. @throws UnixError EIO. */
  *bwrite(buffer: Buffer): Steps {
    buffer.valid = true;
    yield* this.#start(buffer, "write");
    this.brelse(yield* spanned(this.#sim, "Write to Disk", this.#finish(buffer)));
  }

  /** Start to write a held buffer, which is released when that is done. An error shows at the next flush. */
  *bawrite(buffer: Buffer): Steps {
    buffer.valid = true;
    buffer.asynchronous = true;
    yield* this.#start(buffer, "write");
  }

  /** Release a held buffer that has to be written some time. */
  bdwrite(buffer: Buffer): void {
    buffer.valid = true;
    buffer.dirty = true;
    this.brelse(buffer);
  }

  /**
   * Write all delayed blocks, or those of the inode `owner`, and wait until all their writes have ended.
   * @throws UnixError EIO if one failed, or a bawrite since the last flush.
   */
  *flush(owner?: number): Steps {
    const concerned = (buffer: Buffer) => owner === undefined || buffer.owner === owner;
    for (const buffer of this.#pool) {
      while (buffer.dirty && buffer.busy && concerned(buffer)) yield* this.#changed(buffer).wait();
      if (buffer.dirty && concerned(buffer)) yield* this.bawrite(this.#take(buffer));
    }
    for (const buffer of this.#pool) {
      while (buffer.transferring && concerned(buffer)) yield* this.#changed(buffer).wait();
    }
    const error = this.#writeError;
    this.#writeError = undefined;
    if (error !== undefined) throw new UnixError(error);
  }

  /** Forget what the cache holds of `block`, delayed writes included. */
  *invalidate(block: number): Steps {
    for (;;) {
      const buffer = this.#blocks.get(block);
      if (buffer === undefined) return;
      if (!buffer.busy) return this.#drop(buffer);
      yield* this.#changed(buffer).wait();
    }
  }

  /** Flush, then forget all that nobody has taken or changed meanwhile: its next use goes to the disk. @throws UnixError EIO. */
  *purge(): Steps {
    yield* this.flush();
    for (const buffer of this.#pool) if (!buffer.busy && !buffer.dirty) this.#drop(buffer);
  }

  *#readAhead(block: number): Steps {
    const buffer = yield* this.#cleanOldest();
    if (buffer === undefined || this.incore(block)) return;
    this.#claim(buffer, block).asynchronous = true;
    this.statistics.readAheads++;
    yield* this.#start(buffer, "read");
  }

  /** The free buffer released longest ago, after the start of any writes that it takes; undefined if none is free. */
  *#cleanOldest(): Steps<Buffer | undefined> {
    while (this.#free.oldest?.dirty) yield* this.bawrite(this.#take(this.#free.oldest));
    return this.#free.oldest;
  }

  /** Start a transfer of the held `buffer`. */
  *#start(buffer: Buffer, op: "read" | "write"): Steps {
    buffer.transferring = true;
    buffer.dirty = false;
    this.statistics[op === "read" ? "reads" : "writes"]++;
    yield* this.#sim.settle(); // the processor got here before the disk could
    this.#device.strategy({
      op,
      sector: buffer.block * this.#sectors,
      sectors: this.#sectors,
      frames: buffer.frames,
      offset: buffer.offset,
      done: this.#completion(buffer, op),
    });
  }

  /** What the interrupt does when the transfer of `buffer` has ended. */
  #completion(buffer: Buffer, op: "read" | "write"): (error?: Errno) => void {
    return (error) => {
      buffer.transferring = false;
      buffer.error = error;
      buffer.valid = error === undefined;
      if (buffer.asynchronous) {
        buffer.asynchronous = false;
        // A block read ahead in vain is read again when it is wanted; of a lost write somebody has to hear.
        if (op === "write") this.#writeError ??= error;
        this.brelse(buffer);
      } else buffer.changed?.wakeAll();
    };
  }

  /** Wait for the end of a transfer. @throws UnixError EIO, and the buffer is released. */
  *#finish(buffer: Buffer): Steps<Buffer> {
    while (buffer.transferring) yield* this.#changed(buffer).wait();
    if (buffer.error === undefined) return buffer;
    this.brelse(buffer);
    throw new UnixError(buffer.error);
  }

  /** Hold a free buffer. */
  #take(buffer: Buffer): Buffer {
    this.#free.remove(buffer);
    buffer.busy = true;
    return buffer;
  }

  /** Hold a free buffer for another block. */
  #claim(buffer: Buffer, block: number): Buffer {
    this.#forget(this.#take(buffer));
    buffer.block = block;
    if (block !== NO_BLOCK) this.#blocks.set(block, buffer);
    return buffer;
  }

  /** Forget the contents of a free buffer. */
  #drop(buffer: Buffer): void {
    this.#free.remove(buffer);
    this.#forget(buffer);
    this.#free.prepend(buffer);
  }

  #forget(buffer: Buffer): void {
    this.#blocks.delete(buffer.block);
    buffer.block = NO_BLOCK;
    buffer.owner = 0;
    buffer.valid = buffer.dirty = false;
  }

  #changed(buffer: Buffer): WaitQueue {
    return (buffer.changed ??= new WaitQueue(this.#sim, "a disk buffer"));
  }
}
