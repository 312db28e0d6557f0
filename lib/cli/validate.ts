/**
 * npm run validate: the paper's tables beside the simulation.
 *
 * Layer: cli.
 */
import { compare, evidences, insideRounding } from "../analysis/index.ts";
import type { ComparedCell, Comparison } from "../analysis/index.ts";
import { paperTable } from "../paper/index.ts";
import { digits, percent as difference } from "../plots/compared.ts";
import type { SystemName } from "../systems/boot.ts";
import { paint, percent, table, wrap } from "./output.ts";
import type { Column } from "./output.ts";

export interface ValidateOptions {
  json?: boolean;
  table?: string[];
  /** Names as typed; compare() checks them. */
  system?: string[];
}

/** Prints the comparison as tables, or as JSON and nothing else. */
export function validate({ json = false, table: tables, system: systems }: ValidateOptions): void {
  const comparison = compare({ tables, systems: systems as SystemName[] | undefined });
  if (json) console.log(JSON.stringify(comparison, null, 2));
  else printComparison(comparison);
}

/** Prints each table with what explains its misses, and the summary. */
export function printComparison({ cells, summary }: Comparison): void {
  for (const id of new Set(cells.map((cell) => cell.table))) printTable(id, cells.filter((cell) => cell.table === id));
  if (cells.length === 0) console.log("None of these cells can be simulated with these systems.\n");
  printSummary(summary);
}

const cellColumns: Column[] = [
  { heading: "row" },
  { heading: "column" },
  { heading: "unit" },
  { heading: "paper", align: "right" },
  { heading: "simulated", align: "right" },
  { heading: "runs", align: "right" },
  { heading: "error", align: "right" },
  { heading: "evidence" },
];

function printTable(id: string, cells: readonly ComparedCell[]): void {
  console.log(paint("bold", paperTable(id).caption));
  console.log(table(cellColumns, cells.map(rowOf)));
  for (const explanation of new Set(cells.flatMap((cell) => cell.explanation ?? []))) {
    const places = new Set(cells.filter((cell) => cell.explanation === explanation).map(({ row, column }) => `${row}, ${column}`));
    console.log(wrap(`* ${[...places].join("; ")}: ${explanation}`));
  }
  console.log();
}

function rowOf(cell: ComparedCell): string[] {
  const { row, column, unit, paper, simulated, spread, relativeError, evidence, explanation } = cell;
  const [low, high] = spread.map(digits);
  const error = paint(insideRounding(cell) ? "green" : explanation === undefined ? "yellow" : "red", difference(relativeError));
  return [row, column, unit, String(paper), digits(simulated), low === high ? "" : `${low}–${high}`, error, explanation === undefined ? evidence : `${evidence} *`];
}

function printSummary(summary: Comparison["summary"]): void {
  const columns: Column[] = ["evidence", "cells", "median error", "worst error", "as the paper would print it"].map((heading, i) => ({ heading, align: i === 0 ? "left" : "right" }));
  const error = (value: number | undefined) => (value === undefined ? "" : percent(value));
  const rows = evidences.map((evidence) => {
    const { cells, medianError, worstError, insideRounding: inside } = summary[evidence];
    return [evidence, String(cells), error(medianError), error(worstError), String(inside)];
  });
  console.log(paint("bold", "Summary"));
  console.log(table(columns, rows));
}
