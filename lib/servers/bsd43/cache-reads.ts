/**
 * Reads of the Inode Pager through the buffer cache, and those ahead of its requests.
 *
 * Layer: servers/bsd43; section 4.1.2, "for historical reasons". A read is of one
 * block. What is read ahead stays in the cache like any other block, so the read-ahead
 * has a share of the cache: else it would push out what it has just brought.
 */
import type { Steps } from "../../engine/index.ts";
import type { Buffer } from "../../fs/buffer.ts";
import { locked } from "../../fs/inodes.ts";
import { HOLE } from "../../fs/layout.ts";
import type { PagerHost } from "./inode-pager.ts";
import type { MappedFile } from "./mapped-file.ts";
import type { Mach3Values } from "./shape.ts";

export class CacheReads {
  readonly #host: PagerHost;
  readonly #options: Mach3Values["pager"];

  constructor(host: PagerHost, options: Mach3Values["pager"]) {
    this.#host = host;
    this.#options = options;
  }

  /** The buffer, held, of the block with the page at byte `offset` of `file`; undefined for a hole. A sequential reader's next blocks are read ahead. @throws UnixError EIO */
  *block(file: MappedFile, offset: number): Steps<Buffer | undefined> {
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
