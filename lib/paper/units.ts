/**
 * Throughput and time per page, the two ways in which section 5 states a result.
 *
 * Layer: paper. KB is 1024 bytes, MB is 1024 KB, a page is 4096 bytes.
 */

/** Units of the cells: two of throughput and two of the time that one page takes. */
export const paperUnits = ["KB/s", "MB/s", "µs", "ms"] as const;
export type PaperUnit = (typeof paperUnits)[number];

const PAGE_KB = 4;
const US_PER_S = 1e6;
const KB_PER_S = { "KB/s": 1, "MB/s": 1024 } as const;
const US = { "µs": 1, ms: 1000 } as const;

/** Time in µs to move one page at `kbPerSec` KB/s. */
export function pageTimeUs(kbPerSec: number): number {
  return (PAGE_KB * US_PER_S) / kbPerSec;
}

/** Throughput in KB/s when each page takes `pageUs` µs. */
export function throughputKBPerSec(pageUs: number): number {
  return (PAGE_KB * US_PER_S) / pageUs;
}

/** `value` in the unit `to`: between units of one kind, and between throughput and time per page. */
export function convert(value: number, from: PaperUnit, to: PaperUnit): number {
  if (from === to) return value;
  const pageUs = isThroughput(from) ? pageTimeUs(value * KB_PER_S[from]) : value * US[from];
  return isThroughput(to) ? throughputKBPerSec(pageUs) / KB_PER_S[to] : pageUs / US[to];
}

/** Whether `unit` measures throughput; else it measures time. */
export function isThroughput(unit: PaperUnit): unit is keyof typeof KB_PER_S {
  return unit in KB_PER_S;
}
