/**
 * Pipes: bytes in a page of the kernel between those who write and those who read.
 *
 * Layer: unix. A ring of one page. Writers sleep while it is full, readers while it
 * is empty; a write of at most a page goes in whole or waits. A named pipe is a pipe
 * that is there while somebody has it open, and whose ends find each other by name.
 */
import { WaitQueue } from "../engine/index.ts";
import type { Simulation, Steps } from "../engine/index.ts";
import { UnixError } from "../fs/errno.ts";
import type { FileSystem } from "../fs/file-system.ts";
import type { Inode } from "../fs/inode.ts";
import { PAGE_BYTES } from "../hardware/memory.ts";
import type { Frame } from "../hardware/memory.ts";
import type { OpenObject } from "./open-file.ts";
import type { DataBuffer } from "./user-buffer.ts";

/** What a pipe needs of its kernel. */
export interface PipeHost {
  sim: Simulation;
  /** Move bytes between physical addresses and charge the copy. */
  bcopy(from: number, to: number, count: number): void;
  /** A page frame for the bytes. @throws ENOMEM */
  frame(owner: string): Frame;
  free(frame: Frame): void;
}

type Side = "read" | "write";

/** Who has a pipe open, and waiting for the other side of one with a name. */
export class PipeEnds {
  /** Ends that are open now. */
  readonly open: Record<Side, number> = { read: 0, write: 0 };
  readonly #ever: Record<Side, number> = { read: 0, write: 0 };
  readonly #met: WaitQueue;

  constructor(sim: Simulation) {
    this.#met = new WaitQueue(sim, "the other end of a named pipe");
  }

  /** Nobody has an end. */
  get none(): boolean {
    return this.open.read + this.open.write === 0;
  }

  add(sides: readonly Side[]): void {
    for (const side of sides) {
      this.open[side]++;
      this.#ever[side]++;
    }
    this.#met.wakeAll();
  }

  remove(sides: readonly Side[]): void {
    for (const side of sides) this.open[side]--;
  }

  /** Who has just opened one side sleeps until somebody has opened the other, if it is not open. */
  *meet(sides: readonly Side[]): Steps {
    if (sides.length === 2) return;
    const other = sides[0] === "read" ? "write" : "read";
    const before = this.#ever[other];
    while (this.open[other] === 0 && this.#ever[other] === before) yield* this.#met.wait();
  }
}

/** The sides that an open() for `access` takes. */
export const sidesOf = (access: Side | "both"): readonly Side[] => (access === "both" ? ["read", "write"] : [access]);

export class Pipe {
  readonly #host: PipeHost;
  readonly #frame: Frame;
  #head = 0;
  #length = 0;
  readonly ends: PipeEnds;
  readonly #filled: WaitQueue;
  readonly #drained: WaitQueue;

  /** An empty pipe, without ends yet. @throws ENOMEM */
  constructor(host: PipeHost) {
    this.#host = host;
    this.#frame = host.frame("pipe");
    this.#filled = new WaitQueue(host.sim, "bytes in a pipe");
    this.#drained = new WaitQueue(host.sim, "room in a pipe");
    this.ends = new PipeEnds(host.sim);
  }

  /** One end more: to read from, to write to, or both. */
  end(sides: readonly Side[]): OpenObject {
    this.ends.add(sides);
    return {
      size: () => undefined,
      read: (buffer, _offset, count) => this.#read(buffer, count),
      write: (buffer, _offset, count) => this.#write(buffer, count),
      fsync: unusable,
      truncate: unusable,
      close: () => this.#close(sides),
    };
  }

  *#read(buffer: DataBuffer, count: number): Steps<number> {
    if (count === 0) return 0;
    let to: number;
    do {
      while (this.#length === 0) {
        if (this.ends.open.write === 0) return 0;
        yield* this.#filled.wait();
      }
      buffer.reserve(Math.min(count, PAGE_BYTES));
      to = yield* buffer.reach(0);
    } while (this.#length === 0); // another has read them meanwhile
    const bytes = Math.min(count, this.#length);
    this.#move(to, this.#head, bytes, false);
    this.#head = (this.#head + bytes) % PAGE_BYTES;
    this.#length -= bytes;
    this.#drained.wakeAll();
    return bytes;
  }

  *#write(buffer: DataBuffer, count: number): Steps<number> {
    for (let done = 0; done < count; ) {
      const wanted = count <= PAGE_BYTES ? count : 1;
      let from = yield* buffer.reach(done);
      while (this.ends.open.read > 0 && PAGE_BYTES - this.#length < wanted) {
        yield* this.#drained.wait();
        from = yield* buffer.reach(done); // it may have left memory meanwhile
      }
      if (this.ends.open.read === 0) {
        if (done > 0) return done;
        throw new UnixError("EPIPE");
      }
      const bytes = Math.min(count - done, PAGE_BYTES - this.#length, PAGE_BYTES - (done % PAGE_BYTES));
      this.#move(from, (this.#head + this.#length) % PAGE_BYTES, bytes, true);
      this.#length += bytes;
      done += bytes;
      this.#filled.wakeAll();
    }
    return count;
  }

  /** Copy between `address` in a page of the user's buffer and the ring, in pieces that do not wrap. */
  #move(address: number, position: number, count: number, intoPipe: boolean): void {
    for (let done = 0; done < count; ) {
      const at = (position + done) % PAGE_BYTES;
      const bytes = Math.min(count - done, PAGE_BYTES - at);
      const inPipe = this.#frame * PAGE_BYTES + at;
      if (intoPipe) this.#host.bcopy(address + done, inPipe, bytes);
      else this.#host.bcopy(inPipe, address + done, bytes);
      done += bytes;
    }
  }

  *#close(sides: readonly Side[]): Steps {
    this.ends.remove(sides);
    this.#filled.wakeAll();
    this.#drained.wakeAll();
    if (this.ends.none) this.#host.free(this.#frame);
  }
}

/** The named pipes that somebody has open. */
export class NamedPipes {
  readonly #host: PipeHost;
  readonly #pipes = new Map<number, Pipe>(); // by number of the inode

  constructor(host: PipeHost) {
    this.#host = host;
  }

  /**
   * Open the named pipe `inode`, whose user the caller gives up: sleep until somebody has its other end.
   * `sleep` takes the steps of that, where they can be interrupted. @throws ENOMEM, and what `sleep` throws
   */
  *open(fs: FileSystem, inode: Inode, access: Side | "both", sleep = (steps: Steps): Steps => steps): Steps<OpenObject> {
    const { sim } = this.#host;
    const pipe = yield* this.#pipe(fs, inode);
    const end = pipe.end(sidesOf(access));
    const pipes = this.#pipes;
    const opened: OpenObject = {
      ...end,
      *read(...call) {
        const moved = yield* end.read(...call);
        inode.markAccessed(sim.now);
        return moved;
      },
      *write(...call) {
        const moved = yield* end.write(...call);
        inode.markChanged(sim.now);
        return moved;
      },
      *close() {
        yield* end.close();
        if (pipe.ends.none) pipes.delete(inode.number);
        yield* fs.iput(inode);
      },
    };
    try {
      yield* sleep(pipe.ends.meet(sidesOf(access)));
    } catch (error) {
      yield* opened.close();
      throw error;
    }
    return opened;
  }

  *#pipe(fs: FileSystem, inode: Inode): Steps<Pipe> {
    let pipe = this.#pipes.get(inode.number);
    if (pipe !== undefined) return pipe;
    try {
      pipe = new Pipe(this.#host);
    } catch (error) {
      yield* fs.iput(inode);
      throw error;
    }
    this.#pipes.set(inode.number, pipe);
    return pipe;
  }
}

/** What cannot be done with a pipe. */
function* unusable(): Steps {
  throw new UnixError("EINVAL");
}
