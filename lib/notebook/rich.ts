/**
 * How a value looks below a cell.
 *
 * Layer: notebook. Every bundle carries text/plain, for terminals and for comparing
 * stored outputs with fresh ones; tables carry HTML beside it.
 */
import { inspect } from "node:util";
import { DISPLAY } from "./bundle.ts";
import type { Displayable, MimeBundle } from "./bundle.ts";
import { tableHtml, tableText } from "./table.ts";
import type { Table } from "./table.ts";

/** The bundle that shows `value`; a promise when it has to be drawn first. */
export function richBundle(value: unknown): MimeBundle | Promise<MimeBundle> {
  if (isDisplayable(value)) {
    const bundle = value[DISPLAY]();
    return bundle instanceof Promise ? bundle.then(encoded) : encoded(bundle);
  }
  if (isBundle(value)) return encoded(value);
  const table = tableOf(value);
  if (table !== undefined) return { "text/html": tableHtml(table), "text/plain": tableText(table) };
  return { "text/plain": inspect(value, { breakLength: 100 }) };
}

function isDisplayable(value: unknown): value is Displayable {
  return typeof (value as Displayable | null | undefined)?.[DISPLAY] === "function";
}

/** A plain object all of whose keys are media types. */
function isBundle(value: unknown): value is MimeBundle {
  if (!isRecord(value)) return false;
  const keys = Object.keys(value);
  return keys.length > 0 && keys.every((key) => /^[a-z]+\/[\w.+-]+$/.test(key));
}

/** Bytes travel as base64. */
function encoded(bundle: MimeBundle): MimeBundle {
  const pairs = Object.entries(bundle).map(([type, data]) => [type, data instanceof Uint8Array ? Buffer.from(data).toString("base64") : data]);
  return Object.fromEntries(pairs);
}

/** A danfojs frame or series, or an array of flat records with the same names, as a table. */
function tableOf(value: unknown): Table | undefined {
  if (isDanfo(value)) {
    const rows = value.$isSeries ? (value.values as unknown[]).map((cell) => [cell]) : (value.values as unknown[][]);
    const counted = value.index.every((label, i) => label === i);
    return { columns: value.columns, rows, ...(counted ? {} : { index: value.index }) };
  }
  if (!Array.isArray(value) || value.length === 0 || !value.every(isRecord)) return undefined;
  const columns = Object.keys(value[0]);
  const regular = columns.length > 0 && value.every((row) => Object.keys(row).join() === columns.join() && Object.values(row).every(isFlat));
  return regular ? { columns, rows: value.map((row) => Object.values(row)) } : undefined;
}

interface Danfo {
  $isSeries: boolean;
  columns: string[];
  index: (string | number)[];
  values: unknown[] | unknown[][];
}

function isDanfo(value: unknown): value is Danfo {
  return typeof value === "object" && value !== null && "$isSeries" in value && "columns" in value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype.constructor?.name === "Object";
}

function isFlat(value: unknown): boolean {
  return value === null || typeof value !== "object";
}
