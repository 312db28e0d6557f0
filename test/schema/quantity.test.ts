/** Quantities say what they are; each kind must say what makes it trustworthy. */
import { expect, it, test } from "vitest";
import { kinds, quantity } from "../../lib/schema/index.ts";

const faults = (value: unknown) => quantity("us").safeParse(value).error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);

/** A quantity that is complete whatever its kind. */
const complete = { value: 115, unit: "us", source: "Table 5-2", how: "printed", cells: ["5-2 | null trap"], range: [100, 130] };

it.each(kinds)("that is %s is accepted with all that can be said of it", (kind) => {
  expect(faults({ ...complete, kind })).toBeUndefined();
});

it.each([
  ["measured", "cells", "a measured value names its cells"],
  ["fitted", "cells", "a fitted value names its cells"],
  ["fitted", "range", "the range of values that are fitted"],
  ["assumed", "range", "the range of values that are assumed"],
  ["derived", "how", "a derived value says how it was derived"],
])("that is %s needs its %s", (kind, field, why) => {
  expect(faults({ ...complete, kind, [field]: undefined })).toEqual([`${field}: ${why}`]);
});

it("that the user chose needs nothing but value, unit and source", () => {
  expect(faults({ value: 0, unit: "us", kind: "chosen", source: "option" })).toBeUndefined();
});

it("lies within its range, which goes from low to high", () => {
  expect(faults({ ...complete, kind: "assumed", range: [115, 115] })).toBeUndefined();
  expect(faults({ ...complete, kind: "assumed", range: [1, 2] })).toEqual(["value: expected a value within its range, 1 to 2"]);
  expect(faults({ ...complete, kind: "derived", range: [1, 2] })).toEqual(["value: expected a value within its range, 1 to 2"]);
  expect(faults({ ...complete, kind: "assumed", range: [130, 100] })).toEqual(["range: expected the lower end first"]);
});

it("says where it comes from", () => {
  expect(faults({ ...complete, kind: "chosen", source: "" })).toHaveLength(1);
  expect(faults({ ...complete, kind: "guessed" })?.[0]).toMatch(/^kind: /);
});

test("bounds: 0 if nothing else is said, whole numbers if asked for", () => {
  const value = (n: number) => ({ value: n, unit: "count", kind: "chosen", source: "x" });
  expect(quantity("count").safeParse(value(0)).success).toBe(true);
  expect(quantity("count").safeParse(value(-0.1)).success).toBe(false);
  expect(quantity("count", { min: -5 }).safeParse(value(-4.5)).success).toBe(true);
  expect(quantity("count", { min: 1, integer: true }).safeParse(value(0)).success).toBe(false);
  expect(quantity("count", { integer: true }).safeParse(value(2.5)).success).toBe(false);
});
