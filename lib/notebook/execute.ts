/**
 * Executing notebooks in Node alone: no Python, no Jupyter.
 *
 * Layer: notebook. Each notebook runs in a process of its own, in its own folder, as
 * under Jupyter; a cell that ends the process ends only that. Tags of cells mean what
 * they mean to nbclient: after a cell tagged `raises-exception` the next one runs even if
 * it fails, and one tagged `skip-execution` stays as it is, as does a cell without code.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { dirname } from "node:path";
import { codeCells, hasTag, joined } from "./document.ts";
import type { CodeCell, Notebook, Output } from "./document.ts";
import type { Failure } from "./failure.ts";
import { nodeArguments } from "./node.ts";

/** A cell as the process of the notebook is given it. */
export interface CellToRun {
  source: string;
  /** Whether the cells behind it run all the same when it fails. */
  mayFail: boolean;
}

/** What the process of a notebook reports: each cell as it begins, and what came of it all. */
export type Report = { kind: "began"; cell: number } | { kind: "ended"; outputs: Output[][]; failure?: Failure };

/** A cell of a notebook failed; the message says which, and why. */
export class CellError extends Error {
  override readonly name = "CellError";
}

/**
 * The notebook of the file `path` with the outputs of a fresh execution.
 * @throws CellError when a cell fails or ends the process.
 */
export async function executed(path: string, document: Notebook): Promise<Notebook> {
  const running = codeCells(document).filter(isRun);
  const child = fork(new URL("execute-process.ts", import.meta.url), { execArgv: [...nodeArguments], cwd: dirname(path) });
  let cell = 0;
  let ended: Extract<Report, { kind: "ended" }> | undefined;
  child.on("message", (report: Report) => {
    if (report.kind === "began") cell = report.cell;
    else ended = report;
  });
  child.send(running.map((one): CellToRun => ({ source: joined(one.source), mayFail: hasTag(one, "raises-exception") })));
  await once(child, "exit");
  const fail = (reason: string) => {
    const number = codeCells(document).indexOf(running[cell]) + 1;
    return new CellError(`${path}: code cell ${number} failed\n${indented(joined(running[cell]?.source ?? ""))}\n\n${reason}`);
  };
  if (ended === undefined) throw fail("The process ended before the cell did: it awaits what never comes, or it was killed.");
  if (ended.failure !== undefined) throw fail(ended.failure.traceback.join("\n"));

  const { outputs } = ended;
  const cells = document.cells.map((one) => {
    if (one.cell_type !== "code" || hasTag(one, "skip-execution")) return one;
    const index = running.indexOf(one);
    return index < 0 ? { ...one, outputs: [], execution_count: null } : { ...one, outputs: outputs[index], execution_count: index + 1 };
  });
  return { ...document, cells };
}

/** Whether a runner executes the cell. */
function isRun(cell: CodeCell): boolean {
  return joined(cell.source).trim() !== "" && !hasTag(cell, "skip-execution");
}

function indented(code: string): string {
  return code.replace(/^/gm, "    ");
}
