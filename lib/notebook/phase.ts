/** The phases of a running cell, by which an interruption finds out how to stop it. Layer: notebook. */

/**
 * How far a cell is. Its first part runs on the stack of the machinery; what comes after
 * its first await runs by itself, out of the event loop.
 */
export const Phase = { None: 0, Starting: 1, Awaiting: 2 } as const;
export type Phase = (typeof Phase)[keyof typeof Phase];

/** A phase that several threads see: the only element of the array. */
export function newPhase(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
}
