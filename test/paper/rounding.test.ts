import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { printedInterval, printedStep } from "../../lib/paper/rounding.ts";

describe("printedStep", () => {
  test.each([
    ["12.5", ["12.5"], 0.1],
    ["10.0", ["10.5", "10.0"], 0.1],
    ["4.00", ["4.49", "4.00"], 0.01],
    ["316", ["316"], 1],
    ["320", ["320", "320"], 10],
    ["300", ["300", "320"], 10],
    ["900", ["900", "900"], 100],
    ["1100", ["1100", "1300"], 100],
    ["40", ["40", "61"], 10],
    ["0", ["0"], 1],
  ])("%s beside %j counts in steps of %d", (printed, company, step) => {
    expect(printedStep(printed, company)).toBe(step);
  });

  test("a number alone is its own company", () => {
    expect(printedStep("600")).toBe(100);
  });
});

describe("printedInterval", () => {
  test("is what the printed digits allow", () => {
    expect(printedInterval(12.5, printedStep("12.5"))).toEqual([12.45, 12.55]);
    expect(printedInterval(320, printedStep("320"))).toEqual([315, 325]);
    expect(printedInterval(14.8, 0.1)).toEqual([14.75, 14.85]);
  });

  test("holds every value that rounds to the printed one", () => {
    fc.assert(
      fc.property(fc.double({ min: 0.1, max: 20_000, noNaN: true }), fc.integer({ min: 0, max: 3 }), (value, decimals) => {
        const printed = value.toFixed(decimals);
        const [low, high] = printedInterval(Number(printed), printedStep(printed));
        const dust = 1e-9 * value;
        expect(value).toBeGreaterThanOrEqual(low - dust);
        expect(value).toBeLessThanOrEqual(high + dust);
      }),
    );
  });
});
