/**
 * The doorway to tslab, which compiles and runs the cells.
 *
 * Layer: notebook. Only its compiler and its executor are used; the Jupyter protocol
 * is our own. They are internals of tslab, hence its version is pinned exactly.
 */
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Compiler } from "./compiler.ts";
import type { Completeness } from "./compiler-thread.ts";
import { Phase } from "./phase.ts";

const require = createRequire(import.meta.url);

/** Where in a cell the compiler found a fault; lines and columns count from 1. */
export interface Diagnostic {
  line: number;
  column: number;
  message: string;
}

/** What became of a cell: the value of its last expression, the compiler's faults, or what was thrown. */
export type Evaluation =
  | { kind: "value"; value: unknown }
  | { kind: "rejected"; diagnostics: Diagnostic[] }
  | { kind: "thrown"; thrown: unknown };

export interface Completions {
  start: number;
  end: number;
  candidates: string[];
}

/** Compiles and evaluates cells one after the other; each sees what the earlier ones declared. */
export interface Interpreter {
  evaluate(code: string): Promise<Evaluation>;
  /** Type and documentation of the name at the UTF-16 offset `position`; undefined when there is none. */
  inspect(code: string, position: number): string | undefined;
  complete(code: string, position: number): Completions;
  isComplete(code: string): Completeness;
  /** Gives up awaiting what the running cell awaits. */
  interrupt(): void;
  close(): Promise<void>;
}

interface Executor {
  execute(code: string): Promise<boolean>;
  inspect(code: string, position: number): string | undefined;
  complete(code: string, position: number): Completions;
  interrupt(): void;
}

const DIAGNOSTIC_FORMAT = "%s%d:%d - %s";

/** The version of the TypeScript that compiles cells. */
export function cellTypeScriptVersion(): string {
  return require("@tslab/typescript-for-tslab/package.json").version;
}

/**
 * An interpreter whose cells resolve their imports from the working directory.
 * @param onPhase told of each phase as it begins.
 */
export async function startInterpreter(onPhase: (phase: Phase) => void): Promise<Interpreter> {
  const [compiler] = await Promise.all([Compiler.start(), importLibrary(process.cwd())]);
  const createExecutor = loadExecutor(compiler);

  let value: unknown;
  let diagnostics: Diagnostic[] = [];
  let thrown: { what: unknown } | undefined;
  const converter = {
    convert(...cell: unknown[]) {
      const converted = compiler.call("convert", ...cell);
      onPhase(Phase.Starting);
      return converted;
    },
    inspect: (...cell: unknown[]) => compiler.call("inspect", ...cell),
    complete: (...cell: unknown[]) => compiler.call("complete", ...cell),
    addModule: (...module: unknown[]) => compiler.call("addModule", ...module),
  };
  const executor: Executor = createExecutor(process.cwd(), { node: converter, browser: converter }, {
    // The executor reports through a console: the last value, each fault of the compiler, and what was thrown.
    log: (last: unknown) => void (value = last),
    error: (...said: unknown[]) => {
      if (said.length === 5 && said[0] === DIAGNOSTIC_FORMAT) {
        diagnostics.push({ line: said[2] as number, column: said[3] as number, message: `${said[1]}${said[4]}` });
      } else {
        thrown = { what: said[0] };
      }
    },
  });

  async function run(code: string): Promise<boolean> {
    try {
      const execution = executor.execute(code);
      onPhase(Phase.Awaiting);
      return await execution;
    } finally {
      onPhase(Phase.None);
    }
  }

  return {
    async evaluate(code) {
      value = undefined;
      diagnostics = [];
      thrown = undefined;
      const succeeded = await run(code);
      if (diagnostics.length > 0) return { kind: "rejected", diagnostics };
      if (!succeeded) return { kind: "thrown", thrown: (thrown as { what: unknown } | undefined)?.what };
      return { kind: "value", value };
    },
    inspect: (code, position) => executor.inspect(code, position),
    complete: (code, position) => executor.complete(code, position),
    isComplete: (code) => compiler.call("isComplete", code),
    interrupt: () => executor.interrupt(),
    close: () => compiler.close(),
  };
}

/**
 * Gives the cells in `directory`, which require() what they import, the library as ES modules: what tsx
 * would make of it for require() runs half as fast.
 */
async function importLibrary(directory: string): Promise<void> {
  let library: string;
  try {
    library = createRequire(join(directory, "cell")).resolve("kernelized");
  } catch {
    return; // there is none: the cell that imports it hears of that
  }
  require.cache[library] = { id: library, filename: library, loaded: true, exports: await import(pathToFileURL(library).href) } as NodeJS.Module;
}

/** tslab's executor, which reads the tags of a cell's comments by the compiler's thread instead of loading TypeScript. */
function loadExecutor(compiler: Compiler): (directory: string, converters: object, console: object) => Executor {
  const tags = require.resolve("tslab/dist/metadata.js");
  const exports = { getCodeMetadata: (code: string) => compiler.call("metadata", code) };
  require.cache[tags] = { id: tags, filename: tags, loaded: true, exports } as NodeJS.Module;
  return require("tslab/dist/executor.js").createExecutor;
}
