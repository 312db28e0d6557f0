import { describe, expect, test } from "vitest";
import { samplePoints } from "../../../lib/analysis/sweep/sample.ts";
import { sobolIndices } from "../../../lib/analysis/sweep/sobol-indices.ts";
import { sweep } from "../../../lib/index.ts";

/** The indices of a function of the unit cube, from `rows` rows of the design. */
function indicesOf(f: (x: readonly number[]) => number, dimensions: number, rows: number, seed = 1) {
  const { count, coordinates } = samplePoints({ method: "saltelli", points: rows }, dimensions, seed);
  const values = Array.from({ length: count }, (_, i) => f(Array.from(coordinates.subarray(i * dimensions, (i + 1) * dimensions))));
  const every = (offset: number) => values.filter((_, i) => i % (dimensions + 2) === offset);
  return sobolIndices({ a: every(0), b: every(1), mixed: Array.from({ length: dimensions }, (_, d) => every(2 + d)) }, 0.95, seed);
}

describe("the indices of functions for which they are known", () => {
  test("Ishigami's function, whose third factor acts only together with the first", () => {
    const ishigami = (x: readonly number[]) => {
      const [a, b, c] = x.map((u) => Math.PI * (2 * u - 1)) as [number, number, number];
      return Math.sin(a) + 7 * Math.sin(b) ** 2 + 0.1 * c ** 4 * Math.sin(a);
    };
    const found = indicesOf(ishigami, 3, 2048);
    [0.3139, 0.4424, 0].forEach((exact, d) => expect(found[d]!.first.value).toBeCloseTo(exact, 1.5));
    [0.5576, 0.4424, 0.2437].forEach((exact, d) => expect(found[d]!.total.value).toBeCloseTo(exact, 1.5));
  });

  test("a sum, of which each factor has its own share and nothing more, within the intervals", () => {
    const weights = [4, 2, 1];
    const whole = weights.reduce((sum, weight) => sum + weight ** 2, 0);
    let hits = 0;
    for (let seed = 0; seed < 20; seed++) {
      indicesOf((x) => x.reduce((sum, u, d) => sum + weights[d]! * u, 0), 3, 128, seed).forEach(({ first, total }, d) => {
        const exact = weights[d]! ** 2 / whole;
        for (const { value, low, high } of [first, total]) {
          expect(value).toBeCloseTo(exact, 1);
          if (low <= exact && exact <= high) hits++;
        }
      });
    }
    expect(hits / 120).toBeGreaterThan(0.9);
  });
});

describe("of a sweep", () => {
  const grid = { system: ["mach26", "svr4"], "machine.processor.tickUs": { from: 20, to: 100 }, turns: { from: 1, to: 3 } };

  test("what matters most comes first, for each of the listed systems", async () => {
    const result = await sweep(grid, "getpid", { sample: { method: "saltelli", points: 16 }, backend: "serial", store: false });
    expect(result.length).toBe(2 * 16 * 4);
    const rows = result.sobolIndices("elapsedNs");
    expect(rows.map(({ system, factor }) => [system, factor])).toEqual([["mach26", "turns"], ["mach26", "machine.processor.tickUs"], ["svr4", "turns"], ["svr4", "machine.processor.tickUs"]]);
    expect(rows[0]!.total).toBeGreaterThan(0.9);
    expect(rows[1]!.total).toBeLessThan(0.2);
  });

  test("they want the design and all points", async () => {
    const plain = await sweep({ ...grid, turns: 1 }, "getpid", { sample: { method: "sobol", points: 2 }, backend: "serial", store: false });
    expect(() => plain.sobolIndices("elapsedNs")).toThrow('Sobol indices need a sample: { method: "saltelli"');
  });
});
