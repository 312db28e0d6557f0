/**
 * System V R4.0: a monolithic kernel that keeps file data in all of free memory.
 *
 * Layer: kernel; the system that the paper sets beside CHORUS/MiX. The buffer cache
 * holds only what is not file data. Raw transfers go in pieces of 256 sectors.
 */
import type { Inode } from "../../fs/inode.ts";
import type { Machine } from "../../hardware/machine.ts";
import { amount, whole } from "../../schema/index.ts";
import type { Shape, Values } from "../../schema/index.ts";
import { monolithicShape } from "../../unix/monolithic-shape.ts";
import type { OpenObject } from "../../unix/open-file.ts";
import { KernelLocks, WHOLE } from "../../unix/record-locks.ts";
import type { UserBuffer } from "../../unix/user-buffer.ts";
import { PagedKernel } from "../pages/paged-kernel.ts";
import { Svr4File } from "./file.ts";
import { Segmap } from "./segmap.ts";

export const svr4Shape = {
  costs: {
    ...monolithicShape.costs,
    /** Finding and releasing a window of segmap. */
    segmapUs: amount("us"),
    /** A fault in segmap on a page that is in memory. */
    pageFaultUs: amount("us"),
    lockfUs: amount("us"),
    /** The pageout daemon's look at one page. */
    pageScanUs: amount("us"),
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

export class Svr4 extends PagedKernel {
  readonly segmap: Segmap;
  /** The locks of all files; a process owns them by its buffer. */
  readonly locks: KernelLocks<UserBuffer>;
  override readonly lockfNs: number;
  readonly costs: { segmapNs: number; pageFaultNs: number };

  constructor(machine: Machine, values: Values<typeof svr4Shape>) {
    const { costs, kernel } = values;
    super(machine, values, kernel.lotsFreePercent, costs.pageScanUs);
    this.costs = { segmapNs: Math.round(machine.netNs(costs.segmapUs)), pageFaultNs: Math.round(machine.netNs(costs.pageFaultUs)) };
    this.lockfNs = Math.round(machine.netNs(costs.lockfUs));
    this.locks = new KernelLocks(machine.sim);
    this.segmap = new Segmap(kernel.segmapWindows);
  }

  protected regularFile(inode: Inode): OpenObject {
    return new Svr4File(this, inode);
  }

  /** open() cuts no file of which a part is locked. */
  protected override checkCut(inode: Inode): void {
    this.locks.refuse(inode.number, undefined, WHOLE);
  }

  unmapPage(file: number, index: number): void {
    this.segmap.unmap(file, index);
  }
}
