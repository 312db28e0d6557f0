/** The whole series without a browser: in nbconvert, and in Node alone. */
import { execFile } from "node:child_process";
import { rmSync } from "node:fs";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { allNotebooks } from "../../lib/cli/notebooks.ts";
import { codeCells, readNotebook, writeNotebook } from "../../lib/notebook/document.ts";
import { drift } from "../../lib/notebook/drift.ts";
import { executed } from "../../lib/notebook/execute.ts";
import { ensureTypings } from "../../lib/notebook/typings.ts";
import { ensureVenv, venvPython } from "../../lib/notebook/venv.ts";
import { Pool } from "../tools/pool.ts";
import { scratchFolder } from "./scratch.ts";

const AT_ONCE = 2;
/** For all of the series, since a test may wait for its turn. */
const TIMEOUT_MS = 1_800_000;
const run = promisify(execFile);

const processes = new Pool(AT_ONCE, async () => {});
let folder: string;

beforeAll(async () => {
  await ensureVenv();
  await ensureTypings();
  folder = scratchFolder();
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const notebooks = allNotebooks().map((path) => [basename(path), path]);

test.concurrent.each(notebooks)("%s runs in Node alone and gives the stored results", async (_, path) => {
  const stored = readNotebook(path);
  expect(drift(stored, await processes.use(() => executed(path, stored)))).toEqual([]);
}, TIMEOUT_MS);

const converted: Promise<unknown>[] = [];

/** One of AT_ONCE parts of the series in nbconvert, which takes as long to start as a notebook to run; it is run once. */
function convert(part: number): Promise<unknown> {
  return (converted[part] ??= processes.use(() => {
    const copies = notebooks.filter((_, i) => i % AT_ONCE === part).map(([name, path]) => {
      const copy = join(folder, name!);
      const document = readNotebook(path!);
      // Without their outputs, so that what is not run does not pass for what gave them again.
      writeNotebook(copy, { ...document, cells: document.cells.map((cell) => (cell.cell_type === "code" ? { ...cell, outputs: [], execution_count: null } : cell)) });
      return copy;
    });
    return run(venvPython, ["-m", "nbconvert", "--to", "notebook", "--execute", "--inplace", ...copies]);
  }));
}

test.concurrent.each(notebooks.map(([name, path], i) => [name!, path!, i % AT_ONCE] as const))("%s runs in nbconvert and gives the stored results", async (name, path, part) => {
  await convert(part);
  expect(drift(readNotebook(path), readNotebook(join(folder, name)))).toEqual([]);
}, TIMEOUT_MS);

test.each(notebooks)("%s begins with a question that its first sentence answers, and is stored executed", (_, path) => {
  const document = readNotebook(path);
  const [first] = document.cells;
  expect(first.cell_type).toBe("markdown");
  expect([first.source].flat().join("")).toMatch(/^# \d+\. .+\n\n\*\*.+\*\*/);
  expect(codeCells(document).filter(({ execution_count }) => execution_count === null)).toEqual([]);
});
