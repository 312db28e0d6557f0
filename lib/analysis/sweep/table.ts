/**
 * The rows of a sweep as columns, chunk by chunk in the order of the points.
 *
 * Layer: analysis. Everything that is made of the rows goes through here, so a result
 * that does not fit into memory can still be written.
 */
import type { Plan } from "./plan.ts";
import type { Cell } from "./points.ts";
import type { Store } from "./store.ts";

/** Some consecutive rows, column by column. */
export interface Block {
  /** Numbers of the points. */
  indices: number[];
  columns: Record<string, Cell[]>;
}

/** The names of all columns: the factors, replication and seed, what was measured, and the error of a point that threw. */
export function columnNames(plan: Plan, store: Store): string[] {
  const measured = new Set<string>();
  for (const chunk of chunksOf(plan, store)) for (const name of Object.keys(store.get(chunk).measured)) measured.add(name);
  const before = [...plan.names, "replication", "seed"];
  return [...before, ...[...measured].filter((name) => !before.includes(name)), "error"];
}

/** The rows that are there, with the columns `names`. */
export function* blocks(plan: Plan, store: Store, names: readonly string[]): Generator<Block> {
  for (const chunk of chunksOf(plan, store)) {
    const { measured, errors } = store.get(chunk);
    const [from, to] = plan.range(chunk);
    const indices = Array.from({ length: to - from }, (_, place) => from + place);
    const points = indices.map((index) => plan.point(index));
    const column = (name: string): Cell[] => {
      if (plan.names.includes(name)) return points.map(({ values }) => values[name] ?? null);
      if (name === "replication" || name === "seed") return points.map((point) => point[name]);
      if (name === "error") return indices.map((_, place) => errors[place] ?? null);
      return measured[name] ?? indices.map(() => null);
    };
    yield { indices, columns: Object.fromEntries(names.map((name) => [name, column(name)])) };
  }
}

function* chunksOf(plan: Plan, store: Store): Generator<number> {
  for (let chunk = 0; chunk < plan.chunks; chunk++) if (store.chunks.has(chunk)) yield chunk;
}
