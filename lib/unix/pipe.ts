/**
 * Pipes: bytes in a page of the kernel between those who write and those who read.
 *
 * Layer: unix. A ring of one page. Writers sleep while it is full, readers while it
 * is empty; a write of at most a page goes in whole or waits.
 */
import { WaitQueue } from "../engine/index.ts";
import type { Simulation, Steps } from "../engine/index.ts";
import { UnixError } from "../fs/errno.ts";
import { PAGE_BYTES } from "../hardware/memory.ts";
import type { Frame } from "../hardware/memory.ts";
import type { OpenObject } from "./open-file.ts";
import type { UserBuffer } from "./user-buffer.ts";

/** What a pipe needs of its kernel. */
export interface PipeHost {
  sim: Simulation;
  /** Move bytes between physical addresses and charge the copy. */
  bcopy(from: number, to: number, count: number): void;
  free(frame: Frame): void;
}

export class Pipe {
  readonly #host: PipeHost;
  readonly #frame: Frame;
  #head = 0;
  #length = 0;
  #readers = 1;
  #writers = 1;
  readonly #filled: WaitQueue;
  readonly #drained: WaitQueue;

  /** An empty pipe whose bytes go through `frame`. */
  constructor(host: PipeHost, frame: Frame) {
    this.#host = host;
    this.#frame = frame;
    this.#filled = new WaitQueue(host.sim, "bytes in a pipe");
    this.#drained = new WaitQueue(host.sim, "room in a pipe");
  }

  /** The end to read from and the end to write to. */
  ends(): { reader: OpenObject; writer: OpenObject } {
    const unusable = {
      size: () => undefined,
      *fsync(): Steps {
        throw new UnixError("EINVAL");
      },
      *truncate(): Steps {
        throw new UnixError("EINVAL");
      },
      *read(): Steps<number> {
        throw new UnixError("EBADF");
      },
      *write(): Steps<number> {
        throw new UnixError("EBADF");
      },
    };
    return {
      reader: { ...unusable, read: (buffer, _offset, count) => this.#read(buffer, count), close: () => this.#closeReader() },
      writer: { ...unusable, write: (buffer, _offset, count) => this.#write(buffer, count), close: () => this.#closeWriter() },
    };
  }

  *#read(buffer: UserBuffer, count: number): Steps<number> {
    if (count === 0) return 0;
    while (this.#length === 0) {
      if (this.#writers === 0) return 0;
      yield* this.#filled.wait();
    }
    const bytes = Math.min(count, this.#length);
    buffer.reserve(bytes);
    this.#move(buffer, 0, this.#head, bytes, false);
    this.#head = (this.#head + bytes) % PAGE_BYTES;
    this.#length -= bytes;
    this.#drained.wakeAll();
    return bytes;
  }

  *#write(buffer: UserBuffer, count: number): Steps<number> {
    for (let done = 0; done < count; ) {
      const wanted = count <= PAGE_BYTES ? count : 1;
      while (this.#readers > 0 && PAGE_BYTES - this.#length < wanted) yield* this.#drained.wait();
      if (this.#readers === 0) {
        if (done > 0) return done;
        throw new UnixError("EPIPE");
      }
      const bytes = Math.min(count - done, PAGE_BYTES - this.#length);
      this.#move(buffer, done, (this.#head + this.#length) % PAGE_BYTES, bytes, true);
      this.#length += bytes;
      done += bytes;
      this.#filled.wakeAll();
    }
    return count;
  }

  /** Copy between the user's buffer and the ring, in pieces that wrap neither. */
  #move(buffer: UserBuffer, offset: number, position: number, count: number, intoPipe: boolean): void {
    for (let done = 0; done < count; ) {
      const at = (position + done) % PAGE_BYTES;
      const stretch = Math.min(count - done, PAGE_BYTES - at);
      buffer.pieces(offset + done, stretch, (address, moved, bytes) => {
        const inPipe = this.#frame * PAGE_BYTES + at + moved;
        if (intoPipe) this.#host.bcopy(address, inPipe, bytes);
        else this.#host.bcopy(inPipe, address, bytes);
      });
      done += stretch;
    }
  }

  *#closeReader(): Steps {
    this.#readers--;
    this.#drained.wakeAll();
    this.#freeIfUnused();
  }

  *#closeWriter(): Steps {
    this.#writers--;
    this.#filled.wakeAll();
    this.#freeIfUnused();
  }

  #freeIfUnused(): void {
    if (this.#readers + this.#writers === 0) this.#host.free(this.#frame);
  }
}
