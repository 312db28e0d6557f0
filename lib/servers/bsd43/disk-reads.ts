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
import { SECTOR_BYTES } from "../../fs/layout.ts";
import { PAGE_BYTES } from "../../hardware/memory.ts";
import { vmDeallocate } from "../../kernels/mach3/index.ts";
import type { OutOfLineItem } from "../../kernels/mach3/index.ts";
import type { PagerHost } from "./inode-pager.ts";
import type { MappedFile } from "./mapped-file.ts";
import type { Mach3Values } from "./shape.ts";

/** A read that is under way or done. */
export interface DiskRead {
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
  readonly #ahead = new Set<DiskRead>(); // the oldest first
  readonly #arrived: WaitQueue;
  /** Pages that may be filled with data read ahead that nobody has asked for yet. */
  readonly #mostAhead: number;

  constructor(host: PagerHost, { aheadPercent }: Mach3Values["pager"]) {
    this.#host = host;
    this.#mostAhead = Math.floor((host.task.kernel.machine.memory.frames * aheadPercent) / 100);
    this.#arrived = new WaitQueue(host.task.kernel.sim, "a page read from the disk");
  }

  /** The read of `pages` pages from `offset` on, which is the caller's: one that was started ahead, or a new one. */
  *demand(file: MappedFile, offset: number, pages: number): Steps<DiskRead> {
    const known = this.#find(file, offset);
    if (known !== undefined) {
      this.#ahead.delete(known);
      return known;
    }
    const read: DiskRead = { file, offset, pages, memory: undefined, done: false, stale: false };
    yield* this.#start(read);
    return read;
  }

  /** Start to read `pages` pages from `offset` on, unless that is under way; false when no memory is left for it. */
  *startAhead(file: MappedFile, offset: number, pages: number): Steps<boolean> {
    if (this.#find(file, offset) !== undefined) return true;
    if (!this.#roomFor(file, pages)) return false;
    const read: DiskRead = { file, offset, pages, memory: undefined, done: false, stale: false };
    this.#ahead.add(read);
    yield* this.#start(read);
    return true;
  }

  /** Wait for a read that was demanded: the memory with the data; undefined if it has failed. */
  *arrival(read: DiskRead): Steps<OutOfLineItem | undefined> {
    while (!read.done) yield* spanned(this.#host.task.kernel.sim, "Read from Disk", this.#arrived.wait());
    return read.memory;
  }

  /** Give up what was read ahead of a file between two offsets, but for what begins at `kept`. */
  drop(file: MappedFile, from = 0, to = Infinity, kept?: number): void {
    for (const read of this.#ahead) {
      const within = read.file === file && read.offset < to && read.offset + read.pages * PAGE_BYTES > from;
      if (within && read.offset !== kept) this.#giveUp(read);
    }
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
