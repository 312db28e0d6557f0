/**
 * Reads of the Inode Pager straight from the disk, and those ahead of their requests.
 *
 * Layer: servers/bsd43; section 4.1.2, with the buffer cache out of the way. What is
 * read ahead is memory of the server until it is asked for, so it is given up when
 * the file is written, closed or read elsewhere, and there is a limit to all of it.
 */
import { spanned, WaitQueue } from "../../engine/index.ts";
import type { Steps } from "../../engine/index.ts";
import { locked } from "../../fs/inodes.ts";
import { HOLE, SECTOR_BYTES } from "../../fs/layout.ts";
import { PAGE_BYTES } from "../../hardware/memory.ts";
import { vmDeallocate } from "../../kernels/mach3/index.ts";
import type { OutOfLineItem } from "../../kernels/mach3/index.ts";
import type { PagerHost } from "./inode-pager.ts";
import type { MappedFile } from "./mapped-file.ts";
import type { Mach3Values } from "./shape.ts";

/** A read that is under way or done. */
interface DiskRead {
  readonly file: MappedFile;
  readonly offset: number;
  readonly pages: number;
  /** What it has brought; undefined if it has failed. */
  memory: OutOfLineItem | undefined;
  done: boolean;
  /** Nobody wants it any more. */
  stale: boolean;
}

export class DiskReads {
  readonly #host: PagerHost;
  readonly #options: Mach3Values["pager"];
  readonly #ahead = new Set<DiskRead>(); // the oldest first
  readonly #arrived: WaitQueue;
  /** Pages that may be filled with data read ahead that nobody has asked for yet. */
  readonly #mostAhead: number;

  constructor(host: PagerHost, options: Mach3Values["pager"]) {
    this.#host = host;
    this.#options = options;
    this.#mostAhead = Math.floor((host.task.kernel.machine.memory.frames * options.aheadPercent) / 100);
    this.#arrived = new WaitQueue(host.task.kernel.sim, "a page read from the disk");
  }

  /**
   * As many pages of `file` from byte `offset` on as lie together on the disk, up to readBytes: memory of the server.
   * A sequential reader's next ones are read ahead. "hole" if the first page has no block, "elsewhere" if it is in the
   * buffer cache, the disk fails or there is no memory.
   */
  *read(file: MappedFile, offset: number): Steps<OutOfLineItem | "hole" | "elsewhere"> {
    const found = yield* this.#together(file, offset);
    if (typeof found === "string") return found;
    const sequential = file.nextPage === offset / PAGE_BYTES;
    if (!sequential) this.drop(file, 0, Infinity, offset); // its reader has gone elsewhere
    const read = yield* this.#demand(file, offset, found);
    if (sequential) yield* this.#readAhead(file, offset + found * PAGE_BYTES);
    file.nextPage = offset / PAGE_BYTES + read.pages;
    while (!read.done) yield* spanned(this.#host.task.kernel.sim, "Read from Disk", this.#arrived.wait());
    return read.memory ?? "elsewhere";
  }

  /** Give up what was read ahead of a file between two offsets, but for what begins at `kept`. */
  drop(file: MappedFile, from = 0, to = Infinity, kept?: number): void {
    for (const read of this.#ahead) {
      const within = read.file === file && read.offset < to && read.offset + read.pages * PAGE_BYTES > from;
      if (within && read.offset !== kept) this.#giveUp(read);
    }
  }

  /** The read of `pages` pages from `offset` on, which is the caller's: one that was started ahead, or a new one. */
  *#demand(file: MappedFile, offset: number, pages: number): Steps<DiskRead> {
    const known = this.#find(file, offset);
    if (known !== undefined) {
      this.#ahead.delete(known);
      return known;
    }
    const read: DiskRead = { file, offset, pages, memory: undefined, done: false, stale: false };
    yield* this.#start(read);
    return read;
  }

  /** Keep as many reads under way from byte `from` of `file` on as readAhead says, while there is memory for them. */
  *#readAhead(file: MappedFile, from: number): Steps {
    let offset = from;
    for (let unit = 0; unit < this.#options.readAhead && offset < file.inode.size; unit++) {
      const pages = yield* this.#together(file, offset);
      if (typeof pages === "string") return;
      if (this.#find(file, offset) === undefined) {
        if (!this.#roomFor(file, pages)) return;
        const read: DiskRead = { file, offset, pages, memory: undefined, done: false, stale: false };
        this.#ahead.add(read);
        yield* this.#start(read);
      }
      offset += pages * PAGE_BYTES;
    }
  }

  /** How many pages of the file from `offset` on, up to readBytes, lie side by side on the disk and only there; "elsewhere" when the first is in the buffer cache. */
  *#together({ inode }: MappedFile, offset: number): Steps<number | "hole" | "elsewhere"> {
    const { fs, fs: { cache: { blockBytes } } } = this.#host;
    const perBlock = blockBytes / PAGE_BYTES;
    const most = this.#options.readBytes / PAGE_BYTES;
    let previous = HOLE;
    let pages = 0;
    while (pages < most) {
      const at = offset / PAGE_BYTES + pages;
      const { block } = yield* locked(inode, fs.bmap(inode, Math.floor(at / perBlock)));
      if (block === HOLE || (previous !== HOLE && block !== previous + 1)) break;
      if (fs.cache.incore(block)) {
        if (pages === 0) return "elsewhere";
        break;
      }
      previous = block;
      pages += perBlock - (at % perBlock);
    }
    return pages === 0 ? "hole" : Math.min(pages, most);
  }

  #find(file: MappedFile, offset: number): DiskRead | undefined {
    for (const read of this.#ahead) if (read.file === file && read.offset === offset) return read;
    return undefined;
  }

  *#start(read: DiskRead): Steps {
    const { task, fs, disk } = this.#host;
    const { file: { inode }, offset } = read;
    const { blockBytes } = fs.cache;
    const { block } = yield* locked(inode, fs.bmap(inode, Math.floor(offset / blockBytes)));
    const sector = (block * blockBytes + (offset % blockBytes)) / SECTOR_BYTES;
    const arrived = this.#arrived;
    yield* disk.read(sector, read.pages * PAGE_BYTES, function* (memory) {
      if (read.stale) return memory && vmDeallocate(task, memory.address, memory.bytes);
      read.memory = memory;
      read.done = true;
      arrived.wakeAll();
    });
  }

  /** Whether `pages` more pages may be read ahead of `file`; what was read ahead of others longest ago is given up for them. */
  #roomFor(file: MappedFile, pages: number): boolean {
    let held = pages;
    for (const read of this.#ahead) held += read.pages;
    for (const read of this.#ahead) {
      if (held <= this.#mostAhead) break;
      if (read.file === file) continue;
      held -= read.pages;
      this.#giveUp(read);
    }
    return held <= this.#mostAhead;
  }

  #giveUp(read: DiskRead): void {
    this.#ahead.delete(read);
    read.stale = true;
    if (read.memory !== undefined) vmDeallocate(this.#host.task, read.memory.address, read.memory.bytes);
  }
}
