/**
 * boot(): a system by name, on a machine, with options.
 *
 * Layer: systems. Options are checked as a whole before anything is built. Any value
 * of a system's or machine's data file can be changed by its path, for a what-if.
 */
import { z } from "zod";
import { Simulation } from "../engine/index.ts";
import { Machine } from "../hardware/machine.ts";
import { machineShape } from "../hardware/machine-file.ts";
import type { MachineSpec } from "../hardware/machine-file.ts";
import { check, InputError, override, parameterOverrides, parameters, suggest, valueSchema } from "../schema/index.ts";
import type { Overrides, Parameters, Shape, Values } from "../schema/index.ts";
import { checkMachine } from "./consistency.ts";
import { readData } from "./data-files.ts";
import { mach26 } from "./mach26.ts";
import { mach3 } from "./mach3.ts";
import { mix } from "./mix.ts";
import { svr4 } from "./svr4.ts";
import { System } from "./system.ts";
import type { OperatingSystem } from "./system.ts";

/** What boot() knows of a system. */
export interface SystemDefinition<S extends Shape = Shape> {
  /** The machine on which the paper measured it. */
  machine: MachineName;
  /** The values of its data file, data/systems/NAME.json. */
  shape: S;
  /** Put the system on a machine; its file system is made on the machine's disk. */
  build(machine: Machine, values: Values<S>): OperatingSystem;
}

const definitions = { mach3, mach26, mix, svr4 };
/** The systems that can be booted, by the names used everywhere. */
export const systemNames = Object.keys(definitions) as SystemName[];
export type SystemName = keyof typeof definitions;

/** The machines of section 5. */
export const machineNames = ["hp-vectra", "compaq"] as const;
export type MachineName = (typeof machineNames)[number];

type ShapeOf<N extends SystemName> = (typeof definitions)[N]["shape"];

/** A machine by name, or one with some of its values changed: { base: "compaq", disk: { rpm: 5400 } }. */
export type MachineOption = MachineName | ({ base?: MachineName } & Overrides<typeof machineShape>);

export type BootOptions<N extends SystemName = SystemName> = {
  /** By default the one on which the paper measured the system. */
  machine?: MachineOption;
  /** Where the platter stands at first, the phase of the clock, and every other chance. */
  seed?: number;
} & Overrides<ShapeOf<N>>;

/**
 * Boot the system called `name`: its file system is empty.
 * @throws InputError for a name or an option that does not exist, or a value that is not allowed.
 */
export function boot<N extends SystemName>(name: N, options: BootOptions<N> = {}): System {
  const definition = definitionOf(name);
  const { machine: machineOption, seed, ...changes } = check(optionsSchema(definition.shape), options, `options of ${name}`) as BootOptions;
  const machineValues = machineValuesOf(name, machineOption, `options of ${name}`);
  const values = override(systemParameters(name), changes as Overrides<Shape>).values;
  const sim = new Simulation({ seed });
  const machine = new Machine(sim, machineValues);
  return new System(name, machine, definition.build(machine, values as never));
}

/** The paths of all options of a system, such as "pager.readBytes" and "machine.disk.rpm". */
export function optionPaths(name: SystemName): string[] {
  const paths = (shape: Shape, prefix: string) => Object.entries(shape).flatMap(([group, leaves]) => Object.keys(leaves).map((key) => `${prefix}${group}.${key}`));
  return [...paths(definitionOf(name).shape, ""), ...paths(machineShape, "machine.")];
}

/** The schema of the value of one option by itself: of "machine", a name, or of one of optionPaths(). */
export function optionSchema(name: SystemName, path: string): z.ZodType {
  if (path === "machine") return z.enum(machineNames);
  const [key, group, machine] = path.split(".").reverse() as [string, string, string?];
  const shape: Shape = machine === undefined ? definitionOf(name).shape : machineShape;
  return valueSchema(shape[group]![key]!);
}

/**
 * The values of the machine that `option`, which has been checked, chooses for a system.
 * @throws InputError when they do not go together.
 */
function machineValuesOf(name: SystemName, option: MachineOption | undefined, where: string): MachineSpec {
  const { base = machineOf(name), ...changes } = typeof option === "string" ? { base: option } : (option ?? {});
  const { values } = override(machineParameters(base), changes);
  checkMachine(values, where);
  return values;
}

/** The values of a machine's data file, with their provenance. */
export function machineParameters(name: MachineName): Parameters<typeof machineShape> {
  if (!machineNames.includes(name)) throw new InputError(`unknown machine "${name}"${suggest(name, machineNames)}`);
  return load(`machines/${name}.json`, machineShape);
}

/** The values of a system's data file, with their provenance. */
export function systemParameters(name: SystemName): Parameters<Shape> {
  return load(`systems/${name}.json`, definitionOf(name).shape);
}

/** The machine on which the paper measured a system. */
export const machineOf = (name: SystemName): MachineName => definitionOf(name).machine;

function definitionOf(name: SystemName): SystemDefinition {
  if (!Object.hasOwn(definitions, name)) throw new InputError(`unknown system "${name}"${suggest(name, systemNames)}`);
  return definitions[name] as unknown as SystemDefinition;
}

const loaded = new Map<string, Parameters<Shape>>();

function load<S extends Shape>(path: string, shape: S): Parameters<S> {
  let known = loaded.get(path);
  if (known === undefined) loaded.set(path, (known = parameters(shape, readData(path), `data/${path}`)));
  return known as unknown as Parameters<S>;
}

const schemas = new Map<Shape, z.ZodType>();

function optionsSchema(shape: Shape): z.ZodType {
  let schema = schemas.get(shape);
  if (schema === undefined) {
    const machine = z.union([z.enum(machineNames), z.strictObject({ base: z.enum(machineNames).optional(), ...parameterOverrides(machineShape).shape })]);
    schema = z.strictObject({ machine: machine.optional(), seed: z.int().optional(), ...parameterOverrides(shape).shape });
    schemas.set(shape, schema);
  }
  return schema;
}
