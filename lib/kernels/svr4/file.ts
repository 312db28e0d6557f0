/**
 * A regular file of System V R4.0: read() and write() through segmap.
 *
 * Layer: kernel; section 5 measures it. The kernel maps 8 KB of the file at a time
 * and copies. Full blocks are written behind the writer's back, parts of blocks when
 * they must be.
 */
import type { Steps } from "../../engine/index.ts";
import type { LockFunction } from "../../unix/interface.ts";
import type { Section } from "../../unix/record-locks.ts";
import type { UserBuffer } from "../../unix/user-buffer.ts";
import { PagedFile } from "../pages/paged-file.ts";
import type { Mapped } from "../pages/paged-file.ts";
import type { Svr4 } from "./kernel.ts";
import { WINDOW_BYTES } from "./segmap.ts";

export class Svr4File extends PagedFile<Svr4> {
  protected readonly windowName = "segmap window";

  /** Sleeps while another process has a mandatory lock there. */
  override *read(buffer: UserBuffer, offset: number, count: number): Steps<number> {
    yield* this.kernel.locks.pass(this.inode.number, buffer, { start: offset, end: offset + count });
    return yield* super.read(buffer, offset, count);
  }

  /** Likewise. */
  override *write(buffer: UserBuffer, offset: number | "end", count: number): Steps<number> {
    const start = offset === "end" ? this.inode.size : offset;
    yield* this.kernel.locks.pass(this.inode.number, buffer, { start, end: start + count });
    return yield* super.write(buffer, offset, count);
  }

  lockf(buffer: UserBuffer, how: LockFunction, section: Section): Steps {
    return this.kernel.locks.lockf(this.inode.number, buffer, how, section);
  }

  protected *begin(): Steps {}

  /** The kernel's window; it is looked for at the first byte of a call and of a window. */
  protected *window(_buffer: UserBuffer, offset: number, first: boolean): Steps<Mapped> {
    const { costs, machine, segmap } = this.kernel;
    if (first || offset % WINDOW_BYTES === 0) machine.processor.charge(costs.segmapNs, "segmap");
    return segmap.window(this.inode.number, offset).mapped;
  }

  protected fault(kind: "resident" | "absent" | "new"): void {
    if (kind !== "new") this.kernel.charge(this.kernel.costs.pageFaultNs, "Pagefault");
  }

  protected blockWritten(end: number): Steps {
    return this.kernel.pager.writeBehind(this.inode, end);
  }
}
