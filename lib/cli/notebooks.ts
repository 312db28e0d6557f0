/**
 * npm run notebooks: executes the notebooks in Node alone and writes their outputs back.
 *
 * Layer: cli. With --check, nothing is written and stored outputs are compared with
 * fresh ones. Exit status 1 when a cell fails or outputs have drifted.
 */
import { existsSync, readdirSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { readNotebook, writeNotebook } from "../notebook/document.ts";
import { drift } from "../notebook/drift.ts";
import { CellError, executed } from "../notebook/execute.ts";
import { projectRoot } from "../notebook/places.ts";
import { ensureTypings } from "../notebook/typings.ts";
import { InputError, suggest } from "../schema/index.ts";
import { paint } from "./output.ts";

/** Notebooks that run at the same time. */
const AT_ONCE = 2;

export interface NotebookOptions {
  /** Compare with the stored outputs instead of writing. */
  check?: boolean;
}

/**
 * Executes the notebooks called `names` (a path, a file name, or how one begins), or all.
 * @throws InputError for a name that no notebook has, naming the nearest, and for a file that is no notebook.
 */
export async function notebooks(names: readonly string[], options: NotebookOptions = {}): Promise<void> {
  const waiting = names.length === 0 ? allNotebooks() : names.map(notebookNamed);
  waiting.forEach(readNotebook); // a file that cannot be read stops everything before anything is written
  await ensureTypings();
  const worker = async () => {
    for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) await execute(path, options);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

async function execute(path: string, { check = false }: NotebookOptions): Promise<void> {
  const name = relative(process.cwd(), path);
  const started = performance.now();
  const stored = readNotebook(path);
  try {
    const fresh = await executed(path, stored);
    const differences = check ? drift(stored, fresh) : [];
    if (!check) writeNotebook(path, fresh);
    if (differences.length > 0) throw new CellError(`${name}: stored outputs differ from fresh ones\n  ${differences.join("\n  ")}`);
    console.log(`${paint("green", check ? "unchanged" : "executed")}  ${name}  ${((performance.now() - started) / 1000).toFixed(1)} s`);
  } catch (error) {
    if (!(error instanceof CellError)) throw error;
    console.error(paint("red", error.message));
    process.exitCode = 1;
  }
}

function allNotebooks(): string[] {
  const folder = join(projectRoot, "notebooks");
  const files = existsSync(folder) ? readdirSync(folder) : [];
  return files.filter((file) => file.endsWith(".ipynb")).sort().map((file) => join(folder, file));
}

function notebookNamed(name: string): string {
  if (name.endsWith(".ipynb") && existsSync(name)) return name;
  const all = allNotebooks();
  const stems = all.map((path) => basename(path, ".ipynb"));
  const wanted = basename(name, ".ipynb");
  const exact = stems.indexOf(wanted);
  const matching = exact >= 0 ? [all[exact]] : all.filter((_, i) => stems[i].startsWith(wanted));
  if (matching.length === 1) return matching[0];
  throw new InputError(`unknown notebook: "${name}"${suggest(wanted, stems)}`);
}
