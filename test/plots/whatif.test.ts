import { compile } from "vega-lite";
import type { TopLevelSpec } from "vega-lite";
import { expect, test, vi } from "vitest";
import { bandBars, breakdownBars, colourOf, heatmap, lines, sankey, slider, surface } from "../../lib/plots/index.ts";
import type { Figure } from "../../lib/plots/index.ts";
import { asColumns, flows, grid, mach3, mach3Supplied, parts } from "./whatif-rows.ts";

const paper = [{ system: "mach3", readBytes: 4096, kbPerSec: 320, low: 315, high: 325 }];
const banded = mach3Supplied.filter(({ readAhead }) => readAhead === 0).map((row) => ({ ...row, least: row.kbPerSec - 5, most: row.kbPerSec + 9 }));
const spans = [
  { call: "read", servers: "supervisor", us: 100, lowUs: 100, highUs: 100 },
  { call: "read", servers: "user", us: 180, lowUs: 150, highUs: 260 },
  { call: "write", servers: "supervisor", us: 9000, lowUs: 9000, highUs: 9000 },
  { call: "write", servers: "user", us: 9100, lowUs: 9050, highUs: 9200 },
];
const over = { x: "readBytes", y: "readAhead", value: "kbPerSec" } as const;
const figures: Record<string, Figure> = {
  lines: lines(banded, { x: "readBytes", y: "kbPerSec", series: "system", band: ["least", "most"], paper }),
  "lines without series": lines(banded, { x: "readBytes", y: "kbPerSec", xScale: "log", shape: "steps" }),
  heatmap: heatmap(mach3Supplied, { ...over, best: "highest" }),
  "heatmap side by side": heatmap(mach3, { ...over, facet: "pager.interface", best: "highest" }),
  surface: surface(mach3Supplied, { ...over, best: "lowest" }),
  "surface side by side": surface(mach3, { ...over, facet: "pager.interface" }),
  slider: slider(grid, { x: "readBytes", y: "kbPerSec", controls: ["readAhead", "pager.interface"], series: "system", start: { readAhead: 3, readBytes: 8192 } }),
  breakdownBars: breakdownBars(parts, { paper: "paper", without: "Read from Disk" }),
  bandBars: bandBars(spans, { panel: "call", bar: "servers", value: "us", low: "lowUs", high: "highUs", title: "Calls" }),
  sankey: sankey(flows, { value: "us" }),
};

test.each(Object.entries(figures))("%s is drawn without a warning, with units, as a picture no wider than a notebook", async (_, figure) => {
  const warn = vi.spyOn(console, "warn");
  if (figure.vegaLite !== undefined) compile(figure.vegaLite as TopLevelSpec);
  const svg = await figure.svg();
  expect(warn).not.toHaveBeenCalled();
  expect(svg).toMatch(/KB\/s|µs/);
  expect(Number(/width="([\d.]+)"/.exec(svg)![1])).toBeLessThanOrEqual(900);
});

test.each(Object.entries(figures))("%s tells its values in words", (_, figure) => {
  expect(figure.alt).toMatch(/\d( KB\/s| µs)/);
});

test.each([
  ["lines", (rows: never) => lines(rows, { x: "readBytes", y: "kbPerSec", series: "readAhead" })],
  ["heatmap", (rows: never) => heatmap(rows, over)],
  ["surface", (rows: never) => surface(rows, over)],
  ["slider", (rows: never) => slider(rows, { x: "readBytes", y: "kbPerSec", controls: ["readAhead"] })],
])("%s takes rows and columns alike", (_, draw) => {
  const [fromRows, fromColumns] = [draw(mach3Supplied as never), draw(asColumns(mach3Supplied) as never)];
  expect(fromColumns.vegaLite).toEqual(fromRows.vegaLite);
  expect(fromColumns.plotly).toEqual(fromRows.plotly);
});

test("bytes that are whole KB are told in KB, others as they are", () => {
  expect(figures.heatmap.alt).toContain("along the bottom read (KB): 4, 8, 12, 16");
  expect(heatmap([{ readBytes: 100, readAhead: 0, kbPerSec: 1 }], over).alt).toContain("along the bottom read (bytes): 100");
});

test("each panel of bars with bands has its own scale from zero, and a band where the ends differ", () => {
  expect(figures.bandBars.alt).toContain("read, user: 180 µs (150 to 260)");
  expect(figures.bandBars.alt).toContain("read, supervisor: 100 µs\n");
  const { vconcat } = figures.bandBars.vegaLite as { vconcat: { layer: { encoding: { x: { scale: { domain: number[] } } } }[] }[] };
  expect(vconcat.map(({ layer }) => layer[0].encoding.x.scale.domain)).toEqual([[0, 390], [0, 13_800]]);
  expect(() => bandBars(spans, { panel: "call", bar: "server", value: "us", low: "lowUs", high: "highUs" })).toThrow(/"server".*servers/);
});

test("the best of a grid is marked in the live figure, in the picture and in words", () => {
  expect(figures["heatmap side by side"].alt).toContain("best: 395.8 KB/s at read 16 KB, read ahead 3, data_supply");
  const { shapes } = figures["heatmap side by side"].plotly!.layout as { shapes: { xref: string; x0: number; y0: number }[] };
  expect(shapes[0]).toMatchObject({ xref: "x2", x0: 2.5, y0: 1.5 });
  const { values } = (figures["heatmap side by side"].vegaLite as { data: { values: { best: boolean; value: number }[] } }).data;
  expect(values.filter(({ best }) => best)).toMatchObject([{ value: 395.84 }]);
  expect(figures.surface.alt).toContain("best: 246 KB/s at read 4 KB, read ahead 0");
});

test("the live surface and its picture show the same values", async () => {
  const [first] = figures.surface.plotly!.data as { z: number[][] }[];
  expect(first.z.map((line) => line.length)).toEqual([4, 4, 4, 4]);
  expect(first.z[2][3]).toBeCloseTo(395.84);
  const facets = (await figures.surface.svg()).match(/<path aria-label="[^"]*"[^>]*fill="rgb|<path[^>]*fill="rgb/g) ?? [];
  expect(facets.length).toBe(9);
});

test("what a grid lacks stays empty", () => {
  const { data } = heatmap(mach3Supplied.slice(1), over).plotly as { data: { z: (number | null)[][] }[] };
  expect(data[0].z[0][0]).toBeNull();
  expect(data[0].z[0][1]).not.toBeNull();
});

test("two rows for one place of a grid are refused, with what to do", () => {
  expect(() => heatmap(mach3, over)).toThrow(/heatmap: two rows have readBytes 4 and readAhead 0; keep one \(rows\.filter\), or name the column that tells them apart as facet/);
  expect(() => slider(grid, { x: "readBytes", y: "kbPerSec", controls: ["readAhead", "pager.interface"] })).toThrow("slider: two rows have the same readBytes, readAhead, pager.interface");
});

test.each([
  ["lines", () => lines(grid, { x: "readByte", y: "kbPerSec" }), 'lines: there is no column "readByte"; nearest is "readBytes"'],
  ["heatmap", () => heatmap(grid, { ...over, value: "kbPerSek" }), 'heatmap: there is no column "kbPerSek"; nearest is "kbPerSec"'],
  ["a column of words for numbers", () => lines(grid, { x: "system", y: "kbPerSec" }), 'lines: column "system" holds "mach3" in row 1, not a number'],
  ["no rows", () => surface([], over), "surface: there are no rows to draw"],
  ["a part that is not there", () => breakdownBars(parts, { without: "Read from disk" }), 'breakdownBars: there is no part "Read from disk" to leave out; nearest is "Read from Disk"'],
  ["a start that no row has", () => slider(mach3Supplied, { x: "readBytes", y: "kbPerSec", controls: ["readAhead"], start: { readAhead: 4 } }), "slider: readAhead cannot start at 4, which no row has"],
  ["flows in a circle", () => sankey([...flows, { from: "data_request", to: "read()", us: 1 }], { value: "us" }), "sankey: the flows go in a circle: read() → page fault → data_request → read()"],
  ["a flow below zero", () => sankey([{ from: "a", to: "b", us: -1 }], { value: "us" }), 'sankey: the flow from "a" to "b" is -1, below zero'],
])("%s is refused in one line", (_, draw, message) => {
  expect(draw).toThrow(message);
});

test("numbers at equal distances get a slider, others a list, and the start is shown", () => {
  const { params } = figures.slider.vegaLite as { params: { name: string; value: unknown; bind: object }[] };
  expect(params).toMatchObject([
    { name: "at", value: 8, bind: { input: "range", min: 4, max: 16, step: 4 } },
    { name: "set0", value: 3, bind: { input: "select", options: [0, 1, 3, 8] } },
    { name: "set1", value: "data_provided", bind: { input: "select", options: ["data_provided", "data_supply"] } },
  ]);
});

test("moving a control moves the chart", async () => {
  const vega = await import("vega");
  const view = new vega.View(vega.parse(compile(figures.slider.vegaLite as TopLevelSpec).spec), { renderer: "none" });
  const texts = async () => [...(await view.toSVG()).matchAll(/<text[^>]*font-weight="bold"[^>]*>([^<]+)</g)].map((match) => match[1]);
  expect(await texts()).toEqual(["308.9", "268.9", "throughput (KB/s) against read (KB)"]);
  await view.signal("at", 16).signal("set1", "data_supply").runAsync();
  expect(await texts()).toEqual(["395.8", "355.8", "throughput (KB/s) against read (KB)"]);
  expect(await view.toSVG()).toContain("read ahead 3  ·  data_supply  ·  read 16 KB");
});

test("a system has its colour and the paper's name in every figure; other lines have other colours", () => {
  const text = JSON.stringify(figures.lines.vegaLite);
  expect(text).toContain(`"domain":["Mach 3.0"],"range":["${colourOf({ system: "mach3" })}"]`);
  const systems = ["mach3", "mach26", "mix", "svr4"].map((system) => colourOf({ system }));
  const others = JSON.stringify([figures.sankey.plotly, figures.breakdownBars.vegaLite]);
  for (const colour of systems) expect(others).not.toContain(colour);
});

test("parts of a call are summed up for each system, with and without what dwarfs them", async () => {
  expect(figures.breakdownBars.alt).toContain("Mach 3.0, simulated: Trap to Unix 61 µs, Read from Disk 10000 µs, Data Provided 1500 µs; total 11561 µs");
  const svg = await figures.breakdownBars.svg();
  for (const total of ["11561 µs", "12161 µs", "1561 µs", "1661 µs", "without Read from Disk"]) expect(svg).toContain(`>${total}<`);
});
