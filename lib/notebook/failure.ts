/**
 * What a reader is told when a cell fails.
 *
 * Layer: notebook. Faults of the compiler are shown under the line they are in; of a
 * thrown error, the calls in the notebook and in the library are kept and those of the
 * machinery are not. Paths are relative to the project, so that stored outputs are the
 * same on every machine.
 */
import { inspect } from "node:util";
import { projectRoot } from "./places.ts";
import type { Diagnostic } from "./tslab.ts";

/** A failure in the words of the Jupyter protocol: the error's name, its message, and what to print. */
export interface Failure {
  ename: string;
  evalue: string;
  traceback: string[];
}

/** Why a cell ended that its reader stopped; also the reason of the signal that long work is given. */
export class Interruption extends Error {
  override readonly name = "Interrupted";

  constructor() {
    super("by the reader");
  }
}

/** Colours that JupyterLab, nbconvert and terminals understand. */
const red = (text: string) => `\u001b[31m${text}\u001b[39m`;

/** The failure of a cell with source `code` that the compiler rejects. */
export function compileFailure(code: string, diagnostics: readonly Diagnostic[]): Failure {
  const lines = code.split("\n");
  const traceback: string[] = [];
  let last: Diagnostic | undefined;
  for (const diagnostic of diagnostics) {
    // A message that explains the one before comes with the same place.
    const isDetail = last?.line === diagnostic.line && last.column === diagnostic.column;
    if (!isDetail) {
      traceback.push(red(`line ${diagnostic.line}: ${diagnostic.message}`));
      traceback.push(`  ${lines[diagnostic.line - 1] ?? ""}`, `  ${" ".repeat(diagnostic.column - 1)}^`);
    } else {
      traceback.push(`  ${diagnostic.message}`);
    }
    last = diagnostic;
  }
  return { ename: "TypeScript", evalue: diagnostics.map(({ message }) => message).join("\n"), traceback };
}

/** The failure of a cell that threw `thrown`, which need not be an Error. */
export function thrownFailure(thrown: unknown): Failure {
  if (!(thrown instanceof Error)) {
    const evalue = typeof thrown === "string" ? thrown : inspect(thrown);
    return { ename: "Thrown", evalue, traceback: [red(`Thrown: ${evalue}`)] };
  }
  if (isInterruption(thrown)) return { ename: "Interrupted", evalue: "by the reader", traceback: [red("Interrupted by the reader")] };
  const traceback = [red(`${thrown.name}: ${thrown.message}`), ...calls(thrown)];
  for (let cause = thrown.cause, depth = 0; cause instanceof Error && depth < 8; cause = cause.cause, depth++) {
    traceback.push(`caused by ${cause.name}: ${cause.message}`, ...calls(cause));
  }
  return { ename: thrown.name, evalue: thrown.message, traceback };
}

/** Ours, or what Node throws out of a loop, or what tslab throws when it stops awaiting. */
function isInterruption(error: Error): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return error instanceof Interruption || code === "ERR_SCRIPT_EXECUTION_INTERRUPTED" || error.message === "Interrupted asynchronously";
}

/** The lines of the stack that are in a cell or in the library. */
function calls(error: Error): string[] {
  return (error.stack ?? "")
    .split("\n")
    .filter((line) => /^\s+at /.test(line))
    .map((line) => line.replace("file://", "").replace(/evalmachine\.<anonymous>:\d+:\d+/, "the notebook").replaceAll(`${projectRoot}/`, ""))
    .filter((line) => line.includes("the notebook") || /[( ]lib\//.test(line))
    .filter((line) => !/lib\/notebook\/(tslab|session|headless|kernel)/.test(line))
    .filter((line, i, all) => line !== all[i - 1]);
}
