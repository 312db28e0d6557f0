/**
 * A regular file of Mach 2.6: read() and write() through the buffer cache.
 *
 * Layer: kernel; section 5 measures it, Table 5-9 breaks a read down. Between the
 * buffer and the user lies one copy.
 */
import type { Steps } from "../../engine/index.ts";
import type { Inode } from "../../fs/inode.ts";
import { locked } from "../../fs/inodes.ts";
import type { OpenObject } from "../../unix/open-file.ts";
import type { UserBuffer } from "../../unix/user-buffer.ts";
import type { Mach26 } from "./kernel.ts";

export class Mach26File implements OpenObject {
  readonly #kernel: Mach26;
  readonly #inode: Inode;

  constructor(kernel: Mach26, inode: Inode) {
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
      buffer.reserve(Math.max(0, Math.min(count, inode.size - offset)));
      return yield* this.#kernel.fs.readi(inode, offset, count, this.#uiomove(buffer, false));
    } finally {
      inode.lock.release();
    }
  }

  *write(buffer: UserBuffer, offset: number | "end", count: number): Steps<number> {
    const inode = this.#inode;
    yield* inode.lock.acquire();
    try {
      return yield* this.#kernel.fs.writei(inode, offset === "end" ? inode.size : offset, count, this.#uiomove(buffer, true));
    } finally {
      inode.lock.release();
    }
  }

  fsync(): Steps {
    return locked(this.#inode, this.#kernel.fs.fsync(this.#inode));
  }

  truncate(size: number): Steps {
    return locked(this.#inode, this.#kernel.fs.itrunc(this.#inode, size));
  }

  close(): Steps {
    return this.#kernel.fs.iput(this.#inode);
  }

  /** Copies between the user's buffer and the kernel's, going on where the last copy ended (4.3BSD's uiomove). */
  #uiomove(buffer: UserBuffer, intoKernel: boolean) {
    const { machine } = this.#kernel;
    let done = 0;
    return function* (kernelAddress: number, count: number): Steps {
      buffer.pieces(done, count, (address, moved, bytes) => {
        if (intoKernel) machine.bcopy(address, kernelAddress + moved, bytes);
        else machine.bcopy(kernelAddress + moved, address, bytes);
      });
      done += count;
    };
  }
}
