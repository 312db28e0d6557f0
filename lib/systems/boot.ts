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
import { check, InputError, override, parameterOverrides, parameters, suggest } from "../schema/index.ts";
import type { Overrides, Parameters, Shape, Values } from "../schema/index.ts";
import { checkMachine } from "./consistency.ts";
import { readData } from "./data-files.ts";
import { mach26 } from "./mach26.ts";
import { mach3 } from "./mach3.ts";
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

const definitions = { mach3, mach26, svr4 };
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
  const where = `options of ${name}`;
  const { machine: machineOption, seed, ...changes } = check(optionsSchema(definition.shape), options, where) as BootOptions;
  const { base = definition.machine, ...machineChanges } = typeof machineOption === "string" ? { base: machineOption } : (machineOption ?? {});
  const machineValues = override(machineParameters(base), machineChanges).values;
  checkMachine(machineValues, where);
  const values = override(systemParameters(name), changes as Overrides<Shape>).values;
  const sim = new Simulation({ seed });
  const machine = new Machine(sim, machineValues);
  return new System(name, machine, definition.build(machine, values as never));
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
