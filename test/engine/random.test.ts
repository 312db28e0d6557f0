/** Random streams: reproducible, independent of each other, and distributed as they say. */
import { mean, sampleCorrelation, standardDeviation } from "simple-statistics";
import { describe, expect, it } from "vitest";
import { RandomStream, Simulation } from "../../lib/engine/index.ts";

const draws = (stream: RandomStream, count = 100_000) => Array.from({ length: count }, () => stream.uniform());

describe("a stream", () => {
  it("is the same to the last bit in every run, here and elsewhere", () => {
    const stream = new RandomStream(1, "disk");
    expect([stream.uniform(), stream.uniform(), stream.uniform(), stream.integer(0, 1e9)]).toEqual([0.9257886847008306, 0.6337410236208665, 0.008411711630851304, 862_686_317]);
  });

  it("differs with its seed and with its name", () => {
    const first = (seed: number, name: string) => new RandomStream(seed, name).uniform();
    const all = [first(1, "a"), first(2, "a"), first(1, "b"), first(11, "a"), first(1, "1/a")];
    expect(new Set(all).size).toBe(all.length);
  });

  it("is not shifted by what others draw", () => {
    const alone = new Simulation({ seed: 5 }), beside = new Simulation({ seed: 5 });
    const first = draws(alone.stream("a"), 100);
    const other = beside.stream("b"), a = beside.stream("a");
    expect(Array.from({ length: 100 }, () => (other.exponential(3), a.uniform()))).toEqual(first);
  });

  it("goes on where it was when it is asked for again", () => {
    const sim = new Simulation({ seed: 5 });
    const whole = draws(new Simulation({ seed: 5 }).stream("a"), 4);
    expect([...draws(sim.stream("a"), 2), ...draws(sim.stream("a"), 2)]).toEqual(whole);
  });

  it("is not correlated with others, nor with its own past", () => {
    const a = draws(new RandomStream(1, "a")), b = draws(new RandomStream(1, "b")), next = draws(new RandomStream(2, "a"));
    const limit = 4 / Math.sqrt(a.length);
    expect(Math.abs(sampleCorrelation(a, b))).toBeLessThan(limit);
    expect(Math.abs(sampleCorrelation(a, next))).toBeLessThan(limit);
    expect(Math.abs(sampleCorrelation(a.slice(1), a.slice(0, -1)))).toBeLessThan(limit);
  });

  it("draws uniform numbers from 0 up to, but not including, 1", () => {
    const all = draws(new RandomStream(3, "uniform"));
    expect(Math.min(...all.slice(0, 1e4))).toBeGreaterThanOrEqual(0);
    expect(all.every((u) => u >= 0 && u < 1)).toBe(true);
    const bins = new Array<number>(100).fill(0);
    for (const u of all) bins[Math.floor(100 * u)]!++;
    const chiSquare = bins.reduce((sum, n) => sum + (n - 1_000) ** 2 / 1_000, 0);
    expect(chiSquare).toBeGreaterThan(58); // 99.9 % of 99 degrees of freedom lie
    expect(chiSquare).toBeLessThan(149); //   between these two
  });

  it("draws whole numbers with both ends included, each as often", () => {
    const stream = new RandomStream(4, "integer");
    const counts = new Map<number, number>();
    for (let i = 0; i < 60_000; i++) {
      const n = stream.integer(-2, 3);
      counts.set(n, (counts.get(n) ?? 0) + 1);
    }
    expect([...counts.keys()].sort((a, b) => a - b)).toEqual([-2, -1, 0, 1, 2, 3]);
    for (const count of counts.values()) expect(Math.abs(count - 10_000)).toBeLessThan(400); // over 4 standard deviations
  });

  it("draws exponential numbers of the given mean", () => {
    const stream = new RandomStream(5, "exponential");
    const all = Array.from({ length: 100_000 }, () => stream.exponential(8));
    expect(Math.abs(mean(all) - 8)).toBeLessThan((4 * 8) / Math.sqrt(all.length));
    expect(standardDeviation(all)).toBeCloseTo(8, 0);
    const sorted = all.sort((a, b) => a - b);
    const distance = Math.max(...sorted.slice(0, 1e5).filter((_, i) => i % 10 === 0).map((x, i) => Math.abs(1 - Math.exp(-x / 8) - i / 1e4)));
    expect(distance).toBeLessThan(2 / Math.sqrt(all.length)); // Kolmogorov and Smirnov, 99.9 %
  });
});
