import { describe, expect, test } from "vitest";
import { parameter } from "../../lib/analysis/parameters.ts";
import { moversAmong, sensitivityOf, uncertain } from "../../lib/analysis/sensitivity.ts";
import type { Changes } from "../../lib/analysis/parameters.ts";

/** Cells that depend on two costs of System V: the first on segmapUs, linearly, the second on allocUs, with a step. */
function simulate(cells: readonly string[], changes: Changes): number[] {
  const segmap = (changes["svr4.costs.segmapUs"] ?? 60) as number;
  const alloc = (changes["svr4.costs.allocUs"] ?? 120) as number;
  return cells.map((_, i) => (i === 0 ? 940 + segmap : i === 1 ? (alloc > 210 ? 200 : 100) : 7));
}

describe("the sensitivity to a parameter", () => {
  const own = uncertain.filter(({ owner }) => owner === "svr4");

  test("groups that move nothing are done with together, and each that moves something is found", () => {
    let runs = 0;
    const found = moversAmong(own, (cells, changes) => (runs++, simulate(cells, changes)));
    expect(found.map(({ id }) => id)).toEqual(["svr4.costs.allocUs", "svr4.costs.segmapUs"]);
    expect(runs).toBeLessThan(own.length);
  });

  test("a cell stays as far as its change is small, from the parameter's value on", () => {
    const { tried, cells } = sensitivityOf(parameter("svr4.costs.segmapUs"), simulate);
    expect(tried).toEqual([30, 120]);
    expect(cells).toHaveLength(1);
    expect(cells[0]).toMatchObject({ staysFrom: 30, changes: [-0.03, 0.06] });
    expect(cells[0]!.staysTo).toBe(105); // seven eighths of the way from 60 to 120: 112.5 would be more than 5 %
  });

  test("a step bounds it, even if the cell comes back behind it", () => {
    const [cell] = sensitivityOf(parameter("svr4.costs.allocUs"), simulate).cells;
    expect(cell).toMatchObject({ staysFrom: 60, changes: [0, 1] });
    expect(cell!.staysTo).toBeLessThanOrEqual(210);
    expect(cell!.staysTo).toBeGreaterThan(185);
  });
});
