/** Mean value analysis against what theory gives in other ways: formulas, bounds, and Buzen's convolution. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { meanValueAnalysis } from "../../lib/analysis/mean-value-analysis.ts";

/** Buzen 1973: throughput by normalization constants, which knows nothing of response times. */
function convolution(demands: number[], think: number, customers: number): number {
  let g = Array.from({ length: customers + 1 }, (_, n) => think ** n / factorial(n));
  for (const demand of demands) {
    const next = [g[0]!];
    for (let n = 1; n <= customers; n++) next.push(g[n]! + demand * next[n - 1]!);
    g = next;
  }
  return g[customers - 1]! / g[customers]!;
}

const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));
const last = (demands: number[], thinkMs: number, customers: number) =>
  meanValueAnalysis({ demandsMs: Object.fromEntries(demands.map((demand, i) => [`queue ${i}`, demand])), thinkMs, customers }).at(-1)!;
const demand = fc.double({ min: 0.1, max: 50, noNaN: true });

describe("a closed network", () => {
  it("of any demands has the throughput that Buzen's convolution gives", () => {
    fc.assert(
      fc.property(fc.array(demand, { minLength: 1, maxLength: 4 }), fc.double({ min: 0, max: 100, noNaN: true }), fc.integer({ min: 1, max: 20 }), (demands, think, customers) => {
        expect(last(demands, think, customers).roundsPerSec / 1000 / convolution(demands, think, customers)).toBeCloseTo(1, 9);
      }),
      { seed: 1992 },
    );
  });

  it("never leaves its asymptotic bounds, and reaches them at both ends", () => {
    fc.assert(
      fc.property(fc.array(demand, { minLength: 1, maxLength: 4 }), fc.double({ min: 0, max: 100, noNaN: true }), fc.integer({ min: 1, max: 30 }), (demands, think, customers) => {
        const perMs = last(demands, think, customers).roundsPerSec / 1000;
        const total = demands.reduce((sum, one) => sum + one, 0);
        expect(perMs).toBeLessThanOrEqual(Math.min(1 / Math.max(...demands), customers / (total + think)) * (1 + 1e-12));
        expect(perMs).toBeGreaterThanOrEqual(customers / (customers * total + think) / (1 + 1e-12));
      }),
      { seed: 1992 },
    );
    expect(last([3, 5], 12, 1).roundsPerSec).toBeCloseTo(1000 / 20, 9);
    expect(last([3, 5], 12, 200).roundsPerSec).toBeCloseTo(1000 / 5, 6);
  });

  it("of M equal queues has N / (D (N + M - 1))", () => {
    for (const [queues, customers] of [[2, 5], [3, 7], [4, 1]] as const) {
      expect(last(Array.from({ length: queues }, () => 4), 0, customers).roundsPerSec).toBeCloseTo((1000 * customers) / (4 * (customers + queues - 1)), 9);
    }
  });

  it("of one queue is M/M/1//N, the repairman of N machines", () => {
    const [service, think, machines] = [6, 40, 9];
    const weight = (waiting: number) => (factorial(machines) / factorial(machines - waiting)) * (service / think) ** waiting;
    const idle = 1 / Array.from({ length: machines + 1 }, (_, waiting) => weight(waiting)).reduce((sum, one) => sum + one, 0);
    const state = last([service], think, machines);
    expect(state.utilization["queue 0"]).toBeCloseTo(1 - idle, 9);
    expect(state.queueLength["queue 0"]).toBeCloseTo(machines - (think * (1 - idle)) / service, 9);
  });

  it("keeps Little's law and the utilization law", () => {
    const { roundsPerSec, responseMs, utilization, queueLength } = last([2, 7, 1], 20, 6);
    expect((roundsPerSec / 1000) * (responseMs + 20)).toBeCloseTo(6, 9);
    expect(Object.values(queueLength).reduce((sum, one) => sum + one, 0) + (roundsPerSec / 1000) * 20).toBeCloseTo(6, 9);
    expect(utilization["queue 1"]).toBeCloseTo((roundsPerSec / 1000) * 7, 9);
  });

  it("counts service at two queues at once only once, and serves no more for it in the end", () => {
    const alone = meanValueAnalysis({ demandsMs: { processor: 5, disk: 20 }, overlapMs: 2, customers: 60 });
    expect(alone[0]!.responseMs).toBe(23);
    expect(alone.at(-1)!.roundsPerSec).toBeCloseTo(50, 3);
  });

  it("in which a round takes no time is an input error", () => {
    expect(() => meanValueAnalysis({ demandsMs: { disk: 3 }, overlapMs: 3, customers: 1 })).toThrow(/^meanValueAnalysis: overlapMs: expected less than a round takes/);
    expect(() => meanValueAnalysis({ demandsMs: {}, customers: 1 })).toThrow(/at least one queue/);
  });
});
