/**
 * npm run validate: the paper beside the simulation.
 *
 * Layer: cli. Without options everything that is compared, and data/validation.json is
 * what --json prints; with --table or --system the cells alone.
 */
import { compare, evidences, insideRounding, validation, writeAll } from "../analysis/index.ts";
import type { ComparedCell, Comparison, ExternalCheck, PathCost, Validation } from "../analysis/index.ts";
import { paperTable } from "../paper/index.ts";
import { digits, percent as difference } from "../plots/compared.ts";
import type { SystemName } from "../systems/boot.ts";
import { printClaims } from "./claims.ts";
import { paint, percent, table, wrap } from "./output.ts";
import type { Column } from "./output.ts";

export interface ValidateOptions {
  json?: boolean;
  table?: string[];
  /** Names as typed; compare() checks them. */
  system?: string[];
  /** Write data/validation.json. */
  write?: boolean;
}

/** Prints the comparison as tables, or as JSON and nothing else. */
export function validate({ json = false, table: tables, system: systems, write = false }: ValidateOptions): void {
  if (tables !== undefined || systems !== undefined) {
    const comparison = compare({ tables, systems: systems as SystemName[] | undefined });
    if (json) console.log(asJson(comparison));
    else printComparison(comparison);
    return;
  }
  const found = validation();
  if (write) writeAll(new Map([["validation.json", `${asJson(found)}\n`]]), new URL("../../data/", import.meta.url));
  if (json) console.log(asJson(found));
  else printValidation(found);
}

const asJson = (found: Comparison): string => JSON.stringify(found, null, 2);

/** Prints everything that is compared; the summary of the cells comes last. */
export function printValidation({ cells, claims, paths, external, summary }: Validation): void {
  printTables(cells);
  printClaims(claims);
  console.log();
  printPaths(paths);
  printExternal(external);
  printSummary(summary);
}

/** Prints each table with what explains its misses, and the summary. */
export function printComparison({ cells, summary }: Comparison): void {
  printTables(cells);
  printSummary(summary);
}

function printTables(cells: readonly ComparedCell[]): void {
  for (const id of new Set(cells.map((cell) => cell.table))) printTable(id, cells.filter((cell) => cell.table === id));
  if (cells.length === 0) console.log("None of these cells can be simulated with these systems.\n");
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

function printPaths(paths: readonly PathCost[]): void {
  console.log(paint("bold", "Costs added up along a path, beside the simulation"));
  console.log(table(
    [{ heading: "system" }, { heading: "path", width: 42 }, { heading: "steps", align: "right" }, { heading: "added up (µs)", align: "right" }, { heading: "simulated (µs)", align: "right" }, { heading: "difference", align: "right" }],
    paths.map(({ system, path, steps, addedUs, simulatedUs, difference: off }) => [system, path, String(steps.length), digits(addedUs), digits(simulatedUs), `${(100 * off).toFixed(2)} %`]),
  ));
  console.log("One client, nothing overlapping, no clock interrupts.\n");
}

function printExternal(checks: readonly ExternalCheck[]): void {
  console.log(paint("bold", "Published elsewhere"));
  const value = ({ value: published, unit }: ExternalCheck, number: number | undefined = published) => (number === undefined ? "" : `${digits(number)}${unit === "ratio" ? "" : ` ${unit}`}`);
  console.log(table(
    [{ heading: "source", width: 20 }, { heading: "what", width: 33 }, { heading: "published", align: "right" }, { heading: "simulated", align: "right" }, { heading: "verdict", width: 18 }],
    checks.map((one) => [`${one.source}: ${one.hardware}`, one.says, value(one), one.simulated === undefined ? "" : value(one, one.simulated), one.cannot === undefined ? one.verdict : `${one.verdict}: ${one.cannot}`]),
  ));
  for (const { says, note } of checks) if (note !== undefined) console.log(wrap(`* ${says}: ${note}`));
  console.log();
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
