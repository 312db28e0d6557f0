/**
 * What a calibration may change and what it has to meet: read from the data, not written down twice.
 *
 * Layer: analysis. The parameters of a machine, and of the systems that the paper measured
 * on it, that call themselves fitted are free within their ranges; the cells that they cite
 * are to be met. So whoever makes a parameter fitted says so in its file, and calibration,
 * evidence and sensitivity speak of the same.
 */
import { claim, claims, paperCellById, paperCells } from "../../paper/index.ts";
import type { Interval } from "../../paper/index.ts";
import { InputError } from "../../schema/index.ts";
import { machineNames, machineOf, systemNames } from "../../systems/boot.ts";
import type { MachineName, SystemName } from "../../systems/boot.ts";
import { cites } from "../evidence.ts";
import { allParameters } from "../parameters.ts";
import type { Changes, Parameter, ParameterValue } from "../parameters.ts";

/** The most parameters that may be fitted for one machine: a model with more would fit anything. */
export const MOST_FITTED = 8;

/** The group of those targets that the text states. */
export const CLAIMS = "claims";

/** A number of the paper that is to be met: anywhere in the interval that its rounding allows. */
export interface Target {
  id: string;
  paper: number;
  interval: Interval;
  /** The table it stands in, and its column; claims of the text are a group of their own. */
  table: string;
  column: string;
}

export interface Problem {
  machine: MachineName;
  /** Fitted parameters, in the order of their files. */
  free: readonly Parameter[];
  targets: readonly Target[];
  /** Continuous parameters, fitted or assumed, on which runs of the targets can depend: those that are moved together. */
  continuous: readonly Parameter[];
}

/**
 * The calibration problem of `machine` as its files state it.
 * @throws InputError when it has nothing fitted, or more than MOST_FITTED parameters.
 */
export function problemOf(machine: MachineName): Problem {
  if (!machineNames.includes(machine)) throw new InputError(`unknown machine "${machine}"; there are ${machineNames.join(" and ")}`);
  const systems = systemNames.filter((name) => machineOf(name) === machine);
  const free = allParameters.filter(({ owner, kind }) => kind === "fitted" && (owner === machine || systems.includes(owner as SystemName)));
  if (free.length === 0 || free.length > MOST_FITTED) throw new InputError(`${machine}: ${free.length} fitted parameters; allowed are 1 to ${MOST_FITTED}`);
  const cited = free.flatMap(({ cells }) => cells);
  const targets = [...paperCells, ...claims].filter((one) => cited.some((citation) => cites(citation, one))).map(({ id }) => targetOf(id));
  const involved = new Set<string>([machine, ...systems.filter((name) => targets.some(({ id }) => systemOf(id) === name))]);
  const continuous = allParameters.filter(
    ({ owner, kind, value, whole }) => involved.has(owner) && (kind === "fitted" || kind === "assumed") && typeof value === "number" && whole !== true,
  );
  return { machine, free, targets, continuous };
}

/** The files, below data/, whose values take part: the machine's and its systems'. */
export function filesOf({ machine }: Problem): string[] {
  return [`machines/${machine}.json`, ...systemNames.filter((name) => machineOf(name) === machine).map((name) => `systems/${name}.json`)];
}

/** Other values of a choice, or the next whole numbers that its range has; of a number of bytes the double and the half. */
export function neighbours({ choices, whole, key, range }: Parameter, value: ParameterValue): ParameterValue[] {
  if (choices !== undefined) return choices.filter((choice) => choice !== value);
  if (whole !== true) return [];
  const number = value as number;
  const near = key.endsWith("Bytes") ? [number * 2, number / 2] : [number + 1, number - 1];
  return near.filter((one) => one >= range![0] && one <= range![1]);
}

/** All continuous parameters of `problem` times `factor`, each kept within its range, from `point` on. */
export function moved({ continuous }: Problem, point: Changes, factor: number): Changes {
  const within = ({ id, value, range }: Parameter) => {
    const [low, high] = range!;
    return Math.min(high, Math.max(low, ((point[id] ?? value) as number) * factor));
  };
  return { ...point, ...Object.fromEntries(continuous.map((one) => [one.id, within(one)])) };
}

function targetOf(id: string): Target {
  if (!id.includes("|")) {
    const { value, interval } = claim(id);
    return { id, paper: value as number, interval, table: CLAIMS, column: id };
  }
  const { paper, interval, table, column } = paperCellById(id);
  return { id, paper, interval, table, column };
}

function systemOf(id: string): string | undefined {
  return id.includes("|") ? paperCellById(id).system : claim(id).system;
}
