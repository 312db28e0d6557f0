/**
 * The buffer in a process's memory that read() fills and write() empties.
 *
 * Layer: unix. Page frames with real bytes, so that a copy between kernel and user
 * goes through the machine's cache and shows what it costs. It grows on demand;
 * the frames come from the kernel, which may have none left.
 */
import type { Simulation, Steps } from "../engine/index.ts";
import { PAGE_BYTES } from "../hardware/memory.ts";
import type { Frame, Memory } from "../hardware/memory.ts";

/** Where read() puts its data and write() has them, whatever memory that is. */
export interface DataBuffer {
  /** Make room for `count` bytes, or for none more. @throws ENOMEM */
  reserve(count: number): void;
  /** Physical address of the byte at `offset`, brought into memory first if it has to be; it holds until the next wait, and for the rest of the page. */
  reach(offset: number): Steps<number>;
  /** Give the memory back. */
  release(): void;
}

export class UserBuffer implements DataBuffer {
  readonly frames: Frame[] = [];
  readonly #sim: Simulation;
  readonly #memory: Memory;
  readonly #allocate: () => Frame;

  /** `allocate` gives a frame, or throws the UnixError that the process gets. */
  constructor(sim: Simulation, memory: Memory, allocate: () => Frame) {
    this.#sim = sim;
    this.#memory = memory;
    this.#allocate = allocate;
  }

  reserve(count: number): void {
    const had = this.frames.length;
    try {
      while (this.frames.length * PAGE_BYTES < count) this.frames.push(this.#allocate());
    } catch (error) {
      this.#free(had);
      throw error;
    }
  }

  /** Physical address of the byte at `offset`; the bytes that follow it in the same page follow there. */
  address(offset: number): number {
    return this.frames[Math.floor(offset / PAGE_BYTES)]! * PAGE_BYTES + (offset % PAGE_BYTES);
  }

  *reach(offset: number): Steps<number> {
    return this.address(offset);
  }

  /** Call `move` for each stretch of `count` bytes from `offset` on that lies in one page. */
  pieces(offset: number, count: number, move: (address: number, done: number, bytes: number) => void): void {
    for (let done = 0; done < count; ) {
      const at = offset + done;
      const bytes = Math.min(count - done, PAGE_BYTES - (at % PAGE_BYTES));
      move(this.address(at), done, bytes);
      done += bytes;
    }
  }

  /** The program puts `bytes` at the start of the buffer, or a server by handing over its pages. */
  fill(bytes: Uint8Array, how: "store" | "page" = "store"): void {
    this.reserve(bytes.length);
    this.pieces(0, bytes.length, (address, done, count) => {
      this.#memory.view(address, count).set(bytes.subarray(done, done + count));
      this.#sim.probe?.move(how, bytes.subarray(done), address, count, 0);
    });
  }

  /** The first `count` bytes, a copy for the program to keep. */
  take(count: number): Uint8Array {
    const bytes = this.#memory.room(count);
    this.pieces(0, count, (address, done, n) => {
      bytes.set(this.#memory.view(address, n), done);
      this.#sim.probe?.move("load", address, bytes.subarray(done), n, 0);
    });
    return bytes;
  }

  release(): void {
    this.#free(0);
  }

  /** Free all frames but the first `kept`. */
  #free(kept: number): void {
    for (const frame of this.frames.splice(kept)) this.#memory.free(frame);
  }
}
