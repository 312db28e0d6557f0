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
  truncate(size: number): Steps;
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
    if (descriptor.lockedFor(pid, offset, bytes)) throw new UnixError("EAGAIN");
    descriptor.accessedNs = this.nucleus.machine.sim.now;
    try {
      return yield* this.nucleus.memory.sgRead(descriptor.capability, offset, into, bytes);
    } catch (error) {
      throw asUnixError(error);
    }
  }

  *write(pid: number, offset: number | "end", count: number, from: Area): Steps<{ at: number; moved: number }> {
    const { descriptor } = this;
    yield* descriptor.changing.acquire();
    try {
      const at = offset === "end" ? yield* descriptor.size("write") : offset;
      if (count === 0) return { at, moved: 0 };
      if (descriptor.lockedFor(pid, at, count)) throw new UnixError("EAGAIN");
      if (!descriptor.holds("write")) yield* descriptor.size("write");
      const moved = yield* this.nucleus.memory.sgWrite(descriptor.capability, at, from, count);
      descriptor.modifiedNs = this.nucleus.machine.sim.now;
      if (at + moved > descriptor.knownSize) descriptor.setSize(at + moved); // the Token is not taken while the file is changing
      return { at, moved };
    } catch (error) {
      throw asUnixError(error);
    } finally {
      descriptor.changing.release();
    }
  }

  override *size(): Steps<number> {
    return yield* this.descriptor.size("read");
  }

  override *fsync(): Steps {
    yield* this.nucleus.memory.control.sgSync(this.descriptor.capability);
    yield* super.fsync();
  }

  *truncate(size: number): Steps {
    const { descriptor } = this;
    yield* descriptor.changing.acquire();
    try {
      if (!descriptor.holds("write")) yield* descriptor.size("write");
      yield* ask(this.nucleus, descriptor.capability.port, [OM.truncate, ...descriptor.report(), size]);
      descriptor.setSize(size);
      descriptor.modifiedNs = this.nucleus.machine.sim.now;
    } finally {
      descriptor.changing.release();
    }
  }
}

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
