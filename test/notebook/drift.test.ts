import { expect, test } from "vitest";
import type { Notebook, Output } from "../../lib/notebook/document.ts";
import { drift } from "../../lib/notebook/drift.ts";

/** A notebook of one cell with these outputs. */
function notebook(...outputs: Output[]): Notebook {
  return { nbformat: 4, nbformat_minor: 5, metadata: {}, cells: [{ cell_type: "code", metadata: {}, source: "", outputs, execution_count: 1 }] };
}

function shown(data: Record<string, unknown>): Output {
  return { output_type: "display_data", data, metadata: {} };
}

/** As much of a PNG picture as says how large it is. */
function png(width: number, height: number, seed = 0): string {
  const bytes = Buffer.alloc(64, seed);
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  return bytes.toString("base64");
}

const table = "system  KB/s\nmach3    320";

test.each([
  ["the same text, cut into lines or not", shown({ "text/plain": table }), shown({ "text/plain": table.split(/(?<=\n)/) })],
  ["pictures of one size, whatever their pixels", shown({ "image/png": png(640, 320) }), shown({ "image/png": png(640, 320, 7) })],
  ["figures whose names come in another order", shown({ "application/vnd.plotly.v1+json": { data: [1], layout: { a: 1, b: 2 } } }), shown({ "application/vnd.plotly.v1+json": { layout: { b: 2, a: 1 }, data: [1] } })],
])("no drift: %s", (_, stored, fresh) => {
  expect(drift(notebook(stored), notebook(fresh))).toEqual([]);
});

test.each([
  ["one digit of a table", shown({ "text/plain": table }), shown({ "text/plain": table.replace("320", "321") }), /^code cell 1, output 1, text\/plain: stored ".*320", fresh ".*321"$/],
  ["one value of a figure", shown({ "application/vnd.vegalite.v5+json": { data: [1, 2] } }), shown({ "application/vnd.vegalite.v5+json": { data: [1, 3] } }), /vegalite.*stored ".*1,2\]\}", fresh ".*1,3\]\}"$/],
  ["a picture of another size", shown({ "image/png": png(640, 320) }), shown({ "image/png": png(640, 321) }), /image\/png: stored "640×320 pixels", fresh "640×321 pixels"$/],
  ["a picture that is no longer there", shown({ "image/png": png(1, 1), "text/plain": "a" }), shown({ "text/plain": "a" }), /image\/png: stored, but no longer given$/],
  ["a figure that is new", shown({ "text/plain": "a" }), shown({ "text/plain": "a", "image/png": png(1, 1) }), /image\/png: not stored$/],
  ["another error", { output_type: "error", ename: "RangeError", evalue: "too far", traceback: [] }, { output_type: "error", ename: "RangeError", evalue: "too near", traceback: [] }, /error: stored "RangeError: too far", fresh "RangeError: too near"$/],
] as [string, Output, Output, RegExp][])("drift that is shown: %s", (_, stored, fresh, message) => {
  const differences = drift(notebook(stored), notebook(fresh));
  expect(differences).toHaveLength(1);
  expect(differences[0]).toMatch(message);
});

test("outputs that came or went are counted", () => {
  expect(drift(notebook(shown({ "text/plain": "a" })), notebook())).toEqual(["code cell 1: stored 1 output, fresh 0 outputs"]);
});
