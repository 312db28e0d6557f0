/**
 * What open files of the Process Manager lead to: files through the nucleus's virtual
 * memory, everything else by messages to its server.
 *
 * Layer: servers/mix; section 4.3.1: "the PM distinguishes between files that are
 * accessible through the Virtual Memory Interface, such as regular files, and other
 * files such as directories and streams that are read and written by sending messages
 * to the appropriate server".
 */
import type { Steps } from "../../engine/index.ts";
import { UnixError } from "../../fs/errno.ts";
import { MapperError, PartOfArea } from "../../kernels/chorus/index.ts";
import type { Area, Nucleus, UniqueIdentifier } from "../../kernels/chorus/index.ts";
import type { LockFunction } from "../../unix/interface.ts";
import type { Section } from "../../unix/record-locks.ts";
import type { ObjectDescriptor } from "./object-descriptor.ts";
import { ask, OM, STM, unixError } from "./protocol.ts";

export interface FileObject {
  /** Move up to `count` bytes from `offset` on to `into`; how many. */
  read(pid: number, offset: number, count: number, into: Area): Steps<number>;
  /** Move `count` bytes from `from` to `offset`, or to the end; where they went and how many. */
  write(pid: number, offset: number | "end", count: number, from: Area): Steps<{ at: number; moved: number }>;
  /** Whether there is an offset to move; if not, any given is ignored. */
  readonly seekable: boolean;
  /** What "end" means. */
  size(): Steps<number>;
  fsync(): Steps;
  /** Cut or extend to `size` bytes for process `pid`, or for an open(), which cuts no file of which a part is locked. */
  truncate(size: number, pid?: number): Steps;
  /** lockf(), where there is something to lock, and whether process `pid` has locked any of it. */
  lockf?(pid: number, how: LockFunction, section: Section): Steps;
  locked?(pid: number): boolean;
  close(): Steps;
}

/** A file with an object descriptor. */
class Described {
  readonly seekable = true;
  protected readonly nucleus: Nucleus;
  protected readonly descriptor: ObjectDescriptor;
  readonly #put: () => Steps;

  /** `put` gives the descriptor back. */
  constructor(nucleus: Nucleus, descriptor: ObjectDescriptor, put: () => Steps) {
    this.nucleus = nucleus;
    this.descriptor = descriptor;
    this.#put = put;
  }

  *size(): Steps<number> {
    return this.descriptor.knownSize;
  }

  *fsync(): Steps {
    yield* ask(this.nucleus, this.descriptor.capability.port, [OM.sync, ...this.descriptor.report()]);
  }

  close(): Steps {
    return this.#put();
  }
}

/** A regular file: read() and write() become sgRead() and sgWrite(). */
export class RegularFile extends Described implements FileObject {
  *read(pid: number, offset: number, count: number, into: Area): Steps<number> {
    const { descriptor } = this;
    const size = descriptor.holds("read") ? descriptor.knownSize : yield* descriptor.size("read");
    const bytes = Math.max(0, Math.min(count, size - offset));
    if (bytes === 0) return 0;
    if (descriptor.lockedFor(pid, offset, bytes)) yield* descriptor.lockf(pid, "use", { start: offset, end: offset + bytes });
    descriptor.accessedNs = this.nucleus.machine.sim.now;
    try {
      return yield* this.nucleus.memory.sgRead(descriptor.capability, offset, into, bytes);
    } catch (error) {
      throw asUnixError(error);
    }
  }

  *write(pid: number, offset: number | "end", count: number, from: Area): Steps<{ at: number; moved: number }> {
    const { descriptor } = this;
    for (;;) {
      yield* descriptor.changing.acquire();
      let at: number;
      try {
        at = offset === "end" ? yield* descriptor.size("write") : offset;
        if (count === 0) return { at, moved: 0 };
        if (!descriptor.lockedFor(pid, at, count)) return { at, moved: yield* this.#change(at, count, from) };
      } finally {
        descriptor.changing.release();
      }
      yield* descriptor.lockf(pid, "use", { start: at, end: at + count }); // while others, and who has locked these bytes, can write
    }
  }

  /** Write into the file, which nobody else changes meanwhile; how many bytes. */
  *#change(at: number, count: number, from: Area): Steps<number> {
    const { descriptor, nucleus } = this;
    if (!descriptor.holds("write")) yield* descriptor.size("write");
    try {
      const moved = yield* nucleus.memory.sgWrite(descriptor.capability, at, from, count);
      descriptor.modifiedNs = nucleus.machine.sim.now;
      if (at + moved > descriptor.knownSize) descriptor.setSize(at + moved); // the Token is not taken while the file is changing
      return moved;
    } catch (error) {
      throw asUnixError(error);
    }
  }

  lockf(pid: number, how: LockFunction, section: Section): Steps {
    return this.descriptor.lockf(pid, how, section);
  }

  locked(pid: number): boolean {
    return this.descriptor.locks.locks.some(({ owner }) => owner === pid);
  }

  override *size(): Steps<number> {
    return yield* this.descriptor.size("read");
  }

  override *fsync(): Steps {
    yield* this.nucleus.memory.control.sgSync(this.descriptor.capability);
    yield* super.fsync();
  }

  *truncate(size: number, pid = NOBODY): Steps {
    const { descriptor } = this;
    yield* descriptor.changing.acquire();
    try {
      if (!descriptor.holds("write")) yield* descriptor.size("write");
      const from = pid === NOBODY ? 0 : Math.min(size, descriptor.knownSize);
      if (descriptor.lockedFor(pid, from, Infinity)) throw new UnixError("EAGAIN");
      yield* ask(this.nucleus, descriptor.capability.port, [OM.truncate, ...descriptor.report(), size]);
      descriptor.setSize(size);
      descriptor.modifiedNs = this.nucleus.machine.sim.now;
    } finally {
      descriptor.changing.release();
    }
  }
}

/** The owner of no lock. */
const NOBODY = 0;

/** A directory, held open: its entries come by stat and open. */
export class OpenDirectory extends Described implements FileObject {
  *read(): Steps<number> {
    throw new UnixError("EISDIR");
  }

  *write(): Steps<{ at: number; moved: number }> {
    throw new UnixError("EISDIR");
  }

  *truncate(): Steps {
    throw new UnixError("EINVAL");
  }
}

/** The raw disk, by messages to the Object Manager. */
export class RawFile implements FileObject {
  readonly seekable = true;
  readonly #nucleus: Nucleus;
  readonly #port: UniqueIdentifier;
  readonly #bytes: number;

  constructor(nucleus: Nucleus, port: UniqueIdentifier, bytes: number) {
    this.#nucleus = nucleus;
    this.#port = port;
    this.#bytes = bytes;
  }

  *read(_pid: number, offset: number, count: number, into: Area): Steps<number> {
    return (yield* ask(this.#nucleus, this.#port, [OM.rawRead, offset, count], { response: into })).bytes;
  }

  *write(_pid: number, offset: number | "end", count: number, from: Area): Steps<{ at: number; moved: number }> {
    const at = offset === "end" ? this.#bytes : offset;
    const { numbers } = yield* ask(this.#nucleus, this.#port, [OM.rawWrite, at, count], { body: new PartOfArea(from, 0, count) });
    return { at, moved: numbers[0]! };
  }

  *size(): Steps<number> {
    return this.#bytes;
  }

  *fsync(): Steps {}

  *truncate(): Steps {
    throw new UnixError("EINVAL");
  }

  *close(): Steps {}
}

/** An end of a stream, by messages to the Streams Manager. */
export class StreamEnd implements FileObject {
  readonly seekable = false;
  readonly #nucleus: Nucleus;
  readonly #port: UniqueIdentifier;
  readonly #key: number;
  readonly #closed: () => Steps;

  /** The end that the Streams Manager behind `port` calls `key`; `closed` is done when it is closed. */
  constructor(nucleus: Nucleus, port: UniqueIdentifier, key: number, closed: () => Steps = function* () {}) {
    this.#nucleus = nucleus;
    this.#port = port;
    this.#key = key;
    this.#closed = closed;
  }

  *read(_pid: number, _offset: number, count: number, into: Area): Steps<number> {
    return (yield* ask(this.#nucleus, this.#port, [STM.read, this.#key, count], { response: into })).bytes;
  }

  *write(_pid: number, _offset: number | "end", count: number, from: Area): Steps<{ at: number; moved: number }> {
    const { numbers } = yield* ask(this.#nucleus, this.#port, [STM.write, this.#key, count], { body: new PartOfArea(from, 0, count) });
    return { at: 0, moved: numbers[0]! };
  }

  *size(): Steps<number> {
    throw new UnixError("ESPIPE");
  }

  *fsync(): Steps {
    throw new UnixError("EINVAL");
  }

  *truncate(): Steps {
    throw new UnixError("EINVAL");
  }

  *close(): Steps {
    yield* ask(this.#nucleus, this.#port, [STM.close, this.#key]);
    yield* this.#closed();
  }
}

function asUnixError(error: unknown): unknown {
  return error instanceof MapperError ? unixError(error.status) : error;
}
