/** The phases of a running cell, by which an interruption finds out how to stop it. Layer: notebook. */

/**
 * How far a cell is. Its first part runs on the stack of the machinery; what comes after
 * its first await runs by itself, out of the event loop.
 */
export const Phase = { None: 0, Starting: 1, Awaiting: 2 } as const;
export type Phase = (typeof Phase)[keyof typeof Phase];

/** What the thread of the cells tells other threads: the phase, and how many requests on control it has heard. */
export const PHASE = 0;
export const HEARD = 1;

export function newShared(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));
}
