/**
 * The signal that tells long work to end with what is done.
 *
 * Layer: analysis, where the long work is. Whoever has a reader waiting, such as a
 * notebook, says where the signal comes from; without one it never aborts.
 */

// A notebook may lie in another checkout than the kernel that runs it: two copies of this module, one source.
const SOURCE = Symbol.for("kernelized.interruption");
const shared = globalThis as { [SOURCE]?: () => AbortSignal };

/** Makes `source` the one that is asked for the signal of what is running now. */
export function installInterruption(source: () => AbortSignal): void {
  shared[SOURCE] = source;
}

/**
 * A signal that aborts when the reader interrupts the cell that is running now: hand it to long work, which
 * then has two seconds to end with what is done. Sweeps take it by themselves.
 */
export function interruption(): AbortSignal {
  return shared[SOURCE]?.() ?? new AbortController().signal;
}
