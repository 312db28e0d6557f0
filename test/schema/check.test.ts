/** What a user reads who gave something wrong: one line that says what, where, and what would be right. */
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { z } from "zod";
import { InputError, check, quantity } from "../../lib/schema/index.ts";

const machine = z.strictObject({
  name: z.string(),
  disk: z.strictObject({ headSwitchMs: quantity("ms"), cylinders: quantity("cylinders", { min: 1, integer: true }) }),
  zones: z.array(z.strictObject({ sectors: z.int() })).default([]),
  notes: z.record(z.string(), z.strictObject({ text: z.string() })).optional(),
});

const names = ["hp-vectra", "compaq"] as const;
const options = z.strictObject({
  machine: z.union([z.enum(names), z.strictObject({ name: z.enum(names), overrides: z.strictObject({ readBytes: z.int().max(65536).optional() }).optional() })]).optional(),
  seed: z.int().optional(),
});

const given = (field: string) => ({ unit: field, kind: "chosen", source: "here" });
const good = { name: "a", disk: { headSwitchMs: { ...given("ms"), value: 1.2 }, cylinders: { ...given("cylinders"), value: 1_224 } } };

/** The message that a good machine gives with `value` at `path`; undefined: without what is there. */
function fault(path: string, value: unknown): string {
  const spoiled = structuredClone(good);
  const keys = path.split(".");
  const last = keys.pop()!;
  const parent = keys.reduce<Record<string, unknown>>((at, key) => at[key] as Record<string, unknown>, spoiled);
  if (value === undefined) delete parent[last];
  else parent[last] = value;
  return message(machine, spoiled);
}

function message(schema: z.ZodType, value: unknown): string {
  try {
    check(schema, value, "machine.json");
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return (error as Error).message.replace("machine.json: ", "");
  }
  return "accepted";
}

test("what is right is given back, with defaults", () => {
  expect(check(machine, good, "machine.json")).toEqual({ ...good, zones: [] });
});

test("the source of the fault comes first", () => {
  expect(() => check(machine, {}, "data/machines/compaq.json")).toThrow(/^data\/machines\/compaq\.json: name: missing/);
});

describe("a value", () => {
  it.each([
    ["that is missing", "disk.headSwitchMs.value", undefined, "disk.headSwitchMs.value: missing (expected number)"],
    ["whose whole quantity is missing", "disk.headSwitchMs", undefined, 'disk.headSwitchMs: missing (expected a quantity { value, unit: "ms", kind, source })'],
    ["given as a bare number", "disk.headSwitchMs", 1.2, 'disk.headSwitchMs: expected a quantity { value, unit: "ms", kind, source }, found 1.2'],
    ["that is negative", "disk.headSwitchMs.value", -1, "disk.headSwitchMs.value: expected number to be >=0, found -1"],
    ["below its minimum", "disk.cylinders.value", 0, "disk.cylinders.value: expected number to be >=1, found 0"],
    ["that is text", "disk.headSwitchMs.value", "1.2", 'disk.headSwitchMs.value: expected number, found "1.2"'],
    ["that is no number", "disk.headSwitchMs.value", NaN, "disk.headSwitchMs.value: expected number, found NaN"],
    ["that is infinite", "disk.headSwitchMs.value", Infinity, "disk.headSwitchMs.value: expected number, found Infinity"],
    ["that is null", "disk.cylinders", null, 'disk.cylinders: expected a quantity { value, unit: "cylinders", kind, source }, found null'],
    ["that is not whole", "disk.cylinders.value", 1.5, "disk.cylinders.value: expected whole number, found 1.5"],
    ["in another unit", "disk.headSwitchMs.unit", "us", 'disk.headSwitchMs.unit: "us" is not allowed; nearest is "ms"'],
    ["in no unit", "disk.headSwitchMs.unit", undefined, 'disk.headSwitchMs.unit: missing (expected "ms")'],
    ["in an array", "zones", [{ sectors: 1 }, { sectors: true }], "zones[1].sectors: expected number, found true"],
  ])("%s", (_, path, value, expected) => {
    expect(fault(path, value)).toBe(expected);
  });
});

describe("a name", () => {
  it.each([
    ["that is unknown", "disk.colour", 1, 'disk: unknown name "colour"; nearest is "cylinders" (of headSwitchMs, cylinders)'],
    ["that is misspelled, rather than that it is missing", "disk", { headSwitchMS: good.disk.headSwitchMs, cylinders: good.disk.cylinders }, 'disk: unknown name "headSwitchMS"; nearest is "headSwitchMs" (of headSwitchMs, cylinders)'],
    ["that is unknown in an array", "zones", [{ sector: 1 }], 'zones[0]: unknown name "sector"; nearest is "sectors"'],
    ["that is unknown in a record", "notes", { first: { txt: "" } }, 'notes.first: unknown name "txt"; nearest is "text"'],
    ["on several lines", "na\nme", 1, 'unknown name "na\\nme"; nearest is "name" (of name, disk, zones, notes)'],
  ])("%s", (_, path, value, expected) => {
    expect(fault(path, value)).toBe(expected);
  });
});

describe("where there is a choice", () => {
  it.each([
    ["a wrong word", { machine: "compac" }, 'machine: "compac" is not allowed; nearest is "compaq" (of hp-vectra, compaq)'],
    ["the beginning of a word", { machine: "hp" }, 'machine: "hp" is not allowed; nearest is "hp-vectra" (of hp-vectra, compaq)'],
    ["a wrong word inside", { machine: { name: "compac" } }, 'machine.name: "compac" is not allowed; nearest is "compaq" (of hp-vectra, compaq)'],
    ["a misspelled name", { machine: { nam: "compaq" } }, 'machine: unknown name "nam"; nearest is "name" (of name, overrides)'],
    ["a misspelled name deep inside", { machine: { name: "compaq", overrides: { readByte: 1 } } }, 'machine.overrides: unknown name "readByte"; nearest is "readBytes"'],
    ["a value out of bounds deep inside", { machine: { name: "compaq", overrides: { readBytes: 1e6 } } }, "machine.overrides.readBytes: expected number to be <=65536, found 1000000"],
    ["something else", { machine: 3 }, 'machine: expected one of "hp-vectra"|"compaq", or expected object, found 3'],
    ["a missing name", { machine: {} }, 'machine.name: missing (expected one of "hp-vectra"|"compaq")'],
  ])("%s", (_, value, expected) => {
    expect(message(options, value)).toBe(expected);
  });
});

test("the whole, when it is of another kind", () => {
  expect(message(machine, undefined)).toBe("missing (expected object)");
  expect(message(machine, [1, 2])).toBe("expected object, found [ 1, 2 ]");
  expect(message(machine, "a\nb")).toBe('expected object, found "a\\nb"');
  expect(message(z.strictObject({ op: z.enum(["R", "W"]) }), { op: 7n })).toBe('op: expected one of "R"|"W", found 7n');
});

test("whatever is given, the outcome is a value or one short line", () => {
  const anything = fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true, withObjectString: true });
  fc.assert(
    fc.property(fc.oneof(anything, fc.record({ machine: anything, seed: anything }), anything.map((disk) => ({ ...good, disk }))), (value) => {
      for (const schema of [machine, options]) {
        const line = message(schema, value);
        expect(line).not.toContain("\n");
        expect(line).not.toContain("nvalid input");
        expect(line.length).toBeLessThan(1_000);
      }
    }),
    { numRuns: 2_000 },
  );
});
