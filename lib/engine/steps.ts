/**
 * What a simulated activity is: a generator that yields how long it waits.
 *
 * Layer: engine. A blocking call is a generator called with `yield*`, so that a
 * read() reads from top to bottom as section 4 of the paper tells it, and still
 * queues, overlaps and blocks.
 */

/** Nanoseconds to let pass, or BLOCK: sleep until somebody wakes the thread. */
export type Wait = number;

/** The wait that has no length: the thread sleeps until it is woken. */
export const BLOCK: Wait = -1;

/** An activity that takes simulated time and ends with a T. Call it with `yield*`. */
export type Steps<T = void> = Generator<Wait, T, void>;

/** Whole nanoseconds in `us` microseconds. */
export const usToNs = (us: number): number => Math.round(us * 1_000);
/** Whole nanoseconds in `ms` milliseconds. */
export const msToNs = (ms: number): number => Math.round(ms * 1_000_000);
