/**
 * Tables as HTML and as text, numbers lined up and rounded for reading.
 *
 * Layer: notebook. The fractions of a column share their number of decimals, enough to
 * show four significant digits of each; whole numbers stay whole.
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
  const labelled = index === undefined ? rows : rows.map((row, i) => [index[i], ...row]);
  const head = index === undefined ? [...columns] : ["", ...columns];
  const formats = head.map((_, c) => formatOf(labelled.map((row) => row[c])));
  const body = labelled.map((row) => head.map((_, c) => formats[c].text(row[c])));
  const left = formats.map((format) => format.left);
  if (body.length <= SHOWN_ROWS) return { head, body, left };
  const half = SHOWN_ROWS / 2;
  const shortened = [...body.slice(0, half), head.map(() => "…"), ...body.slice(-half)];
  return { head, body: shortened, left, note: `${rows.length} rows × ${columns.length} columns` };
}

interface Format {
  text(value: unknown): string;
  left: boolean;
}

function formatOf(column: readonly unknown[]): Format {
  const numbers = column.filter((value) => typeof value === "number");
  const decimals = Math.max(0, ...numbers.map(decimalsFor));
  const text = (value: unknown) => {
    if (value === null || value === undefined) return "";
    return typeof value === "number" ? numberText(value, decimals).replace("-", "−") : String(value);
  };
  return { text, left: numbers.length === 0 };
}

function numberText(value: number, decimals: number): string {
  if (!Number.isFinite(value) || Number.isInteger(value)) return String(value);
  return isTiny(value) ? value.toPrecision(SIGNIFICANT_DIGITS) : value.toFixed(decimals);
}

/** Decimals that show `value` to four significant digits, and no more than it has. */
function decimalsFor(value: number): number {
  if (!Number.isFinite(value) || Number.isInteger(value) || isTiny(value)) return 0;
  const wanted = SIGNIFICANT_DIGITS - 1 - Math.floor(Math.log10(Math.abs(value)));
  const present = Number(value.toPrecision(12)).toString().split(".")[1]?.length ?? 0;
  return Math.max(0, Math.min(wanted, present));
}

/** Too small to be written without an exponent. */
function isTiny(value: number): boolean {
  return Math.abs(value) < 1e-4;
}
