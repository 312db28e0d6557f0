/**
 * Machines as data: what a machine file in data/machines holds.
 *
 * Layer: hardware; the two test platforms of section 5. Every value is a quantity
 * with unit, kind and source; the hardware is built from the plain numbers. One
 * shape describes both, so that an option path such as machine.disk.rpm names the
 * same value in a file and in a what-if.
 */
import { z } from "zod";
import { check, kinds, quantity } from "../schema/index.ts";
import type { Kind, Quantity, Unit } from "../schema/index.ts";

interface Bounds {
  min?: number;
  integer?: boolean;
}

/** The shape of a machine with `leaf` for each value. */
function shape<L extends z.ZodType>(leaf: (unit: Unit, bounds?: Bounds) => L) {
  const whole = (unit: Unit, min = 0) => leaf(unit, { min, integer: true });
  return {
    processor: {
      /** Each clock interrupt, and what one costs. */
      tickHz: leaf("Hz", { min: 1 }),
      tickUs: leaf("us"),
      quantumMs: leaf("ms"),
    },
    memory: { sizeMB: leaf("MB", { min: 1 }) },
    cache: {
      sizeKB: leaf("KB", { min: 1 }),
      /** Copying a page of 4096 bytes whose source is in the cache, or is not. */
      copyCachedUs: leaf("us"),
      copyUncachedUs: leaf("us"),
      /** Filling a page of 4096 bytes with zeros. */
      zeroFillUs: leaf("us"),
    },
    disk: {
      cylinders: whole("cylinders", 1),
      heads: whole("heads", 1),
      sectorsPerTrack: whole("sectors", 1),
      rpm: leaf("rpm", { min: 1 }),
      trackSkewSectors: whole("sectors"),
      cylinderSkewSectors: whole("sectors"),
      headSwitchMs: leaf("ms"),
      writeSettleMs: leaf("ms"),
      /** Seek over d cylinders: seekStart + seekRoot * sqrt(d) up to the knee, linear with seekSlope a cylinder beyond. */
      seekStartMs: leaf("ms"),
      seekRootMs: leaf("ms"),
      seekKneeCylinders: whole("cylinders", 1),
      seekSlopeMs: leaf("ms"),
    },
    controller: {
      commandUs: leaf("us"),
      pioSectorUs: leaf("us"),
      sectorOverheadUs: leaf("us"),
      interruptUs: leaf("us"),
      bufferSectors: whole("sectors", 1),
    },
  };
}

type Numbers<S> = { -readonly [K in keyof S]: S[K] extends z.ZodType ? number : Numbers<S[K]> };

/** What the look-ahead of a controller does; see controller.ts. */
export interface LookAhead {
  policy: "none" | "fill" | "stream";
  crossTracks: boolean;
}

/** A machine in plain numbers; names end in their units. */
export interface MachineSpec extends Numbers<ReturnType<typeof shape>> {
  name: string;
  lookAhead: LookAhead;
}

const lookAhead = { policy: z.enum(["none", "fill", "stream"]), crossTracks: z.boolean() };
const prose = { kind: z.enum(kinds), source: z.string().min(1), cells: z.array(z.string()).optional() };

const sections = <S extends Record<string, z.ZodRawShape>>(groups: S) =>
  Object.fromEntries(Object.entries(groups).map(([name, group]) => [name, z.strictObject(group)]));

const fileSchema = z.strictObject({
  name: z.string().min(1),
  description: z.string(),
  ...sections(shape(quantity)),
  lookAhead: z.strictObject({ ...lookAhead, ...prose }),
});

const number = (_unit: Unit, { min = 0, integer = false }: Bounds = {}) => (integer ? z.int().min(min) : z.number().min(min));

/** What a what-if may change of a machine: any of its values, as plain numbers. */
export const machineOverrides = z.strictObject({
  ...Object.fromEntries(Object.entries(shape(number)).map(([name, group]) => [name, z.strictObject(group).partial().optional()])),
  lookAhead: z.strictObject(lookAhead).partial().optional(),
});

type DeepPartial<T> = { [K in keyof T]?: T[K] extends object ? DeepPartial<T[K]> : T[K] };
export type MachineOverrides = DeepPartial<Omit<MachineSpec, "name">>;

/** Where a value comes from, by its path: "disk.rpm". */
export type Provenance = Map<string, { kind: Kind; source: string; cells?: string[] | undefined; quantity?: Quantity }>;

/**
 * The machine that `file` describes, with `overrides` put in.
 * @throws InputError naming the first value that is missing, negative, mis-typed or in the wrong unit.
 */
export function machineSpec(file: unknown, where: string, overrides: MachineOverrides = {}): { spec: MachineSpec; provenance: Provenance } {
  const { name, description: _, lookAhead: ahead, ...groups } = check(fileSchema, file, where);
  const provenance: Provenance = new Map();
  const spec = { name } as Record<string, unknown>;
  for (const [group, values] of Object.entries(groups as unknown as Record<string, Record<string, Quantity>>)) {
    const chosen = (overrides as Record<string, Record<string, number> | undefined>)[group] ?? {};
    const plain: Record<string, number> = {};
    for (const [key, given] of Object.entries(values)) {
      plain[key] = chosen[key] ?? given.value;
      const path = `${group}.${key}`;
      provenance.set(path, key in chosen ? { kind: "chosen", source: "option" } : { kind: given.kind, source: given.source, cells: given.cells, quantity: given });
    }
    spec[group] = plain;
  }
  const { kind, source, cells, ...policy } = ahead;
  spec.lookAhead = { ...policy, ...overrides.lookAhead };
  provenance.set("lookAhead", overrides.lookAhead ? { kind: "chosen", source: "option" } : { kind, source, cells });
  return { spec: spec as unknown as MachineSpec, provenance };
}
