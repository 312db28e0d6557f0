/**
 * Running points: one after the other, each on a machine of its own.
 *
 * Layer: analysis. What a worker does, whatever engine it belongs to.
 */
import { boot } from "../../systems/boot.ts";
import { pointInput } from "./grid.ts";
import type { Plan } from "./plan.ts";

/** A value of a row; null where a point has none. */
export type Cell = string | number | boolean | null;

/** What came out of the points of a chunk, column by column. */
export interface ChunkRows {
  chunk: number;
  /** By name, one value a point; null for a point that failed, and for what is no finite number. */
  measured: Record<string, (number | null)[]>;
  /** Of points that failed: place in the chunk, and what was thrown. */
  errors: Record<number, string>;
}

/**
 * Run the points of `chunk`, giving control back after each.
 * @returns the rows; after each point it yields how many are done.
 */
export function* runPoints(plan: Plan, chunk: number): Generator<number, ChunkRows> {
  const [from, to] = plan.range(chunk);
  const rows: ChunkRows = { chunk, measured: {}, errors: {} };
  for (let index = from; index < to; index++) {
    const place = index - from;
    for (const [name, value] of Object.entries(runPoint(plan, index, (error) => (rows.errors[place] = error)))) {
      const column = (rows.measured[name] ??= new Array<number | null>(to - from).fill(null));
      column[place] = Number.isFinite(value) ? value : null;
    }
    yield place + 1;
  }
  return rows;
}

/** The rows of a chunk whose points all failed for the same reason. */
export function lostRows(plan: Plan, chunk: number, error: string): ChunkRows {
  const [from, to] = plan.range(chunk);
  return { chunk, measured: {}, errors: Object.fromEntries(Array.from({ length: to - from }, (_, place) => [place, error])) };
}

function runPoint(plan: Plan, index: number, failed: (error: string) => void): Record<string, number> {
  const { values, seed } = plan.point(index);
  try {
    const { system: name, options, values: given } = pointInput(values);
    return boot(name, { ...options, seed }).use((system) => numbersOf(plan.workload.run(system, { ...given, ...(plan.spec.until && { until: plan.spec.until }) })));
  } catch (error) {
    failed(oneLine(error));
    return {};
  }
}

/** The numbers in a result by name, those of its parts with the names of both: "perOperation.copies". */
function numbersOf(result: object, prefix = ""): Record<string, number> {
  const entries = Object.entries(result).flatMap(([name, value]): [string, number][] => {
    if (typeof value === "number") return [[prefix + name, value]];
    return typeof value === "object" && value !== null ? Object.entries(numbersOf(value as object, `${prefix}${name}.`)) : [];
  });
  return Object.fromEntries(entries);
}

function oneLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\s*\n\s*/g, " ");
}
