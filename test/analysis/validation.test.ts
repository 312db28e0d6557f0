/** The committed report, data/validation.json, is what the simulation gives now. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { validation } from "../../lib/analysis/index.ts";
import type { Validation } from "../../lib/analysis/index.ts";
import { paperCells } from "../../lib/paper/index.ts";

const committed = JSON.parse(readFileSync(new URL("../../data/validation.json", import.meta.url), "utf8")) as Validation;
const fresh = JSON.parse(JSON.stringify(validation())) as Validation;

/** Every value of a report by where it stands; what has a name is called by it. */
function valuesOf(part: unknown, place: string): [string, unknown][] {
  if (typeof part !== "object" || part === null) return [[place, part]];
  const { id, how, path, system } = part as Record<string, unknown>;
  const name = [id ?? system, how ?? path].filter((one) => one !== undefined).join(", ");
  const here = name === "" ? place : `${place.replace(/ \d+$/, "")} ${name}`;
  return Object.entries(part).flatMap(([key, value]) => valuesOf(value, `${here} ${key}`));
}

test("data/validation.json is the report of npm run validate; if not, look at what moved and run npm run validate -- --write", () => {
  const before = new Map(valuesOf(committed, ""));
  const now = new Map(valuesOf(fresh, ""));
  const places = [...new Set([...before.keys(), ...now.keys()])];
  const moved = places.filter((place) => before.get(place) !== now.get(place)).map((place) => `${place.trim()}: ${JSON.stringify(before.get(place))} → ${JSON.stringify(now.get(place))}`);
  expect(moved).toEqual([]);
  expect(now.size).toBeGreaterThan(1000);
});

test("every cell of the nine tables that holds a number is in the report, with evidence and the spread of its runs", () => {
  expect(fresh.cells.map(({ id }) => id)).toEqual(paperCells.map(({ id }) => id));
  expect(new Set(fresh.cells.map(({ table }) => table)).size).toBe(9);
  expect(fresh.cells.filter(({ spread: [low, high] }) => low < high).length).toBeGreaterThan(50);
  for (const { id, spread: [low, high], simulated } of fresh.cells) expect(low <= simulated && simulated <= high, id).toBe(true);
});
