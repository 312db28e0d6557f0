/**
 * The simulated values behind a cell or a claim, one for each seed.
 *
 * Layer: analysis. A cell is measured by the experiment of its row or, when there is
 * none, worked out from simulated cells by the arithmetic with which lib/paper
 * recomputes the printed one. So everything is one pipeline: what the authors
 * derived from their measurements is derived here from the simulated ones.
 */
import { RandomStream } from "../engine/index.ts";
import { cellId, claim, paperCell, paperCells } from "../paper/index.ts";
import type { PaperCell, PaperUnit } from "../paper/index.ts";
import { derivations } from "../paper/derivations.ts";
import type { Arithmetic } from "../paper/derivations.ts";
import { machineOf, systemNames } from "../systems/boot.ts";
import type { MachineName, SystemName } from "../systems/boot.ts";
import type { System } from "../systems/system.ts";
import type { Measurement } from "../workloads/index.ts";
import { claimExperiments, experiments, FILE_BYTES, SEEDS } from "./experiments.ts";
import type { Benchmark, Experiment } from "./experiments.ts";
import { bootWith, changesFor, parameter } from "./parameters.ts";
import type { Changes } from "./parameters.ts";

/** With which systems (by default all that exist), with which seeds (one run for each), with which values changed, and with files of which length. */
export interface ScopeOptions {
  systems?: readonly SystemName[];
  seeds?: readonly number[];
  changes?: Changes;
  fileBytes?: number;
}
export type Scope = Required<ScopeOptions>;

/**
 * The scope that `options` describe.
 * @throws InputError for a system or a value that does not exist, naming the nearest.
 */
export function scopeOf({ systems = systemNames, seeds = SEEDS, changes = {}, fileBytes = FILE_BYTES }: ScopeOptions): Scope {
  for (const name of systems) machineOf(name);
  for (const id of Object.keys(changes)) parameter(id);
  return { systems, seeds, changes, fileBytes };
}

/** One way to a claim's number, and its simulated values; a claim such as "in all cases" has several. */
export interface ClaimCase {
  how: string;
  samples: readonly number[];
}

const inUnit: Record<PaperUnit, (measured: Measurement) => number> = {
  "KB/s": ({ kbPerSec }) => kbPerSec,
  "MB/s": ({ kbPerSec }) => kbPerSec / 1024,
  ms: ({ msPerPage }) => msPerPage,
  "µs": ({ usPerOperation }) => usPerOperation,
};

/** The values of `cell`, in its unit, in the order of the seeds; undefined when no system of `scope` gives it. */
export function cellSamples(cell: PaperCell, scope: Scope): readonly number[] | undefined {
  const system = scope.systems.find((name) => shows(name, cell));
  if (system === undefined) return undefined;
  const experiment = experimentOf(cell);
  if (experiment === undefined) return worked(cellArithmetic(cell), scope);
  return scope.seeds.map((seed) => inUnit[cell.unit](results(experiment, system, cell.machine, seed, scope).get(placeOf(cell))!));
}

/** The ways to the number of the claim `id` that `scope` allows: measured, or else worked out from simulated cells. */
export function claimCases(id: string, scope: Scope): ClaimCase[] {
  const measured = claimExperiments.filter((one) => one.claim === id && scope.systems.includes(one.system));
  if (measured.length > 0) {
    return measured.map(({ how, system, measure }) => ({
      how,
      samples: scope.seeds.map((seed) => {
        const machine = machineOf(system);
        const run = () => bootWith(system, machine, seed, scope.changes).use((booted) => measure(placed(booted, seed), scope.fileBytes));
        return once(`${id}: ${how}, ${scope.fileBytes}, ${changesFor(system, machine, scope.changes)}`, seed, run);
      }),
    }));
  }
  return derivations
    .filter(({ of }) => of === id)
    .flatMap(({ how, value }) => {
      const samples = worked(value, scope);
      return samples === undefined ? [] : [{ how, samples }];
    });
}

/** The experiment that measures the row of `cell`. */
export function experimentOf(cell: PaperCell): Experiment | undefined {
  return experiments.find((one) => benchmarkOf(one, cell) !== undefined);
}

/** How the authors worked `cell` out from others; undefined when they did not. */
export function cellArithmetic({ id }: PaperCell): Arithmetic | undefined {
  return derivations.find(({ of }) => of === id)?.value;
}

/** How the authors worked the claim `id` out, case by case. */
export function arithmeticOf(id: string): Arithmetic[] {
  return derivations.filter(({ of }) => of === id).map(({ value }) => value);
}

/** What `arithmetic` starts from. */
export function inputsOf(arithmetic: Arithmetic): { cells: PaperCell[]; claims: string[] } {
  const cells = new Map<string, PaperCell>();
  const claims = new Set<string>();
  arithmetic({
    cell: (...place) => {
      const cell = paperCell(...place);
      cells.set(cell.id, cell);
      return cell.paper;
    },
    claim: (id) => {
      claims.add(id);
      return claim(id).value as number;
    },
  });
  return { cells: [...cells.values()], claims: [...claims] };
}

/** Whether `cell` is about `system` or, being about a bare machine, can be measured where the paper ran it. */
function shows(system: SystemName, cell: PaperCell): boolean {
  return cell.system === "none" ? machineOf(system) === cell.machine : cell.system === system;
}

/** `arithmetic` on simulated values, seed by seed; undefined when one of them is missing. */
function worked(arithmetic: Arithmetic | undefined, scope: Scope): readonly number[] | undefined {
  if (arithmetic === undefined) return undefined;
  const { cells, claims } = inputsOf(arithmetic);
  const values = new Map<string, readonly number[] | undefined>();
  for (const cell of cells) values.set(cell.id, cellSamples(cell, scope));
  for (const id of claims) values.set(id, claimCases(id, scope)[0]?.samples);
  if ([...values.values()].includes(undefined)) return undefined;
  return scope.seeds.map((_, i) =>
    arithmetic({ cell: (...place) => values.get(cellId(...place))![i], claim: (id) => values.get(id)![i] }),
  );
}

const rowOf = ({ table, row }: PaperCell): string => `${table} | ${row}`;
const placeOf = (cell: PaperCell): string => `${rowOf(cell)} | ${cell.column}`;

/** The benchmark for the place of `cell`, or else for its row. */
const benchmarkOf = (experiment: Experiment, cell: PaperCell): Benchmark | undefined => experiment[placeOf(cell)] ?? experiment[rowOf(cell)];

/** What `experiment` gives on `system` for each place of the paper's tables. */
function results(experiment: Experiment, system: SystemName, machine: MachineName, seed: number, { changes, fileBytes }: Scope): Map<string, Measurement> {
  return once([...Object.keys(experiment), system, machine, fileBytes, changesFor(system, machine, changes)].join(), seed, () => {
    const cells = paperCells.filter((cell) => benchmarkOf(experiment, cell) !== undefined && cell.machine === machine && shows(system, cell));
    const places = new Map(cells.map((cell) => [placeOf(cell), cell])); // two units, one measurement
    return bootWith(system, machine, seed, changes).use((booted) => {
      placed(booted, seed);
      return new Map([...places].map(([place, cell]) => [place, benchmarkOf(experiment, cell)!(booted, cell.column, fileBytes)]));
    });
  });
}

const KB = 1024;
/** Room before the files of a benchmark, at most: they lie in other cylinders than those of another seed, and begin elsewhere on a track. */
const PLACES_KB = 2048;

/** `system` with a file on its disk, of a length that the seed gives, before those that a benchmark will make: the position of a file is one of its chances. */
function placed(system: System, seed: number): System {
  system.prepare({ "/before": Math.round(new RandomStream(seed, "position").uniform() * PLACES_KB) * KB });
  return system;
}

const known = new Map<string, unknown>();

/** The result of `run`, which depends on nothing but `what` and `seed` and is therefore run once. */
function once<T>(what: string, seed: number, run: () => T): T {
  const key = `${what}, seed ${seed}`;
  if (!known.has(key)) known.set(key, run());
  return known.get(key) as T;
}
