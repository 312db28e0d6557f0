/**
 * Executing notebooks in Node alone: no Python, no Jupyter.
 *
 * Layer: notebook. Each notebook runs in a process of its own, in its own folder, as
 * under Jupyter; a cell that ends the process ends only that.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { codeCells, joined } from "./document.ts";
import type { Notebook, Output } from "./document.ts";
import type { Failure } from "./failure.ts";
import { nodeArguments } from "./node.ts";

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
  const child = fork(new URL("execute-process.ts", import.meta.url), [path], { execArgv: [...nodeArguments] });
  let cell = 0;
  let ended: Extract<Report, { kind: "ended" }> | undefined;
  child.on("message", (report: Report) => {
    if (report.kind === "began") cell = report.cell;
    else ended = report;
  });
  await once(child, "exit");
  const sources = codeCells(document).map(({ source }) => joined(source));
  const fail = (reason: string) => new CellError(`${path}: code cell ${cell + 1} failed\n${indented(sources[cell] ?? "")}\n\n${reason}`);
  if (ended === undefined) throw fail("The process ended before the cell did: it awaits what never comes, or it was killed.");
  if (ended.failure !== undefined) throw fail(ended.failure.traceback.join("\n"));

  let index = 0;
  const { outputs } = ended;
  const cells = document.cells.map((one) => (one.cell_type === "code" ? { ...one, outputs: outputs[index], execution_count: ++index } : one));
  return { ...document, cells };
}

function indented(code: string): string {
  return code.replace(/^/gm, "    ");
}
