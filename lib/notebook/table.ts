/**
 * Tables as HTML and as text, numbers rounded for reading.
 *
 * Layer: notebook. Fractions are rounded to four significant digits, whole numbers stay
 * as they are.
 */

export interface Table {
  columns: readonly string[];
  rows: readonly (readonly unknown[])[];
  /** Labels of the rows, when they say more than the row's number. */
  index?: readonly (string | number)[];
}

/** A longer table shows this many rows, half from either end. */
const SHOWN_ROWS = 60;
const SIGNIFICANT_DIGITS = 4;

/** The table as HTML that JupyterLab and GitHub lay out by themselves. */
export function tableHtml(table: Table): string {
  const { head, body, left, note } = layOut(table);
  const cell = (tag: string) => (text: string, i: number) => `<${tag}${left[i] ? ' style="text-align: left"' : ""}>${escapeHtml(text)}</${tag}>`;
  const lines = [
    '<table border="1" class="dataframe">',
    `<thead><tr>${head.map(cell("th")).join("")}</tr></thead>`,
    "<tbody>",
    ...body.map((row) => `<tr>${row.map(cell("td")).join("")}</tr>`),
    "</tbody>",
    "</table>",
  ];
  return lines.join("\n") + (note === undefined ? "" : `\n<p>${note}</p>`);
}

/** The table as aligned text. */
export function tableText(table: Table): string {
  const { head, body, left, note } = layOut(table);
  const widths = head.map((_, i) => Math.max(...[head, ...body].map((row) => row[i].length)));
  const line = (row: string[]) => row.map((text, i) => (left[i] ? text.padEnd(widths[i]) : text.padStart(widths[i]))).join("  ").trimEnd();
  const lines = [line(head), widths.map((width) => "-".repeat(width)).join("  "), ...body.map(line)];
  return [...lines, ...(note === undefined ? [] : [note])].join("\n");
}

/** Replaces the characters that mean something in HTML. */
export function escapeHtml(text: string): string {
  const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text.replace(/[&<>"]/g, (character) => entities[character]);
}

interface Layout {
  head: string[];
  body: string[][];
  /** Whether a column holds text, which starts at the left. */
  left: boolean[];
  note?: string;
}

function layOut({ columns, rows, index }: Table): Layout {
  const head = index === undefined ? [...columns] : ["", ...columns];
  const cells = index === undefined ? rows : rows.map((row, i) => [index[i], ...row]);
  const left = head.map((_, c) => !cells.some((row) => typeof row[c] === "number"));
  const body = cells.map((row) => row.map(textOf));
  if (body.length <= SHOWN_ROWS) return { head, body, left };
  const half = SHOWN_ROWS / 2;
  const shortened = [...body.slice(0, half), head.map(() => "…"), ...body.slice(-half)];
  return { head, body: shortened, left, note: `${rows.length} rows × ${columns.length} columns` };
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "number" ? numberText(value).replace("-", "−") : String(value);
}

function numberText(value: number): string {
  const size = Math.abs(value);
  if (!Number.isFinite(value) || Number.isInteger(value)) return String(value);
  if (size >= 10 ** (SIGNIFICANT_DIGITS - 1)) return value.toFixed(0);
  const rounded = value.toPrecision(SIGNIFICANT_DIGITS);
  const shortest = String(value);
  return shortest.length < rounded.length ? shortest : rounded;
}
