/**
 * What a benchmark gives: how much was done, in how much simulated time.
 *
 * Layer: workloads. Throughput and time per page are two views of one measurement,
 * as in the paper's tables: KB is 1024 bytes, a page 4096.
 */
import { z } from "zod";
import { PAGE_BYTES } from "../hardware/memory.ts";
import type { Simulation } from "../engine/index.ts";
import type { Counts } from "../systems/system.ts";

/** What sizes and counts among the options of a benchmark can be. */
export const atLeastOne = z.int().min(1);

export interface Measurement {
  /** Bytes moved; 0 where nothing is. */
  bytes: number;
  /** Calls made. */
  operations: number;
  elapsedNs: number;
  /** Time of one call. */
  usPerOperation: number;
  /** KB (1024 bytes) a second. */
  kbPerSec: number;
  /** Time for each 4096 bytes. */
  msPerPage: number;
  /** What machine and system did meanwhile, for each operation. */
  perOperation: Counts;
  /** Of a run that was watched until it was known well enough: half the width of the interval of kbPerSec, */
  kbPerSecHalfWidth?: number;
  /** and how many calls at its beginning do not count. */
  warmUpOperations?: number;
}

/** Begins to measure: what is returned ends it, and gives the measurement of `operations` calls that moved `bytes` bytes since. */
export function stopwatch(system: { sim: Simulation; counts(): Counts }): (operations: number, bytes: number) => Measurement {
  const before = system.counts();
  const begin = system.sim.now;
  return (operations, bytes) => {
    const after = system.counts();
    const perOperation = { ...after };
    for (const name of Object.keys(after)) perOperation[name as keyof Counts] = (after[name]! - before[name]!) / operations;
    return measurement(operations, bytes, system.sim.now - begin, perOperation);
  };
}

/** The measurement of `operations` calls that moved `bytes` bytes in `elapsedNs`. */
export function measurement(operations: number, bytes: number, elapsedNs: number, perOperation: Counts): Measurement {
  return {
    bytes,
    operations,
    elapsedNs,
    usPerOperation: elapsedNs / 1000 / operations,
    kbPerSec: bytes / 1024 / (elapsedNs / 1e9),
    msPerPage: elapsedNs / 1e6 / (bytes / PAGE_BYTES),
    perOperation,
  };
}

