import { expect, test } from "vitest";
import { compareClaims } from "../../lib/analysis/index.ts";
import { claim, claimHolds } from "../../lib/paper/index.ts";

const compared = compareClaims();

test("the claims that the systems can answer are compared, case by case", () => {
  expect(compared.map(({ id }) => id)).toEqual(
    expect.arrayContaining(["memory-ratio", "one-byte-equal", "svr4-writes-faster", "raw-increment-one", "mach26-raw-slower", "svr4-raw-read", "remap-read", "pull-in", "never-below"]),
  );
  expect(compared.filter(({ id }) => id === "memory-ratio")).toHaveLength(2);
});

test("a claim that no run can answer is left out", () => {
  const ids = compared.map(({ id }) => id);
  for (const id of ["hp-clock", "mach26-totals-identical"]) expect(ids).not.toContain(id);
});

test("whether a claim holds is judged as for the paper's own numbers", () => {
  for (const { id, simulated, spread, holds, explanation } of compared) {
    expect(holds).toBe(claimHolds(claim(id), simulated));
    expect(simulated).toBeGreaterThanOrEqual(spread[0]);
    expect(simulated).toBeLessThanOrEqual(spread[1]);
    expect(explanation === undefined, id).toBe(holds);
  }
});

test("only claims of the chosen systems are compared", () => {
  expect(compareClaims({ systems: ["svr4"] }).map(({ id }) => id)).toEqual(["svr4-writes-faster", "svr4-raw-read"]);
});
