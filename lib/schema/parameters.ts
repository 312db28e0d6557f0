/**
 * Parameter files: groups of named values that describe a machine or a system.
 *
 * One shape says which values there are. From it come the schema of the data file,
 * where each value is a quantity with kind and source, the schema of what a what-if
 * may change, where it is a plain value, and the plain values that models are built
 * from. So an option path such as machine.disk.rpm means the same everywhere.
 */
import { z } from "zod";
import { evaluate, namesIn } from "./arithmetic.ts";
import { check, InputError } from "./check.ts";
import { bounded, provenanceFields, quantity, soundProvenance } from "./quantity.ts";
import type { Bounds, Kind, Unit } from "./quantity.ts";

export interface NumberLeaf extends Bounds {
  unit: Unit;
}
export interface ChoiceLeaf<C extends string> {
  choices: readonly C[];
}
export interface FlagLeaf {
  flag: true;
}
export type Leaf = NumberLeaf | ChoiceLeaf<string> | FlagLeaf;

/** A number in `unit`, not less than 0. */
export const amount = (unit: Unit, bounds: Bounds = {}): NumberLeaf => ({ unit, ...bounds });
/** A whole number of `unit`, not less than `min` and, if said, a multiple of `multipleOf` and not more than `max`. */
export const whole = (unit: Unit, min = 0, multipleOf?: number, max?: number): NumberLeaf => ({ unit, min, integer: true, ...(multipleOf !== undefined && { multipleOf }), ...(max !== undefined && { max }) });
/** One of a few words. */
export const choice = <C extends string>(...choices: C[]): ChoiceLeaf<C> => ({ choices });
/** On or off. */
export const flag: FlagLeaf = { flag: true };

/** Groups of named leaves. */
export type Shape = Readonly<Record<string, Readonly<Record<string, Leaf>>>>;

type ValueOf<L> = L extends ChoiceLeaf<infer C> ? C : L extends FlagLeaf ? boolean : number;

/** The plain values of a shape. */
export type Values<S extends Shape> = { [G in keyof S]: { [K in keyof S[G]]: ValueOf<S[G][K]> } };

/** Changes to the values of a shape. */
export type Overrides<S extends Shape> = { [G in keyof S]?: { [K in keyof S[G]]?: ValueOf<S[G][K]> } };

/** Where a value comes from. */
export interface Provenance {
  kind: Kind;
  source: string;
  cells: readonly string[];
  /** In which a value that is assumed or fitted could lie. */
  range?: readonly [low: number, high: number];
  /** Whether it is a whole number, and of what it must be a multiple, if of more than 1. */
  whole?: boolean;
  multipleOf?: number;
  /** The words among which it is one, or on and off; of a value that is assumed or fitted, those that could be. */
  choices?: readonly (string | boolean)[];
}

/** How a derived value follows from others, and the lowest that is allowed. */
export interface Derived {
  how: string;
  min: number;
}

/** What a parameter file gives: the plain values, and by path ("disk.rpm") where they come from and how the derived ones follow. */
export interface Parameters<S extends Shape> {
  values: Values<S>;
  provenance: ReadonlyMap<string, Provenance>;
  derived: ReadonlyMap<string, Derived>;
}

/** The schema of the plain value of a leaf. */
export function valueSchema(leaf: Leaf): z.ZodType {
  if ("choices" in leaf) return z.enum(leaf.choices as string[]);
  if ("flag" in leaf) return z.boolean();
  return bounded(leaf);
}

function fileLeafSchema(leaf: Leaf): z.ZodType {
  if ("unit" in leaf) return quantity(leaf.unit, leaf);
  const schema = z.strictObject({ value: valueSchema(leaf), ...provenanceFields, choices: z.array(valueSchema(leaf)).min(2).optional() });
  return schema.superRefine((one, context) => {
    soundProvenance(one, context);
    if (one.choices?.includes(one.value) === false) context.addIssue({ code: "custom", path: ["value"], message: `expected one of its choices, ${one.choices.join(" or ")}` });
  });
}

function groups(shape: Shape, leafSchema: (leaf: Leaf) => z.ZodType) {
  return Object.entries(shape).map(([name, group]) => {
    const leaves = Object.entries(group).map(([key, leaf]) => [key, leafSchema(leaf)] as const);
    return [name, z.strictObject(Object.fromEntries(leaves))] as const;
  });
}

/** The schema of a data file: a name, a description and every value of the shape as a quantity. */
export function parameterFile(shape: Shape) {
  return z.strictObject({ name: z.string().min(1), description: z.string().min(1), ...Object.fromEntries(groups(shape, fileLeafSchema)) });
}

/** The schema of changes: any of the values of the shape, plain. */
export function parameterOverrides(shape: Shape) {
  return z.strictObject(Object.fromEntries(groups(shape, valueSchema).map(([name, group]) => [name, group.partial().optional()])));
}

/**
 * The parameters that `file` gives.
 * @throws InputError naming the first value that is missing, out of bounds, mis-typed or in the wrong unit.
 */
export function parameters<S extends Shape>(shape: S, file: unknown, where: string): Parameters<S> {
  const checked = check(parameterFile(shape), file, where) as unknown as Record<string, Record<string, { value: unknown; kind: Kind; source: string; how?: string; cells?: string[]; range?: [number, number]; choices?: string[] }>>;
  const provenance = new Map<string, Provenance>();
  const derived = new Map<string, Derived>();
  const values: Record<string, Record<string, unknown>> = {};
  for (const group of Object.keys(shape)) {
    values[group] = {};
    for (const [key, { value, kind, source, how, cells = [], range, choices }] of Object.entries(checked[group]!)) {
      values[group][key] = value;
      provenance.set(`${group}.${key}`, { kind, source, cells, ...(range && { range }), ...domainOf(shape[group]![key]!), ...(choices && { choices }) });
      if (kind === "derived") derived.set(`${group}.${key}`, { how: how!, min: (shape[group]![key] as NumberLeaf).min ?? 0 });
    }
  }
  return { values: values as Values<S>, provenance, derived };
}

/** What else than numbers on a line a value can be. */
function domainOf(leaf: Leaf): Pick<Provenance, "whole" | "multipleOf" | "choices"> {
  if ("choices" in leaf) return { choices: leaf.choices };
  if ("flag" in leaf) return { choices: [false, true] };
  return leaf.integer === true ? { whole: true, ...(leaf.multipleOf !== undefined && { multipleOf: leaf.multipleOf }) } : {};
}

/**
 * `given` with `overrides`, which have been checked, in place of its values; what is undefined stays as it is.
 * Values that are derived from changed ones follow them.
 * @throws InputError when a derived value would fall below what it may be.
 */
export function override<S extends Shape>(given: Parameters<S>, overrides: Overrides<S>): Parameters<S> {
  const values: Record<string, Record<string, unknown>> = { ...given.values };
  const provenance = new Map(given.provenance);
  const chosen = new Set<string>();
  for (const [group, changes] of Object.entries(overrides)) {
    const own = Object.entries((changes ?? {}) as Record<string, unknown>).filter(([, value]) => value !== undefined);
    values[group] = { ...values[group], ...Object.fromEntries(own) };
    for (const [key] of own) {
      provenance.set(`${group}.${key}`, { kind: "chosen", source: "option", cells: [] });
      chosen.add(`${group}.${key}`);
    }
  }

  const followers = followersOf(given.derived, chosen);
  const valueAt = (path: string): number => {
    const [group, key] = path.split(".") as [string, string];
    return followers.has(path) ? evaluate(given.derived.get(path)!.how, (name) => valueAt(fullName(name, group))) : (values[group]![key] as number);
  };
  const followed = [...followers].map((path) => [path, valueAt(path)] as const);
  for (const [path, value] of followed) {
    const [group, key] = path.split(".") as [string, string];
    const { how, min } = given.derived.get(path)!;
    if (value < min) throw new InputError(`${path}: ${how} comes to ${Number(value.toPrecision(6))} with these options; expected ${min} or more`);
    values[group] = { ...values[group], [key]: value };
  }
  return { values: values as Values<S>, provenance, derived: given.derived };
}

/** The derived values that start from a `chosen` one, at once or over others, and are not chosen themselves. */
function followersOf(derived: Parameters<Shape>["derived"], chosen: ReadonlySet<string>): Set<string> {
  const follows = (path: string): boolean => {
    const how = chosen.has(path) ? undefined : derived.get(path)?.how;
    return how !== undefined && namesIn(how).map((name) => fullName(name, path.split(".")[0]!)).some((name) => chosen.has(name) || follows(name));
  };
  return new Set([...derived.keys()].filter(follows));
}

/** The path of the value that a derived value of `group` calls `name`. */
const fullName = (name: string, group: string): string => (name.includes(".") ? name : `${group}.${name}`);
