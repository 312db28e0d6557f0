/**
 * The factors of a grid, checked as a whole before anything runs.
 *
 * Layer: analysis. Names and values are checked by the very schemas that boot() and
 * the workloads use; a name that nobody knows names the nearest.
 */
import { check, InputError, suggest } from "../../schema/index.ts";
import { checkBootOptions, machineValuesOf, optionPaths, systemNames } from "../../systems/boot.ts";
import type { BootOptions, SystemName } from "../../systems/boot.ts";
import { atLeastOne } from "../../workloads/measurement.ts";
import type { Scalar, Workload } from "../../workloads/index.ts";
import { isSampled, rangeOf } from "./range.ts";
import type { Axis, Grid } from "./spec.ts";

/** One factor of a grid. */
export interface Factor {
  name: string;
  /** All its values; undefined for one that a sample is drawn from. */
  values: readonly Scalar[] | undefined;
  /** The value at the share `u` (0 to 1) of what a sample is drawn from. */
  at(u: number): Scalar;
}

/** The factors of one grid in its order, without the replications. */
export interface CheckedGrid {
  factors: readonly Factor[];
  replications: number;
}

/** What one point is: a system, its options, and the values of the workload. */
export interface PointInput {
  system: SystemName;
  options: BootOptions;
  values: Record<string, Scalar>;
}

const REPLICATIONS = "replications";

/**
 * `grid` with each name and value checked for every one of its systems.
 * @throws InputError for the first thing that is wrong, such as `grid: unknown name "machine.disk.rpn"; nearest is "machine.disk.rpm"`.
 */
export function checkGrid({ [REPLICATIONS]: replications = 1, ...axes }: Grid, workload: Workload): CheckedGrid {
  check(atLeastOne, replications, `grid: ${REPLICATIONS}`);
  const systems = systemsOf(axes, workload);
  const factors = Object.entries(axes).map(([name, axis]) => {
    checkName(name, systems, workload);
    return factorOf(name, axis, (value) => checkValue(name, value, systems, workload));
  });
  checkMissing(axes, workload);
  checkMachines(factors);
  return { factors, replications: replications as number };
}

function systemsOf({ system }: Grid, workload: Workload): SystemName[] {
  if (system === undefined) throw new InputError(`grid: system is missing (one or more of ${systemNames.join(", ")})`);
  const names = valuesOf(system) ?? (isSampled(system) && "among" in system ? system.among : []);
  for (const name of names) {
    if (!systemNames.includes(name as SystemName)) throw new InputError(`grid: unknown system ${JSON.stringify(name)}${suggest(String(name), systemNames)}`);
    if (!workload.systems.includes(name as SystemName)) throw new InputError(`grid: ${workload.name} runs on ${workload.systems.join(", ")}, not on ${String(name)}`);
  }
  if (names.length === 0) throw new InputError("grid: system: expected names, not a range");
  return names as SystemName[];
}

const valuesOf = (axis: Axis): readonly Scalar[] | undefined => (Array.isArray(axis) ? axis : typeof axis === "object" ? undefined : [axis]) as readonly Scalar[] | undefined;

function checkName(name: string, systems: readonly SystemName[], workload: Workload): void {
  const own = ["system", "machine", ...Object.keys(workload.parameters.shape).filter((parameter) => parameter !== "until")];
  if (own.includes(name)) return;
  for (const system of systems) {
    const paths = optionPaths(system);
    if (paths.includes(name)) continue;
    const others = systemNames.filter((other) => optionPaths(other).includes(name));
    if (others.length > 0) throw new InputError(`grid: "${name}" is an option of ${others.join(", ")}, not of ${system}: give ${system} a grid of its own`);
    throw new InputError(`grid: unknown name "${name}"${suggest(name, [...own, REPLICATIONS, ...paths])}`);
  }
}

function checkValue(name: string, value: Scalar, systems: readonly SystemName[], workload: Workload): void {
  if (name === "system") return;
  if (!(name in workload.parameters.shape)) {
    for (const system of systems) checkBootOptions(system, optionsOf({ [name]: value }), "grid");
    return;
  }
  check(workload.parameters.partial(), { [name]: value }, "grid");
}

/** What the workload cannot do without and the grid does not give. */
function checkMissing(axes: Grid, { name, parameters }: Workload): void {
  for (const [parameter, schema] of Object.entries(parameters.shape)) {
    if (parameter in axes || schema.safeParse(undefined).success) continue;
    throw new InputError(`grid: ${parameter} is missing: ${name} needs it`);
  }
}

function factorOf(name: string, axis: Axis, accept: (value: Scalar) => void): Factor {
  if (isSampled(axis)) return { name, values: undefined, at: rangeOf(name, axis, accept) };
  const values = valuesOf(axis)!;
  for (const value of values) accept(value);
  const twice = values.find((value, i) => values.indexOf(value) < i);
  if (twice !== undefined) throw new InputError(`grid: ${name}: ${JSON.stringify(twice)} is there twice`);
  return { name, values, at: () => values[0]! };
}

/** Values of a machine that are allowed by themselves may not go together. */
function checkMachines(factors: readonly Factor[]): void {
  let combinations: Record<string, Scalar>[] = [{}];
  for (const { name, values, at } of factors) {
    if (name !== "system" && name !== "machine" && !name.startsWith("machine.")) continue;
    const choices = values ?? [at(0), at(1)];
    combinations = combinations.flatMap((one) => choices.map((value) => ({ ...one, [name]: value })));
  }
  for (const one of combinations) {
    const { system, options } = pointInput(one);
    machineValuesOf(system, options.machine, "grid");
  }
}

/** The values of a point by the names of the grid, as boot() and the workload take them. */
export function pointInput({ system, ...values }: Record<string, Scalar>): PointInput {
  const entries = Object.entries(values);
  const isOption = ([name]: [string, Scalar]) => name === "machine" || name.includes(".");
  return {
    system: system as SystemName,
    options: optionsOf(Object.fromEntries(entries.filter(isOption))),
    values: Object.fromEntries(entries.filter((entry) => !isOption(entry))),
  };
}

/** Options by path as boot() takes them: "machine" is the base of "machine.disk.rpm". */
function optionsOf(byPath: Record<string, Scalar>): BootOptions {
  const options: Record<string, unknown> = {};
  for (const [path, value] of Object.entries(byPath)) {
    const keys = path === "machine" ? ["machine", "base"] : path.split(".");
    const last = keys.pop()!;
    let at = options;
    for (const key of keys) at = (at[key] ??= {}) as Record<string, unknown>;
    at[last] = value;
  }
  return options as BootOptions;
}
