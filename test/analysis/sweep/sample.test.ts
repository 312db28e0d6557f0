import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Plan } from "../../../lib/analysis/sweep/plan.ts";
import { samplePoints } from "../../../lib/analysis/sweep/sample.ts";
import { SOBOL_DIMENSIONS, sobolPoints } from "../../../lib/analysis/sweep/sobol-sequence.ts";
import { specOf } from "./spec.ts";

const column = (points: Float64Array, dimensions: number, d: number) => Array.from({ length: points.length / dimensions }, (_, i) => points[i * dimensions + d]!);
/** How many values lie in each of `count` equal slices of 0 to 1. */
const slices = (values: number[], count: number) => {
  const hits = new Array<number>(count).fill(0);
  for (const value of values) hits[Math.floor(value * count)]!++;
  return hits;
};

test("the Sobol sequence begins as published", () => {
  // The first points in three dimensions with the direction numbers of Joe and Kuo, as in their program.
  expect(Array.from(sobolPoints(8, 3))).toEqual([
    0, 0, 0, 0.5, 0.5, 0.5, 0.75, 0.25, 0.25, 0.25, 0.75, 0.75, 0.375, 0.375, 0.625, 0.875, 0.875, 0.125, 0.625, 0.125, 0.875, 0.125, 0.625, 0.375,
  ]);
});

describe("a sample is spread over every dimension", () => {
  test.each(["latin-hypercube", "sobol"] as const)("%s: one point in each slice", (method) => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 3, max: 7 }), fc.integer(), (dimensions, power, seed) => {
        const points = 2 ** power;
        const { count, coordinates } = samplePoints({ method, points }, dimensions, seed);
        expect(count).toBe(points);
        for (let d = 0; d < dimensions; d++) expect(slices(column(coordinates, dimensions, d), points)).toEqual(new Array(points).fill(1));
      }),
      { numRuns: 40 },
    );
  });

  test("every dimension of the Sobol sequence is spread as evenly, and any two beside each other fill the square", () => {
    const count = 256;
    const points = sobolPoints(count, SOBOL_DIMENSIONS);
    for (let d = 0; d < SOBOL_DIMENSIONS; d++) expect(slices(column(points, SOBOL_DIMENSIONS, d), count)).toEqual(new Array(count).fill(1));
    for (let d = 1; d < 8; d++) {
      const [xs, ys] = [column(points, SOBOL_DIMENSIONS, d - 1), column(points, SOBOL_DIMENSIONS, d)];
      const boxes = slices(xs.map((x, i) => (Math.floor(x * 4) + Math.floor(ys[i]! * 4) * 4) / 16), 16);
      expect(Math.max(...boxes) - Math.min(...boxes)).toBeLessThanOrEqual(16);
    }
  });

  test("the design of Saltelli has A, B, and A with one column after the other of B", () => {
    const { count, coordinates } = samplePoints({ method: "saltelli", points: 8 }, 3, 1);
    expect(count).toBe(8 * 5);
    for (let row = 0; row < 8; row++) {
      const [a, b, ...mixed] = Array.from({ length: 5 }, (_, i) => Array.from(coordinates.subarray((row * 5 + i) * 3, (row * 5 + i + 1) * 3)));
      expect(mixed).toEqual([0, 1, 2].map((d) => a!.map((value, i) => (i === d ? b![i] : value))));
      expect(a).not.toEqual(b);
    }
  });

  test("seeds give different samples, the same seed the same", () => {
    const draw = (seed: number) => Array.from(samplePoints({ method: "latin-hypercube", points: 16 }, 2, seed).coordinates);
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
  });
});

describe("from shares to values", () => {
  const values = (axis: object, name = "readBytes") => {
    const plan = new Plan(specOf({ system: "mach26", [name]: axis as never }, "sequentialRead", { sample: { method: "sobol", points: 1024 } }));
    return Array.from({ length: plan.points }, (_, index) => plan.point(index).values[name] as number);
  };
  const often = (list: unknown[]) => [...new Set(list)].map((value) => list.filter((one) => one === value).length);

  test("whole numbers come as often as each other, ends included", () => {
    const drawn = values({ from: 1, to: 4 });
    expect([...new Set(drawn)].sort()).toEqual([1, 2, 3, 4]);
    expect(often(drawn)).toEqual([256, 256, 256, 256]);
  });

  test("steps are counted from the lower end", () => {
    expect([...new Set(values({ from: 512, to: 4096, step: 1024 }))].sort((a, b) => a - b)).toEqual([512, 1536, 2560, 3584]);
  });

  test("in the logarithm each doubling gets as many points", () => {
    const drawn = values({ from: 1, to: 16, log: true }, "machine.disk.headSwitchMs");
    expect(slices(drawn.map((value) => Math.log2(value) / 4.000001), 4)).toEqual([256, 256, 256, 256]);
  });

  test("fractions stay within the range", () => {
    const drawn = values({ from: 0.5, to: 2 }, "machine.disk.headSwitchMs");
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(0.5);
    expect(Math.max(...drawn)).toBeLessThan(2);
    expect(new Set(drawn).size).toBe(1024);
  });

  test("a few values come as often as each other", () => {
    expect(often(values({ among: [512, 4096] }))).toEqual([512, 512]);
  });

  test("lists are gone through for every point of the sample, with the same points", () => {
    const plan = new Plan(specOf({ system: ["mach3", "mach26"], readBytes: { from: 1, to: 9999 } }, "sequentialRead", { sample: { method: "latin-hypercube", points: 8 } }));
    const points = Array.from({ length: plan.points }, (_, index) => plan.point(index).values);
    expect(points.slice(0, 8).map(({ readBytes }) => readBytes)).toEqual(points.slice(8).map(({ readBytes }) => readBytes));
    expect(points.map(({ system }) => system)).toEqual([...new Array(8).fill("mach3"), ...new Array(8).fill("mach26")]);
  });
});
