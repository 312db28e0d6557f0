/**
 * A regular file read and written through the page cache, as somebody sees it: through
 * a window, with a fault for each page that is touched there for the first time.
 *
 * Layer: kernels/pages. What is not in memory is read a file-system block at a time,
 * straight into page frames, and when pages are touched in sequence the next block is
 * read ahead. Whose the windows are, and what they cost, a system says.
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
import type { Page } from "./page-cache.ts";
import type { PagedKernel } from "./paged-kernel.ts";

/** The pages that a window shows without a fault, by index in the file. */
export type Mapped = Set<number>;

export abstract class PagedFile<K extends PagedKernel = PagedKernel> implements OpenObject {
  protected readonly kernel: K;
  readonly inode: Inode;

  /** What a window is called in traces. */
  protected abstract readonly windowName: string;

  constructor(kernel: K, inode: Inode) {
    this.kernel = kernel;
    this.inode = inode;
  }

  /** The process of `buffer` begins to use the file, whose lock it has. */
  protected abstract begin(buffer: UserBuffer): Steps;
  /** Its window around byte `offset`, which is the `first` of a call or not. */
  protected abstract window(buffer: UserBuffer, offset: number, first: boolean): Steps<Mapped>;
  /** Charge a fault on a page that is in memory or has yet to be read, or on one that was made for a write. */
  protected abstract fault(kind: "resident" | "absent" | "new"): void;
  /** A file-system block was written to its end, at byte `end`. */
  protected abstract blockWritten(end: number): Steps;

  size(): number {
    return this.inode.size;
  }

  *read(buffer: UserBuffer, offset: number, count: number): Steps<number> {
    const { inode } = this;
    yield* inode.lock.acquire();
    try {
      yield* this.begin(buffer);
      const bytes = Math.max(0, Math.min(count, inode.size - offset));
      buffer.reserve(bytes);
      for (let done = 0; done < bytes; ) {
        const at = offset + done;
        const piece = Math.min(bytes - done, PAGE_BYTES - (at % PAGE_BYTES));
        const page = yield* this.#touch(buffer, at, done === 0);
        this.#copy(page, at, buffer, done, piece, false);
        done += piece;
      }
      if (bytes > 0) inode.markAccessed(this.kernel.sim.now);
      return bytes;
    } finally {
      inode.lock.release();
    }
  }

  *write(buffer: UserBuffer, offset: number | "end", count: number): Steps<number> {
    const { pager, cache, sim } = this.kernel;
    const { inode } = this;
    let done = 0;
    yield* inode.lock.acquire();
    try {
      yield* this.begin(buffer);
      const start = offset === "end" ? inode.size : offset;
      if (start > inode.size && count > 0) yield* pager.fillGap(inode, start);
      while (done < count) {
        const at = start + done;
        const piece = Math.min(count - done, PAGE_BYTES - (at % PAGE_BYTES));
        const page = yield* this.#touchToWrite(buffer, at, piece, done === 0);
        this.#copy(page, at, buffer, done, piece, true);
        page.dirty = true;
        done += piece;
        inode.size = Math.max(inode.size, at + piece);
        if ((at + piece) % cache.blockBytes === 0) yield* this.blockWritten(at + piece);
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
    return locked(this.inode, this.#fsync());
  }

  truncate(size: number): Steps {
    return locked(this.inode, this.kernel.truncate(this.inode, size));
  }

  close(): Steps {
    return this.kernel.fs.iput(this.inode);
  }

  *#fsync(): Steps {
    const { fs, pager, pages } = this.kernel;
    yield* pager.io.flush(pages.pagesOf(this.inode.number));
    yield* fs.fsync(this.inode);
  }

  /** The page around `offset`, seen through the window: a fault if it is not mapped there yet. */
  *#touch(buffer: UserBuffer, offset: number, first: boolean): Steps<Page> {
    const { pages, pager } = this.kernel;
    const index = Math.floor(offset / PAGE_BYTES);
    const mapped = yield* this.window(buffer, offset, first);
    const resident = pages.find(this.inode.number, index);
    let page = mapped.has(index) ? resident : undefined;
    if (page === undefined) {
      this.fault(resident === undefined ? "absent" : "resident");
      page = yield* spanned(this.kernel.sim, "getpage", pager.getPage(this.inode, index));
      this.#map(mapped, index, page);
    }
    page.referenced = true;
    return page;
  }

  /** Likewise, with a disk block behind the page; one that is new or overwritten whole is not read first. */
  *#touchToWrite(buffer: UserBuffer, offset: number, count: number, first: boolean): Steps<Page> {
    const { pager, pages } = this.kernel;
    const index = Math.floor(offset / PAGE_BYTES);
    const from = offset % PAGE_BYTES;
    const hasBlock = (pages.find(this.inode.number, index)?.block ?? HOLE) !== HOLE;
    const page = hasBlock ? undefined : yield* pager.allocate(this.inode, index, from, from + count);
    if (page === undefined) return yield* this.#touch(buffer, offset, first);
    const mapped = yield* this.window(buffer, offset, first);
    this.fault("new");
    this.#map(mapped, index, page);
    return page;
  }

  #map(mapped: Mapped, index: number, page: Page): void {
    mapped.add(index);
    this.kernel.mappings++;
    this.kernel.sim.probe?.move("map", page.frame * PAGE_BYTES, NOWHERE, PAGE_BYTES, 0, this.windowName);
  }

  #copy(page: Page, offset: number, buffer: UserBuffer, done: number, count: number, intoFile: boolean): void {
    const { machine } = this.kernel;
    const base = page.frame * PAGE_BYTES + (offset % PAGE_BYTES);
    buffer.pieces(done, count, (address, moved, bytes) => {
      if (intoFile) machine.bcopy(address, base + moved, bytes);
      else machine.bcopy(base + moved, address, bytes);
    });
  }
}
