import { expect, test } from "vitest";
import { externalChecks } from "../../lib/analysis/external.ts";

const checks = externalChecks();
const of = (id: string) => checks.find((one) => one.id === id)!;

test("every published figure is compared, or it is said why it cannot be", () => {
  expect(checks.length).toBeGreaterThan(10);
  for (const { id, simulated, cannot, verdict } of checks) {
    expect(simulated === undefined, id).toBe(cannot !== undefined);
    expect(verdict === "cannot be compared", id).toBe(cannot !== undefined);
    if (simulated !== undefined) expect(simulated > 0 && Number.isFinite(simulated), id).toBe(true);
  }
});

test("a verdict says how near it is: within a tenth, on the same side of 1, or neither", () => {
  for (const { id, value, within = 0.1, sense, simulated, verdict } of checks) {
    if (simulated === undefined) continue;
    const near = Math.abs(simulated / value - 1) <= within;
    expect(verdict === "agrees", id).toBe(near);
    if (verdict === "same order") expect(sense, id).toBe("ratio");
    if (verdict === "same order") expect(Math.sign(simulated - 1), id).toBe(Math.sign(value - 1));
  }
});

test("the RPC with a stub agrees with Mach-US, measured on the paper's machine", () => {
  expect(of("mach-us-rpc-simple")).toMatchObject({ value: 338, verdict: "agrees" });
});

test("what was assumed from a source is not checked by it", () => {
  expect(of("golub-fork").verdict).toBe("cannot be compared");
});
