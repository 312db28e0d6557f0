/**
 * The two pages that a process and the server share (section 3.1.1).
 *
 * Layer: servers/bsd43. The library can read both and write one. The read-only page
 * answers getpid() and its like; the writable page has the signal mask and, for
 * each descriptor of a mapped file, where the window is, the file pointer, the file
 * size and the Token, all behind the share lock.
 */
import type { Memory } from "../../hardware/memory.ts";

const WORDS = 14;
const BYTES = 4 * WORDS;
const SIGNAL_MASK = 64 * WORDS; // a word of the writable page, behind the descriptors

/** What the Token protocol needs of a descriptor. Flags are 0 or 1. */
export interface TokenDescriptor {
  /** The share lock. */
  lock: number;
  /** The server waits for the lock and wants to be told of its release. */
  needWakeup: number;
  /** The Token is here: passive, or active if it is in use. Without it, it is invalid. */
  control: number;
  inUse: number;
  /** Another task waits for the Token. */
  wanted: number;
}

/** A descriptor of a mapped file, in the writable page. */
export class SharedDescriptor implements TokenDescriptor {
  readonly #words: Int32Array;
  readonly #longs: Float64Array;

  /** The words from the physical `address` on. */
  constructor(memory: Memory, address: number) {
    const { buffer, byteOffset } = memory.view(address, BYTES);
    this.#words = new Int32Array(buffer, byteOffset, WORDS);
    this.#longs = new Float64Array(buffer, byteOffset, WORDS / 2);
  }

  get lock(): number { return this.#words[0]!; }
  set lock(value: number) { this.#words[0] = value; }
  get needWakeup(): number { return this.#words[1]!; }
  set needWakeup(value: number) { this.#words[1] = value; }
  get control(): number { return this.#words[2]!; }
  set control(value: number) { this.#words[2] = value; }
  get inUse(): number { return this.#words[3]!; }
  set inUse(value: number) { this.#words[3] = value; }
  get wanted(): number { return this.#words[4]!; }
  set wanted(value: number) { this.#words[4] = value; }
  /** The window has been written since it was mapped. */
  get written(): number { return this.#words[5]!; }
  set written(value: number) { this.#words[5] = value; }
  /** Where the window is in the task, and how long it is; no length, no window. */
  get windowAddress(): number { return this.#words[6]! >>> 0; }
  set windowAddress(value: number) { this.#words[6] = value; }
  get windowBytes(): number { return this.#words[7]!; }
  set windowBytes(value: number) { this.#words[7] = value; }
  /** The file pointer, the size of the file, and the byte of the file at which the window begins. */
  get pointer(): number { return this.#longs[4]!; }
  set pointer(value: number) { this.#longs[4] = value; }
  get size(): number { return this.#longs[5]!; }
  set size(value: number) { this.#longs[5] = value; }
  get windowStart(): number { return this.#longs[6]!; }
  set windowStart(value: number) { this.#longs[6] = value; }

  /** No file, no window, no Token. */
  clear(): void {
    this.#words.fill(0);
  }
}

/** The two pages, as both sides see them. */
export class SharedPages {
  readonly #identity: Int32Array;
  readonly #writable: Int32Array;
  readonly #memory: Memory;
  readonly #writableAddress: number;
  readonly #descriptors: SharedDescriptor[] = [];

  /** The pages at the physical addresses of the read-only and of the writable page. */
  constructor(memory: Memory, readOnlyAddress: number, writableAddress: number) {
    const words = (address: number, count: number): Int32Array => {
      const { buffer, byteOffset } = memory.view(address, 4 * count);
      return new Int32Array(buffer, byteOffset, count);
    };
    this.#memory = memory;
    this.#writableAddress = writableAddress;
    this.#identity = words(readOnlyAddress, 2);
    this.#writable = words(writableAddress, SIGNAL_MASK + 1);
  }

  /** The server writes who the process is. */
  identify(pid: number, uid: number): void {
    this.#identity[0] = pid;
    this.#identity[1] = uid;
  }

  get pid(): number {
    return this.#identity[0]!;
  }

  get uid(): number {
    return this.#identity[1]!;
  }

  get signalMask(): number {
    return this.#writable[SIGNAL_MASK]!;
  }

  set signalMask(mask: number) {
    this.#writable[SIGNAL_MASK] = mask;
  }

  /** The descriptor of file descriptor `fd`. */
  descriptor(fd: number): SharedDescriptor {
    return (this.#descriptors[fd] ??= new SharedDescriptor(this.#memory, this.#writableAddress + fd * BYTES));
  }
}
