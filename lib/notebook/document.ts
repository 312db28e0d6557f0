/**
 * Notebook files (.ipynb, nbformat 4): reading, checking, writing.
 *
 * Layer: notebook. A file is written exactly as Jupyter writes it (sorted names, one
 * space of indentation, texts cut into lines), so that it does not change with the one
 * who saved it.
 */
import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import { check, InputError } from "../schema/index.ts";
import { writeFileAtomically } from "./files.ts";
import { kernelspec, languageInfo } from "./language.ts";

/** Text as one string or as its lines. */
const text = z.union([z.string(), z.array(z.string())]);
const record = z.record(z.string(), z.unknown());
const common = { id: z.string().optional(), metadata: record, source: text };

const output = z.discriminatedUnion("output_type", [
  z.looseObject({ output_type: z.literal("stream"), name: z.enum(["stdout", "stderr"]), text }),
  z.looseObject({ output_type: z.literal("display_data"), data: record, metadata: record }),
  z.looseObject({ output_type: z.literal("execute_result"), data: record, metadata: record, execution_count: z.number().nullable() }),
  z.looseObject({ output_type: z.literal("error"), ename: z.string(), evalue: z.string(), traceback: z.array(z.string()) }),
]);

const cell = z.discriminatedUnion("cell_type", [
  z.looseObject({ ...common, cell_type: z.literal("code"), outputs: z.array(output), execution_count: z.number().nullable() }),
  z.looseObject({ ...common, cell_type: z.literal("markdown") }),
  z.looseObject({ ...common, cell_type: z.literal("raw") }),
]);

const notebook = z.looseObject({ nbformat: z.literal(4), nbformat_minor: z.number(), metadata: record, cells: z.array(cell) });

export type Notebook = z.output<typeof notebook>;
export type CodeCell = Extract<Notebook["cells"][number], { cell_type: "code" }>;
export type Output = z.output<typeof output>;

/**
 * The notebook in the file `path`.
 * @throws InputError in one line when there is none or when it is not a notebook.
 */
export function readNotebook(path: string): Notebook {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new InputError(code === "ENOENT" ? `${path}: there is no such notebook` : `${path}: not a notebook: ${message.split("\n")[0]}`);
  }
  return check(notebook, json, path);
}

/** The notebook as the text of its file, its metadata naming this project's kernel. */
export function notebookText(document: Notebook): string {
  const metadata = { ...document.metadata, kernelspec, language_info: languageInfo() };
  const cells = document.cells.map((one) =>
    one.cell_type === "code" ? { ...one, source: lines(one.source), outputs: one.outputs.map(cutIntoLines) } : { ...one, source: lines(one.source) },
  );
  return `${JSON.stringify(sorted({ ...document, metadata, cells }), null, 1)}\n`;
}

/** Writes the notebook to `path` as a whole, or, when the file is the same already, not at all. */
export function writeNotebook(path: string, document: Notebook): void {
  const text = notebookText(document);
  if (!existsSync(path) || readFileSync(path, "utf8") !== text) writeFileAtomically(path, text);
}

/** The cells that are executed, in order. */
export function codeCells(document: Notebook): CodeCell[] {
  return document.cells.filter((one) => one.cell_type === "code");
}

/** Whether the cell carries `tag`. */
export function hasTag({ metadata }: Pick<CodeCell, "metadata">, tag: string): boolean {
  return Array.isArray(metadata.tags) && metadata.tags.includes(tag);
}

/** Text that may have been cut into lines, as one string. */
export function joined(value: string | string[]): string {
  return typeof value === "string" ? value : value.join("");
}

function lines(value: string | string[]): string[] {
  return joined(value).match(/[^\n]*\n|[^\n]+/g) ?? [];
}

function cutIntoLines(one: Output): Output {
  if (one.output_type === "stream") return { ...one, text: lines(one.text) };
  if (one.output_type === "error") return one;
  const isText = (type: string, value: unknown) => (type.startsWith("text/") || type === "image/svg+xml") && typeof value === "string";
  const data = Object.entries(one.data).map(([type, value]) => [type, isText(type, value) ? lines(value as string) : value]);
  return { ...one, data: Object.fromEntries(data) };
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, inner]) => [name, sorted(inner)]));
}
