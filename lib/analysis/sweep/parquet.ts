/**
 * Tables as Parquet, in groups of rows, with what the sweep was in the file's metadata.
 *
 * Layer: analysis; hyparquet-writer.
 */
import type { ColumnSource, Writer } from "hyparquet-writer";
import type { Plan } from "./plan.ts";
import type { Cell } from "./points.ts";
import { blocks } from "./table.ts";
import type { Block } from "./table.ts";
import type { Store } from "./store.ts";

/** Rows that are written at a time. */
const GROUP_ROWS = 65_536;

type Type = "DOUBLE" | "STRING" | "BOOLEAN";

/** Write the rows of `store` to `writer`. Numbers are doubles; null where a point has none. */
export async function writeParquet(writer: Writer, plan: Plan, store: Store, names: readonly string[]): Promise<void> {
  const { ParquetWriter, schemaFromColumnData } = await import("hyparquet-writer");
  const types = new Map(names.map((name) => [name, typeOf(plan, name)]));
  const columnData = (columns: Record<string, Cell[]>): ColumnSource[] => names.map((name) => ({ name, type: types.get(name)!, data: asType(columns[name]!, types.get(name)!), nullable: true }));
  const schema = schemaFromColumnData({ columnData: columnData(Object.fromEntries(names.map((name) => [name, []]))) });
  const kvMetadata = [{ key: "sweep", value: JSON.stringify(plan.spec) }];
  const parquet = new ParquetWriter({ writer, schema, kvMetadata, createdBy: `kernelized ${plan.spec.version}` });
  for (const { columns } of grouped(blocks(plan, store, names), names)) await parquet.write({ columnData: columnData(columns), rowGroupSize: GROUP_ROWS });
  await parquet.finish();
}

function typeOf(plan: Plan, name: string): Type {
  if (name === "error") return "STRING";
  const kinds = new Set(plan.parts.flatMap(({ factors }) => factors.filter((one) => one.name === name).flatMap(({ values, at }) => (values ?? [at(0), at(0.999)]).map((value) => typeof value))));
  if (kinds.size === 0) return "DOUBLE"; // measured, or the replication, or the seed
  return kinds.size > 1 || kinds.has("string") ? "STRING" : kinds.has("boolean") ? "BOOLEAN" : "DOUBLE";
}

function asType(column: readonly Cell[], type: Type): Cell[] {
  return type === "STRING" ? column.map((cell) => (cell === null ? null : String(cell))) : [...column];
}

/** Blocks put together to groups of rows. */
function* grouped(all: Iterable<Block>, names: readonly string[]): Generator<Pick<Block, "columns">> {
  let columns: Record<string, Cell[]> | undefined = undefined;
  for (const block of all) {
    columns ??= Object.fromEntries(names.map((name) => [name, []]));
    for (const name of names) for (const cell of block.columns[name]!) columns[name]!.push(cell);
    if (columns[names[0]!]!.length < GROUP_ROWS) continue;
    yield { columns };
    columns = undefined;
  }
  if (columns !== undefined) yield { columns };
}
