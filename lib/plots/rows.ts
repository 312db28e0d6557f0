/**
 * The rows that a figure is drawn from, and the columns that it is told to take.
 *
 * Layer: plots. Rows may be objects, one a row, or columns by name, as a sweep gives
 * them. Nulls and missing values are left out of a figure, not drawn as zero.
 */
import { InputError, suggest } from "../schema/index.ts";
import { headingOf, inKB } from "./names.ts";

/** Rows as objects with the same names, or a table of columns of the same length by name. */
export type Rows = readonly object[] | Columns;

export interface Columns {
  readonly columns: Readonly<Record<string, ArrayLike<unknown>>>;
}

/** How columns are called in a figure, where their names would say too little: { "pager.interface": "reply to a fault" }. */
export type Labels = Readonly<Record<string, string>>;

/** One column as a figure shows it: numbers of bytes that are whole KB are told in KB. */
export interface Column<T> {
  /** For an axis or a legend, with the unit. */
  title: string;
  /** One a row; undefined where the row has none. */
  values: (T | undefined)[];
  /** What the rows' own numbers were multiplied by. */
  scale: number;
}

/** Reads the columns of `rows` for one call of the figure called `figure`. */
export class RowReader {
  readonly #figure: string;
  readonly #records: readonly Readonly<Record<string, unknown>>[];
  readonly #labels: Labels;

  /** @throws InputError when there are no rows. */
  constructor(figure: string, rows: Rows, labels: Labels = {}) {
    this.#figure = figure;
    this.#records = recordsOf(rows);
    this.#labels = labels;
    if (this.#records.length === 0) throw new InputError(`${figure}: there are no rows to draw`);
  }

  /** How many rows there are. */
  get length(): number {
    return this.#records.length;
  }

  /** @throws InputError when no row has the column, or when it holds something that is no number. */
  numbers(name: string): Column<number> {
    const values = this.#values(name).map((value, i) => {
      if (value === undefined || typeof value === "number") return value;
      throw new InputError(`${this.#figure}: column "${name}" holds ${JSON.stringify(value)} in row ${i + 1}, not a number`);
    });
    return this.#told(name, values);
  }

  /** A column of numbers, words or truth values, of which each is a position on an axis or a line of its own. */
  categories(name: string): Column<number | string> {
    const values = this.#values(name).map((value, i) => {
      if (typeof value === "boolean") return value ? "yes" : "no";
      if (value === undefined || typeof value === "number" || typeof value === "string") return value;
      throw new InputError(`${this.#figure}: column "${name}" holds ${JSON.stringify(value)} in row ${i + 1}, not a number or a word`);
    });
    if (!values.every((value) => value === undefined || typeof value === "number")) return { title: this.#title(name), values, scale: 1 };
    return this.#told(name, values as (number | undefined)[]);
  }

  /** Whether any row has the column. */
  has(name: string): boolean {
    return this.#records.some((record) => name in record);
  }

  #values(name: string): unknown[] {
    if (!this.has(name)) {
      const names = [...new Set(this.#records.flatMap((record) => Object.keys(record)))];
      throw new InputError(`${this.#figure}: there is no column "${name}"${suggest(name, names)}`);
    }
    return this.#records.map((record) => record[name] ?? undefined).map((value) => (Number.isNaN(value) ? undefined : value));
  }

  #told(name: string, values: (number | undefined)[]): Column<number> {
    const present = values.filter((value) => value !== undefined);
    if (this.#labels[name] !== undefined || !name.endsWith("Bytes") || !inKB(present)) return { title: this.#title(name), values, scale: 1 };
    return { title: headingOf(name.replace(/Bytes$/, "KB")), values: values.map((value) => (value === undefined ? undefined : value / 1024)), scale: 1 / 1024 };
  }

  #title(name: string): string {
    return this.#labels[name] ?? headingOf(name);
  }
}

/** The different values of a column, numbers from small to large, words in the order of the rows. */
export function distinct<T extends number | string>(values: readonly (T | undefined)[]): T[] {
  const found = [...new Set(values.filter((value) => value !== undefined))];
  return found.every((value) => typeof value === "number") ? found.sort((a, b) => Number(a) - Number(b)) : found;
}

/** A number as figures carry it: six digits say all, and the noise behind them would not be the same everywhere. */
export function brief(value: number): number {
  return Number(value.toPrecision(6));
}

/** The rows as objects whose values can be asked for by name. */
export function recordsOf(rows: Rows): readonly Readonly<Record<string, unknown>>[] {
  if (!("columns" in rows)) return rows as readonly Readonly<Record<string, unknown>>[];
  const { columns } = rows;
  const names = Object.keys(columns);
  const length = Math.max(0, ...names.map((name) => columns[name].length));
  return Array.from({ length }, (_, i) => Object.fromEntries(names.map((name) => [name, columns[name][i]])));
}
