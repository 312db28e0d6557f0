import { expect, test } from "vitest";
import { evaluate, namesIn } from "../../lib/schema/arithmetic.ts";

const values: Record<string, number> = { aUs: 8, bUs: 0.5, "disk.cUs": 3 };

test.each([
  ["61 - 61", 0],
  ["10 - 2 * 3 + aUs / 4", 6],
  ["16 * 900 / 15 - 2250 / 15 - 115 - 379", 316],
  ["aUs - disk.cUs - bUs", 4.5],
  ["100 / 10 / 2", 5],
  ["7", 7],
])("%s comes to %d", (how, value) => {
  expect(evaluate(how, (name) => values[name]!)).toBeCloseTo(value, 9);
});

test("the names are found, with their groups, and numbers are none", () => {
  expect(namesIn("390 - 79.5 - bmapUs - disk.cUs * 2")).toEqual(["bmapUs", "disk.cUs"]);
  expect(namesIn("61 - 61")).toEqual([]);
});
