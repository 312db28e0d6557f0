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

/** A regular file: read() and write() become sgRead() and sgWrite(). */
export class RegularFile implements FileObject {
  readonly seekable = true;
  readonly #nucleus: Nucleus;
  readonly #descriptor: ObjectDescriptor;
  readonly #manager: UniqueIdentifier;
  readonly #put: (descriptor: ObjectDescriptor) => Steps;

  /** `manager` is the Process Manager's port; `put` gives the descriptor back. */
  constructor(nucleus: Nucleus, descriptor: ObjectDescriptor, manager: UniqueIdentifier, put: (descriptor: ObjectDescriptor) => Steps) {
    this.#nucleus = nucleus;
    this.#descriptor = descriptor;
    this.#manager = manager;
    this.#put = put;
  }

  *read(pid: number, offset: number, count: number, into: Area): Steps<number> {
    const descriptor = this.#descriptor;
    const size = descriptor.holds("read") ? descriptor.knownSize : yield* descriptor.size("read");
    const bytes = Math.max(0, Math.min(count, size - offset));
    if (bytes === 0) return 0;
    if (descriptor.lockedFor(pid, offset, bytes)) throw new UnixError("EAGAIN");
    descriptor.accessedNs = this.#nucleus.machine.sim.now;
    try {
      return yield* this.#nucleus.memory.sgRead(descriptor.capability, offset, into, bytes);
    } catch (error) {
      throw asUnixError(error);
    }
  }

  *write(pid: number, offset: number | "end", count: number, from: Area): Steps<{ at: number; moved: number }> {
    const descriptor = this.#descriptor;
    yield* descriptor.changing.acquire();
    try {
      const at = offset === "end" ? yield* descriptor.size("write") : offset;
      if (count === 0) return { at, moved: 0 };
      if (descriptor.lockedFor(pid, at, count)) throw new UnixError("EAGAIN");
      if (!descriptor.holds("write")) yield* descriptor.size("write");
      const moved = yield* this.#nucleus.memory.sgWrite(descriptor.capability, at, from, count);
      descriptor.modifiedNs = this.#nucleus.machine.sim.now;
      if (at + moved > descriptor.knownSize) descriptor.setSize(at + moved); // the Token is not taken while the file is changing
      return { at, moved };
    } catch (error) {
      throw asUnixError(error);
    } finally {
      descriptor.changing.release();
    }
  }

  *size(): Steps<number> {
    return yield* this.#descriptor.size("read");
  }

  *fsync(): Steps {
    const { capability } = this.#descriptor;
    yield* this.#nucleus.memory.control.sgSync(capability);
    yield* ask(this.#nucleus, capability.port, [OM.sync, this.#manager, capability.key, this.#descriptor.knownSize]);
  }

  *truncate(size: number): Steps {
    const descriptor = this.#descriptor;
    yield* descriptor.changing.acquire();
    try {
      const { port, key } = descriptor.capability;
      const from = yield* descriptor.size("write");
      yield* ask(this.#nucleus, port, [OM.truncate, this.#manager, key, from, size]);
      descriptor.setSize(size);
    } finally {
      descriptor.changing.release();
    }
  }

  close(): Steps {
    return this.#put(this.#descriptor);
  }
}

/** A directory, held open: its entries come by stat and open. */
export class OpenDirectory implements FileObject {
  readonly seekable = true;
  readonly #nucleus: Nucleus;
  readonly #descriptor: ObjectDescriptor;
  readonly #manager: UniqueIdentifier;
  readonly #put: (descriptor: ObjectDescriptor) => Steps;

  constructor(nucleus: Nucleus, descriptor: ObjectDescriptor, manager: UniqueIdentifier, put: (descriptor: ObjectDescriptor) => Steps) {
    this.#nucleus = nucleus;
    this.#descriptor = descriptor;
    this.#manager = manager;
    this.#put = put;
  }

  *read(): Steps<number> {
    throw new UnixError("EISDIR");
  }

  *write(): Steps<{ at: number; moved: number }> {
    throw new UnixError("EISDIR");
  }

  *size(): Steps<number> {
    return this.#descriptor.knownSize;
  }

  *fsync(): Steps {
    const { port, key } = this.#descriptor.capability;
    yield* ask(this.#nucleus, port, [OM.sync, this.#manager, key, this.#descriptor.knownSize]);
  }

  *truncate(): Steps {
    throw new UnixError("EINVAL");
  }

  close(): Steps {
    return this.#put(this.#descriptor);
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

  /** The end that the Streams Manager behind `port` calls `key`. */
  constructor(nucleus: Nucleus, port: UniqueIdentifier, key: number) {
    this.#nucleus = nucleus;
    this.#port = port;
    this.#key = key;
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
  }
}

function asUnixError(error: unknown): unknown {
  return error instanceof MapperError ? unixError(error.status) : error;
}
