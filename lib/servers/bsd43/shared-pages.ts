/**
 * The two pages that a process and the server share (section 3.1.1).
 *
 * Layer: servers/bsd43. The library can read both and write one. The read-only page
 * answers getpid(), getuid() and getrlimit(); the writable page has the signal mask and, for
 * each descriptor of a mapped file, where the window is, the file pointer, the file
 * size and the Token, all behind the share lock.
 */
import type { Memory } from "../../hardware/memory.ts";
import type { Limit } from "../../unix/interface.ts";
import { limitOn, newSignalMask, RESOURCES } from "../../unix/limits.ts";
import { MAX_DESCRIPTORS } from "../../unix/process.ts";

const WORDS = 14;
const BYTES = 4 * WORDS;
const SIGNAL_MASK = MAX_DESCRIPTORS * WORDS; // a word of the writable page, behind the descriptors
const LIMITS = 8; // byte of the read-only page at which the limits begin, two longs each

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
  readonly #limits: Float64Array;
  readonly #writable: Int32Array;
  readonly #memory: Memory;
  readonly #writableAddress: number;
  readonly #descriptors: SharedDescriptor[] = [];

  /** The pages at the physical addresses of the read-only and of the writable page. */
  constructor(memory: Memory, readOnlyAddress: number, writableAddress: number) {
    const { buffer } = memory.bytes;
    this.#memory = memory;
    this.#writableAddress = writableAddress;
    this.#identity = new Int32Array(buffer, readOnlyAddress, 2);
    this.#limits = new Float64Array(buffer, readOnlyAddress + LIMITS, 2 * RESOURCES.length);
    this.#writable = new Int32Array(buffer, writableAddress, SIGNAL_MASK + 1);
  }

  /** The server writes who the process is and what it may use, and which signals its parent held back. */
  identify(pid: number, uid: number, signalMask: number): void {
    this.#identity[0] = pid;
    this.#identity[1] = uid;
    RESOURCES.forEach((_, number) => {
      const { current, maximum } = limitOn(number);
      this.#limits.set([current, maximum], 2 * number);
    });
    this.#writable[SIGNAL_MASK] = signalMask;
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

  /** sigblock() or sigsetmask() with `mask`; the mask before. */
  changeSignalMask(call: "sigblock" | "sigsetmask", mask: number): number {
    const old = this.signalMask;
    this.#writable[SIGNAL_MASK] = newSignalMask(call, old, mask);
    return old;
  }

  /** The limit on resource `number`. */
  limit(number: number): Limit {
    return { current: this.#limits[2 * number]!, maximum: this.#limits[2 * number + 1]! };
  }

  /** The descriptor of file descriptor `fd`. */
  descriptor(fd: number): SharedDescriptor {
    return (this.#descriptors[fd] ??= new SharedDescriptor(this.#memory, this.#writableAddress + fd * BYTES));
  }
}
