/**
 * What a system counted between two moments.
 *
 * Layer: trace. The numbers are those that kernels and machine keep themselves; nothing
 * is counted here a second time.
 */
import type { Counts } from "../systems/system.ts";

/** How much more `after` has counted than `before`. */
export function difference(before: Counts, after: Counts): Counts {
  return Object.fromEntries(Object.entries(after).map(([name, count]) => [name, count - before[name]!])) as unknown as Counts;
}
