/**
 * Physical memory: 16 MB of page frames that hold real bytes.
 *
 * Layer: hardware. Frames are allocated, handed over (the page stealing of section
 * 4.1.2: no byte moves) and freed. A frame carries the name of its owner, so that a
 * leak or a double use shows itself.
 */

/** Number of a page frame; its physical address is PAGE_BYTES times that. */
export type Frame = number;

/** Bytes of a page: the 4096 of the paper's tables. */
export const PAGE_BYTES = 4096;

/** Room for what programs read is cut from pieces of this size: an allocation for each read takes the host longer than the read. */
const SLAB_BYTES = 64 * 1024;

/** The bytes of a memory, and of each frame that was asked for the part that is its own. */
interface Store {
  bytes: Uint8Array;
  pages: (Uint8Array | undefined)[];
}

/** Stores of memories that have ended, by their lengths, all zeros: to have so much room made and cleared takes the host longer than to boot. */
const spares = new Map<number, Store>();
const SPARES = 4;

export class Memory {
  readonly bytes: Uint8Array;
  readonly frames: number;
  readonly #owners: (string | undefined)[];
  #free: Frame[];
  readonly #store: Store;
  #slab = new Uint8Array(0);
  #slabUsed = 0;
  readonly #used: Uint8Array; // 1 for a frame that has had an owner

  /** Memory of `bytes` bytes, a multiple of the page. */
  constructor(bytes: number) {
    this.frames = Math.floor(bytes / PAGE_BYTES);
    const length = this.frames * PAGE_BYTES;
    this.#store = spares.get(length) ?? { bytes: new Uint8Array(length), pages: new Array<Uint8Array | undefined>(this.frames).fill(undefined) };
    this.bytes = this.#store.bytes;
    spares.delete(length);
    this.#used = new Uint8Array(this.frames);
    this.#owners = new Array<string | undefined>(this.frames).fill(undefined);
    this.#free = new Array<Frame>(this.frames);
    for (let i = 0; i < this.frames; i++) this.#free[i] = this.frames - 1 - i; // the lowest frame goes first
  }

  /** Frames that belong to nobody. */
  get freeFrames(): number {
    return this.#free.length;
  }

  /** A free frame for `owner`, with whatever bytes its last owner left; undefined when there is none. */
  allocate(owner: string): Frame | undefined {
    const frame = this.#free.pop();
    if (frame === undefined) return undefined;
    this.#owners[frame] = owner;
    this.#used[frame] = 1;
    return frame;
  }

  /** `count` free frames side by side for `owner`; undefined when there is no such run. */
  allocateRun(owner: string, count: number): Frame[] | undefined {
    let first = 0;
    for (let frame = 0; frame - first < count; frame++) {
      if (frame === this.frames) return undefined;
      if (this.#owners[frame] !== undefined) first = frame + 1;
    }
    this.#owners.fill(owner, first, first + count);
    this.#used.fill(1, first, first + count);
    this.#free = this.#free.filter((frame) => frame < first || frame >= first + count);
    return Array.from({ length: count }, (_, i) => first + i);
  }

  /** Leave the bytes to a memory that is made later; this one must not be used any more. */
  end(): void {
    for (let frame = 0; frame < this.frames; frame++) if (this.#used[frame] === 1) this.bytes.fill(0, frame * PAGE_BYTES, (frame + 1) * PAGE_BYTES);
    if (spares.size < SPARES) spares.set(this.bytes.length, this.#store);
  }

  /** Give `frame` back. */
  free(frame: Frame): void {
    this.owner(frame);
    this.#owners[frame] = undefined;
    this.#free.push(frame);
  }

  /** Hand `frame` over to `owner` as it is: a stolen page. */
  transfer(frame: Frame, owner: string): void {
    this.owner(frame);
    this.#owners[frame] = owner;
  }

  /** Whose `frame` is. @throws when it is nobody's. */
  owner(frame: Frame): string {
    const owner = this.#owners[frame];
    if (owner === undefined) throw new Error(`page frame ${frame} belongs to nobody`);
    return owner;
  }

  /** Room for `count` bytes, all zero, outside the simulated memory: for what a program has read. It may share its ArrayBuffer with others. */
  room(count: number): Uint8Array {
    if (count > SLAB_BYTES / 4) return new Uint8Array(count);
    if (this.#slabUsed + count > this.#slab.length) {
      this.#slab = new Uint8Array(SLAB_BYTES);
      this.#slabUsed = 0;
    }
    const start = this.#slabUsed;
    this.#slabUsed = (start + count + 7) & ~7; // so that words can be laid over it
    return this.#slab.subarray(start, start + count);
  }

  /** Whose `frame` is, or undefined. */
  tenant(frame: Frame): string | undefined {
    return this.#owners[frame];
  }

  /** The 4096 bytes of `frame`, not a copy. */
  page(frame: Frame): Uint8Array {
    return (this.#store.pages[frame] ??= this.#cut(frame * PAGE_BYTES, PAGE_BYTES));
  }

  /** `count` bytes from the physical `address` on, not a copy. @throws when memory ends before. */
  view(address: number, count: number): Uint8Array {
    return count === PAGE_BYTES && address % PAGE_BYTES === 0 ? this.page(address / PAGE_BYTES) : this.#cut(address, count);
  }

  #cut(address: number, count: number): Uint8Array {
    if (!(address >= 0 && address + count <= this.bytes.length)) throw new Error(`no memory at ${address} to ${address + count} of ${this.bytes.length} bytes`);
    return this.bytes.subarray(address, address + count);
  }
}
