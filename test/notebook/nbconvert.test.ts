import { spawnSync } from "node:child_process";
import { copyFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readNotebook } from "../../lib/notebook/document.ts";
import { drift } from "../../lib/notebook/drift.ts";
import { projectRoot } from "../../lib/notebook/places.ts";
import { ensureVenv, venvPython } from "../../lib/notebook/venv.ts";
import { scratchFolder } from "./scratch.ts";

const notebooks = readdirSync(join(projectRoot, "notebooks")).filter((file) => file.endsWith(".ipynb")).sort();

let folder: string;
beforeAll(async () => {
  await ensureVenv();
  folder = scratchFolder();
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each(notebooks)("%s runs in nbconvert and gives the stored results", (name) => {
  copyFileSync(join(projectRoot, "notebooks", name), join(folder, name));
  const { status, stderr } = spawnSync(venvPython, ["-m", "nbconvert", "--to", "notebook", "--execute", "--inplace", join(folder, name)], { encoding: "utf8" });
  expect(status, stderr).toBe(0);
  expect(drift(readNotebook(join(projectRoot, "notebooks", name)), readNotebook(join(folder, name)))).toEqual([]);
}, 600_000);
