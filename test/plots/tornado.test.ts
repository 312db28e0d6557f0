import { compile } from "vega-lite";
import type { TopLevelSpec } from "vega-lite";
import { describe, expect, test, vi } from "vitest";
import { tornado } from "../../lib/plots/index.ts";

const CELL = "5-3 | Write | SVR4.0 | KB/s";
const of = (parameter: string, value: number | string, tried: (number | string)[], changes: (number | null)[]) => ({ parameter, value, tried, cells: [{ id: CELL, changes }] });
const moved = [
  of("a.small", 10, [5, 20], [0.01, -0.02]),
  of("b.none", 1, [0, 2], [0, 0]),
  of("c.choice", "stream", ["none", "fill"], [-0.04, null]),
  of("d.large", 4, [0, 4], [-0.37, 0]),
  { parameter: "e.other", value: 1, tried: [0, 2], cells: [{ id: "another", changes: [1, 1] }] },
];
const figure = tornado(moved, CELL);

describe("a tornado chart", () => {
  test("has the weightiest parameter on top, and only those that move the cell", () => {
    const lines = figure.alt.split("\n");
    expect(lines[0]).toBe("What 5-3, Write, SVR4.0, KB/s owes to each assumption");
    expect(lines.slice(1)).toEqual(["d.large: 4 (0 to 4): −37 % at 0, 0 % at 4", "c.choice: stream (none, fill): −4 % at none", "a.small: 10 (5 to 20): +1 % at 5, −2 % at 20"]);
    expect(tornado(moved, CELL, { most: 1 }).alt.split("\n")).toHaveLength(2);
  });

  test("compiles without a warning and can be drawn", async () => {
    const warn = vi.spyOn(console, "warn");
    compile(figure.vegaLite as TopLevelSpec);
    expect(await figure.svg()).toContain("change of the result");
    expect(warn).not.toHaveBeenCalled();
  });

  test("of a cell that nothing moves is an error", () => {
    expect(() => tornado(moved, "5-1 | Cached")).toThrow('tornado: nothing moves "5-1 | Cached"');
  });
});
