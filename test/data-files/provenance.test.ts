/**
 * What the data files say of their values is true: derived ones follow by the
 * arithmetic they state from cells of the paper and values beside them, every cell
 * cited exists, and what is not measured has a range.
 */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { claims, paperCells } from "../../lib/paper/index.ts";
import type { PaperCell } from "../../lib/paper/index.ts";

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
const values = ["machines", "systems"].flatMap((folder) =>
  readdirSync(new URL(`${folder}/`, DATA)).flatMap((file) => {
    const { name: _name, description: _description, ...groups } = JSON.parse(readFileSync(new URL(`${folder}/${file}`, DATA), "utf8")) as Record<string, Group>;
    return Object.entries(groups as Record<string, Group>).flatMap(([group, members]) =>
      Object.entries(members).map(([key, value]) => ({ path: `${file} ${group}.${key}`, key, value, group: members })),
    );
  }),
);

/** The cells that a citation means: it is the beginning of their identifiers, "table | row | column". */
function cited(citation: string): PaperCell[] {
  return paperCells.filter(({ id }) => id === citation || id.startsWith(`${citation} | `));
}

/** Numbers that the text of section 5 states, and the pages of a window after the first. */
const stated = [...claims.filter(({ section }) => section === "5").map(({ value }) => value), 15];

/** A term of `how`: a number as the paper prints it, or the name of another value of the group. */
const TERM = /[A-Za-z]\w*|\d+(?:\.\d+)?/g;

/** What `how`, sums and products of terms, comes to. */
function evaluate(how: string, group: Group): number {
  const plain = how.replaceAll(TERM, (term) => String(/^\d/.test(term) ? term : group[term]!.value));
  const [products, ...rest] = plain.split(/(?=[+-])/).map((product) => product.replaceAll(" ", ""));
  return [products!, ...rest].reduce((sum, text) => sum + (text.startsWith("-") ? -1 : 1) * productOf(text.replace(/^[+-]/, "")), 0);
}

const productOf = (text: string): number => text.split(/(?=[*/])/).reduce((product, factor) => (factor.startsWith("/") ? product / Number(factor.slice(1)) : product * Number(factor.replace("*", ""))), 1);

test("there are values to look at", () => {
  expect(values.length).toBeGreaterThan(100);
  expect(evaluate("10 - 2 * 3 + aUs / 4", { aUs: { value: 8, kind: "assumed", source: "" } })).toBe(6);
});

describe("a derived value", () => {
  test.each(values.filter(({ value }) => value.kind === "derived").map((one) => [one.path, one] as const))("%s", (_path, { value, group, key }) => {
    const how = value.how!;
    expect(how).toMatch(/^[\w. +*/-]+$/);
    for (const term of how.match(TERM)!) {
      if (/^\d/.test(term)) expect([...value.cells!.flatMap(cited).map(({ paper }) => paper), ...stated], `${term} stands in a cell that is cited, or in the text`).toContain(Number(term));
      else expect(Object.keys(group).filter((name) => name !== key), `${term} stands beside it`).toContain(term);
    }
    expect(evaluate(how, group)).toBeCloseTo(value.value as number, 9);
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

test("every citation means at least one cell of the paper", () => {
  for (const { path, value } of values) {
    for (const citation of value.cells ?? []) expect(cited(citation).length, `${path}: ${citation}`).toBeGreaterThan(0);
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
