/**
 * Between the page cache and the disk: reading pages in, writing them out.
 *
 * Layer: kernel (System V's ufs_getpage, ufs_putpage and pageout). A transfer takes
 * the pages of one file-system block at most, straight between the disk and the
 * frames. Blocks are allocated before a page is changed, so that writing it out
 * needs to know nothing of the file. The caller holds the inode's lock.
 */
import { WaitQueue } from "../../engine/index.ts";
import type { Steps } from "../../engine/index.ts";
import { UnixError } from "../../fs/errno.ts";
import type { Inode } from "../../fs/inode.ts";
import { HOLE, SECTOR_BYTES } from "../../fs/layout.ts";
import { PAGE_BYTES } from "../../hardware/memory.ts";
import type { Svr4 } from "./kernel.ts";
import type { Page } from "./page-cache.ts";

const PAGE_SECTORS = PAGE_BYTES / SECTOR_BYTES;

export class Pager {
  readonly #kernel: Svr4;
  readonly #perBlock: number; // pages of a file-system block
  readonly #lotsFree: number;
  readonly #short: WaitQueue;
  /** Transfers, and of the reads those ahead of their use. */
  readonly statistics = { reads: 0, readAheads: 0, writes: 0 };

  /** Below `lotsFree` free frames the pageout daemon works. */
  constructor(kernel: Svr4, blockBytes: number, lotsFree: number) {
    this.#kernel = kernel;
    this.#perBlock = blockBytes / PAGE_BYTES;
    this.#lotsFree = lotsFree;
    this.#short = new WaitQueue(kernel.sim, "a shortage of memory");
    kernel.sim.spawn("pageout", this.#pageout(), { daemon: true, processor: kernel.machine.processor });
  }

  /** Page `index` of the file, its bytes valid: from memory, from the disk, or of zeros where there is a hole. @throws EIO, ENOMEM */
  *getPage(inode: Inode, index: number): Steps<Page> {
    const { pages } = this.#kernel;
    const logical = Math.floor(index / this.#perBlock);
    let ahead = logical === inode.lastRead + 1;
    inode.lastRead = logical;
    pages.statistics[pages.find(inode.number, index) === undefined ? "misses" : "hits"]++;
    for (;;) {
      const page = pages.find(inode.number, index) ?? (yield* this.#readBlock(inode, index));
      if (ahead) yield* this.#readAhead(inode, logical + 1);
      ahead = false;
      if (!page.valid) yield* pages.settled(page);
      if (page.failed && !page.valid) throw new UnixError("EIO");
      if (page.valid && !page.gone) return page;
    }
  }

  /**
   * Page `index` of the file with `block` behind it and zeros for bytes, to be written some time.
   * What lies from byte `from` to byte `to` is about to be overwritten and is not cleared.
   */
  *createPage(inode: Inode, index: number, block: number, from = 0, to = 0): Steps<Page> {
    const page = yield* this.#enter(inode, index);
    const base = page.frame * PAGE_BYTES;
    if (from > 0) this.#kernel.machine.bzero(base, from);
    if (to < PAGE_BYTES) this.#kernel.machine.bzero(base + to, PAGE_BYTES - to);
    page.valid = true;
    page.dirty = true;
    page.block = block;
    this.#kernel.pages.drop(page);
    return page;
  }

  /**
   * The disk block behind page `index`, allocated if there was none.
   * The other pages of a new block hold zeros as far as the file reaches. @throws ENOSPC, EFBIG, EIO, ENOMEM
   */
  *allocate(inode: Inode, index: number): Steps<{ block: number; fresh: boolean }> {
    const { fs, pages } = this.#kernel;
    const logical = Math.floor(index / this.#perBlock);
    const mapping = yield* fs.bmap(inode, logical, { allocate: true });
    for (let i = logical * this.#perBlock; i < (logical + 1) * this.#perBlock; i++) {
      const page = pages.find(inode.number, i);
      if (page !== undefined) {
        page.block = mapping.block;
        page.dirty ||= mapping.fresh;
      } else if (mapping.fresh && i !== index && i * PAGE_BYTES < inode.size) yield* this.createPage(inode, i, mapping.block);
    }
    return mapping;
  }

  /** The file is about to grow from its end to `offset`: what its last block holds behind the end becomes zeros. */
  *fillGap(inode: Inode, offset: number): Steps {
    const end = Math.ceil(inode.size / PAGE_BYTES);
    const last = Math.min(Math.ceil(end / this.#perBlock) * this.#perBlock, Math.ceil(offset / PAGE_BYTES));
    if (end >= last) return;
    const { block } = yield* this.#kernel.fs.bmap(inode, Math.floor(end / this.#perBlock));
    if (block === HOLE) return;
    for (let i = end; i < last; i++) yield* this.createPage(inode, i, block);
  }

  /** Start to write what is dirty of the block that ends at byte `end` of the file. */
  *writeBehind(inode: Inode, end: number): Steps {
    const last = end / PAGE_BYTES;
    const block = Array.from({ length: this.#perBlock }, (_, i) => this.#kernel.pages.find(inode.number, last - this.#perBlock + i));
    yield* this.#writeDirty(block.filter((page) => page !== undefined && page.holds === 0) as Page[]);
  }

  /** Write what is dirty of `pages`, in the order of the file, and wait until it is on the disk. @throws EIO */
  *flush(pages: readonly Page[]): Steps {
    for (const page of pages) if (page.dirty) yield* this.#kernel.pages.settled(page);
    yield* this.#writeDirty(pages);
    for (const page of pages) {
      yield* this.#kernel.pages.settled(page);
      if (page.failed) throw new UnixError("EIO");
    }
  }

  /** Forget the pages of the file from `from` on, changed or not. */
  *discard(inode: Inode, from = 0): Steps {
    for (const page of this.#kernel.pages.pagesOf(inode.number)) {
      if (page.index < from) continue;
      yield* this.#kernel.pages.settled(page);
      if (!page.gone) this.remove(page);
    }
  }

  /** Free a frame without waiting: that of a clean page that nobody used lately. False when there is none. */
  stealClean(): boolean {
    const page = this.#kernel.pages.victim(true);
    if (page !== undefined) this.remove(page);
    return page !== undefined;
  }

  /** Start to read from page `index` to the end of its block, or to the first page that is here already. */
  *#readBlock(inode: Inode, index: number): Steps<Page> {
    const { fs, machine, pages } = this.#kernel;
    const logical = Math.floor(index / this.#perBlock);
    const { block } = yield* fs.bmap(inode, logical);
    const first = yield* this.#enter(inode, index);
    if (block === HOLE) {
      machine.bzero(first.frame * PAGE_BYTES, PAGE_BYTES);
      first.valid = true;
      pages.drop(first);
      return first;
    }
    const wanted = [first];
    const end = Math.min((logical + 1) * this.#perBlock, Math.ceil(inode.size / PAGE_BYTES));
    for (let i = index + 1; i < end && pages.find(inode.number, i) === undefined; i++) wanted.push(yield* this.#enter(inode, i));
    for (const page of wanted) page.block = block;
    this.statistics.reads++;
    yield* this.#transfer("read", wanted);
    return first;
  }

  *#readAhead(inode: Inode, logical: number): Steps {
    const index = logical * this.#perBlock;
    if (index * PAGE_BYTES >= inode.size || this.#kernel.pages.find(inode.number, index) !== undefined) return;
    const { block } = yield* this.#kernel.fs.bmap(inode, logical);
    if (block === HOLE) return;
    this.statistics.readAheads++;
    yield* this.#readBlock(inode, index);
  }

  /** Start to write what is dirty of `pages`: neighbours in one block go together. */
  *#writeDirty(pages: readonly Page[]): Steps {
    let run: Page[] = [];
    for (const page of [...pages, undefined]) {
      const previous = run.at(-1);
      if (previous !== undefined && (page === undefined || page.block !== previous.block || page.index !== previous.index + 1 || !page.dirty)) {
        yield* this.#write(run);
        run = [];
      }
      if (page?.dirty && page.holds === 0) run.push(page);
    }
  }

  *#write(pages: readonly Page[]): Steps {
    this.statistics.writes++;
    for (const page of pages) {
      page.holds++;
      page.dirty = false;
    }
    yield* this.#transfer("write", pages);
  }

  /** Start to move `pages`, held neighbours of one block; they are dropped when it is done. */
  *#transfer(op: "read" | "write", pages: readonly Page[]): Steps {
    const { block, index } = pages[0]!;
    yield* this.#kernel.settle();
    this.#kernel.device.strategy({
      op,
      sector: (block * this.#perBlock + (index % this.#perBlock)) * PAGE_SECTORS,
      sectors: pages.length * PAGE_SECTORS,
      frames: pages.map((page) => page.frame),
      offset: 0,
      done: (error) => {
        for (const page of pages) {
          page.failed = error !== undefined;
          if (op === "read" && page.failed) this.remove(page);
          page.valid ||= !page.failed;
          this.#kernel.pages.drop(page);
        }
      },
    });
  }

  /** Page `index` of the file, new and held, its bytes anything; waits for a frame. @throws ENOMEM */
  *#enter(inode: Inode, index: number): Steps<Page> {
    const { pages, machine } = this.#kernel;
    for (;;) {
      const page = pages.enter(inode.number, index);
      if (machine.memory.freeFrames < this.#lotsFree) this.#short.wakeOne();
      if (page !== undefined) return page;
      if (!(yield* this.#reclaim())) throw new UnixError("ENOMEM");
    }
  }

  /** Free a frame: take a page back, writing it first if it is dirty, or wait until one is no longer held. False when there is none. */
  *#reclaim(): Steps<boolean> {
    const { pages } = this.#kernel;
    const page = pages.victim() ?? pages.held();
    if (page === undefined) return false;
    if (page.dirty && page.holds === 0) yield* this.#write([page]);
    yield* pages.settled(page);
    if (!page.gone && !page.dirty && page.holds === 0) {
      pages.statistics.reclaimed++;
      this.remove(page);
    }
    return true;
  }

  /** Put zeros behind the new end of the file, in the page that `size` cuts. */
  *clearTail(inode: Inode, size: number): Steps {
    const from = size % PAGE_BYTES;
    if (from === 0) return;
    const page = yield* this.getPage(inode, Math.floor(size / PAGE_BYTES));
    this.#kernel.machine.bzero(page.frame * PAGE_BYTES + from, PAGE_BYTES - from);
    page.dirty ||= page.block !== HOLE;
  }

  /** Take `page`, which nobody holds, out of memory. */
  remove(page: Page): void {
    this.#kernel.segmap.unmap(page.file, page.index);
    this.#kernel.pages.remove(page);
  }

  /** The pageout daemon keeps some frames free, so that others need not wait. */
  *#pageout(): Steps {
    for (;;) {
      yield* this.#short.wait();
      while (this.#kernel.machine.memory.freeFrames < this.#lotsFree && (yield* this.#reclaim()));
    }
  }
}
