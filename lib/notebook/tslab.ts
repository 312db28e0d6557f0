/**
 * The doorway to tslab, which compiles and runs the cells.
 *
 * Layer: notebook. Only its compiler and its executor are used; the Jupyter protocol
 * is our own. They are internals of tslab, hence its version is pinned exactly, and
 * what is leaned on is typed here and nowhere else.
 */
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/** Where in a cell the compiler found a fault; lines and columns count from 1. */
export interface Diagnostic {
  line: number;
  column: number;
  message: string;
}

/**
 * How far a cell is. Its first part runs on the stack of the machinery; what comes after
 * its first await runs by itself, out of the event loop.
 */
export const Phase = { None: 0, Starting: 1, Awaiting: 2 } as const;
export type Phase = (typeof Phase)[keyof typeof Phase];

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
  /** Whether `code` is a whole; if not, the indentation of the line that goes on. */
  isComplete(code: string): { completed: boolean; indent?: string };
  /** Gives up awaiting what the running cell awaits. */
  interrupt(): void;
  close(): void;
}

interface Executor {
  execute(code: string): Promise<boolean>;
  inspect(code: string, position: number): QuickInfo | undefined;
  complete(code: string, position: number): Completions;
  interrupt(): void;
  close(): void;
}

interface Part {
  text: string;
}

/** What TypeScript knows of a name. */
interface QuickInfo {
  displayParts?: Part[];
  documentation?: Part[];
  tags?: { name: string; text?: Part[] }[];
}

const COMPILER = "@tslab/typescript-for-tslab";
const DIAGNOSTIC_FORMAT = "%s%d:%d - %s";

/** The version of the TypeScript that compiles cells. */
export function cellTypeScriptVersion(): string {
  return require(`${COMPILER}/package.json`).version;
}

/**
 * An interpreter whose cells resolve their imports from `directory`.
 * @param onPhase told of each phase as it begins.
 */
export function createInterpreter(directory: string, onPhase: (phase: Phase) => void): Interpreter {
  setUpCompiler();
  const { createConverter, isCompleteCode } = require("tslab/dist/converter.js");
  const { createExecutor } = require("tslab/dist/executor.js");

  let value: unknown;
  let diagnostics: Diagnostic[] = [];
  let thrown: { what: unknown } | undefined;
  const converter = createConverter({ isJS: false, isBrowser: false });
  const convert = (...cell: unknown[]) => {
    const converted = converter.convert(...cell);
    onPhase(Phase.Starting);
    return converted;
  };
  const compiler = { ...converter, convert };
  const compilers = { node: compiler, browser: compiler, close: () => converter.close() };
  const executor: Executor = createExecutor(directory, compilers, {
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

  return {
    async evaluate(code) {
      value = undefined;
      diagnostics = [];
      thrown = undefined;
      const execution = executor.execute(code);
      onPhase(Phase.Awaiting);
      const succeeded = await execution;
      onPhase(Phase.None);
      if (diagnostics.length > 0) return { kind: "rejected", diagnostics };
      if (!succeeded) return { kind: "thrown", thrown: (thrown as { what: unknown } | undefined)?.what };
      return { kind: "value", value };
    },
    inspect(code, position) {
      const found = executor.inspect(code, position);
      return found === undefined ? undefined : inWords(found);
    },
    complete: (code, position) => executor.complete(code, position),
    isComplete: (code) => isCompleteCode(code),
    interrupt: () => executor.interrupt(),
    close: () => executor.close(),
  };
}

/** The type of a name, its documentation, and the documentation's tags. */
function inWords({ displayParts = [], documentation = [], tags = [] }: QuickInfo): string {
  const text = (parts: Part[]) => parts.map((part) => part.text).join("");
  const sections = [text(displayParts), text(documentation), tags.map((tag) => `@${tag.name} ${text(tag.text ?? [])}`).join("\n")];
  return sections.filter((section) => section !== "").join("\n\n");
}

/**
 * Sets up the cells' compiler, whose options tslab fixes, by wrapping tslab's view of it. It tells
 * `T` from `T | undefined`, as the library's types mean it, and looks only at Node's types from
 * outside. It does not watch files: modules are loaded once, so their types may not change either.
 */
function setUpCompiler(): void {
  const path = require.resolve(COMPILER);
  const typescript = require(path);
  const options = { strictNullChecks: true, lib: ["lib.es2023.d.ts"], types: ["node"] };
  const createWatchCompilerHost = (files: string[], given: object, ...rest: unknown[]) =>
    typescript.createWatchCompilerHost(files, { ...given, ...options }, ...rest);
  typescript.sys.watchFile = typescript.sys.watchDirectory = () => ({ close() {} });
  require.cache[path]!.exports = Object.defineProperties(
    {},
    { ...Object.getOwnPropertyDescriptors(typescript), createWatchCompilerHost: { enumerable: true, value: createWatchCompilerHost } },
  );
}
