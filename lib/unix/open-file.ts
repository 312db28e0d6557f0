/**
 * Open files: what a descriptor stands for.
 *
 * Layer: unix. The file pointer lives here, not in the process, so that a parent
 * and its children share it after fork() (4.3BSD's struct file, section 3.2.2's
 * file_t).
 */
import { Lock } from "../engine/index.ts";
import type { Simulation, Steps } from "../engine/index.ts";
import { UnixError } from "../fs/errno.ts";
import type { LockFunction, Whence } from "./interface.ts";
import { sectionAt, WHOLE } from "./record-locks.ts";
import type { Section } from "./record-locks.ts";
import type { DataBuffer, UserBuffer } from "./user-buffer.ts";

/**
 * What can be opened: a regular file, a directory, a raw device, an end of a pipe. One that needs the frames of its
 * buffer takes a UserBuffer: it is of a system that has no other.
 */
export interface OpenObject {
  /** Move up to `count` bytes from `offset` of the object to the start of the user's buffer; how many. */
  read(buffer: DataBuffer, offset: number, count: number): Steps<number>;
  /** Move `count` bytes from the start of the user's buffer to `offset` of the object, or to its end as it is then; how many. */
  write(buffer: DataBuffer, offset: number | "end", count: number): Steps<number>;
  /** The length that "end" in lseek means; undefined where there is none to seek in (ESPIPE). */
  size(): number | undefined;
  fsync(): Steps;
  truncate(size: number): Steps;
  /** lockf() by the process of `buffer`, where there is something to lock. */
  lockf?(buffer: UserBuffer, how: LockFunction, section: Section): Steps;
  /** The last descriptor is closed. */
  close(): Steps;
}

export class OpenFile {
  readonly object: OpenObject;
  readonly writable: boolean;
  /** Descriptors that stand for it. */
  references = 1;
  readonly #readable: boolean;
  readonly #append: boolean;
  /** The file pointer, in bytes, and the lock of whoever uses it. */
  #offset = 0;
  readonly #pointer: Lock;

  constructor(sim: Simulation, object: OpenObject, access: "read" | "write" | "both" = "both", append = false) {
    this.object = object;
    this.#readable = access !== "write";
    this.writable = access !== "read";
    this.#append = append;
    this.#pointer = new Lock(sim, "a file pointer");
  }

  /** One descriptor less; the object is closed with the last one. */
  *release(): Steps {
    if (--this.references === 0) yield* this.object.close();
  }

  /** Move up to `count` bytes from the file pointer on to the start of the user's buffer; how many. @throws EBADF, and what the object throws */
  *read(buffer: DataBuffer, count: number): Steps<number> {
    if (!this.#readable) throw new UnixError("EBADF");
    if (!Number.isSafeInteger(count) || count < 0) throw new UnixError("EINVAL");
    const { object } = this;
    return yield* this.#alone(function* (file) {
      const moved = yield* object.read(buffer, file.#offset, count);
      file.#offset += moved;
      return moved;
    });
  }

  /** Move `count` bytes from the start of the user's buffer to the file pointer, or to the end; how many. @throws EBADF, and what the object throws */
  *write(buffer: DataBuffer, count: number): Steps<number> {
    if (!this.writable) throw new UnixError("EBADF");
    const { object } = this;
    return yield* this.#alone(function* (file) {
      const atEnd = file.#append && count > 0;
      const moved = yield* object.write(buffer, atEnd ? "end" : file.#offset, count);
      file.#offset = atEnd ? (object.size() ?? 0) : file.#offset + moved;
      return moved;
    });
  }

  /** Move the file pointer; where it is now. @throws EINVAL, ESPIPE */
  *seek(offset: number, whence: Whence): Steps<number> {
    const { object } = this;
    return yield* this.#alone(function* (file) {
      const size = object.size();
      if (size === undefined) throw new UnixError("ESPIPE");
      const base = whence === "set" ? 0 : whence === "current" ? file.#offset : size;
      const target = base + offset;
      if (!Number.isSafeInteger(target) || target < 0) throw new UnixError("EINVAL");
      return (file.#offset = target);
    });
  }

  /** lockf() by the process of `buffer`. @throws EBADF, EINVAL, and what the object throws */
  *lockf(buffer: UserBuffer, how: LockFunction, bytes: number): Steps {
    if (!this.writable && (how === "lock" || how === "tlock")) throw new UnixError("EBADF");
    if (this.object.lockf === undefined) throw new UnixError("EINVAL");
    yield* this.object.lockf(buffer, how, sectionAt(this.#offset, how, bytes));
  }

  /** ftruncate() by the process of `buffer`. @throws EINVAL, and what the object throws */
  *truncate(buffer: UserBuffer, size: number): Steps {
    if (!this.writable) throw new UnixError("EINVAL");
    const { object } = this;
    if (object.lockf !== undefined) yield* object.lockf(buffer, "test", { start: Math.min(size, object.size() ?? 0), end: Infinity });
    yield* object.truncate(size);
  }

  /** The process of `buffer` closes a descriptor: its locks on the file go. */
  *unlock(buffer: UserBuffer): Steps {
    if (this.object.lockf !== undefined) yield* this.object.lockf(buffer, "ulock", WHOLE);
  }

  /** Use the file pointer while nobody else does. A pipe has none: one reader may sleep and another come. */
  *#alone(use: (file: this) => Steps<number>): Steps<number> {
    if (this.object.size() === undefined) return yield* use(this);
    yield* this.#pointer.acquire();
    try {
      return yield* use(this);
    } finally {
      this.#pointer.release();
    }
  }
}
