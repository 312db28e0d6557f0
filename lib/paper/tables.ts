/**
 * The nine tables of section 5, cell by cell.
 *
 * Layer: paper. Rows and columns are named as in the paper's headings; where a cell
 * holds two numbers (320KB/sec and 12.5ms) they are two cells with different units.
 */
import { InputError, suggest } from "../schema/index.ts";
import { readPaperFile, tableFile } from "./files.ts";
import type { PaperMachine, PaperSystem, TableFile } from "./files.ts";
import { printedInterval, printedStep } from "./rounding.ts";
import type { Interval } from "./rounding.ts";
import { paperUnits } from "./units.ts";
import type { PaperUnit } from "./units.ts";

export interface PaperCell {
  /** As made by `cellId`; data that was taken from the cell cites it. */
  id: string;
  table: string;
  row: string;
  column: string;
  unit: PaperUnit;
  /** The printed value, in `unit`. */
  paper: number;
  printed: string;
  /** What the printed digits allow, in `unit`. */
  interval: Interval;
  system: PaperSystem;
  machine: PaperMachine;
}

/** A place in a table that holds no number: N/A or blank. */
export interface AbsentCell {
  id: string;
  table: string;
  row: string;
  column: string;
  unit: PaperUnit;
  printed: string;
  reason: string;
}

export interface PaperTable {
  id: string;
  title: string;
  caption: string;
  section: string;
  /** What was measured, in a sentence. */
  about: string;
  rows: string[];
  columns: string[];
  /** Row by row, line by line, as printed. */
  cells: PaperCell[];
  absent: AbsentCell[];
}

const DELIMITER = " | ";

/** The identifier of a cell: `5-3 | Read | Mach 2.6 | KB/s`. No heading contains the bar. */
export function cellId(table: string, row: string, column: string, unit: string): string {
  return [table, row, column, unit].join(DELIMITER);
}

/**
 * The table that `file` describes; `where` names it in errors.
 * @throws InputError when a printed cell is not a number in its unit, or belongs to no system or machine.
 */
export function tableOf(file: TableFile, where: string): PaperTable {
  const { id, title, section, about } = file;
  const columns = file.columns.map(({ name }) => name);
  const rows = file.rows.map(({ name }) => name);
  const places = file.rows.flatMap((row) =>
    row.lines.flatMap(({ unit, printed }) =>
      file.columns.map((column, c) => ({
        id: cellId(id, row.name, column.name, unit),
        table: id,
        row: row.name,
        column: column.name,
        unit,
        written: printed[c],
        system: row.system ?? column.system ?? file.system,
        machine: row.machine ?? column.machine ?? file.machine,
      })),
    ),
  );

  const cells: PaperCell[] = [];
  const absent: AbsentCell[] = [];
  for (const { written, system, machine, ...place } of places) {
    if (typeof written === "object" && "absent" in written) {
      absent.push({ ...place, printed: written.printed, reason: written.absent });
      continue;
    }
    if (system === undefined || machine === undefined) throw new InputError(`${where}: ${place.id}: belongs to no system or no machine`);
    const printed = printedOf(written);
    const digits = digitsOf(printed, place.unit);
    if (digits === undefined) throw new InputError(`${where}: ${place.id}: "${printed}" is not a number in ${place.unit}`);
    const company = places
      .filter((other) => other.row === place.row && other.unit === place.unit && other.machine === machine)
      .flatMap((other) => digitsOf(printedOf(other.written), other.unit) ?? []);
    const step = typeof written === "object" ? written.step : printedStep(digits, company);
    const paper = Number(digits);
    cells.push({ ...place, paper, printed, interval: printedInterval(paper, step), system, machine });
  }
  return { id, title, caption: `Table ${id}: ${title}`, section, about, rows, columns, cells, absent };
}

function printedOf(written: TableFile["rows"][number]["lines"][number]["printed"][number]): string {
  return typeof written === "string" ? written : written.printed;
}

/** How the paper spells each unit after a number; Table 5-9 leaves µs to its headings. */
const SPELLINGS: Record<PaperUnit, readonly string[]> = {
  "KB/s": ["KB/sec"],
  "MB/s": ["MB/sec", "M/sec"],
  "µs": ["µs", ""],
  ms: ["ms"],
};

/** The digits of a printed cell in `unit`; undefined when it is nothing of the sort. */
function digitsOf(printed: string, unit: PaperUnit): string | undefined {
  const [, digits, spelling] = /^(\d+(?:\.\d+)?)(.*)$/.exec(printed) ?? [];
  return digits !== undefined && SPELLINGS[unit].includes(spelling) ? digits : undefined;
}

/** The paper's nine tables, in order. */
export const paperTables: readonly PaperTable[] = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => {
  const name = `table-5-${n}.json`;
  return tableOf(readPaperFile(name, tableFile), `data/paper/${name}`);
});

/** Every cell of the nine tables. */
export const paperCells: readonly PaperCell[] = paperTables.flatMap(({ cells }) => cells);

const tableById = new Map(paperTables.map((table) => [table.id, table]));
const cellById = new Map(paperCells.map((cell) => [cell.id, cell]));
const absentById = new Map(paperTables.flatMap(({ absent }) => absent.map((cell) => [cell.id, cell])));

/**
 * The table numbered `id`, such as "5-3".
 * @throws InputError naming the nearest table.
 */
export function paperTable(id: string): PaperTable {
  return tableById.get(id) ?? unknown("table", id, [...tableById.keys()]);
}

/**
 * The cell of `table` at `row` and `column` that is stated in `unit`.
 * @throws InputError naming the nearest table, row, column or unit, or telling why the place holds no number.
 */
export function paperCell(table: string, row: string, column: string, unit: string): PaperCell {
  const { rows, columns, cells } = paperTable(table);
  const id = cellId(table, row, column, unit);
  const found = cellById.get(id);
  if (found !== undefined) return found;
  const absent = absentById.get(id);
  if (absent !== undefined) throw new InputError(`${id}: holds no number: ${absent.reason}`);
  if (!rows.includes(row)) unknown(`row of Table ${table}`, row, rows);
  if (!columns.includes(column)) unknown(`column of Table ${table}`, column, columns);
  const units = paperUnits.filter((one) => cells.some((cell) => cell.row === row && cell.unit === one));
  return unknown(`unit of Table ${table}, ${row}`, unit, units);
}

/**
 * The cell with the identifier `id`, as made by `cellId`.
 * @throws InputError as `paperCell` does.
 */
export function paperCellById(id: string): PaperCell {
  const parts = id.split(DELIMITER);
  if (parts.length !== 4) throw new InputError(`"${id}" names no cell; a cell is named as in "${paperCells[0].id}"`);
  const [table, row, column, unit] = parts;
  return paperCell(table, row, column, unit);
}

function unknown(what: string, name: string, names: readonly string[]): never {
  throw new InputError(`unknown ${what}: "${name}"${suggest(name, names)}`);
}
