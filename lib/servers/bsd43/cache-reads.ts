/**
 * Reads of the Inode Pager through the buffer cache, and those ahead of its requests.
 *
 * Layer: servers/bsd43; section 4.1.2, "for historical reasons". A read is of one
 * block. What is read ahead stays in the cache like any other block, so the read-ahead
 * has a share of the cache: else it would push out what it has just brought. The kernel
 * is given what lies at the beginning of a buffer; a page behind that, in a larger block,
 * is first copied to a page of the pager's own.
 */
import type { Steps } from "../../engine/index.ts";
import type { Buffer } from "../../fs/buffer.ts";
import { locked } from "../../fs/inodes.ts";
import { HOLE } from "../../fs/layout.ts";
import { PAGE_BYTES } from "../../hardware/memory.ts";
import type { Frame } from "../../hardware/memory.ts";
import type { OutOfLineItem, PortName } from "../../kernels/mach3/index.ts";
import { InputError } from "../../schema/index.ts";
import type { BufferMemory } from "./buffer-memory.ts";
import type { PagerHost } from "./inode-pager.ts";
import type { MappedFile } from "./mapped-file.ts";
import { isFailure } from "./pager-failures.ts";
import type { Mach3Values } from "./shape.ts";

/** Gives the kernel the data at byte `offset` of the memory object with that control port. */
export type Provide = (control: PortName, offset: number, memory: OutOfLineItem) => Steps;

export class CacheReads {
  readonly #host: PagerHost;
  readonly #options: Mach3Values["pager"];
  readonly #provide: Provide;
  /** A page of the pager's own, where blocks are larger. */
  readonly #page: Frame | undefined;

  constructor(host: PagerHost, options: Mach3Values["pager"], provide: Provide) {
    this.#host = host;
    this.#options = options;
    this.#provide = provide;
    this.#page = host.cache.blockBytes > PAGE_BYTES ? ownPage(host.memory) : undefined;
  }

  /** Give the kernel the page at byte `offset` of `file`, and those behind it, up to `bytes` in all, that have a block; false if the page itself has none. @throws UnixError EIO */
  *provide(file: MappedFile, control: PortName, offset: number, bytes: number): Steps<boolean> {
    const { cache } = this.#host;
    let wanted = yield* this.#block(file, offset);
    if (wanted === undefined) return false;
    const end = Math.min(offset + bytes, file.size);
    if (offset + PAGE_BYTES < end) {
      // It comes last: who waits for it finds the others there, and does not ask for each.
      const { block } = wanted; // the buffer may have another one by then
      cache.brelse(wanted);
      yield* this.#provideBehind(file, control, offset + PAGE_BYTES, end);
      wanted = yield* cache.bread(block);
    }
    yield* this.#provideBuffer(control, offset, wanted);
    return true;
  }

  /** Pages that nobody waits for: those that cannot be had are left out. */
  *#provideBehind(file: MappedFile, control: PortName, from: number, end: number): Steps {
    for (let at = from; at < end; at += PAGE_BYTES) {
      try {
        const buffer = yield* this.#block(file, at);
        if (buffer !== undefined) yield* this.#provideBuffer(control, at, buffer);
      } catch (error) {
        if (!isFailure(error)) throw error;
      }
    }
  }

  /** Give the kernel the page at `offset` from its block's buffer, which is released. */
  *#provideBuffer(control: PortName, offset: number, buffer: Buffer): Steps {
    const { task, cache, memory } = this.#host;
    const from = offset % cache.blockBytes;
    try {
      if (from > 0) task.kernel.machine.bcopy(buffer.address + from, this.#page! * PAGE_BYTES, PAGE_BYTES);
      yield* this.#provide(control, offset, { address: memory.addressOf(from > 0 ? this.#page! : buffer.frames[0]!), bytes: PAGE_BYTES });
    } finally {
      cache.brelse(buffer);
    }
  }

  /** The buffer, held, of the block with the page at byte `offset` of `file`; undefined for a hole. A sequential reader's next blocks are read ahead. */
  *#block(file: MappedFile, offset: number): Steps<Buffer | undefined> {
    const { inode } = file;
    const { fs, fs: { cache } } = this.#host;
    const logical = Math.floor(offset / cache.blockBytes);
    const { block, next } = yield* locked(inode, fs.bmap(inode, logical));
    if (block === HOLE) return undefined;
    const sequential = inode.lastRead + 1 === logical || inode.lastRead === logical;
    inode.lastRead = logical;
    if (!sequential || this.#options.readAhead === 0) {
      file.aheadTo = 0;
      return yield* cache.bread(block);
    }
    return yield* cache.breada(block, next === HOLE ? [] : yield* this.#ahead(file, logical, next));
  }

  /** The blocks to be read ahead of block `logical` of `file`, the first of which is `next`: those that have not been asked for before. */
  *#ahead(file: MappedFile, logical: number, next: number): Steps<number[]> {
    const { inode } = file;
    const { fs, fs: { cache } } = this.#host;
    const { readAhead, aheadPercent } = this.#options;
    const most = Math.max(1, Math.floor((cache.size * aheadPercent) / 100)); // breada() of 4.3BSD takes one whatever the pool
    const blocks = [next];
    const end = Math.min(logical + 1 + Math.min(readAhead, most), Math.ceil(file.size / cache.blockBytes));
    for (let at = Math.max(logical + 2, file.aheadTo); at < end; at++) {
      const { block } = yield* locked(inode, fs.bmap(inode, at));
      if (block === HOLE) break;
      blocks.push(block);
    }
    file.aheadTo = end;
    return blocks;
  }
}

/** A page for the pager. @throws InputError */
function ownPage(memory: BufferMemory): Frame {
  const [frame] = memory.allocateRun("Inode Pager", 1) ?? [];
  if (frame === undefined) throw new InputError("Inode Pager: memory has no room for a page");
  return frame;
}
