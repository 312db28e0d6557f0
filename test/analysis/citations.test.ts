/** The labels of evidence, checked by changing parameters: what a cell is said to come from must move it. */
import { describe, expect, test } from "vitest";
import { citing, evidenceOf, evidenceOfClaim } from "../../lib/analysis/evidence.ts";
import { claimExperiments } from "../../lib/analysis/experiments.ts";
import { movesWith, tryValue, simulatedValue } from "../../lib/analysis/moves.ts";
import { allParameters } from "../../lib/analysis/parameters.ts";
import type { Parameter } from "../../lib/analysis/parameters.ts";
import { experimentOf } from "../../lib/analysis/samples.ts";
import { paperCells } from "../../lib/paper/index.ts";

const MAKERS = { input: "measured", derived: "derived", fitted: "fitted" } as const;

const measured = [
  ...paperCells.filter((cell) => experimentOf(cell) !== undefined).map((cell) => ({ id: cell.id, evidence: evidenceOf(cell) })),
  ...[...new Set(claimExperiments.map(({ claim }) => claim))].map((id) => ({ id, evidence: evidenceOfClaim(id) })),
];

/** Whether `id` moves when `parameter` goes to either end of its range or to another choice, or by a step. */
function movesAnywhere(id: string, parameter: Parameter): boolean {
  const before = simulatedValue(id)!;
  const moved = (value: number | undefined) => value !== undefined && Math.abs(value / before - 1) > 1e-3;
  return movesWith(id, parameter) || (parameter.range ?? []).some((end) => moved(tryValue(id, { [parameter.id]: end })));
}

describe("what is not predicted moves with a parameter that makes it so", () => {
  test.each(measured.filter(({ evidence }) => evidence !== "predicted").map(({ id, evidence }) => [id, evidence] as const))("%s is %s", (id, evidence) => {
    const makers = citing(id).filter(({ kind }) => kind === MAKERS[evidence as keyof typeof MAKERS]);
    expect(makers.some((one) => movesAnywhere(id, one)), makers.map((one) => one.id).join()).toBe(true);
  });
});

test("what is predicted is cited by nothing that was measured, derived or fitted", () => {
  const predicted = measured.filter(({ evidence }) => evidence === "predicted");
  expect(predicted.length).toBeGreaterThan(20);
  for (const { id } of predicted) expect(citing(id).map((one) => one.id), id).toEqual([]);
});

test("a fitted value moves something that it is fitted on: what moves nothing would have to be assumed", () => {
  const fitted = allParameters.filter(({ kind }) => kind === "fitted");
  const idle = fitted.filter((one) => !measured.some(({ id }) => citing(id, [one]).length > 0 && movesAnywhere(id, one)));
  expect(idle.map(({ id }) => id)).toEqual([]);
});
