/**
 * How far each assumption can be wrong before a result changes.
 *
 * Layer: analysis. For every fitted or assumed parameter and every cell: where in its range
 * the cell stays within 5 % of what it is, and what it is at the ends. And all continuous
 * parameters moved together, which is what a fit on a knife-edge does not bear.
 */
import { max, median } from "simple-statistics";
import { paperCells } from "../paper/index.ts";
import { machineOf, systemNames } from "../systems/boot.ts";
import type { SystemName } from "../systems/boot.ts";
import { evidenceOf, evidences } from "./evidence.ts";
import type { Evidence } from "./evidence.ts";
import { MISS } from "./misses.ts";
import { tryValues } from "./moves.ts";
import { allParameters } from "./parameters.ts";
import type { Changes, Parameter, ParameterValue } from "./parameters.ts";
import { experimentOf } from "./samples.ts";

/** A cell stays when it changes by less. */
export const STAYS = 0.05;
/** A cell is not listed under a parameter that changes it by less, anywhere in its range. */
const LISTED = 0.002;
/** Values tried between the parameter's value and each end of its range. */
const TRIED = 4;
/** Factors by which all continuous parameters are moved together. */
const TOGETHER = [0.9, 0.95, 1.05, 1.1] as const;

/** One cell under one parameter. Changes are relative to the cell's value as the data are. */
export interface CellSensitivity {
  id: string;
  /** From where to where the parameter can be moved, as far as was tried, with the cell within STAYS; of a choice nothing. */
  staysFrom?: number;
  staysTo?: number;
  /** The cell's change with the parameter at the low and the high end of its range, or with each other choice; null where the system does not run so. */
  changes: readonly (number | null)[];
}

export interface ParameterSensitivity {
  parameter: string;
  kind: Parameter["kind"];
  value: ParameterValue;
  /** The ends of its range, or the other choices: what `changes` stands for. */
  tried: readonly ParameterValue[];
  cells: CellSensitivity[];
}

/** The errors of each kind of evidence with all continuous parameters times `factor`. */
export interface Together {
  factor: number;
  median: Partial<Record<Evidence, number>>;
  worst: Partial<Record<Evidence, number>>;
  /** The worst among cells that are not missed as the data are. */
  worstOfMet: Partial<Record<Evidence, number>>;
}

/** The record: data/sensitivity.json. */
export interface SensitivityRecord {
  stays: number;
  parameters: ParameterSensitivity[];
  together: Together[];
}

/** Cells that are measured: throughput stands for the time of its place, which is the same measurement. */
export const measuredCells = paperCells.filter(
  (cell) => experimentOf(cell) !== undefined && !paperCells.some((other) => other !== cell && placeOf(other.id) === placeOf(cell.id) && other.unit.endsWith("/s")),
);

/** Every fitted or assumed parameter that has a range or choices. */
export const uncertain: readonly Parameter[] = allParameters.filter(
  ({ kind, range, choices }) => (kind === "fitted" || kind === "assumed") && (range !== undefined || choices !== undefined),
);

/** The simulated values of cells with values changed; undefined when the system does not run so. */
export type Simulate = (cells: readonly string[], changes: Changes) => readonly number[] | undefined;

/** What moving each of `parameters` over its range does to the measured cells of the systems that have it. */
export function sensitivity(parameters: readonly Parameter[] = uncertain, simulate: Simulate = tryValues, onDone: (done: number) => void = () => {}): ParameterSensitivity[] {
  const owners = [...new Set(parameters.map(({ owner }) => owner))];
  const movers = new Set(owners.flatMap((owner) => moversAmong(parameters.filter((one) => one.owner === owner), simulate)));
  return parameters.map((one, i) => {
    onDone(i);
    return movers.has(one) ? sensitivityOf(one, simulate) : { parameter: one.id, kind: one.kind, value: one.value, tried: triedOf(one), cells: [] };
  });
}

/**
 * Those of `parameters`, all of one owner, that move any cell at either end of their ranges. They
 * are moved together first: most costs, of fork() or of a path look-up, are in no benchmark, and
 * a whole group that moves nothing is done with in two runs.
 */
export function moversAmong(parameters: readonly Parameter[], simulate: Simulate): Parameter[] {
  const cells = cellsWith(parameters[0]!);
  const before = simulate(cells, {})!;
  const moves = (changes: Changes) => {
    const after = simulate(cells, changes);
    return after === undefined || after.some((value, i) => Math.abs(value / before[i]! - 1) > LISTED);
  };
  const split = (group: readonly Parameter[]): Parameter[] => {
    const atEnds = [0, -1].map((end) => Object.fromEntries(group.map((one) => [one.id, triedOf(one).at(end)!])));
    if (!atEnds.some(moves)) return [];
    if (group.length === 1) return [...group];
    const half = Math.ceil(group.length / 2);
    return [...split(group.slice(0, half)), ...split(group.slice(half))];
  };
  return split(parameters);
}

/** The ends of a parameter's range, or its other choices. */
function triedOf({ value, range, choices }: Parameter): ParameterValue[] {
  return choices?.filter((choice) => choice !== value) ?? [...range!];
}

/** What moving `parameter` over its range does to the measured cells of the systems that have it. */
export function sensitivityOf(parameter: Parameter, simulate: Simulate = tryValues): ParameterSensitivity {
  const { id, kind, value, range } = parameter;
  const cells = cellsWith(parameter);
  const before = simulate(cells, {})!;
  /** The relative change of each cell with the parameter at `at`. */
  const changesAt = (at: ParameterValue): number[] | undefined => simulate(cells, { [id]: at })?.map((after, i) => after / before[i]! - 1);
  const tried = triedOf(parameter);
  const ends = tried.map((at) => (at === value ? cells.map(() => 0) : changesAt(at)));
  const bounds = range === undefined ? undefined : boundsOf(parameter, ends, changesAt);
  const listed = (i: number) => ends.some((end) => end === undefined || Math.abs(end[i]!) > LISTED) || (bounds !== undefined && (bounds[0]![i]! > range![0] || bounds[1]![i]! < range![1]));
  return {
    parameter: id,
    kind,
    value,
    tried,
    cells: cells.flatMap((cell, i) =>
      listed(i) ? [{ id: cell, ...(bounds && { staysFrom: bounds[0]![i]!, staysTo: bounds[1]![i]! }), changes: ends.map((end) => (end === undefined ? null : round(end[i]!))) }] : [],
    ),
  };
}

/** For each cell the lowest and the highest value of the parameter, of those tried in a row from its own on, with which it stays. */
function boundsOf({ value, range, whole, multipleOf = whole === true ? 1 : undefined }: Parameter, ends: readonly (number[] | undefined)[], changesAt: (at: number) => number[] | undefined): number[][] {
  return range!.map((end, side) => {
    const atEnd = ends[side];
    const own = value as number;
    const cells = (atEnd ?? ends[1 - side] ?? []).length;
    const bound = new Array<number>(cells).fill(own);
    const staying = new Array<boolean>(cells).fill(true);
    const steps = atEnd !== undefined && atEnd.every((change) => Math.abs(change) <= LISTED) ? 1 : TRIED;
    for (let step = 1; step <= steps; step++) {
      const between = own + ((end - own) * step) / steps;
      const at = multipleOf === undefined ? between : Math.round(between / multipleOf) * multipleOf;
      const changes = step === steps ? atEnd : changesAt(at);
      for (let i = 0; i < cells; i++) {
        staying[i] &&= changes !== undefined && Math.abs(changes[i]!) <= STAYS;
        if (staying[i]) bound[i] = round(at);
      }
    }
    return bound;
  });
}

/** The cells that runs with `parameter` can change. */
function cellsWith({ owner }: Parameter): string[] {
  const systems = systemNames.filter((name) => name === owner || machineOf(name) === owner);
  return measuredCells.filter(({ system, machine }) => (system === "none" ? machine === owner : systems.includes(system as SystemName))).map(({ id }) => id);
}

/** All continuous fitted and assumed parameters times `factor`, each kept within its range. */
export function allMoved(factor: number): Changes {
  const continuous = uncertain.filter(({ value, whole }) => typeof value === "number" && whole !== true);
  return Object.fromEntries(continuous.map(({ id, value, range }) => [id, Math.min(range![1], Math.max(range![0], (value as number) * factor))]));
}

/** How well the cells agree with all continuous parameters moved together, and first as the data are. */
export function together(simulate: Simulate = tryValues): Together[] {
  const ids = measuredCells.map(({ id }) => id);
  const errors = (changes: Changes) => simulate(ids, changes)!.map((value, i) => Math.abs(value / measuredCells[i]!.paper - 1));
  const met = errors({}).map((error) => error <= MISS);
  const own = measuredCells.map(evidenceOf);
  return [1, ...TOGETHER].map((factor) => {
    const now = errors(factor === 1 ? {} : allMoved(factor));
    const each = (summary: (errors: number[]) => number, counts: (i: number) => boolean) =>
      Object.fromEntries(evidences.map((one) => [one, now.filter((_, i) => own[i] === one && counts(i))] as const).filter(([, of]) => of.length > 0).map(([one, of]) => [one, round(summary(of))]));
    return { factor, median: each(median, () => true), worst: each(max, () => true), worstOfMet: each(max, (i) => met[i]!) };
  });
}

function placeOf(id: string): string {
  return id.slice(0, id.lastIndexOf(" | "));
}

/** To five digits. */
function round(value: number): number {
  return Number(value.toPrecision(5));
}
