/**
 * npm run notebooks: executes the notebooks in Node alone and writes their outputs back.
 *
 * Layer: cli. With --check, nothing is written and stored outputs are compared with
 * fresh ones. With -p, parameters are set as papermill does it, and the result goes to
 * build/notebooks. Exit status 1 when a cell fails or outputs have drifted.
 */
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { readNotebook, writeNotebook } from "../notebook/document.ts";
import type { Notebook } from "../notebook/document.ts";
import { drift } from "../notebook/drift.ts";
import { CellError, executed } from "../notebook/execute.ts";
import { projectRoot } from "../notebook/places.ts";
import { ensureTypings } from "../notebook/typings.ts";
import { InputError, suggest } from "../schema/index.ts";
import { paint } from "./output.ts";

/** Notebooks that run at the same time. */
const AT_ONCE = 2;

/** Where notebooks go that were run with other parameters: those of notebooks/ stay as they are. */
const RERUNS = join(projectRoot, "build/notebooks");

export interface NotebookOptions {
  /** Compare with the stored outputs instead of writing. */
  check?: boolean;
  /** Parameters to set, each as name=value. */
  parameter?: readonly string[];
}

interface Job {
  path: string;
  document: Notebook;
  /** Where the result is written; undefined when it is only compared. */
  target: string | undefined;
}

/**
 * Executes the notebooks called `names` (a path, a file name, or how one begins), or all.
 * @throws InputError for a name that no notebook has, naming the nearest, for a file that is no
 *   notebook, and for a parameter that a notebook does not declare.
 */
export async function notebooks(names: readonly string[], { check = false, parameter = [] }: NotebookOptions = {}): Promise<void> {
  if (check && parameter.length > 0) throw new InputError("--check compares with stored outputs, which there are none of for other parameters");
  const paths = names.length === 0 ? allNotebooks() : names.map(notebookNamed);
  const jobs: Job[] = [];
  // A file or a parameter that cannot be used stops everything before anything is written.
  for (const path of paths) {
    const document = readNotebook(path);
    if (parameter.length === 0) jobs.push({ path, document, target: check ? undefined : path });
    else jobs.push({ path, document: await parametrised(path, document, parameter), target: join(RERUNS, basename(path)) });
  }
  if (parameter.length > 0) mkdirSync(RERUNS, { recursive: true });
  await ensureTypings();
  const worker = async () => {
    for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) await execute(job);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** The notebook with its parameters set. */
async function parametrised(path: string, document: Notebook, parameter: readonly string[]): Promise<Notebook> {
  const { parsedParameter, withParameters } = await import("../notebook/parameters.ts"); // loads a compiler
  return withParameters(document, Object.fromEntries(parameter.map(parsedParameter)), relative(process.cwd(), path));
}

async function execute({ path, document, target }: Job): Promise<void> {
  const name = relative(process.cwd(), target ?? path);
  const started = performance.now();
  try {
    const fresh = await executed(path, document);
    const differences = target === undefined ? drift(document, fresh) : [];
    if (target !== undefined) writeNotebook(target, fresh);
    if (differences.length > 0) throw new CellError(`${name}: stored outputs differ from fresh ones\n  ${differences.join("\n  ")}`);
    console.log(`${paint("green", target === undefined ? "unchanged" : "executed")}  ${name}  ${((performance.now() - started) / 1000).toFixed(1)} s`);
  } catch (error) {
    if (!(error instanceof CellError)) throw error;
    console.error(paint("red", error.message));
    process.exitCode = 1;
  }
}

/** The paths of the notebooks in notebooks/, in order. */
export function allNotebooks(): string[] {
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
