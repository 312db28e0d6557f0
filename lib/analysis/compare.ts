/**
 * The paper's tables beside the simulation, cell by cell.
 *
 * Layer: analysis; section 5. Each value is the median of several runs, as in the
 * paper, and comes with the spread of the runs and with its evidence.
 */
import { max, median, min } from "simple-statistics";
import { paperTable, paperTables } from "../paper/index.ts";
import type { Interval, PaperCell, PaperMachine, PaperSystem, PaperUnit } from "../paper/index.ts";
import { evidenceOf, evidences } from "./evidence.ts";
import type { Evidence } from "./evidence.ts";
import { explanationOf, MISS } from "./misses.ts";
import { cellSamples, scopeOf } from "./samples.ts";
import type { ScopeOptions } from "./samples.ts";

export interface ComparedCell {
  /** As made by lib/paper's cellId. */
  id: string;
  table: string;
  row: string;
  column: string;
  unit: PaperUnit;
  system: PaperSystem;
  machine: PaperMachine;
  /** The printed value, and the values that would be printed the same; all in `unit`, as are the next two. */
  paper: number;
  low: number;
  high: number;
  /** The median of the runs, and their lowest and highest. */
  simulated: number;
  spread: Interval;
  /** (simulated − paper) / paper. */
  relativeError: number;
  evidence: Evidence;
  /** Why the cell is missed, if it is: off by more than MISS. */
  explanation?: string;
}

/** One kind of evidence over all cells; the errors are absolute and relative, undefined when there is no cell. */
export interface Agreement {
  cells: number;
  medianError?: number;
  worstError?: number;
  /** Cells that would be printed as in the paper. */
  insideRounding: number;
}

export interface Comparison {
  cells: ComparedCell[];
  summary: Record<Evidence, Agreement>;
}

export interface CompareOptions extends ScopeOptions {
  /** Numbers of tables such as "5-3"; by default all. */
  tables?: readonly string[];
}

/**
 * Run what the paper ran, and set each cell that the systems can give beside the paper's.
 * @throws InputError for a table or a system that does not exist, naming the nearest.
 */
export function compare({ tables = paperTables.map(({ id }) => id), ...options }: CompareOptions = {}): Comparison {
  const scope = scopeOf(options);
  const cells = tables.flatMap((id) => paperTable(id).cells).flatMap((cell) => comparedCell(cell, cellSamples(cell, scope)));
  return { cells, summary: summaryOf(cells) };
}

function comparedCell(cell: PaperCell, samples: readonly number[] | undefined): ComparedCell[] {
  if (samples === undefined) return [];
  const { id, table, row, column, unit, system, machine, paper } = cell;
  const [low, high] = cell.interval;
  const values = [...samples];
  const simulated = median(values);
  const relativeError = (simulated - paper) / paper;
  const explanation = Math.abs(relativeError) > MISS ? explanationOf(id) : undefined;
  return [
    {
      ...{ id, table, row, column, unit, system, machine, paper, low, high },
      ...{ simulated, spread: [min(values), max(values)], relativeError, evidence: evidenceOf(cell) },
      ...(explanation !== undefined && { explanation }),
    },
  ];
}

/** Whether the simulated value would be printed as the paper's. */
export function insideRounding({ low, high, simulated }: ComparedCell): boolean {
  return simulated >= low && simulated <= high;
}

function summaryOf(cells: readonly ComparedCell[]): Record<Evidence, Agreement> {
  const agreement = (evidence: Evidence): Agreement => {
    const of = cells.filter((cell) => cell.evidence === evidence);
    const errors = of.map(({ relativeError }) => Math.abs(relativeError));
    return {
      cells: of.length,
      ...(errors.length > 0 && { medianError: median(errors), worstError: max(errors) }),
      insideRounding: of.filter(insideRounding).length,
    };
  };
  return Object.fromEntries(evidences.map((evidence) => [evidence, agreement(evidence)])) as Record<Evidence, Agreement>;
}
