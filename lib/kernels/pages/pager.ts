/**
 * What the page cache holds of a file, and what it has to give back.
 *
 * Layer: kernels/pages (System V's ufs_getpage, ufs_putpage and pageout). Blocks are
 * allocated before a page is changed, so that writing it out needs to know nothing
 * of the file. The caller holds the inode's lock.
 */
import { spanned, WaitQueue } from "../../engine/index.ts";
import type { Steps } from "../../engine/index.ts";
import { UnixError } from "../../fs/errno.ts";
import type { Inode } from "../../fs/inode.ts";
import { HOLE } from "../../fs/layout.ts";
import { PAGE_BYTES } from "../../hardware/memory.ts";
import type { Page } from "./page-cache.ts";
import type { PagedKernel } from "./paged-kernel.ts";
import { PageIo } from "./page-io.ts";

export class Pager {
  readonly #kernel: PagedKernel;
  readonly #perBlock: number; // pages of a file-system block
  readonly #lotsFree: number;
  readonly #scanNs: number;
  readonly #short: WaitQueue;
  readonly io: PageIo;
  /** Blocks read ahead of their use. */
  readAheads = 0;

  /** Below `lotsFree` free frames the pageout daemon works; it takes `scanNs` to look at a page. */
  constructor(kernel: PagedKernel, blockBytes: number, lotsFree: number, scanNs: number) {
    this.#kernel = kernel;
    this.#perBlock = blockBytes / PAGE_BYTES;
    this.io = new PageIo(kernel, this.#perBlock);
    this.#lotsFree = lotsFree;
    this.#scanNs = scanNs;
    this.#short = new WaitQueue(kernel.sim, "a shortage of memory");
    kernel.sim.spawn("pageout", this.#pageout(), { daemon: true, processor: kernel.machine.processor });
  }

  /**
   * Page `index` of the file, its bytes valid: from memory, from the disk, or of zeros where there is a hole.
   * When blocks are asked for in sequence, the next one is read ahead. @throws EIO, ENOMEM
   */
  *getPage(inode: Inode, index: number): Steps<Page> {
    const { pages, sim } = this.#kernel;
    const logical = Math.floor(index / this.#perBlock);
    let ahead = logical === inode.lastRead + 1;
    inode.lastRead = logical;
    pages.statistics[pages.find(inode.number, index) === undefined ? "misses" : "hits"]++;
    for (;;) {
      const page = pages.find(inode.number, index) ?? (yield* this.#readPage(inode, index));
      page.holds++; // whoever is short of memory does not get it before it has been of use
      try {
        if (ahead) yield* this.#readAhead(inode, logical + 1);
        ahead = false;
        if (!page.valid) yield* spanned(sim, "Read from Disk", pages.filled(page));
      } finally {
        pages.drop(page);
      }
      if (page.failed) throw new UnixError("EIO");
      if (page.valid && !page.gone) return page;
    }
  }

  /**
   * Put a disk block behind page `index`, of which the bytes `from` to `to` - 1 are about to be overwritten.
   * @returns the page, if it was not here and need not be read for that: what is not overwritten holds zeros.
   * @throws ENOSPC, EFBIG, EIO, ENOMEM; nothing has changed then.
   */
  *allocate(inode: Inode, index: number, from: number, to: number): Steps<Page | undefined> {
    const { fs, pages } = this.#kernel;
    const { block } = yield* fs.bmap(inode, Math.floor(index / this.#perBlock));
    if (block === HOLE) return yield* this.#fillHole(inode, index, from, to);
    const toTheEnd = index * PAGE_BYTES + to >= inode.size;
    if (pages.find(inode.number, index) !== undefined || from > 0 || !(to === PAGE_BYTES || toTheEnd)) return undefined;
    const [page] = yield* this.#hold(inode, index, index + 1);
    this.#clear(page!, block, from, to);
    pages.drop(page!);
    return page;
  }

  /** Likewise where there is a hole: the other pages of the new block hold zeros as far as the file reaches. */
  *#fillHole(inode: Inode, index: number, from: number, to: number): Steps<Page | undefined> {
    const { fs, pages } = this.#kernel;
    const logical = Math.floor(index / this.#perBlock);
    const first = logical * this.#perBlock;
    const end = Math.max(index + 1, Math.min(first + this.#perBlock, Math.ceil(inode.size / PAGE_BYTES)));
    const held = yield* this.#hold(inode, first, end); // before there is a block, so that it is never without them
    const isNew = !held[index - first]!.valid;
    try {
      const { block } = yield* fs.bmap(inode, logical, { allocate: true });
      for (const page of held) {
        if (page.valid) page.dirty = true;
        else if (page.index === index) this.#clear(page, block, from, to);
        else this.#clear(page, block);
        page.block = block;
      }
    } finally {
      for (const page of held) {
        pages.drop(page);
        if (!page.valid) this.remove(page);
      }
    }
    return isNew ? held[index - first] : undefined;
  }

  /** The file is about to grow from its end to `offset`: what its last block holds behind the end becomes zeros. */
  *fillGap(inode: Inode, offset: number): Steps {
    const end = Math.ceil(inode.size / PAGE_BYTES);
    const last = Math.min(Math.ceil(end / this.#perBlock) * this.#perBlock, Math.ceil(offset / PAGE_BYTES));
    if (end >= last) return;
    const { block } = yield* this.#kernel.fs.bmap(inode, Math.floor(end / this.#perBlock));
    if (block === HOLE) return;
    for (const page of yield* this.#hold(inode, end, last)) {
      if (!page.valid) this.#clear(page, block);
      this.#kernel.pages.drop(page);
    }
  }

  /** Start to write what is dirty of the block that ends at byte `end` of the file. */
  *writeBehind(inode: Inode, end: number): Steps {
    const last = end / PAGE_BYTES;
    const block = Array.from({ length: this.#perBlock }, (_, i) => this.#kernel.pages.find(inode.number, last - this.#perBlock + i));
    yield* this.io.write(block.filter((page) => page !== undefined));
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
    const page = this.#victim(true);
    if (page !== undefined) this.remove(page);
    return page !== undefined;
  }

  /** Page `index`, which is not here: zeros where there is a hole, else it is being read. */
  *#readPage(inode: Inode, index: number): Steps<Page> {
    const { block } = yield* this.#kernel.fs.bmap(inode, Math.floor(index / this.#perBlock));
    const [page] = yield* this.#hold(inode, index, index + 1);
    if (block !== HOLE) yield* this.#readOn(inode, page!, block);
    else {
      this.#clear(page!, HOLE);
      this.#kernel.pages.drop(page!);
    }
    return page!;
  }

  /** Start to read block `logical` of the file, if there is one that is not here, and frames to spare. */
  *#readAhead(inode: Inode, logical: number): Steps {
    const index = logical * this.#perBlock;
    if (index * PAGE_BYTES >= inode.size || this.#kernel.pages.find(inode.number, index) !== undefined) return;
    const { block } = yield* this.#kernel.fs.bmap(inode, logical);
    const page = block === HOLE ? undefined : this.#enter(inode, index);
    if (page === undefined) return;
    this.readAheads++;
    yield* this.#readOn(inode, page, block);
  }

  /** Start to read from the held `first` page of `block` to the end of it, or to a page that is here or finds no frame. */
  *#readOn(inode: Inode, first: Page, block: number): Steps {
    const { pages } = this.#kernel;
    const wanted: Page[] = [];
    const blockEnd = (Math.floor(first.index / this.#perBlock) + 1) * this.#perBlock;
    const end = Math.min(blockEnd, Math.ceil(inode.size / PAGE_BYTES));
    for (let page: Page | undefined = first; page !== undefined; ) {
      page.block = block;
      wanted.push(page);
      const index: number = page.index + 1;
      page = index < end && pages.find(inode.number, index) === undefined ? this.#enter(inode, index) : undefined;
    }
    yield* this.io.read(wanted);
  }

  /** The pages `from` to `to` - 1 of the file, held; those that were not here are not valid yet. Waits for frames. @throws ENOMEM */
  *#hold(inode: Inode, from: number, to: number): Steps<Page[]> {
    const { pages, machine } = this.#kernel;
    const indices = Array.from({ length: to - from }, (_, i) => from + i);
    const missing = () => indices.filter((index) => pages.find(inode.number, index) === undefined).length;
    // All frames first: who holds a page while waiting for another could wait for ever.
    while (machine.memory.freeFrames < missing()) if (!(yield* this.#reclaim())) throw new UnixError("ENOMEM");
    return indices.map((index) => {
      const page = pages.find(inode.number, index);
      if (page === undefined) return this.#enter(inode, index)!;
      page.holds++;
      return page;
    });
  }

  /** Page `index` of the file, new and held; undefined when no frame is free. */
  #enter(inode: Inode, index: number): Page | undefined {
    const { pages, machine } = this.#kernel;
    const page = pages.enter(inode.number, index);
    if (machine.memory.freeFrames < this.#lotsFree) this.#short.wakeOne();
    return page;
  }

  /** Zeros in `page`, behind which is `block`; what lies from byte `from` to byte `to` is about to be overwritten and left as it is. */
  #clear(page: Page, block: number, from = 0, to = 0): void {
    const { machine } = this.#kernel;
    const base = page.frame * PAGE_BYTES;
    if (from > 0) machine.bzero(base, from);
    if (to < PAGE_BYTES) machine.bzero(base + to, PAGE_BYTES - to);
    page.valid = true;
    page.block = block;
    page.dirty = block !== HOLE;
  }

  /** Free a frame: take a page back, writing it first if it is dirty, or wait until one is no longer held. False when there is none. */
  *#reclaim(): Steps<boolean> {
    const { pages } = this.#kernel;
    const page = this.#victim() ?? pages.held();
    if (page === undefined) return false;
    yield* this.io.write([page]);
    yield* pages.settled(page);
    if (!page.gone && !page.dirty && page.holds === 0) {
      pages.statistics.reclaimed++;
      this.remove(page);
    }
    return true;
  }

  /** The page that may go next, if there is one; charges for the search. */
  #victim(cleanOnly = false): Page | undefined {
    const { pages } = this.#kernel;
    const before = pages.statistics.scanned;
    const page = pages.victim(cleanOnly);
    this.#kernel.charge((pages.statistics.scanned - before) * this.#scanNs, "pageout");
    return page;
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
    this.#kernel.unmapPage(page.file, page.index);
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
