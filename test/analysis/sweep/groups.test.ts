/** The best of each group of rows, and what one setting gains over another. */
import { expect, test } from "vitest";
import { gain, highest } from "../../../lib/analysis/sweep/index.ts";

const rows = [
  { size: 4, increment: 1, pager: "copy", kbPerSec: 290 },
  { size: 4, increment: 2, pager: "copy", kbPerSec: 350 },
  { size: 8, increment: 1, pager: "copy", kbPerSec: 300 },
  { size: 8, increment: 2, pager: "copy", kbPerSec: null },
  { size: 4, increment: 1, pager: "steal", kbPerSec: 310 },
  { size: 4, increment: 2, pager: "steal", kbPerSec: 385 },
  { size: 16, increment: 1, pager: "copy", kbPerSec: null },
];

test("highest: one row a group, in the order of the rows, and none where nothing was measured", () => {
  expect(highest(rows, "kbPerSec", ["size"])).toEqual([rows[5], rows[2]]);
  expect(highest(rows, "kbPerSec", ["size", "pager"])).toEqual([rows[1], rows[2], rows[5]]);
});

test("highest: as quickly a row for a large group as for a small one", () => {
  // Copied for each row the group would take minutes.
  const many = Array.from({ length: 150_000 }, (_, i) => ({ size: 4, kbPerSec: i }));
  expect(highest(many, "kbPerSec", ["size"])).toEqual([many.at(-1)]);
}, 40_000);

test("gain: in percent of the first, for groups that have both", () => {
  const best = highest(rows, "kbPerSec", ["size", "pager"]);
  const [four, ...others] = gain(best, { value: "kbPerSec", factor: "pager", from: "copy", to: "steal", of: ["size"] });
  expect(four).toEqual({ size: 4, gainPercent: 10 });
  expect(others).toEqual([]);
  expect(gain(best, { value: "kbPerSec", factor: "pager", from: "steal", to: "copy", of: ["size"] })[0]!.gainPercent).toBe(-9.1);
});

test("refused: columns that are not there, groups that are not told apart", () => {
  expect(() => highest(rows, "kbPerSecond", ["size"])).toThrow(/^there is no column "kbPerSecond"; nearest is "kbPerSec"/);
  expect(() => highest(rows, "kbPerSec", ["sise"])).toThrow(/"sise"; nearest is "size"/);
  expect(() => gain(rows, { value: "kbPerSec", factor: "pager", from: "copy", to: "steal", of: ["size"] })).toThrow(/several rows have the same pager, size; name in "of"/);
});
