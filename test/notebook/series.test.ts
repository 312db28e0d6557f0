/** The whole series without a browser: in nbconvert, and in Node alone. */
import { execFile } from "node:child_process";
import { copyFileSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { allNotebooks } from "../../lib/cli/notebooks.ts";
import { codeCells, readNotebook } from "../../lib/notebook/document.ts";
import type { Notebook } from "../../lib/notebook/document.ts";
import { drift } from "../../lib/notebook/drift.ts";
import { executed } from "../../lib/notebook/execute.ts";
import { ensureTypings } from "../../lib/notebook/typings.ts";
import { ensureVenv, venvPython } from "../../lib/notebook/venv.ts";
import { inParallel } from "../tools/in-parallel.ts";
import { scratchFolder } from "./scratch.ts";

const AT_ONCE = 2;
const run = promisify(execFile);

let folder: string;
let inNode: Map<string, Promise<Notebook>>;
let inNbconvert: Map<string, Promise<Notebook>>;

beforeAll(async () => {
  await ensureVenv();
  await ensureTypings();
  folder = scratchFolder();
  const nothing = async () => {};
  inNode = inParallel(AT_ONCE, allNotebooks(), nothing, async (path) => executed(path, readNotebook(path)));
  const all = async () => void (await Promise.allSettled(inNode.values()));
  inNbconvert = inParallel(AT_ONCE, allNotebooks(), all, async (path) => {
    const copy = join(folder, basename(path));
    copyFileSync(path, copy);
    await run(venvPython, ["-m", "nbconvert", "--to", "notebook", "--execute", "--inplace", copy]);
    return readNotebook(copy);
  });
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const notebooks = allNotebooks().map((path) => [basename(path), path]);

test.each(notebooks)("%s runs in Node alone and gives the stored results", async (_, path) => {
  expect(drift(readNotebook(path), await inNode.get(path)!)).toEqual([]);
}, 900_000);

test.each(notebooks)("%s runs in nbconvert and gives the stored results", async (_, path) => {
  expect(drift(readNotebook(path), await inNbconvert.get(path)!)).toEqual([]);
}, 900_000);

test.each(notebooks)("%s begins with a question that its first sentence answers, and is stored executed", (_, path) => {
  const document = readNotebook(path);
  const [first] = document.cells;
  expect(first.cell_type).toBe("markdown");
  expect([first.source].flat().join("")).toMatch(/^# \d+\. .+\n\n\*\*.+\*\*/);
  expect(codeCells(document).filter(({ execution_count }) => execution_count === null)).toEqual([]);
});
