import { spawnSync } from "node:child_process";
import { copyFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readNotebook } from "../../lib/notebook/document.ts";
import type { CodeCell } from "../../lib/notebook/document.ts";
import { nodeArguments } from "../../lib/notebook/node.ts";
import { projectRoot } from "../../lib/notebook/places.ts";
import { ensureVenv, venvPython } from "../../lib/notebook/venv.ts";
import { scratchFolder, writeCells } from "./scratch.ts";

const good = [
  "# A notebook",
  "console.log('printed'); console.log('on');",
  'import { display, frame } from "kernelized";\nconst shown = display("half");',
  "shown.update('whole');\nframe([{ system: 'mach26', readKBPerSec: 320 }])",
  "await new Promise((resolve) => setTimeout(resolve, 5)); const after = 1;",
];

let folder: string;
const path = (name: string) => join(folder, name);

beforeAll(() => {
  folder = scratchFolder();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** npm run notebooks with these arguments. */
function run(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const main = join(projectRoot, "lib/cli/main.ts");
  return spawnSync(process.execPath, [...nodeArguments, main, "notebooks", ...args], { cwd: projectRoot, encoding: "utf8", timeout: 100_000 });
}

function outputsOf(name: string): CodeCell["outputs"][] {
  return readNotebook(path(name)).cells.flatMap((cell) => (cell.cell_type === "code" ? [cell.outputs] : []));
}

test("outputs are written back, an update into the cell that shows the display", () => {
  writeCells(path("good.ipynb"), good);
  expect(run(path("good.ipynb"))).toMatchObject({ status: 0, stderr: "" });
  const [printed, shown, framed, nothing] = outputsOf("good.ipynb");
  expect(printed).toEqual([{ output_type: "stream", name: "stdout", text: ["printed\n", "on\n"] }]);
  expect(shown).toEqual([{ output_type: "display_data", data: { "text/plain": ["whole"] }, metadata: {} }]);
  expect(framed).toMatchObject([{ output_type: "execute_result", execution_count: 3 }]);
  expect(nothing).toEqual([]);
});

test("a second execution leaves the file as it is, and --check finds no difference", () => {
  const first = readFileSync(path("good.ipynb"), "utf8");
  expect(run(path("good.ipynb")).status).toBe(0);
  expect(readFileSync(path("good.ipynb"), "utf8")).toBe(first);
  expect(run("--check", path("good.ipynb")).status).toBe(0);
});

test("the file is what Jupyter itself would write", async () => {
  await ensureVenv();
  const rewrite = "import nbformat, sys; nbformat.write(nbformat.read(sys.argv[1], 4), sys.argv[1]); nbformat.validate(nbformat.read(sys.argv[1], 4))";
  copyFileSync(path("good.ipynb"), path("by-jupyter.ipynb"));
  expect(spawnSync(venvPython, ["-c", rewrite, path("by-jupyter.ipynb")], { encoding: "utf8" })).toMatchObject({ status: 0, stderr: "" });
  expect(readFileSync(path("by-jupyter.ipynb"), "utf8")).toBe(readFileSync(path("good.ipynb"), "utf8"));
});

test("--check tells where stored outputs differ, and writes nothing", () => {
  const drifted = readFileSync(path("good.ipynb"), "utf8").replace(/(mach26 +)320/, "$1321");
  writeFileSync(path("drifted.ipynb"), drifted);
  const { status, stderr } = run("--check", path("drifted.ipynb"));
  expect(status).toBe(1);
  expect(stderr).toMatch(/code cell 3, output 1, text\/plain: stored ".*321.*", fresh ".*320.*"/);
  expect(readFileSync(path("drifted.ipynb"), "utf8")).toBe(drifted);
});

test.each([
  ["a thrown error", "const x = 1;\nthrow new RangeError('too far')", /code cell 2 failed[^]*throw new RangeError[^]*RangeError: too far/],
  ["a type error", 'const n: number = "text"', /code cell 2 failed[^]*Type 'string' is not assignable to type 'number'/],
  ["an end of the process", "process.exit(0)", /code cell 2 failed[^]*The process ended before the cell did/],
  ["an await of what never comes", "await new Promise(() => {})", /code cell 2 failed[^]*awaits what never comes/],
])("%s in a cell fails with the cell and the reason, and writes nothing", (_, source, message) => {
  writeCells(path("bad.ipynb"), ["1 + 1", source, "console.log('not reached')"]);
  const before = readFileSync(path("bad.ipynb"), "utf8");
  const { status, stderr } = run(path("bad.ipynb"));
  expect(status).toBe(1);
  expect(stderr).toMatch(message);
  expect(readFileSync(path("bad.ipynb"), "utf8")).toBe(before);
});

test("of two notebooks, the failure of one does not keep the other from being written", () => {
  writeCells(path("other.ipynb"), ["1 + 1"]);
  expect(run(path("bad.ipynb"), path("other.ipynb")).status).toBe(1);
  expect(outputsOf("other.ipynb")).toMatchObject([[{ data: { "text/plain": ["2"] } }]]);
});

test.each([
  ["not JSON", "{", /^\S*unreadable\.ipynb: not a notebook: .*\n$/],
  ["JSON, but no notebook", '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}}', /^\S*unreadable\.ipynb: cells: missing.*\n$/],
  ["a cell without source", '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{"cell_type": "markdown", "metadata": {}}]}', /^\S*unreadable\.ipynb: cells\[0\]\.source: .*\n$/],
])("a file that is %s is one clear error, and nothing is executed", (_, text, message) => {
  writeFileSync(path("unreadable.ipynb"), text);
  writeCells(path("innocent.ipynb"), ["1 + 1"]);
  const { status, stderr } = run(path("innocent.ipynb"), path("unreadable.ipynb"));
  expect(status).toBe(2);
  expect(stderr).toMatch(message);
  expect(outputsOf("innocent.ipynb")).toEqual([[]]);
});

test("an unknown name is answered with the nearest notebook", () => {
  expect(run("01-the-papr-in-one-page")).toMatchObject({ status: 2, stderr: expect.stringMatching(/^unknown notebook: "01-the-papr-in-one-page"; nearest is "01-the-paper-in-one-page".*\n$/) });
});

test("a shorthand property of an object takes what an earlier cell declared", () => {
  writeCells(path("shorthand.ipynb"), ["const a = 1, b = [2];", "const { length } = b;", "let c = 0; const d = { a, b, nested: { length } }; ({ c } = { c: 3 }); [JSON.stringify(d), c]"]);
  expect(run(path("shorthand.ipynb"))).toMatchObject({ status: 0, stderr: "" });
  expect(outputsOf("shorthand.ipynb").at(-1)).toMatchObject([{ data: { "text/plain": [`[ '{"a":1,"b":[2],"nested":{"length":1}}', 3 ]`] } }]);
});
