/** A block in memory, and the list of those that nobody holds; parts of layer 2, the buffer cache. */
import type { WaitQueue } from "../engine/index.ts";
import { PAGE_BYTES } from "../hardware/memory.ts";
import type { Frame, Memory } from "../hardware/memory.ts";
import type { Errno } from "./errno.ts";

/** The block of a buffer that holds none. */
export const NO_BLOCK = -1;

/** A block in memory. Its holder may read and change the bytes. */
export class Buffer {
  /** Physical address of its bytes. */
  readonly address: number;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** The page frames that hold the bytes, and where they begin there. */
  readonly frames: readonly Frame[];
  readonly offset: number;
  /** Which block it holds. */
  block = NO_BLOCK;
  /** The inode whose data it holds, so that flush can ask for it; 0 for what belongs to no file. */
  owner = 0;
  /** The bytes are those of the block. */
  valid = false;
  /** A delayed write: the disk has not got these bytes yet. */
  dirty = false;
  /** Held by somebody. */
  busy = false;
  /** A transfer is under way. */
  transferring = false;
  /** Nobody waits for the transfer: its end releases the buffer. */
  asynchronous = false;
  /** How the last transfer failed, if it did. */
  error: Errno | undefined = undefined;
  /** Neighbours in the list of free buffers. */
  earlier: Buffer | undefined = undefined;
  later: Buffer | undefined = undefined;
  /** Woken when the buffer is released and when its transfer ends; made when first needed. */
  changed: WaitQueue | undefined = undefined;

  constructor(memory: Pick<Memory, "view">, address: number, blockBytes: number) {
    this.address = address;
    this.bytes = memory.view(address, blockBytes);
    this.view = new DataView(this.bytes.buffer, this.bytes.byteOffset, blockBytes);
    const first = Math.floor(address / PAGE_BYTES);
    this.offset = address - first * PAGE_BYTES;
    this.frames = Array.from({ length: Math.ceil((this.offset + blockBytes) / PAGE_BYTES) }, (_, i) => first + i);
  }
}

/** The free buffers, from the one released longest ago to the one released last. */
export class FreeList {
  oldest: Buffer | undefined = undefined;
  #newest: Buffer | undefined = undefined;

  /** Put `buffer` in as the newest. */
  append(buffer: Buffer): void {
    buffer.earlier = this.#newest;
    if (this.#newest === undefined) this.oldest = buffer;
    else this.#newest.later = buffer;
    this.#newest = buffer;
  }

  /** Put `buffer` in as the oldest: the next to be given away. */
  prepend(buffer: Buffer): void {
    buffer.later = this.oldest;
    if (this.oldest === undefined) this.#newest = buffer;
    else this.oldest.earlier = buffer;
    this.oldest = buffer;
  }

  remove(buffer: Buffer): void {
    if (buffer.earlier === undefined) this.oldest = buffer.later;
    else buffer.earlier.later = buffer.later;
    if (buffer.later === undefined) this.#newest = buffer.earlier;
    else buffer.later.earlier = buffer.earlier;
    buffer.earlier = buffer.later = undefined;
  }
}
