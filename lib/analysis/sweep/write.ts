/**
 * Writing the rows of a store to a file, however many there are.
 *
 * Layer: analysis. The file is there as a whole or not at all.
 */
import { closeSync, mkdirSync, openSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { InputError } from "../../schema/index.ts";
import { csvHeader, csvRows } from "./csv.ts";
import { checkFolder, kindOf, sync, unwritable, writeWhole } from "./files.ts";
import { writeParquet } from "./parquet.ts";
import type { Plan } from "./plan.ts";
import type { Store } from "./store.ts";
import { blocks, columnNames } from "./table.ts";

const writers = { ".csv": writeCsv, ".parquet": writeParquetFile };

/** @throws InputError when rows cannot be written there, or not in the way that the name of the file says. */
export function checkOut(path: string): void {
  writerOf(path);
  if (kindOf(path) === "folder") throw new InputError(`${path}: expected a file, found a folder`);
  checkFolder(dirname(path));
}

/**
 * Write the rows that are in `store` to `path`, a .csv or .parquet; they are on the disk then.
 * @throws InputError when the system does not let it.
 */
export async function writeTable(path: string, plan: Plan, store: Store): Promise<void> {
  const draft = `${path}.${process.pid}.tmp`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    await writerOf(path)(draft, plan, store);
    sync(draft);
    renameSync(draft, path);
    sync(dirname(path)); // what follows may take the rows away
  } catch (error) {
    throw unwritable(path, error);
  } finally {
    rmSync(draft, { force: true });
  }
}

function writerOf(path: string): typeof writeCsv {
  const found = Object.entries(writers).find(([suffix]) => path.endsWith(suffix));
  if (found === undefined) throw new InputError(`${path}: expected a name that ends in ${Object.keys(writers).join(" or ")}`);
  return found[1];
}

async function writeCsv(path: string, plan: Plan, store: Store): Promise<void> {
  const measured = columnNames(plan, store);
  const names = [...measured, "version"];
  const file = openSync(path, "w");
  try {
    writeWhole(file, csvHeader(names));
    for (const { indices, columns } of blocks(plan, store, measured)) {
      writeWhole(file, csvRows(names, { ...columns, version: indices.map(() => plan.spec.version) }));
    }
  } finally {
    closeSync(file);
  }
}

async function writeParquetFile(path: string, plan: Plan, store: Store): Promise<void> {
  const { fileWriter } = await import("hyparquet-writer");
  await writeParquet(fileWriter(path), plan, store, columnNames(plan, store));
}
