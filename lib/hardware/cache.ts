/**
 * The 32 KB cache between the 80386 and memory, which decides what a copy costs.
 *
 * Layer: hardware; Table 5-1. Direct mapped with 32 bytes to a tag, as the Intel
 * 82385 has it; writes go through to memory and do not load the cache, so whether
 * a copy is "cached" or "uncached" depends on where its source is. It sees physical
 * addresses: two pages 32 KB apart contend, and 256 KB copied in turn always miss.
 */

/** Bytes that share one tag. */
export const LINE_BYTES = 32;

export class Cache {
  readonly lines: number;
  readonly #tags: Int32Array;

  /** A cache of `bytes` bytes, a power of two. */
  constructor(bytes: number) {
    this.lines = bytes / LINE_BYTES;
    this.#tags = new Int32Array(this.lines).fill(-1);
  }

  /** Read `count` bytes from the physical `address` on; the number of lines that were not in the cache and are now. */
  read(address: number, count: number): number {
    if (count === 0) return 0;
    const tags = this.#tags;
    const mask = this.lines - 1;
    const last = Math.floor((address + count - 1) / LINE_BYTES);
    let misses = 0;
    for (let line = Math.floor(address / LINE_BYTES); line <= last; line++) {
      if (tags[line & mask] !== line) {
        tags[line & mask] = line;
        misses++;
      }
    }
    return misses;
  }
}
