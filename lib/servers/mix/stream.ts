/**
 * A stream: bytes between those who write and those who read.
 *
 * Layer: servers/mix; section 3.2.1. It keeps its bytes in page frames of the Streams
 * Manager: they are copied once from the writer's memory and once to the reader's.
 * Writers sleep while it is full, readers while it is empty.
 */
import { Lock, WaitQueue } from "../../engine/index.ts";
import type { Steps } from "../../engine/index.ts";
import { UnixError } from "../../fs/errno.ts";
import { PAGE_BYTES } from "../../hardware/memory.ts";
import type { Frame } from "../../hardware/memory.ts";
import { copy, WiredArea } from "../../kernels/chorus/index.ts";
import type { Area, Nucleus } from "../../kernels/chorus/index.ts";
import { PipeEnds } from "../../unix/pipe.ts";

export class Stream {
  readonly ends: PipeEnds;
  /** When it was last read and written. */
  accessedNs = 0;
  modifiedNs = 0;
  readonly #nucleus: Nucleus;
  readonly #frames: Frame[];
  readonly #ring: WiredArea;
  readonly #filled: WaitQueue;
  readonly #drained: WaitQueue;
  readonly #readLock: Lock;
  readonly #writeLock: Lock;
  #head = 0;
  #length = 0;

  /** A stream that holds up to `bytes` bytes, without ends yet. @throws UnixError ENOMEM */
  constructor(nucleus: Nucleus, bytes: number) {
    const { sim, memory } = nucleus.machine;
    this.#nucleus = nucleus;
    const frames = memory.allocateRun("stream", Math.ceil(bytes / PAGE_BYTES));
    if (frames === undefined) throw new UnixError("ENOMEM");
    this.#frames = frames;
    this.#ring = new WiredArea(frames, bytes);
    this.ends = new PipeEnds(sim);
    this.#filled = new WaitQueue(sim, "bytes in a pipe");
    this.#drained = new WaitQueue(sim, "room in a pipe");
    this.#readLock = new Lock(sim, "reading a pipe");
    this.#writeLock = new Lock(sim, "writing a pipe");
  }

  *read(count: number, into: Area): Steps<number> {
    if (count === 0) return 0;
    yield* this.#begin(this.#readLock, this.#filled, () => this.#length > 0 || this.ends.open.write === 0);
    try {
      const bytes = Math.min(count, this.#length, into.bytes);
      yield* this.#move(into, 0, this.#head, bytes, false);
      this.#head = (this.#head + bytes) % this.#ring.bytes;
      this.#length -= bytes;
      this.accessedNs = this.#nucleus.machine.sim.now;
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
      yield* this.#begin(this.#writeLock, this.#drained, () => this.ends.open.read === 0 || capacity - this.#length >= wanted);
      try {
        if (this.ends.open.read === 0) {
          if (done > 0) return done;
          throw new UnixError("EPIPE");
        }
        const bytes = Math.min(count - done, capacity - this.#length);
        yield* this.#move(from, done, (this.#head + this.#length) % capacity, bytes, true);
        this.#length += bytes;
        done += bytes;
        this.modifiedNs = this.#nucleus.machine.sim.now;
        this.#filled.wakeAll();
      } finally {
        this.#writeLock.release();
      }
    }
    return count;
  }

  /** An end is closed. */
  close(sides: readonly ("read" | "write")[]): void {
    this.ends.remove(sides);
    this.#filled.wakeAll();
    this.#drained.wakeAll();
    if (this.ends.none) for (const frame of this.#frames.splice(0)) this.#nucleus.machine.memory.free(frame);
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
