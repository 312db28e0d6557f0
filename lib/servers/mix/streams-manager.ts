/**
 * The Streams Manager: pipes and terminals as streams, served by messages.
 *
 * Layer: servers/mix; section 3.2.1. A stream keeps its bytes in page frames of the
 * Streams Manager: a message handler copies them once from the writer's memory and once
 * to the reader's. Writers sleep while a stream is full, readers while it is empty.
 */
import { Lock, WaitQueue } from "../../engine/index.ts";
import type { Steps } from "../../engine/index.ts";
import { UnixError } from "../../fs/errno.ts";
import { PAGE_BYTES } from "../../hardware/memory.ts";
import type { Frame } from "../../hardware/memory.ts";
import { copy, WiredArea } from "../../kernels/chorus/index.ts";
import type { Area, Nucleus } from "../../kernels/chorus/index.ts";
import { operations, STM } from "./protocol.ts";
import type { Operation } from "./protocol.ts";
import { Server } from "./server.ts";
import type { ServerStructure } from "./server.ts";

/** Bytes between those who write and those who read: a ring in page frames. */
class Stream {
  readers = 0;
  writers = 0;
  readonly #nucleus: Nucleus;
  readonly #frames: Frame[];
  readonly #ring: WiredArea;
  readonly #filled: WaitQueue;
  readonly #drained: WaitQueue;
  readonly #readLock: Lock;
  readonly #writeLock: Lock;
  #head = 0;
  #length = 0;

  /** A stream that holds up to `bytes` bytes. @throws UnixError ENOMEM */
  constructor(nucleus: Nucleus, bytes: number) {
    this.#nucleus = nucleus;
    const frames = nucleus.machine.memory.allocateRun("stream", Math.ceil(bytes / PAGE_BYTES));
    if (frames === undefined) throw new UnixError("ENOMEM");
    this.#frames = frames;
    this.#ring = new WiredArea(frames, bytes);
    this.#filled = new WaitQueue(nucleus.machine.sim, "bytes in a pipe");
    this.#drained = new WaitQueue(nucleus.machine.sim, "room in a pipe");
    this.#readLock = new Lock(nucleus.machine.sim, "reading a pipe");
    this.#writeLock = new Lock(nucleus.machine.sim, "writing a pipe");
  }

  *read(count: number, into: Area): Steps<number> {
    if (count === 0) return 0;
    yield* this.#begin(this.#readLock, this.#filled, () => this.#length > 0 || this.writers === 0);
    try {
      const bytes = Math.min(count, this.#length, into.bytes);
      yield* this.#move(into, 0, this.#head, bytes, false);
      this.#head = (this.#head + bytes) % this.#ring.bytes;
      this.#length -= bytes;
      this.#drained.wakeAll();
      return bytes;
    } finally {
      this.#readLock.release();
    }
  }

  /** What fits into the stream at once goes in whole, or waits. @throws UnixError EPIPE */
  *write(count: number, from: Area): Steps<number> {
    const capacity = this.#ring.bytes;
    const wanted = count <= capacity ? count : 1;
    for (let done = 0; done < count; ) {
      yield* this.#begin(this.#writeLock, this.#drained, () => this.readers === 0 || capacity - this.#length >= wanted);
      try {
        if (this.readers === 0) {
          if (done > 0) return done;
          throw new UnixError("EPIPE");
        }
        const bytes = Math.min(count - done, capacity - this.#length);
        yield* this.#move(from, done, (this.#head + this.#length) % capacity, bytes, true);
        this.#length += bytes;
        done += bytes;
        this.#filled.wakeAll();
      } finally {
        this.#writeLock.release();
      }
    }
    return count;
  }

  /** An end was closed. */
  closed(): void {
    this.#filled.wakeAll();
    this.#drained.wakeAll();
    if (this.readers + this.writers === 0) for (const frame of this.#frames.splice(0)) this.#nucleus.machine.memory.free(frame);
  }

  /** Hold `lock` once `ready` holds. Those who wait for it do not keep others out, who may want less. */
  *#begin(lock: Lock, change: WaitQueue, ready: () => boolean): Steps {
    for (;;) {
      while (!ready()) yield* change.wait();
      yield* lock.acquire();
      if (ready()) return;
      lock.release();
    }
  }

  *#move(area: Area, at: number, position: number, count: number, inward: boolean): Steps {
    const { machine, counters } = this.#nucleus;
    for (let done = 0; done < count; ) {
      const place = (position + done) % this.#ring.bytes;
      const length = Math.min(count - done, this.#ring.bytes - place);
      if (inward) yield* copy(machine, counters, area, at + done, this.#ring, place, length);
      else yield* copy(machine, counters, this.#ring, place, area, at + done, length);
      done += length;
    }
  }
}

interface End {
  readonly stream: Stream;
  readonly writes: boolean;
}

export class StreamsManager {
  readonly server: Server;
  readonly #nucleus: Nucleus;
  readonly #pipeBytes: number;
  readonly #ends = new Map<number, End>();
  #nextKey = 1;

  /** `requestNs`: what each request costs; a pipe holds `pipeBytes`. */
  constructor(nucleus: Nucleus, structure: ServerStructure, requestNs: number, pipeBytes: number) {
    this.#nucleus = nucleus;
    this.#pipeBytes = pipeBytes;
    const charged = (operation: Operation): Operation =>
      function* (...request) {
        nucleus.machine.processor.charge(requestNs, "request");
        return yield* operation(...request);
      };
    const table = { [STM.pipe]: this.#pipe, [STM.read]: this.#read, [STM.write]: this.#write, [STM.close]: this.#close };
    const bound = Object.fromEntries(Object.entries(table).map(([code, operation]) => [code, charged(operation.bind(this))]));
    this.server = new Server(nucleus, "Streams Manager", structure, operations(bound));
  }

  *#pipe() {
    const stream = new Stream(this.#nucleus, this.#pipeBytes);
    stream.readers = stream.writers = 1;
    return { numbers: [this.#add({ stream, writes: false }), this.#add({ stream, writes: true })] };
  }

  *#read([key, count]: Float64Array, _text: string, { response }: { response?: Area | undefined }) {
    const { stream, writes } = this.#ends.get(key!)!;
    if (writes) throw new UnixError("EBADF");
    return { bytes: yield* stream.read(count!, response!) };
  }

  *#write([key, count]: Float64Array, _text: string, { body }: { body?: Area | undefined }) {
    const { stream, writes } = this.#ends.get(key!)!;
    if (!writes) throw new UnixError("EBADF");
    return { numbers: [count === 0 ? 0 : yield* stream.write(count!, body!)] };
  }

  *#close([key]: Float64Array) {
    const { stream, writes } = this.#ends.get(key!)!;
    this.#ends.delete(key!);
    if (writes) stream.writers--;
    else stream.readers--;
    stream.closed();
    return {};
  }

  #add(end: End): number {
    this.#ends.set(this.#nextKey, end);
    return this.#nextKey++;
  }
}
