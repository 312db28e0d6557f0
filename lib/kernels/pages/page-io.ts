/**
 * Transfers between the page cache and the disk.
 *
 * Layer: kernels/pages (the lower half of System V's ufs_getpage and ufs_putpage). A
 * transfer takes neighbouring pages of one file-system block at most, straight
 * between the disk and the frames; the pages are held until it ends.
 */
import { spanned } from "../../engine/index.ts";
import type { Steps } from "../../engine/index.ts";
import { UnixError } from "../../fs/errno.ts";
import { SECTOR_BYTES } from "../../fs/layout.ts";
import { PAGE_BYTES } from "../../hardware/memory.ts";
import type { Page } from "./page-cache.ts";
import type { PagedKernel } from "./paged-kernel.ts";

const PAGE_SECTORS = PAGE_BYTES / SECTOR_BYTES;

export class PageIo {
  /** Transfers. */
  readonly statistics = { reads: 0, writes: 0 };
  readonly #kernel: PagedKernel;
  readonly #perBlock: number;
  #writeFailed = false; // since the last flush

  /** `perBlock`: pages of a file-system block. */
  constructor(kernel: PagedKernel, perBlock: number) {
    this.#kernel = kernel;
    this.#perBlock = perBlock;
  }

  /** Start to read `pages`, which are new and held. They are dropped when it is done, and gone if it failed. */
  *read(pages: readonly Page[]): Steps {
    this.statistics.reads++;
    yield* this.#transfer("read", pages, (page, failed) => {
      page.failed = failed;
      page.valid = !failed;
      if (failed) this.#kernel.pager.remove(page);
    });
  }

  /** Start to write what is dirty of `pages` and not under way already: neighbours in one block go together. That it failed shows at the next flush. */
  *write(pages: readonly Page[]): Steps {
    const runs: Page[][] = [];
    for (const page of pages) {
      if (!page.dirty || page.holds > 0) continue;
      const previous = runs.at(-1)?.at(-1);
      if (page.block === previous?.block && page.index === previous.index + 1) runs.at(-1)!.push(page);
      else runs.push([page]);
      page.holds++;
      page.dirty = false;
    }
    for (const run of runs) {
      this.statistics.writes++;
      yield* this.#transfer("write", run, (_page, failed) => void (this.#writeFailed ||= failed));
    }
  }

  /** Write what is dirty of `pages`, in their order, and wait until it is on the disk. @throws EIO if a write has failed since the last flush */
  *flush(pages: readonly Page[]): Steps {
    for (const page of pages) if (page.dirty) yield* this.#kernel.pages.settled(page);
    yield* this.write(pages);
    for (const page of pages) yield* spanned(this.#kernel.sim, "Write to Disk", this.#kernel.pages.settled(page));
    const failed = this.#writeFailed;
    this.#writeFailed = false;
    if (failed) throw new UnixError("EIO");
  }

  /** Start to move `pages`, held neighbours of one block; `ended` is called for each, and it is dropped. */
  *#transfer(op: "read" | "write", pages: readonly Page[], ended: (page: Page, failed: boolean) => void): Steps {
    const { block, index } = pages[0]!;
    yield* this.#kernel.settle(); // the processor got here before the disk could
    this.#kernel.device.strategy({
      op,
      sector: (block * this.#perBlock + (index % this.#perBlock)) * PAGE_SECTORS,
      sectors: pages.length * PAGE_SECTORS,
      frames: pages.map((page) => page.frame),
      offset: 0,
      done: (error) => {
        for (const page of pages) {
          ended(page, error !== undefined);
          this.#kernel.pages.drop(page);
        }
      },
    });
  }
}
