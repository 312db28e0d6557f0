/**
 * Rows compared within groups: the best of each, and what one setting gains over another.
 *
 * Layer: analysis. Rows are those of a sweep, or any like them; a group has the same
 * values in the columns that are named.
 */
import { InputError, suggest } from "../../schema/index.ts";
import type { Cell } from "./points.ts";
import type { Row } from "./result.ts";

/**
 * Of each group the row with the highest `value`, such as the best increment for each size.
 * @param of the columns that make a group.
 * @throws InputError for a column that no row has.
 */
export function highest(rows: readonly Row[], value: string, of: readonly string[]): Row[] {
  demand(rows, [value, ...of]);
  return [...groups(rows, of).values()].flatMap((group) => {
    const told = group.filter((row) => typeof row[value] === "number");
    return told.length === 0 ? [] : [told.reduce((best, row) => (row[value]! > best[value]! ? row : best))];
  });
}

export interface GainOptions {
  /** The column of numbers that is compared. */
  value: string;
  /** The column whose values differ, and the two of them: what is gained by going from one to the other. */
  factor: string;
  from: Cell;
  to: Cell;
  /** The columns that make a group; each has one row for either value at most. */
  of: readonly string[];
}

/**
 * For each group, by how many percent `value` is higher with the second value of `factor` than with the first.
 * @returns a row a group: its columns and `gainPercent`, to a tenth; none for a group in which one of the two is missing.
 * @throws InputError for a column that no row has, and for a group with several rows for one value.
 */
export function gain(rows: readonly Row[], { value, factor, from, to, of }: GainOptions): Row[] {
  demand(rows, [value, factor, ...of]);
  return [...groups(rows, of).values()].flatMap((group) => {
    const [before, after] = [from, to].map((wanted) => {
      const found = group.filter((row) => row[factor] === wanted && typeof row[value] === "number");
      if (found.length > 1) throw new InputError(`gain: several rows have the same ${[factor, ...of].join(", ")}; name in "of" what tells them apart`);
      return found[0]?.[value] as number | undefined;
    });
    if (before === undefined || after === undefined) return [];
    return [{ ...Object.fromEntries(of.map((name) => [name, group[0]![name]!])), gainPercent: Number((100 * (after / before - 1)).toFixed(1)) }];
  });
}

function demand(rows: readonly Row[], names: readonly string[]): void {
  const known = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new InputError(`there is no column "${unknown}"${suggest(unknown, known)}`);
}

/** The rows with the same values in the columns `of`, in the order of the first of each. */
function groups(rows: readonly Row[], of: readonly string[]): Map<string, Row[]> {
  const found = new Map<string, Row[]>();
  for (const row of rows) {
    const key = JSON.stringify(of.map((name) => row[name] ?? null));
    const group = found.get(key);
    if (group === undefined) found.set(key, [row]);
    else group.push(row);
  }
  return found;
}
