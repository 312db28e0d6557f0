/** Compared cells made of the paper's own, with simulated values that are off by known amounts. */
import { paperTable } from "../../lib/paper/index.ts";
import type { Compared } from "../../lib/plots/index.ts";

const evidences = ["predicted", "fitted", "input"];

/** The cells of `table`, the i-th off by i percent. */
export function offByPercents(table: string): Compared[] {
  return paperTable(table).cells.map(({ row, column, unit, paper, interval, system, machine }, i) => ({
    ...{ row, column, unit, paper, system, machine },
    low: interval[0],
    high: interval[1],
    simulated: paper * (1 + i / 100),
    relativeError: i / 100,
    evidence: evidences[i % evidences.length],
  }));
}
