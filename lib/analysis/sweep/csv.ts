/** Tables as CSV: a line of names, then a line a row; RFC 4180. Layer: analysis. */
import type { Cell } from "./points.ts";

/** The line of names. */
export const csvHeader = (names: readonly string[]): string => `${names.map(field).join(",")}\n`;

/** The rows of `columns`; null is an empty field. */
export function csvRows(names: readonly string[], columns: Readonly<Record<string, readonly Cell[]>>): string {
  const taken = names.map((name) => columns[name]!);
  const lines = taken[0]!.map((_, row) => taken.map((column) => field(column[row]!)).join(","));
  return lines.map((line) => `${line}\n`).join("");
}

function field(value: Cell): string {
  if (value === null) return "";
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
