/**
 * What the data files say of their values is true: derived ones follow by the
 * arithmetic they state from cells of the paper and values beside them, every cell
 * cited exists, and what is not measured has a range.
 */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { claims, paperCells } from "../../lib/paper/index.ts";
import type { PaperCell } from "../../lib/paper/index.ts";
import { evaluate, namesIn } from "../../lib/schema/arithmetic.ts";

interface Value {
  value: number | string | boolean;
  unit?: string;
  kind: string;
  source: string;
  how?: string;
  cells?: string[];
  range?: [number, number];
}
type Group = Record<string, Value>;

const DATA = new URL("../../data/", import.meta.url);

/** Every value of the files that describe machines and systems, with its name and its neighbours. */
const values = ["machines", "systems", "what-if"].flatMap((folder) =>
  readdirSync(new URL(`${folder}/`, DATA)).flatMap((file) => {
    const { name: _name, description: _description, ...groups } = JSON.parse(readFileSync(new URL(`${folder}/${file}`, DATA), "utf8")) as Record<string, Group>;
    return Object.entries(groups as Record<string, Group>).flatMap(([group, members]) =>
      Object.entries(members).map(([key, value]) => ({ path: `${file} ${group}.${key}`, group, key, value, groups: groups as Record<string, Group> })),
    );
  }),
);

/** The cells that a citation means: it is the beginning of their identifiers, "table | row | column". */
function cited(citation: string): PaperCell[] {
  return paperCells.filter(({ id }) => id === citation || id.startsWith(`${citation} | `));
}

/** Numbers that the text of section 5 states, and the pages of a window after the first. */
const stated = [...claims.filter(({ section }) => section === "5").map(({ value }) => value), 15];

test("there are values to look at", () => {
  expect(values.length).toBeGreaterThan(100);
});

describe("a derived value", () => {
  test.each(values.filter(({ value }) => value.kind === "derived").map((one) => [one.path, one] as const))("%s", (_path, { value, groups, group, key }) => {
    const how = value.how!;
    expect(how).toMatch(/^[\w. +*/-]+$/);
    for (const number of how.match(/(?<![\w.])\d+(\.\d+)?/g) ?? []) {
      expect([...value.cells!.flatMap(cited).map(({ paper }) => paper), ...stated], `${number} stands in a cell that is cited, or in the text`).toContain(Number(number));
    }
    const valueOf = (name: string) => {
      const [in_, own] = name.includes(".") ? (name.split(".") as [string, string]) : [group, name];
      expect(`${in_}.${own}`, "a value does not follow from itself").not.toBe(`${group}.${key}`);
      return groups[in_]![own]!.value as number;
    };
    expect(namesIn(how).every((name) => Number.isFinite(valueOf(name)))).toBe(true);
    expect(evaluate(how, valueOf)).toBeCloseTo(value.value as number, 9);
  });
});

test("a measured value stands in every cell that it cites, in its own unit", () => {
  for (const { path, value } of values) {
    if (value.kind !== "measured") continue;
    const units = { us: "µs", ms: "ms" } as Record<string, string>;
    for (const citation of value.cells!) {
      const printed = cited(citation).filter(({ unit }) => unit === units[value.unit!]);
      expect(printed.map(({ paper }) => paper), `${path}: ${citation}`).toEqual([value.value]);
    }
  }
});

test("every citation means a claim or at least one cell of the paper", () => {
  for (const { path, value } of values) {
    for (const citation of value.cells ?? []) expect(cited(citation).length > 0 || claims.some(({ id }) => id === citation), `${path}: ${citation}`).toBe(true);
  }
});

test("every number that is assumed or fitted has a range with room around or beside it", () => {
  for (const { path, value } of values) {
    if (typeof value.value !== "number" || (value.kind !== "assumed" && value.kind !== "fitted")) continue;
    const [low, high] = value.range!;
    expect(low < high && low <= value.value && value.value <= high, path).toBe(true);
  }
});

test("a unit is the end of its value's name", () => {
  const endings: Record<string, string> = { us: "Us", ms: "Ms", percent: "Percent", bytes: "Bytes", KB: "KB", MB: "MB", Hz: "Hz" };
  for (const { path, key, value } of values) {
    const ending = endings[value.unit ?? ""];
    if (ending !== undefined) expect(key.endsWith(ending), path).toBe(true);
  }
});
