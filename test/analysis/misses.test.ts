import { expect, test } from "vitest";
import { cites } from "../../lib/analysis/evidence.ts";
import { compare, compareClaims, MISS, misses } from "../../lib/analysis/index.ts";

const missed = compare().cells.filter(({ relativeError }) => Math.abs(relativeError) > MISS);
const failed = compareClaims().filter(({ holds }) => !holds);

test("every cell that is off by more than 10 % is explained", () => {
  expect(missed.filter(({ explanation }) => explanation === undefined).map(({ id }) => id)).toEqual([]);
});

test("no explanation has outlived its miss", () => {
  const stale = misses.flatMap(({ of }) => of).filter((cited) => !missed.some((cell) => cites(cited, cell)) && !failed.some(({ id }) => id === cited));
  expect(stale).toEqual([]);
});
