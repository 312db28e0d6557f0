/**
 * The result of a sweep: plain columns, and what people ask of them.
 *
 * Layer: analysis.
 */
import { createRequire } from "node:module";
import type { DataFrame } from "danfojs-node";
import { z } from "zod";
import { check, InputError, suggest } from "../../schema/index.ts";
import { csvHeader, csvRows } from "./csv.ts";
import { meanInterval } from "./intervals.ts";
import { writeParquet } from "./parquet.ts";
import type { Plan } from "./plan.ts";
import type { Cell } from "./points.ts";
import type { Store } from "./store.ts";
import { saltelliRow } from "./sample.ts";
import { sobolIndices } from "./sobol-indices.ts";
import { blocks, columnNames } from "./table.ts";

/** A row with its values by the names of the columns. */
export type Row = Record<string, Cell>;

export interface PivotOptions {
  /** The column whose values become rows. */
  rows: string;
  /** The column whose values become columns. */
  columns: string;
  /** The column of numbers that is told, its mean over everything else. */
  value: string;
}

const pivotOptions = z.strictObject({ rows: z.string(), columns: z.string(), value: z.string() });
const confidenceOption = z.strictObject({ confidence: z.number().gt(0).lt(1).default(0.95) });

export class SweepResult {
  /** One row a point, in the order of the grid: factors, replication, seed, what was measured, error. */
  readonly columns: Readonly<Record<string, readonly Cell[]>>;
  /** How many rows there are. */
  readonly length: number;
  /** Whether all points are there; not if the sweep was interrupted. */
  readonly complete: boolean;
  /** From which the seeds of all points come. */
  readonly seed: number;
  /** Of the code and data that the rows come from. */
  readonly version: string;
  readonly #plan: Plan;
  readonly #store: Store;
  /** Of each row, what all replications of its point have in common. */
  readonly #groups: readonly number[];

  constructor(plan: Plan, store: Store) {
    const names = columnNames(plan, store);
    const columns: Record<string, Cell[]> = Object.fromEntries(names.map((name) => [name, []]));
    const groups: number[] = [];
    for (const block of blocks(plan, store, names)) {
      for (const name of names) for (const cell of block.columns[name]!) columns[name]!.push(cell);
      for (const index of block.indices) groups.push(index - (columns.replication![groups.length] as number) + 1);
    }
    this.columns = columns;
    this.length = groups.length;
    this.complete = this.length === plan.points;
    this.seed = plan.spec.seed;
    this.version = plan.spec.version;
    this.#plan = plan;
    this.#store = store;
    this.#groups = groups;
  }

  /** The rows as objects. */
  rows(): Row[] {
    return Array.from({ length: this.length }, (_, row) => this.#row(row));
  }

  /** The rows of points that threw, with their options and `error`. */
  get failures(): Row[] {
    return this.#places((row) => this.columns.error![row] !== null).map((row) => this.#row(row, [...this.#plan.names, "replication", "seed", "error"]));
  }

  /**
   * The rows as a danfojs DataFrame for people to read.
   * @param names of columns; by default the factors and what was measured, without the parts of it
   *   ("perOperation.copies"), and replications and errors when there are any.
   * @throws InputError for a column that is not there.
   */
  frame(names?: readonly string[]): DataFrame {
    const { error, replication } = this.columns;
    const idle = ["seed", ...(replication!.every((one) => one === 1) ? ["replication"] : []), ...(error!.every((one) => one === null) ? ["error"] : [])];
    const isPart = (name: string) => name.includes(".") && !this.#plan.names.includes(name);
    const chosen = check(z.array(z.string()).optional(), names, "columns of frame") ?? Object.keys(this.columns).filter((name) => !idle.includes(name) && !isPart(name));
    const columns = chosen.map((name) => this.#column(name));
    const values = Array.from({ length: this.length }, (_, row) => columns.map((column) => column[row]!));
    const { DataFrame: Frame } = createRequire(import.meta.url)("danfojs-node") as typeof import("danfojs-node");
    return new Frame(values, { columns: [...chosen] });
  }

  /** All columns and the version as CSV; the same bytes for the same grid and seed, wherever the points ran. */
  toCSV(): string {
    const columns = { ...this.columns, version: new Array<Cell>(this.length).fill(this.version) };
    const names = Object.keys(columns);
    return csvHeader(names) + csvRows(names, columns);
  }

  /** All columns as a Parquet file, with what the sweep was in its metadata. */
  async toParquet(): Promise<Uint8Array> {
    const { ByteWriter } = await import("hyparquet-writer");
    const writer = new ByteWriter();
    await writeParquet(writer, this.#plan, this.#store, Object.keys(this.columns));
    return new Uint8Array(writer.getBuffer());
  }

  /**
   * The mean of `measure` over the replications of each point, with its interval at `confidence`.
   * @returns a row a point: the factors, the mean under the name of the measure, `halfWidth`, `low` and `high`
   *   (null for a single replication), and how many `replications` count; those that threw do not.
   * @throws InputError for a column that is not there or holds no numbers, and a confidence that is not between 0 and 1.
   */
  mean(measure: string, options: { confidence?: number } = {}): Row[] {
    const { confidence } = check(confidenceOption, options, "options of mean");
    const values = this.#numbers(measure);
    return this.#points((row) => values[row] !== null).map((rows) => {
      const { mean, halfWidth } = meanInterval(rows.map((row) => values[row]!), confidence);
      const interval = halfWidth === undefined ? { halfWidth: null, low: null, high: null } : { halfWidth, low: mean - halfWidth, high: mean + halfWidth };
      return { ...this.#row(rows[0]!, this.#plan.names), [measure]: mean, ...interval, replications: rows.length };
    });
  }

  /**
   * The point with the highest mean of `measure` over its replications, or with the lowest.
   * @throws InputError when no point has one, for a column that is not there, and for another word.
   */
  best(measure: string, which: "highest" | "lowest" = "highest"): Row {
    if (which !== "highest" && which !== "lowest") throw new InputError(`best: expected "highest" or "lowest", found ${JSON.stringify(which)}`);
    const means = this.mean(measure);
    if (means.length === 0) throw new InputError(`no point has ${measure}`);
    const sign = which === "highest" ? 1 : -1;
    return means.reduce((best, row) => (sign * (row[measure] as number) > sign * (best[measure] as number) ? row : best));
  }

  /**
   * What matters most: of the variance of `measure`, the share that each sampled factor has by itself
   * (`first`) and with all it does together with others (`total`), with intervals at `confidence`.
   * For a sample of the method "saltelli", apart for each grid and combination of the factors that were listed; a grid without ranges has none.
   * @returns a row a factor, the highest total first: the listed factors, `factor`, `first`, `firstLow`, `firstHigh`, `total`, `totalLow`, `totalHigh`.
   * @throws InputError for another method, when points are missing, and for what mean() does not take.
   */
  sobolIndices(measure: string, options: { confidence?: number } = {}): Row[] {
    const { confidence } = check(confidenceOption, options, "options of sobolIndices");
    if (this.#plan.spec.sample?.method !== "saltelli") throw new InputError('Sobol indices need a sample: { method: "saltelli", points: … }');
    const values = this.#numbers(measure);
    return this.#plan.parts.flatMap(({ factors, sampled, sample, replications, first, count }) => {
      if (sample === undefined) return [];
      if (!this.complete || values.slice(first, first + count).includes(null)) throw new InputError("Sobol indices need all points, and some are missing or failed");
      const names = factors.filter((one) => one.values !== undefined).map(({ name }) => name);
      const block = sample.count * replications;
      return Array.from({ length: count / block }, (_, i) => first + i * block).flatMap((from) => {
        const means = Array.from({ length: sample.count }, (_, point) => average(values.slice(from + point * replications, from + (point + 1) * replications) as number[]));
        const every = (offset: number) => means.filter((_, point) => point % saltelliRow(sampled.length) === offset);
        const indices = sobolIndices({ a: every(0), b: every(1), mixed: sampled.map((_, d) => every(2 + d)) }, confidence, this.seed);
        const rows = indices.map(({ first: own, total }, d) => ({
          ...this.#row(from, names), factor: sampled[d]!.name,
          first: own.value, firstLow: own.low, firstHigh: own.high, total: total.value, totalLow: total.low, totalHigh: total.high,
        }));
        return rows.sort((x, y) => y.total - x.total);
      });
    });
  }

  /**
   * One row for each value of one factor, with a column for each value of another.
   * @returns rows whose first value is that of `rows`; null where no point is. A word is the name of its
   *   column; before anything else, and before the name of `rows`, stands that of the factor: "pager.readBytes 4096".
   * @throws InputError for a column that is not there, and a `value` that holds no numbers.
   */
  pivot(options: PivotOptions): Row[] {
    const { rows: down, columns: across, value } = check(pivotOptions, options, "options of pivot");
    const values = this.#numbers(value);
    const [downs, acrosses] = [this.#column(down), this.#column(across)];
    const table = new Map<Cell, Map<Cell, number[]>>();
    const headings = [...new Set(acrosses)];
    for (let row = 0; row < this.length; row++) {
      const line = table.get(downs[row]!) ?? table.set(downs[row]!, new Map(headings.map((one) => [one, []]))).get(downs[row]!)!;
      if (values[row] !== null) line.get(acrosses[row]!)!.push(values[row]!);
    }
    const mean = (found: number[]) => (found.length === 0 ? null : average(found));
    // Names that are whole numbers would go before all others in an object.
    const isName = (cell: Cell) => typeof cell === "string" && cell !== down && !/^\d+$/.test(cell);
    const label = (cell: Cell) => (isName(cell) ? String(cell) : `${across} ${cell}`);
    return [...table].map(([key, line]) => ({ [down]: key, ...Object.fromEntries([...line].map(([heading, found]) => [label(heading), mean(found)])) }));
  }

  #row(row: number, names: readonly string[] = Object.keys(this.columns)): Row {
    return Object.fromEntries(names.map((name) => [name, this.columns[name]![row]!]));
  }

  #places(wanted: (row: number) => boolean): number[] {
    return Array.from({ length: this.length }, (_, row) => row).filter(wanted);
  }

  /** The wanted rows of each point. */
  #points(wanted: (row: number) => boolean): number[][] {
    const points = new Map<number, number[]>();
    for (const row of this.#places(wanted)) {
      const rows = points.get(this.#groups[row]!);
      if (rows === undefined) points.set(this.#groups[row]!, [row]);
      else rows.push(row);
    }
    return [...points.values()];
  }

  #column(name: string): readonly Cell[] {
    if (!Object.hasOwn(this.columns, name)) throw new InputError(`there is no column "${name}"${suggest(String(name), Object.keys(this.columns))}`);
    return this.columns[name]!;
  }

  #numbers(name: string): readonly (number | null)[] {
    const column = this.#column(name);
    const odd = column.find((cell) => cell !== null && typeof cell !== "number");
    if (odd !== undefined) throw new InputError(`column "${name}" holds ${JSON.stringify(odd)}, not numbers`);
    return column as readonly (number | null)[];
  }
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
