/**
 * The thread of tslab's compiler.
 *
 * Layer: notebook. The compiler's heap is large and lives long. In the thread of the
 * cells it would be searched for garbage again and again while they simulate, which
 * made them half as fast.
 */
import { createRequire } from "node:module";
import { workerData } from "node:worker_threads";
import type { MessagePort } from "node:worker_threads";
import type { Call } from "./compiler.ts";
import { spelledOut } from "./shorthand.ts";

const require = createRequire(import.meta.url);
const COMPILER = "@tslab/typescript-for-tslab";

interface Part {
  text: string;
}

/** What TypeScript knows of a name. */
interface QuickInfo {
  displayParts?: Part[];
  documentation?: Part[];
  tags?: { name: string; text?: Part[] }[];
}

setUp();
const typescript = require(COMPILER);
const { createConverter } = require("tslab/dist/converter.js");
const { getCodeMetadata } = require("tslab/dist/metadata.js");
const converter = createConverter({ isJS: false, isBrowser: false });

/** What the thread of the cells may call. */
const methods = {
  ...{ addModule: converter.addModule, isComplete, metadata: getCodeMetadata },
  convert: (earlier: string, code: string, ...rest: unknown[]) => converter.convert(earlier, spelledOut(typescript, code), ...rest),
  inspect(...cell: unknown[]): string | undefined {
    const found: QuickInfo | undefined = converter.inspect(...cell);
    return found === undefined ? undefined : inWords(found);
  },
  complete(...cell: unknown[]): object {
    const { start, end, candidates } = converter.complete(...cell);
    return { start, end, candidates };
  },
};

const { port, answered } = workerData as { port: MessagePort; answered: Int32Array };
port.on("message", ({ method, args }: Call) => {
  try {
    port.postMessage({ value: (methods[method] as (...args: unknown[]) => unknown)(...args) });
  } catch (error) {
    port.postMessage({ error: String(error) });
  }
  Atomics.store(answered, 0, 1);
  Atomics.notify(answered, 0);
});
port.postMessage("ready");

export type Methods = typeof methods;

/** Whether a cell is a whole, lacks an end, or can be no cell however it goes on. */
export interface Completeness {
  status: "complete" | "incomplete" | "invalid";
  /** Of the line that goes on. */
  indent: string;
}

interface SyntaxFault {
  start: number;
  length: number;
  messageText: unknown;
}

/** A text that has not ended is wrong from its beginning to the end. */
const NOT_ENDED = /^Unterminated template|^'\*\/' expected/;

function isComplete(code: string): Completeness {
  const [last = ""] = code.match(/[^\n]*$/) ?? [];
  const indent = `${/^\s*/.exec(last)![0]}${/[{([]\s*$/.test(last) ? "  " : ""}`;
  const source = typescript.createSourceFile("cell.tsx", code, typescript.ScriptTarget.Latest);
  const [fault] = (source.parseDiagnostics as SyntaxFault[]).toSorted((a, b) => a.start - b.start);
  const isForced = /\n\s*\n\s*$/.test(code); // two empty lines say that nothing more will come
  if (fault === undefined || isForced) return { status: "complete", indent };
  const isAtEnd = fault.start >= code.trimEnd().length || NOT_ENDED.test(String(fault.messageText));
  return { status: isAtEnd ? "incomplete" : "invalid", indent };
}

/** The type of a name, its documentation, and the documentation's tags. */
function inWords({ displayParts = [], documentation = [], tags = [] }: QuickInfo): string {
  const text = (parts: Part[]) => parts.map((part) => part.text).join("");
  const sections = [text(displayParts), text(documentation), tags.map((tag) => `@${tag.name} ${text(tag.text ?? [])}`).join("\n")];
  return sections.filter((section) => section !== "").join("\n\n");
}

/**
 * Wraps tslab's view of its TypeScript, for tslab fixes the options. It is to tell `T` from
 * `T | undefined`, as the library's types mean it, and to look only at Node's types from outside.
 * It does not watch files: modules are loaded once, so their types may not change either.
 */
function setUp(): void {
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
