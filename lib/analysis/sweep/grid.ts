/**
 * The factors of a grid, checked as a whole before anything runs.
 *
 * Layer: analysis. Names and values are checked by the very schemas that boot() and
 * the workloads use; a name that nobody knows names the nearest. Whether the values of a
 * machine go together is checked for all that are listed, whatever the order of their
 * combinations, and for some values of ranges. What shows only at a point becomes the error
 * of that point: another value of a range that is not allowed, and costs of a system that
 * make a derived one negative.
 */
import type { z } from "zod";
import { check, InputError, suggest } from "../../schema/index.ts";
import { machineOf, machineParameters, optionPaths, optionSchema, systemNames } from "../../systems/boot.ts";
import type { BootOptions, MachineName, SystemName } from "../../systems/boot.ts";
import { checkRule, machineRules, machineValueAt } from "../../systems/consistency.ts";
import { atLeastOne } from "../../workloads/measurement.ts";
import type { Scalar, Workload } from "../../workloads/index.ts";
import { checkOnce, isSampled, rangeOf } from "./range.ts";
import type { Axis, Grid } from "./spec.ts";

/** One factor of a grid. */
export interface Factor {
  name: string;
  /** All its values; undefined for one that a sample is drawn from. */
  values: readonly Scalar[] | undefined;
  /** The value at the share `u` (0 to 1) of what a sample is drawn from. */
  at(u: number): Scalar;
  /** All values that it can have; of a range some, from end to end. */
  choices: readonly Scalar[];
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
    const schemas = schemasOf(name, systems, workload);
    return factorOf(name, axis, (value) => schemas.forEach((schema) => check(schema, value, `grid: ${name}`)));
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

/** What the values of a factor must agree with; those of systems have been checked. */
function schemasOf(name: string, systems: readonly SystemName[], workload: Workload): z.ZodType[] {
  if (name === "system") return [];
  if (Object.hasOwn(workload.parameters.shape, name)) return [workload.parameters.shape[name] as z.ZodType];
  return systems.map((system) => optionSchema(system, name));
}

/** What the workload cannot do without and the grid does not give. */
function checkMissing(axes: Grid, { name, parameters }: Workload): void {
  for (const [parameter, schema] of Object.entries(parameters.shape)) {
    if (parameter in axes || schema.safeParse(undefined).success) continue;
    throw new InputError(`grid: ${parameter} is missing: ${name} needs it`);
  }
}

function factorOf(name: string, axis: Axis, accept: (value: Scalar) => void): Factor {
  if (isSampled(axis)) return { name, values: undefined, ...rangeOf(name, axis, accept) };
  const values = valuesOf(axis)!;
  values.forEach(accept);
  checkOnce(name, values);
  return { name, values, at: () => values[0]!, choices: values };
}

/**
 * Values of a machine that are allowed by themselves may not go together. A rule of several
 * values holds for all when it holds for the lowest and the highest of each.
 */
function checkMachines(factors: readonly Factor[]): void {
  const choicesOf = (name: string) => factors.find((factor) => factor.name === name)?.choices;
  const bases = new Set((choicesOf("machine") ?? choicesOf("system")!.map((system) => machineOf(system as SystemName))) as MachineName[]);
  for (const base of bases) {
    const { values } = machineParameters(base);
    for (const rule of machineRules) {
      const each = rule.paths.map((path) => (choicesOf(`machine.${path}`) ?? [machineValueAt(values, path)]) as number[]);
      for (const combination of combinations(each.length === 1 ? each : each.map(ends))) checkRule(rule, combination, "grid");
    }
  }
}

function ends(values: readonly number[]): number[] {
  const sorted = values.toSorted((a, b) => a - b);
  return [sorted[0]!, sorted.at(-1)!];
}

/** All ways to take one of each. */
function combinations(each: readonly (readonly number[])[]): number[][] {
  return each.reduce<number[][]>((found, values) => found.flatMap((one) => values.map((value) => [...one, value])), [[]]);
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
