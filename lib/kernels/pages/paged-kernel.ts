/**
 * A monolithic kernel that keeps file data in all of free memory, page by page.
 *
 * Layer: kernels/pages. System V R4.0 sees the pages through segmap, Mach 2.6 with
 * mapped files through the windows of its processes; the cache, its replacement and
 * the way to the disk are the same. The buffer cache holds what is not file data.
 */
import type { Steps } from "../../engine/index.ts";
import { UnixError } from "../../fs/errno.ts";
import type { Inode } from "../../fs/inode.ts";
import type { Machine } from "../../hardware/machine.ts";
import { PAGE_BYTES } from "../../hardware/memory.ts";
import type { Frame } from "../../hardware/memory.ts";
import { MonolithicKernel } from "../../unix/monolithic.ts";
import type { MonolithicValues } from "../../unix/monolithic-shape.ts";
import { PageCache } from "./page-cache.ts";
import { Pager } from "./pager.ts";

/** Frames that processes are likely to take from a file. */
const OTHER_FRAMES = 12;

export abstract class PagedKernel extends MonolithicKernel {
  readonly pages: PageCache;
  readonly pager: Pager;
  readonly cacheBytes: number;
  /** Translations of pages entered for windows. */
  mappings = 0;

  /** Below `freePercent` of its memory free the kernel takes pages back; it takes `scanUs` to look whether one may go. */
  constructor(machine: Machine, values: MonolithicValues, freePercent: number, scanUs: number) {
    super(machine, values);
    const lotsFree = Math.ceil((machine.memory.frames * freePercent) / 100);
    this.pages = new PageCache(this.sim, machine.memory);
    this.pager = new Pager(this, values.fileSystem.blockBytes, lotsFree, Math.round(machine.netNs(scanUs)));
    this.cacheBytes = Math.max(1, machine.memory.freeFrames - lotsFree - OTHER_FRAMES) * PAGE_BYTES;
  }

  /** Page `index` of inode `file` is about to leave memory: nobody may see it any more. */
  abstract unmapPage(file: number, index: number): void;

  override counters() {
    return { ...super.counters(), mappings: this.mappings };
  }

  frame(owner: string): Frame {
    const { memory } = this.machine;
    const frame = memory.allocate(owner) ?? (this.pager.stealClean() ? memory.allocate(owner) : undefined);
    if (frame === undefined) throw new UnixError("ENOMEM");
    return frame;
  }

  override *unmount(): Steps {
    yield* this.pager.io.flush(this.pages.all());
    for (const page of this.pages.all()) this.pager.remove(page);
    yield* super.unmount();
  }

  protected override forget(inode: Inode): Steps {
    return this.pager.discard(inode);
  }

  /** Make the file `size` bytes long, in memory and on the disk. The caller holds its lock. */
  *truncate(inode: Inode, size: number): Steps {
    if (size > this.fs.maxFileBytes) throw new UnixError("EFBIG");
    if (size > inode.size) yield* this.pager.fillGap(inode, size);
    else if (size < inode.size) {
      yield* this.pager.clearTail(inode, size); // first: it may read ahead what goes next
      yield* this.pager.discard(inode, Math.ceil(size / PAGE_BYTES));
    }
    yield* this.fs.itrunc(inode, size, function* () {});
  }
}
