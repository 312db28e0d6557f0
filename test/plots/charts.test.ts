import { compile } from "vega-lite";
import type { TopLevelSpec } from "vega-lite";
import { expect, test, vi } from "vitest";
import { paperTable } from "../../lib/paper/index.ts";
import { colourOf, staircase, throughputChart } from "../../lib/plots/index.ts";
import type { Figure } from "../../lib/plots/index.ts";
import { offByPercents } from "./cells.ts";

const chartsOf: Record<string, Figure> = Object.fromEntries([
  ...["5-1", "5-3", "5-4"].map((id) => [`throughputChart ${id}`, throughputChart(offByPercents(id), paperTable(id))]),
  ...["5-6", "5-7"].map((id) => [`staircase ${id}`, staircase(offByPercents(id), paperTable(id))]),
]);
const charts = Object.entries(chartsOf);

test.each(charts)("%s compiles without a warning and can be drawn", async (_, figure) => {
  const warn = vi.spyOn(console, "warn");
  compile(figure.vegaLite as TopLevelSpec);
  expect(warn).not.toHaveBeenCalled();
  expect(await figure.svg()).toContain("<svg");
  expect(warn).not.toHaveBeenCalled();
});

test.each(charts)("%s shows the unit, the paper's values and their rounding", async (_, figure) => {
  const svg = await figure.svg();
  expect(svg).toMatch(/throughput \([KM]B\/s\)/);
  const values = (figure.vegaLite as { data: { values: { paper: number; low: number; high: number }[] } }).data.values;
  expect(values.length).toBeGreaterThan(0);
  for (const { paper, low, high } of values) expect(low < paper && paper < high).toBe(true);
});

test("only throughputs are drawn, of the cells that state time as well", () => {
  const { alt } = chartsOf["throughputChart 5-3"];
  expect(alt).toContain("Table 5-3: Read and Write Throughput\nRead, Mach 3.0: paper 320 KB/s, simulated 320 KB/s (0 %)");
  expect(alt).toContain("Read, Mach 2.6: paper 320 KB/s, simulated 323.2 KB/s (+1 %)");
  expect(alt).not.toContain("ms");
});

test("a long name is written on two lines, whole", async () => {
  const svg = await chartsOf["throughputChart 5-3"].svg();
  expect(svg).toMatch(/CHORUS\/<\/tspan><tspan[^>]*>MiX V\.4/);
});

test("the live staircase and its picture show the same", () => {
  const { plotly, vegaLite } = chartsOf["staircase 5-6"];
  const traces = plotly!.data as { name: string; x: number[]; y: number[]; error_y?: { array: number[] } }[];
  expect(traces.map(({ name }) => name)).toEqual(["Mach 3.0 device_read(), simulated", "Mach 2.6 read(), simulated", "Mach 3.0 device_read(), paper", "Mach 2.6 read(), paper"]);
  expect(traces[2].x).toEqual([4, 8, 16, 32, 64]);
  expect(traces[2].y).toEqual([380, 410, 530, 530, 620]);
  expect(traces[2].error_y!.array).toEqual([5, 5, 5, 5, 5]);
  const drawn = (vegaLite as { data: { values: { name: string; paper: number }[] } }).data.values;
  expect(drawn.filter(({ name }) => name === "Mach 3.0 device_read()").map(({ paper }) => paper)).toEqual(traces[2].y);
});

test("rows of one system share its colour and differ in their dashes", () => {
  const traces = chartsOf["staircase 5-7"].plotly!.data as { line?: { color: string; dash: string } }[];
  const [sequential, sameBlock] = traces.map(({ line }) => line!);
  expect(sequential.color).toBe(sameBlock.color);
  expect(sequential.dash).not.toBe(sameBlock.dash);
});

test("a column that is no size is refused", () => {
  expect(() => staircase(offByPercents("5-3"), paperTable("5-3"))).toThrow('the column "Mach 3.0" is no size');
});

test("each system has its own colour, everywhere the same, and no system has the grey of the unknown", () => {
  const colours = ["mach3", "mach26", "mix", "svr4"].map((system) => colourOf({ system, machine: "compaq" }));
  expect(new Set([...colours, colourOf({})]).size).toBe(5);
  expect(colourOf({ system: "none", machine: "hp-vectra" })).not.toBe(colourOf({ system: "none", machine: "compaq" }));
});
