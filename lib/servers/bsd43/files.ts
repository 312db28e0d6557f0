/**
 * Open regular files of the server: mapped into clients, or read and written by message.
 *
 * Layer: servers/bsd43; sections 3.1.2 and 4. A mapped file's data never come here:
 * what is left is its size, its end and its cleaning.
 */
import type { Steps } from "../../engine/index.ts";
import { UnixError } from "../../fs/errno.ts";
import type { FileSystem } from "../../fs/file-system.ts";
import type { Inode } from "../../fs/inode.ts";
import { locked } from "../../fs/inodes.ts";
import { PAGE_BYTES } from "../../hardware/memory.ts";
import type { Machine } from "../../hardware/machine.ts";
import type { OpenObject } from "../../unix/open-file.ts";
import type { DataBuffer } from "../../unix/user-buffer.ts";
import type { MappedFile } from "./mapped-file.ts";

/** What files need of their server. */
export interface FileHost {
  readonly fs: FileSystem;
  readonly machine: Machine;
  /** Get the Token of `file` from whoever has it, take `steps`, and let it go. */
  withToken<T>(file: MappedFile, steps: () => Steps<T>): Steps<T>;
  /** The last open of `file` is closed. */
  closed(file: MappedFile): Steps;
}

/** More than any file has: all pages of a memory object. */
const ALL = 2 ** 40;

export class MappedObject implements OpenObject {
  readonly file: MappedFile;
  /** The file pointer while the Token is with nobody: a process and its children share it. */
  pointer = 0;
  readonly #host: FileHost;

  constructor(host: FileHost, file: MappedFile) {
    this.#host = host;
    this.file = file;
    file.users++;
  }

  /** A mapped file is read and written in its window: no library of ours asks for it. @throws EINVAL */
  *read(_buffer: DataBuffer, _offset: number, _count: number): Steps<number> {
    throw new UnixError("EINVAL");
  }

  /** @throws EINVAL */
  *write(_buffer: DataBuffer, _offset: number | "end", _count: number): Steps<number> {
    throw new UnixError("EINVAL");
  }

  size(): number {
    return this.file.size;
  }

  *fsync(): Steps {
    const { file } = this;
    yield* this.#host.withToken(file, function* () {});
    yield* locked(file.inode, this.#host.fs.fsync(file.inode));
    file.report();
  }

  *truncate(size: number): Steps {
    const { file } = this;
    const { fs } = this.#host;
    yield* this.#host.withToken(file, function* () {
      yield* file.clean(0, ALL, { flush: true });
      yield* locked(file.inode, fs.itrunc(file.inode, size));
    });
  }

  *close(): Steps {
    this.file.users--;
    yield* this.#host.closed(this.file);
  }
}

/** A regular file without a mapping: the server copies between its buffer cache and what takes the data to the process or brought them. */
export class UnmappedObject implements OpenObject {
  readonly #host: FileHost;
  readonly #inode: Inode;

  constructor(host: FileHost, inode: Inode) {
    this.#host = host;
    this.#inode = inode;
  }

  size(): number {
    return this.#inode.size;
  }

  read(buffer: DataBuffer, offset: number, count: number): Steps<number> {
    return locked(this.#inode, this.#read(buffer, offset, count));
  }

  *#read(buffer: DataBuffer, offset: number, count: number): Steps<number> {
    buffer.reserve(Math.max(0, Math.min(count, this.#inode.size - offset)));
    return yield* this.#host.fs.readi(this.#inode, offset, count, this.#mover(buffer, false));
  }

  *write(buffer: DataBuffer, offset: number | "end", count: number): Steps<number> {
    const inode = this.#inode;
    yield* inode.lock.acquire();
    try {
      return yield* this.#host.fs.writei(inode, offset === "end" ? inode.size : offset, count, this.#mover(buffer, true));
    } finally {
      inode.lock.release();
    }
  }

  fsync(): Steps {
    return locked(this.#inode, this.#host.fs.fsync(this.#inode));
  }

  truncate(size: number): Steps {
    return locked(this.#inode, this.#host.fs.itrunc(this.#inode, size));
  }

  close(): Steps {
    return this.#host.fs.iput(this.#inode);
  }

  #mover(buffer: DataBuffer, intoFile: boolean) {
    const { machine } = this.#host;
    let done = 0;
    return function* (address: number, count: number): Steps {
      for (let moved = 0; moved < count; ) {
        const bytes = Math.min(count - moved, PAGE_BYTES - (done % PAGE_BYTES));
        const user = yield* buffer.reach(done);
        if (intoFile) machine.bcopy(user, address + moved, bytes);
        else machine.bcopy(address + moved, user, bytes);
        moved += bytes;
        done += bytes;
      }
    };
  }
}

/** All pages of the memory object of `file`, dirty ones included, leave memory unwritten: the file is gone. */
export const discardPages = (file: MappedFile): Steps => file.clean(0, ALL, { flush: true, discard: true });

/** The pages that lie behind the first `size` bytes of `file` leave memory unwritten. */
export const discardBehind = (file: MappedFile, size: number): Steps => file.clean(Math.ceil(size / PAGE_BYTES) * PAGE_BYTES, ALL, { flush: true, discard: true });

/** All pages of the memory object of `file` leave memory, and the dirty ones are written. */
export const flushPages = (file: MappedFile): Steps => file.clean(0, ALL, { flush: true });
