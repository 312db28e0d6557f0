/**
 * A regular file of System V R4.0: read() and write() through the page cache.
 *
 * Layer: kernel; section 5 measures it. The kernel maps 8 KB of the file at a time
 * with segmap and copies; what is not in memory is read a file-system block at a
 * time, straight into page frames, and when pages are touched in sequence the next
 * block is read ahead. Full blocks are written behind the writer's back, parts of
 * blocks when they must be.
 */
import { NOWHERE, spanned } from "../../engine/index.ts";
import type { Steps } from "../../engine/index.ts";
import { UnixError } from "../../fs/errno.ts";
import type { Inode } from "../../fs/inode.ts";
import { locked } from "../../fs/inodes.ts";
import { HOLE } from "../../fs/layout.ts";
import { PAGE_BYTES } from "../../hardware/memory.ts";
import type { OpenObject } from "../../unix/open-file.ts";
import type { UserBuffer } from "../../unix/user-buffer.ts";
import type { Svr4 } from "./kernel.ts";
import type { Page } from "./page-cache.ts";
import { WINDOW_BYTES } from "./segmap.ts";
import type { Window } from "./segmap.ts";

export class Svr4File implements OpenObject {
  readonly #kernel: Svr4;
  readonly #inode: Inode;

  constructor(kernel: Svr4, inode: Inode) {
    this.#kernel = kernel;
    this.#inode = inode;
  }

  size(): number {
    return this.#inode.size;
  }

  *read(buffer: UserBuffer, offset: number, count: number): Steps<number> {
    const inode = this.#inode;
    yield* inode.lock.acquire();
    try {
      const bytes = Math.max(0, Math.min(count, inode.size - offset));
      buffer.reserve(bytes);
      for (let done = 0; done < bytes; ) {
        const at = offset + done;
        const piece = Math.min(bytes - done, PAGE_BYTES - (at % PAGE_BYTES));
        const page = yield* this.#touch(at, done === 0);
        this.#copy(page, at, buffer, done, piece, false);
        done += piece;
      }
      if (bytes > 0) inode.markAccessed(this.#kernel.sim.now);
      return bytes;
    } finally {
      inode.lock.release();
    }
  }

  *write(buffer: UserBuffer, offset: number | "end", count: number): Steps<number> {
    const { pager, cache, sim } = this.#kernel;
    const inode = this.#inode;
    let done = 0;
    yield* inode.lock.acquire();
    try {
      const start = offset === "end" ? inode.size : offset;
      if (start > inode.size && count > 0) yield* pager.fillGap(inode, start);
      while (done < count) {
        const at = start + done;
        const piece = Math.min(count - done, PAGE_BYTES - (at % PAGE_BYTES));
        const page = yield* this.#touchToWrite(at, piece, done === 0);
        this.#copy(page, at, buffer, done, piece, true);
        page.dirty = true;
        done += piece;
        inode.size = Math.max(inode.size, at + piece);
        if ((at + piece) % cache.blockBytes === 0) yield* pager.writeBehind(inode, at + piece);
      }
    } catch (error) {
      if (!(error instanceof UnixError) || done === 0) throw error; // what was written before the disk filled up counts
    } finally {
      if (done > 0) inode.markChanged(sim.now);
      inode.lock.release();
    }
    return done;
  }

  fsync(): Steps {
    return locked(this.#inode, this.#fsync());
  }

  truncate(size: number): Steps {
    return locked(this.#inode, this.#kernel.truncate(this.#inode, size));
  }

  close(): Steps {
    return this.#kernel.fs.iput(this.#inode);
  }

  *#fsync(): Steps {
    const { fs, pager, pages } = this.#kernel;
    yield* pager.io.flush(pages.pagesOf(this.#inode.number));
    yield* fs.fsync(this.#inode);
  }

  /** The page around `offset`, in a kernel window: a fault if it is not mapped there yet; `first` of the call or not. */
  *#touch(offset: number, first: boolean): Steps<Page> {
    const { costs, pages, pager, machine, sim } = this.#kernel;
    const index = Math.floor(offset / PAGE_BYTES);
    const window = this.#window(offset, first);
    let page = window.mapped.has(index) ? pages.find(this.#inode.number, index) : undefined;
    if (page === undefined) {
      machine.processor.charge(costs.pageFaultNs, "Pagefault");
      page = yield* spanned(sim, "getpage", pager.getPage(this.#inode, index));
      this.#map(window, index, page);
    }
    page.referenced = true;
    return page;
  }

  /** Likewise, with a disk block behind the page; one that is new or overwritten whole is not read first. */
  *#touchToWrite(offset: number, count: number, first: boolean): Steps<Page> {
    const { pager, pages } = this.#kernel;
    const index = Math.floor(offset / PAGE_BYTES);
    const from = offset % PAGE_BYTES;
    const hasBlock = (pages.find(this.#inode.number, index)?.block ?? HOLE) !== HOLE;
    const page = hasBlock ? undefined : yield* pager.allocate(this.#inode, index, from, from + count);
    if (page === undefined) return yield* this.#touch(offset, first);
    this.#map(this.#window(offset, first), index, page);
    return page;
  }

  #map(window: Window, index: number, page: Page): void {
    const { segmap, sim } = this.#kernel;
    segmap.map(window, index);
    sim.probe?.move("map", page.frame * PAGE_BYTES, NOWHERE, PAGE_BYTES, 0, "segmap window");
  }

  /** The kernel's window around `offset`; it is looked for at the first byte of a call and of a window. */
  #window(offset: number, first: boolean) {
    const { costs, machine, segmap } = this.#kernel;
    if (first || offset % WINDOW_BYTES === 0) machine.processor.charge(costs.segmapNs, "segmap");
    return segmap.window(this.#inode.number, offset);
  }

  #copy(page: Page, offset: number, buffer: UserBuffer, done: number, count: number, intoFile: boolean): void {
    const { machine } = this.#kernel;
    const base = page.frame * PAGE_BYTES + (offset % PAGE_BYTES);
    buffer.pieces(done, count, (address, moved, bytes) => {
      if (intoFile) machine.bcopy(address, base + moved, bytes);
      else machine.bcopy(base + moved, address, bytes);
    });
  }
}
