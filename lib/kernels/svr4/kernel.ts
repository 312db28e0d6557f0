/**
 * System V R4.0: a monolithic kernel that keeps file data in all of free memory.
 *
 * Layer: kernel; the system that the paper sets beside CHORUS/MiX. The buffer cache
 * holds only what is not file data. Raw transfers go in pieces of 256 sectors.
 */
import type { Steps } from "../../engine/index.ts";
import { UnixError } from "../../fs/errno.ts";
import type { Inode } from "../../fs/inode.ts";
import type { Machine } from "../../hardware/machine.ts";
import { PAGE_BYTES } from "../../hardware/memory.ts";
import type { Frame } from "../../hardware/memory.ts";
import { amount, whole } from "../../schema/index.ts";
import type { Shape, Values } from "../../schema/index.ts";
import { MonolithicKernel, monolithicShape } from "../../unix/monolithic.ts";
import type { OpenObject } from "../../unix/open-file.ts";
import { Svr4File } from "./file.ts";
import { PageCache } from "./page-cache.ts";
import { Pager } from "./pager.ts";
import { Segmap } from "./segmap.ts";

export const svr4Shape = {
  costs: {
    ...monolithicShape.costs,
    /** Finding and releasing a window of segmap. */
    segmapUs: amount("us"),
    /** A fault in segmap on a page that is in memory. */
    pageFaultUs: amount("us"),
  },
  kernel: {
    ...monolithicShape.kernel,
    /** Windows of segmap. */
    segmapWindows: whole("count", 1),
    /** Below this share of free memory the pageout daemon works. */
    lotsFreePercent: amount("percent"),
  },
  fileSystem: monolithicShape.fileSystem,
} satisfies Shape;

/** Frames that processes are likely to take from a file. */
const OTHER_FRAMES = 12;

export class Svr4 extends MonolithicKernel {
  readonly pages: PageCache;
  readonly segmap: Segmap;
  readonly pager: Pager;
  readonly costs: { segmapNs: number; pageFaultNs: number };
  readonly cacheBytes: number;

  constructor(machine: Machine, values: Values<typeof svr4Shape>) {
    super(machine, values);
    const { costs, kernel, fileSystem } = values;
    const lotsFree = Math.ceil((machine.memory.frames * kernel.lotsFreePercent) / 100);
    this.costs = { segmapNs: Math.round(machine.netNs(costs.segmapUs)), pageFaultNs: Math.round(machine.netNs(costs.pageFaultUs)) };
    this.pages = new PageCache(this.sim, machine.memory);
    this.segmap = new Segmap(kernel.segmapWindows);
    this.pager = new Pager(this, fileSystem.blockBytes, lotsFree);
    this.cacheBytes = Math.max(1, machine.memory.freeFrames - lotsFree - OTHER_FRAMES) * PAGE_BYTES;
  }

  protected regularFile(inode: Inode): OpenObject {
    return new Svr4File(this, inode);
  }

  override counters() {
    return { ...super.counters(), mappings: this.segmap.mappings };
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
