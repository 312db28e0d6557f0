import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { notebooks } from "../../lib/cli/notebooks.ts";
import { codeCells, joined, readNotebook } from "../../lib/notebook/document.ts";
import type { CodeCell } from "../../lib/notebook/document.ts";
import { drift } from "../../lib/notebook/drift.ts";
import { nodeArguments } from "../../lib/notebook/node.ts";
import { parsedParameter, withParameters } from "../../lib/notebook/parameters.ts";
import { projectRoot } from "../../lib/notebook/places.ts";
import { ensureVenv, venvPython } from "../../lib/notebook/venv.ts";
import { scratchFolder, writeCells } from "./scratch.ts";

let folder: string;
let path: string;
const rerun = join(projectRoot, "build/notebooks/what-if.ipynb");

beforeAll(() => {
  folder = scratchFolder();
  path = join(folder, "what-if.ipynb");
  writeCells(path, ["# A what-if", "// tag: parameters\nlet readAhead = 1, reads: number[] = [1];\nlet pager: \"data_provided\" | \"data_supply\" = \"data_provided\";\nconst sizes: readonly (4 | 8 | 16)[] = [4];", "[readAhead, reads, pager, sizes]"]);
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  rmSync(rerun, { force: true });
});

/** npm run notebooks with these arguments. */
function run(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [...nodeArguments, join(projectRoot, "lib/cli/main.ts"), "notebooks", ...args], { cwd: projectRoot, encoding: "utf8", timeout: 100_000 });
}

function cellsOf(file: string): CodeCell[] {
  return codeCells(readNotebook(file));
}

test("a rerun sets the parameters in a cell behind their own, and goes to build/notebooks", () => {
  const before = readFileSync(path, "utf8");
  expect(run(path, "-p", "readAhead=4", "-p", "reads=[4, 8]", "-p", "pager=data_supply", "-p", "sizes=[8, 16]")).toMatchObject({ status: 0, stderr: "", stdout: expect.stringContaining("build/notebooks/what-if.ipynb") });
  expect(readFileSync(path, "utf8")).toBe(before);
  const [, injected, result] = cellsOf(rerun);
  expect(joined(injected.source)).toBe('// Parameters\nreadAhead = 4;\nreads = [4,8];\npager = "data_supply";\nconst sizes: readonly (4 | 8 | 16)[] = [8,16];');
  expect(injected.metadata).toEqual({ tags: ["injected-parameters"] });
  expect(result.outputs).toMatchObject([{ data: { "text/plain": ["[ 4, [ 4, 8 ], 'data_supply', [ 8, 16 ] ]"] } }]);
});

test("a rerun of a rerun replaces the parameters", () => {
  const once = withParameters(readNotebook(path), { readAhead: 4 }, "notebook");
  const sources = codeCells(withParameters(once, { readAhead: 5 }, "notebook")).map(({ source }) => joined(source));
  expect(sources.filter((source) => source.startsWith("// Parameters"))).toEqual(["// Parameters\nreadAhead = 5;"]);
});

test("an unknown name is one clear error with the nearest, and nothing is written", () => {
  rmSync(rerun, { force: true });
  const { status, stderr } = run(path, "-p", "readahead=4");
  expect(status).toBe(2);
  expect(stderr).toMatch(/^\S*what-if\.ipynb: unknown parameter "readahead"; nearest is "readAhead" \(of readAhead, reads, pager, sizes\)\n$/);
  expect(existsSync(rerun)).toBe(false);
});

test("what is no name with a value is refused, and so is a comparison with stored outputs", async () => {
  expect(() => parsedParameter("readAhead")).toThrow("-p readAhead: a parameter is given as name=value, such as readAhead=4");
  await expect(notebooks([path], { check: true, parameter: ["readAhead=4"] })).rejects.toThrow("--check compares with stored outputs");
});

test("a value of a wrong type is refused by the cells' compiler", () => {
  const { status, stderr } = run(path, "-p", "pager=data_lent");
  expect(status).toBe(1);
  expect(stderr).toMatch(/Type '"data_lent"' is not assignable to type/);
});

test("a notebook without a cell of parameters takes none", () => {
  writeCells(join(folder, "plain.ipynb"), ["let readAhead = 1;"]);
  expect(() => withParameters(readNotebook(join(folder, "plain.ipynb")), { readAhead: 1 }, "plain")).toThrow('plain: has no cell tagged "parameters", so it takes none');
});

test("what reads as JSON is a value, anything else a word", () => {
  const texts = ["a=4", "a=4 KB", "a=true", 'a="4"', "a=[1]", "a=", "a=x=y"];
  expect(texts.map((text) => parsedParameter(text)[1])).toEqual([4, "4 KB", true, "4", [1], "", "x=y"]);
});

test("cells that may fail, are to be skipped or are empty come out as from nbclient", async () => {
  await ensureVenv();
  const [ours, theirs] = ["tags.ipynb", "tags-by-nbclient.ipynb"].map((name) => join(folder, name));
  writeCells(ours, ["// tag: raises-exception\nthrow new RangeError('shown, and on');", "// tag: skip-execution\nthrow new Error('not run')", "", "// tag: raises-exception\n'need not fail'", "'behind'"]);
  expect(run(ours)).toMatchObject({ status: 0, stderr: "" });
  copyFileSync(ours, theirs); // now it names the kernel
  const { status, stderr } = spawnSync(venvPython, ["-m", "nbconvert", "--to", "notebook", "--execute", "--inplace", theirs], { encoding: "utf8" });
  expect(status, stderr).toBe(0);
  const [mine, reference] = [cellsOf(ours), cellsOf(theirs)];
  expect(mine.map((cell) => [cell.execution_count, cell.outputs.map((output) => output.output_type)])).toEqual([[1, ["error"]], [null, []], [null, []], [2, ["execute_result"]], [3, ["execute_result"]]]);
  expect(mine.map((cell) => cell.execution_count)).toEqual(reference.map((cell) => cell.execution_count));
  expect(drift(readNotebook(ours), readNotebook(theirs))).toEqual([]);
});
