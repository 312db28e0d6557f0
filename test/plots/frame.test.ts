import { expect, test } from "vitest";
import { richBundle } from "../../lib/notebook/rich.ts";
import { comparisonFrame, frame } from "../../lib/plots/index.ts";
import { offByPercents } from "./cells.ts";

test("a name's unit goes into the heading", () => {
  const names = { system: "svr4", readKBPerSec: 270, pageFaultUs: 316, elapsedMs: 1, sizeKB: 4, busyPercent: 50, "as written (s)": 2, Bytes: 1 };
  expect(frame([names]).columns).toEqual(["system", "read (KB/s)", "page fault (µs)", "elapsed (ms)", "size (KB)", "busy (%)", "as written (s)", "Bytes"]);
});

test("rows may lack what others have", () => {
  const { columns, values } = frame([{ a: 1 }, { a: 2, b: "x" }]);
  expect(columns).toEqual(["a", "b"]);
  expect(values).toEqual([[1, null], [2, "x"]]);
});

test("cells of one unit carry it in the headings, cells of several in a column", () => {
  const cells = offByPercents("5-3");
  expect(comparisonFrame(cells.filter(({ unit }) => unit === "KB/s")).columns).toEqual(["row", "column", "paper (KB/s)", "simulated (KB/s)", "difference (%)", "evidence"]);
  expect(comparisonFrame(cells).columns).toEqual(["row", "column", "unit", "paper", "simulated", "difference (%)", "evidence"]);
});

test("a frame is shown as a table, without the numbers of its rows", () => {
  const bundle = richBundle(comparisonFrame(offByPercents("5-3").slice(0, 2))) as Record<string, string>;
  expect(bundle["text/html"]).toContain("<td>320</td>");
  expect(bundle["text/plain"].split("\n")[2]).toMatch(/^Read +Mach 3\.0 +320 +320 +0 +predicted$/);
});

test("columns, as a sweep gives them, make the same frame as rows", () => {
  const rows = [{ system: "mach3", readKBPerSec: 320 }, { system: "mix", readKBPerSec: 270.5 }];
  const fromColumns = frame({ columns: { system: ["mach3", "mix"], readKBPerSec: new Float64Array([320, 270.5]) } });
  expect([fromColumns.columns, fromColumns.values]).toEqual([frame(rows).columns, frame(rows).values]);
});

test("a frame gives its rows as CSV, with units in the names", () => {
  expect(frame([{ system: "mach3", readKBPerSec: 320 }, { system: "mix", readKBPerSec: null }]).toCSV()).toBe("system,read (KB/s)\nmach3,320\nmix,\n");
});

test("what does not fit into a table is refused", () => {
  expect(() => frame([{ system: "mach3", runs: [1, 2] }])).toThrow('frame: column "runs" holds an array in row 1; a table holds numbers and words');
});

test("an empty frame can be made and shown", () => {
  expect(richBundle(frame([]))).toHaveProperty("text/plain");
});
