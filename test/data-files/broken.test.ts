/** A machine or system file with a fault gives one clear error: where it is, what is wrong, what is allowed. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { whatIfShape } from "../../lib/analysis/what-if-machines.ts";
import { machineShape } from "../../lib/hardware/machine-file.ts";
import { mach26Shape } from "../../lib/kernels/mach26/mapped-kernel.ts";
import { svr4Shape } from "../../lib/kernels/svr4/kernel.ts";
import { check, InputError, parameters } from "../../lib/schema/index.ts";
import type { Shape } from "../../lib/schema/index.ts";
import { parameterFile } from "../../lib/schema/parameters.ts";
import { readData } from "../../lib/systems/data-files.ts";

type File = Record<string, Record<string, Record<string, unknown>>>;

const shapes: Record<string, Shape> = {
  "machines/hp-vectra.json": machineShape,
  "machines/compaq.json": machineShape,
  "what-if/pc-1998.json": whatIfShape,
  "systems/mach26.json": mach26Shape,
  "systems/svr4.json": svr4Shape,
};

const load = (path: string): File => JSON.parse(readFileSync(new URL(`../../data/${path}`, import.meta.url), "utf8")) as File;

describe.each(Object.entries(shapes))("%s", (path, shape) => {
  const leaves = Object.entries(shape).flatMap(([group, members]) => Object.keys(members).map((key) => [group, key] as const));

  const schema = parameterFile(shape);

  /** The message for a copy of the file that `harm` has been at. */
  function complaint(harm: (file: File) => void): string {
    const file = load(path);
    harm(file);
    try {
      check(schema, file, "a copy");
    } catch (error) {
      expect(error).toBeInstanceOf(InputError);
      expect((error as Error).message).not.toContain("\n");
      return (error as Error).message;
    }
    throw new Error("nothing was complained of");
  }

  test("as it is it is sound", () => {
    expect(Object.keys(parameters(shape, load(path), path).values)).toEqual(Object.keys(shape));
  });

  test.each(leaves)("%s.%s: missing, negative, mis-typed, misspelled", (group, key) => {
    const at = `a copy: ${group}.${key}`;
    const given = load(path)[group]![key]!;
    expect(complaint((file) => delete file[group]![key])).toMatch(`${at}: missing`);
    expect(complaint((file) => (file[group]![key] = given.value as never))).toMatch(at);
    expect(complaint((file) => (file[group]![key]!.value = [1]))).toMatch(`${at}.value: `);
    expect(complaint((file) => delete file[group]![key]!.source)).toMatch(`${at}.source: missing`);
    expect(complaint((file) => (file[group]![key]!.kind = "guessed"))).toMatch(new RegExp(`^${at}.kind: "guessed" is not allowed; nearest is`));
    const misspelled = `${key.slice(0, -2)}x${key.slice(-2)}`;
    expect(complaint((file) => (file[group]![misspelled] = given))).toMatch(new RegExp(`^a copy: ${group}: unknown name "${misspelled}"; nearest is "`));
    if (typeof given.value !== "number") return;
    expect(complaint((file) => (file[group]![key]!.value = -1))).toMatch(new RegExp(`^${at}.value: .*found -1`));
    expect(complaint((file) => (file[group]![key]!.value = String(given.value)))).toMatch(new RegExp(`^${at}.value: expected .*found "`));
    expect(complaint((file) => (file[group]![key]!.unit = "furlongs"))).toMatch(new RegExp(`^${at}.unit: .*"furlongs" is not allowed; nearest is "${String(given.unit)}"`));
    expect(complaint((file) => (file[group]![key]!.unit = given.unit === "us" ? "ms" : "us"))).toMatch(`${at}.unit: `);
  });

  test("a group that is missing, or that nobody knows", () => {
    const [first] = Object.keys(shape);
    expect(complaint((file) => delete file[first!])).toMatch(`a copy: ${first}: missing`);
    expect(complaint((file) => (file.printer = {}))).toMatch(/^a copy: unknown name "printer"; nearest is "/);
  });

  test("provenance that contradicts its kind", () => {
    const [group, key] = leaves.find(([g, k]) => load(path)[g]![k]!.kind === "assumed" && load(path)[g]![k]!.range !== undefined)!;
    const at = `a copy: ${group}.${key}`;
    expect(complaint((file) => delete file[group]![key]!.range)).toMatch(`${at}.range: `);
    expect(complaint((file) => (file[group]![key]!.range = [1e9, 2e9]))).toMatch(/expected a value within its range, 1000000000 to 2000000000/);
    expect(complaint((file) => (file[group]![key]!.range = [2, 1]))).toMatch(/expected the lower end first/);
    expect(complaint((file) => (file[group]![key]!.kind = "derived"))).toMatch(`${at}.how: `);
    expect(complaint((file) => (file[group]![key]!.kind = "measured"))).toMatch(`${at}.cells: `);
  });
});

test("a file that is not there", () => {
  expect(() => readData("machines/pdp-11.json")).toThrow(new InputError("data/machines/pdp-11.json: no such file"));
});

test("a file that is not JSON", () => {
  expect(() => readData("README.md")).toThrow(InputError);
  expect(() => readData("README.md")).toThrow(/^data\/README\.md: not JSON \([^\n]*\)$/);
});
