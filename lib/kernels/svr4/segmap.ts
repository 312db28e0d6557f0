/**
 * segmap: the windows through which the kernel of System V R4.0 sees file pages.
 *
 * Layer: kernel. read() and write() map 8 KB of the file into one of a fixed number
 * of kernel windows and copy; the first touch of a page through a window faults.
 * A window stays as it is until its place is needed, so reading the same place
 * again finds it mapped.
 */

import { PAGE_BYTES } from "../../hardware/memory.ts";

/** Bytes that one window shows: MAXBSIZE. */
export const WINDOW_BYTES = 8192;

interface Window {
  key: string;
  /** Pages of the window that are mapped, by index in the file. */
  mapped: Set<number>;
}

export class Segmap {
  readonly #windows = new Map<string, Window>(); // in order of use
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** The window on the 8 KB around `offset` of inode `file`; the one unused longest makes room for a new one. */
  window(file: number, offset: number): Window {
    const key = `${file}:${Math.floor(offset / WINDOW_BYTES)}`;
    let window = this.#windows.get(key);
    if (window !== undefined) this.#windows.delete(key);
    else {
      window = { key, mapped: new Set() };
      if (this.#windows.size >= this.#capacity) this.#windows.delete(this.#windows.keys().next().value!);
    }
    this.#windows.set(key, window);
    return window;
  }

  /** Page `index` of inode `file` is gone from memory: no window may show it. */
  unmap(file: number, index: number): void {
    this.#windows.get(`${file}:${Math.floor((index * PAGE_BYTES) / WINDOW_BYTES)}`)?.mapped.delete(index);
  }
}
