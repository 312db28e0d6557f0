/**
 * Every value of the data files of machines and systems under one name, and runs with some of them changed.
 *
 * Layer: analysis. Calibration moves values, sensitivity asks what follows from them, and
 * evidence is checked by changing them; all speak of a value as "hp-vectra.disk.rpm".
 */
import { InputError, override, suggest } from "../schema/index.ts";
import type { Parameters, Provenance, Shape } from "../schema/index.ts";
import { boot, machineNames, machineOf, machineParameters, systemNames, systemParameters } from "../systems/boot.ts";
import type { BootOptions, MachineName, SystemName } from "../systems/boot.ts";
import type { System } from "../systems/system.ts";

export type ParameterValue = number | string | boolean;
/** Who owns a parameter: the machine or the system in whose file it stands. */
export type Owner = MachineName | SystemName;

/** A value of a data file, with its provenance. */
export interface Parameter extends Provenance {
  /** Owner, group and key, joined by points. */
  id: string;
  owner: Owner;
  group: string;
  key: string;
  value: ParameterValue;
}

/** Values in place of those of the data files, by the parameters' ids. */
export type Changes = Readonly<Record<string, ParameterValue>>;

const isMachine = (owner: Owner): owner is MachineName => (machineNames as readonly string[]).includes(owner);

/** Every parameter of the machines and systems, in the order of their files. */
export const allParameters: readonly Parameter[] = [...machineNames, ...systemNames].flatMap((owner) => {
  const { values, provenance } = isMachine(owner) ? machineParameters(owner) : systemParameters(owner);
  return [...provenance].map(([path, from]) => {
    const [group, key] = path.split(".") as [string, string];
    return { id: `${owner}.${path}`, owner, group, key, value: (values as Record<string, Record<string, ParameterValue>>)[group]![key]!, ...from };
  });
});

const byId = new Map(allParameters.map((parameter) => [parameter.id, parameter]));

/**
 * The parameter called `id`.
 * @throws InputError naming the nearest.
 */
export function parameter(id: string): Parameter {
  const found = byId.get(id);
  if (found === undefined) throw new InputError(`unknown parameter: "${id}"${suggest(id, [...byId.keys()])}`);
  return found;
}

/** The parameters that runs of `system` on its own machine start from. */
export function parametersOf(system: SystemName): Parameter[] {
  return allParameters.filter(({ owner }) => owner === system || owner === machineOf(system));
}

/**
 * The values called `keys` in one `group` of `owner`, at the low (0) or high (1) ends of their ranges, as boot() takes them.
 * @throws InputError for one that is not there, naming the nearest.
 */
export function atRangeEnds<K extends string>(owner: Owner, group: string, keys: readonly K[], end: 0 | 1): Partial<Record<K, number>> {
  return Object.fromEntries(keys.map((key) => [key, parameter(`${owner}.${group}.${key}`).range![end]])) as Partial<Record<K, number>>;
}

/** Those of `changes` that `owner` has, by group and key. */
function changesOf(owner: Owner, changes: Changes): Record<string, Record<string, ParameterValue>> {
  const found: Record<string, Record<string, ParameterValue>> = {};
  for (const [id, value] of Object.entries(changes)) {
    const { owner: its, group, key } = parameter(id);
    if (its === owner) (found[group] ??= {})[key] = value;
  }
  return found;
}

/** `changes`, and what the values come to that are derived from changed ones. */
export function withFollowers(changes: Changes): Changes {
  const owners = new Set(Object.keys(changes).map((id) => parameter(id).owner));
  const followers = [...owners].flatMap((owner) => {
    const given = isMachine(owner) ? machineParameters(owner) : systemParameters(owner);
    const values = override(given as Parameters<Shape>, changesOf(owner, changes)).values as Record<string, Record<string, ParameterValue>>;
    return [...given.derived.keys()].flatMap((path) => {
      const [group, key] = path.split(".") as [string, string];
      return values[group]![key] === parameter(`${owner}.${path}`).value ? [] : [[`${owner}.${path}`, values[group]![key]!] as const];
    });
  });
  return { ...Object.fromEntries(followers), ...changes };
}

/** What of `changes` concerns `system` on `machine`, as text: runs with the same text are the same. */
export function changesFor(system: SystemName, machine: MachineName, changes: Changes): string {
  return JSON.stringify([changesOf(machine, changes), changesOf(system, changes)]);
}

/** Boot `system` on `machine` with `changes` in place of the values of the data files. */
export function bootWith(system: SystemName, machine: MachineName, seed: number, changes: Changes): System {
  return boot(system, { seed, machine: { base: machine, ...changesOf(machine, changes) }, ...changesOf(system, changes) } as BootOptions);
}
