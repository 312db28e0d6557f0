import { compile } from "vega-lite";
import type { TopLevelSpec } from "vega-lite";
import { describe, expect, test, vi } from "vitest";
import { changes } from "../../lib/plots/index.ts";

const rows = [
  { system: "mach3", variant: "with a", readChange: 12.4, callChange: -60, extra: "x" },
  { system: "mach3", variant: "with b", readChange: -0.4, callChange: 127.5, extra: "y" },
  { system: "mix", variant: "with a", readChange: undefined, callChange: 0.6, extra: "z" },
];
const options = { variant: "variant", of: "system", measures: { readChange: "more", callChange: "less" }, labels: { readChange: "reads", callChange: "a call" } } as const;
const figure = changes(rows, options);
const drawn = (figure.vegaLite as { data: { values: { key: string; measure: string; good: number }[] } }).data.values;
const good = (name: string, measure: string) => drawn.find((one) => one.key.replace("|", ": ") === name && one.measure === measure)!.good;

describe("a table of changes", () => {
  test("has a line for each variant of each system and leaves out what was not measured", () => {
    expect(figure.alt.split("\n").slice(1)).toEqual(["Mach 3.0: with a: reads +12 %, a call −60 %", "Mach 3.0: with b: reads 0, a call +128 %", "CHORUS/MiX V.4: with a: a call +1 %"]);
  });

  test("colours by what is better, not by what is more, and no change has no colour to speak of", () => {
    expect(good("Mach 3.0: with a", "reads")).toBeCloseTo(0.248, 3);
    expect(good("Mach 3.0: with a", "a call")).toBe(1);
    expect(good("Mach 3.0: with b", "a call")).toBe(-1);
    expect(Math.abs(good("Mach 3.0: with b", "reads"))).toBeLessThan(0.01);
  });

  test("compiles without a warning and can be drawn", async () => {
    const warn = vi.spyOn(console, "warn");
    compile(figure.vegaLite as TopLevelSpec);
    expect(await figure.svg()).toContain("+12 %");
    expect(warn).not.toHaveBeenCalled();
  });

  test("is no wider than a notebook, though names are long and columns many", async () => {
    const long = rows.map((row) => ({ ...row, variant: `disk driver in the server, its pages given ${row.variant}` }));
    const many = Object.fromEntries(Array.from({ length: 6 }, (_, i) => [`change${i}`, "more" as const]));
    const svg = await changes(long.map((row) => ({ ...row, ...Object.fromEntries(Object.keys(many).map((name) => [name, 1])) })), { variant: "variant", of: "system", measures: many }).svg();
    expect(Number(/width="([\d.]+)"/.exec(svg)![1])).toBeLessThanOrEqual(840);
    expect(svg).toContain("disk driver in the server, its pages given<");
  });

  test("of a column that is not there is an error with the nearest", () => {
    expect(() => changes(rows, { ...options, measures: { readchange: "more" } })).toThrow(/readchange.*readChange/);
    expect(() => changes(rows, { ...options, measures: {} })).toThrow("changes: measures: expected at least one column");
    expect(() => changes(rows, { ...options, measures: { extra: "more" } })).toThrow('column "extra" holds "x" in row 1, not a number');
  });
});
