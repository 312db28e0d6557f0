/**
 * Open files: what a descriptor of a process stands for, section 3.2.2.
 *
 * Layer: servers/mix. "For each open system call, the PM manages an open file descriptor
 * similar to the file_t structure of a native Unix, that handles flags and the current
 * offset": shared after fork(), and used by one process at a time.
 */
import { Lock } from "../../engine/index.ts";
import type { Simulation, Steps } from "../../engine/index.ts";
import { UnixError } from "../../fs/errno.ts";
import type { Area } from "../../kernels/chorus/index.ts";
import type { LockFunction, Whence } from "../../unix/interface.ts";
import { sectionAt, WHOLE } from "../../unix/record-locks.ts";
import type { FileObject } from "./file-object.ts";

export class OpenFile {
  readonly object: FileObject;
  readonly writable: boolean;
  /** Descriptors that stand for it. */
  references = 1;
  readonly #readable: boolean;
  readonly #append: boolean;
  #offset = 0;
  readonly #offsetLock: Lock;

  constructor(sim: Simulation, object: FileObject, access: "read" | "write" | "both", append = false) {
    this.object = object;
    this.#readable = access !== "write";
    this.writable = access !== "read";
    this.#append = append;
    this.#offsetLock = new Lock(sim, "the offset of an open file");
  }

  /** One descriptor less; the object is closed with the last one. */
  *release(): Steps {
    if (--this.references === 0) yield* this.object.close();
  }

  /** Read up to `count` bytes at the offset into `into`. @throws UnixError EBADF, EINVAL and what the object throws */
  *read(pid: number, count: number, into: Area): Steps<number> {
    if (!this.#readable) throw new UnixError("EBADF");
    if (!Number.isSafeInteger(count) || count < 0) throw new UnixError("EINVAL");
    if (!this.object.seekable) return yield* this.object.read(pid, 0, count, into);
    yield* this.#take();
    try {
      const moved = yield* this.object.read(pid, this.#offset, count, into);
      this.#offset += moved;
      return moved;
    } finally {
      this.#offsetLock.release();
    }
  }

  /** Write `count` bytes of `from` at the offset, or at the end. @throws UnixError EBADF and what the object throws */
  *write(pid: number, count: number, from: Area): Steps<number> {
    if (!this.writable) throw new UnixError("EBADF");
    if (!this.object.seekable) return (yield* this.object.write(pid, 0, count, from)).moved;
    yield* this.#take();
    try {
      const { at, moved } = yield* this.object.write(pid, this.#append && count > 0 ? "end" : this.#offset, count, from);
      this.#offset = at + moved;
      return moved;
    } finally {
      this.#offsetLock.release();
    }
  }

  /** Move the offset; where it is now. @throws UnixError ESPIPE, EINVAL */
  *seek(offset: number, whence: Whence): Steps<number> {
    if (!this.object.seekable) throw new UnixError("ESPIPE");
    yield* this.#take();
    try {
      const base = whence === "set" ? 0 : whence === "current" ? this.#offset : yield* this.object.size();
      const target = base + offset;
      if (!Number.isSafeInteger(target) || target < 0) throw new UnixError("EINVAL");
      return (this.#offset = target);
    } finally {
      this.#offsetLock.release();
    }
  }

  /** @throws UnixError EBADF, EINVAL and what the object throws */
  *lockf(pid: number, how: LockFunction, bytes: number): Steps {
    if (!this.writable && (how === "lock" || how === "tlock")) throw new UnixError("EBADF");
    if (this.object.lockf === undefined) throw new UnixError("EINVAL");
    yield* this.object.lockf(pid, how, sectionAt(this.#offset, how, bytes));
  }

  /** Process `pid` closes a descriptor: its locks on the file go. */
  *unlock(pid: number): Steps {
    if (this.object.locked?.(pid)) yield* this.object.lockf!(pid, "ulock", WHOLE);
  }

  /** @throws UnixError EINVAL and what the object throws */
  *truncate(pid: number, size: number): Steps {
    if (!this.writable) throw new UnixError("EINVAL");
    yield* this.object.truncate(size, pid);
  }

  *#take(): Steps {
    if (!this.#offsetLock.tryAcquire()) yield* this.#offsetLock.acquire();
  }
}
