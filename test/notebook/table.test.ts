import { expect, test } from "vitest";
import { richBundle } from "../../lib/notebook/rich.ts";
import { tableHtml, tableText } from "../../lib/notebook/table.ts";

const numbers = [320, 338.19, 12345.6, 2.5, -0.5312, 0.00008589, Number.NaN, null];

test("numbers show four significant digits, whole ones stay whole, nothing is invented", () => {
  const text = tableText({ columns: ["n"], rows: numbers.map((n) => [n]) });
  expect(text.split("\n").slice(2).map((line) => line.trim())).toEqual(["320", "338.2", "12346", "2.5", "−0.5312", "0.00008589", "NaN", ""]);
});

test("columns of numbers stand at the right, columns of text at the left", () => {
  const text = tableText({ columns: ["system", "KB/s"], rows: [["mach26", 320], ["mix", 5]] });
  expect(text).toBe("system  KB/s\n------  ----\nmach26   320\nmix        5");
});

test("HTML is escaped", () => {
  expect(tableHtml({ columns: ["<a>"], rows: [['"&"']] })).toContain("<th style=\"text-align: left\">&lt;a&gt;</th>");
  expect(tableHtml({ columns: ["a"], rows: [["<script>"]] })).not.toContain("<script>");
});

test("a long table shows both ends and says how long it is", () => {
  const rows = Array.from({ length: 100 }, (_, i) => [i]);
  const lines = tableText({ columns: ["i"], rows }).split("\n");
  expect([lines[2].trim(), lines[32].trim(), lines[62].trim(), lines[63]]).toEqual(["0", "…", "99", "100 rows × 1 columns"]);
});

test("records of the same shape are a table, others are not", () => {
  expect(Object.keys(richBundle([{ a: 1 }, { a: 2 }]))).toEqual(["text/html", "text/plain"]);
  for (const value of [[{ a: 1 }, { b: 2 }], [{ a: { deep: 1 } }], [1, 2], []]) expect(Object.keys(richBundle(value))).toEqual(["text/plain"]);
});

test("bytes in a bundle become base64", () => {
  expect(richBundle({ "image/png": new Uint8Array([1, 2, 3]) })).toEqual({ "image/png": "AQID" });
});

test("an object's own way of being shown wins, also when it has to be drawn first", async () => {
  const shown = { [Symbol.for("Jupyter.display")]: async () => ({ "text/plain": "drawn", "image/png": new Uint8Array([0]) }) };
  expect(await richBundle(shown)).toEqual({ "text/plain": "drawn", "image/png": "AA==" });
});
