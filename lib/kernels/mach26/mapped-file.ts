/**
 * A regular file of Mach 2.6 as the mapped file system would have it: section 6.2.
 *
 * Layer: kernel. Each process sees a file that it has open through one window, which
 * the kernel moves when the process asks. Data are copied once, between the window
 * and the user's buffer; the pager is in the kernel, so a fault costs no messages.
 * The Token protects pointer, size and window (section 3.1.2): whoever used the file
 * last has it and asks nobody, anybody else asks the kernel, which has the holder's
 * written pages cleaned. A page gets its disk block when it is first written to, so a
 * full disk shows in the write() that fills it, as in the system measured.
 */
import type { Steps } from "../../engine/index.ts";
import { locked } from "../../fs/inodes.ts";
import { PAGE_BYTES } from "../../hardware/memory.ts";
import type { UserBuffer } from "../../unix/user-buffer.ts";
import type { Page } from "../pages/page-cache.ts";
import { PagedFile } from "../pages/paged-file.ts";
import type { Mapped } from "../pages/paged-file.ts";
import type { MappedMach26 } from "./mapped-kernel.ts";

/** What a process sees of a file: nothing before its first window. */
export interface FileWindow {
  /** Byte of the file at which it begins. */
  start: number | undefined;
  readonly mapped: Mapped;
}

export class MappedFile extends PagedFile<MappedMach26> {
  protected readonly windowName = "window";
  readonly #windows = new Map<UserBuffer, FileWindow>(); // by process

  /** Page `index` leaves memory. */
  unmap(index: number): void {
    for (const { mapped } of this.#windows.values()) mapped.delete(index);
  }

  protected *begin(buffer: UserBuffer): Steps {
    let own = this.#windows.get(buffer);
    if (own === undefined) this.#windows.set(buffer, (own = { start: undefined, mapped: new Set() }));
    const last = this.kernel.takeToken(this.inode.number, own);
    if (last !== undefined) yield* this.#clean(last);
  }

  protected *window(buffer: UserBuffer, offset: number): Steps<Mapped> {
    const window = this.#windows.get(buffer)!;
    const start = offset - (offset % this.kernel.windowBytes);
    if (window.start !== start) {
      yield* this.#clean(window);
      this.kernel.remapped();
      window.start = start;
      window.mapped.clear();
    }
    return window.mapped;
  }

  protected fault(kind: "resident" | "absent" | "new"): void {
    this.kernel.faulted(kind === "absent");
  }

  /** Nothing goes to the disk before the window is moved or the Token leaves. */
  protected *blockWritten(): Steps {}

  override fsync(): Steps {
    this.kernel.recallToken(this.inode.number);
    return super.fsync();
  }

  override truncate(size: number): Steps {
    this.kernel.recallToken(this.inode.number);
    return super.truncate(size);
  }

  override *close(): Steps {
    for (const window of this.#windows.values()) yield* locked(this.inode, this.#clean(window));
    this.kernel.closed(this);
    yield* super.close();
  }

  /** Start to write what was written in `window`; a page that the file does not fill may still grow. */
  *#clean({ start }: FileWindow): Steps {
    if (start === undefined) return;
    const { pages, pager, windowBytes } = this.kernel;
    const full: Page[] = [];
    for (let at = start; at < start + windowBytes && at + PAGE_BYTES <= this.inode.size; at += PAGE_BYTES) {
      const page = pages.find(this.inode.number, at / PAGE_BYTES);
      if (page !== undefined) full.push(page);
    }
    yield* pager.io.write(full);
  }
}
