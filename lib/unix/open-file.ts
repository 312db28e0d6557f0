/**
 * Open files: what a descriptor stands for.
 *
 * Layer: unix. The file pointer lives here, not in the process, so that a parent
 * and its children share it after fork() (4.3BSD's struct file, section 3.2.2's
 * file_t).
 */
import type { Steps } from "../engine/index.ts";
import { UnixError } from "../fs/errno.ts";
import type { UserBuffer } from "./user-buffer.ts";

/** What can be opened: a regular file, a directory, a raw device, an end of a pipe. */
export interface OpenObject {
  /** Move up to `count` bytes from `offset` of the object to the start of the user's buffer; how many. */
  read(buffer: UserBuffer, offset: number, count: number): Steps<number>;
  /** Move `count` bytes from the start of the user's buffer to `offset` of the object; how many. */
  write(buffer: UserBuffer, offset: number, count: number): Steps<number>;
  /** The length that "end" in lseek and append mean; undefined where there is none to seek in (ESPIPE). */
  size(): number | undefined;
  fsync(): Steps;
  truncate(size: number): Steps;
  /** The last descriptor is closed. */
  close(): Steps;
}

export class OpenFile {
  readonly object: OpenObject;
  readonly readable: boolean;
  readonly writable: boolean;
  readonly append: boolean;
  /** The file pointer, in bytes. */
  offset = 0;
  /** Descriptors that stand for it. */
  references = 1;

  constructor(object: OpenObject, access: "read" | "write" | "both" = "both", append = false) {
    this.object = object;
    this.readable = access !== "write";
    this.writable = access !== "read";
    this.append = append;
  }

  /** One descriptor less; the object is closed with the last one. */
  *release(): Steps {
    if (--this.references === 0) yield* this.object.close();
  }

  /** Move the file pointer. @throws EINVAL, ESPIPE */
  seek(offset: number, whence: "set" | "current" | "end"): number {
    const size = this.object.size();
    if (size === undefined) throw new UnixError("ESPIPE");
    const base = whence === "set" ? 0 : whence === "current" ? this.offset : size;
    const target = base + offset;
    if (!Number.isSafeInteger(target) || target < 0) throw new UnixError("EINVAL");
    return (this.offset = target);
  }
}
