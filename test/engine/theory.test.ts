/**
 * The engine against queueing theory: one server, Poisson arrivals, waits of
 * M/M/1 and M/D/1 (Pollaczek and Khinchine) within the simulation's own 99 %
 * confidence interval, which comes from the means of consecutive batches.
 */
import { mean, sampleStandardDeviation } from "simple-statistics";
import { describe, expect, it } from "vitest";
import { Lock, Simulation } from "../../lib/engine/index.ts";
import type { RandomStream, Steps } from "../../lib/engine/index.ts";

const ARRIVAL_NS = 10_000_000; // mean time between customers
const BATCHES = 40;
const T_99 = 2.708; // Student's t, two-sided 99 %, BATCHES - 1 degrees of freedom
const WARM_UP = 5_000; // customers that find the queue shorter than it will be

interface Model {
  serviceNs: number;
  draw: (stream: RandomStream, meanNs: number) => number;
  /** Mean wait in theory, for the load rho. */
  waitNs: (rho: number) => number;
}

const mm1 = (rho: number): Model => ({
  serviceNs: rho * ARRIVAL_NS,
  draw: (stream, meanNs) => Math.round(stream.exponential(meanNs)),
  waitNs: () => (rho * rho * ARRIVAL_NS) / (1 - rho),
});

const md1 = (rho: number): Model => ({ ...mm1(rho), draw: (_, meanNs) => meanNs, waitNs: () => (rho * rho * ARRIVAL_NS) / (1 - rho) / 2 });

interface Run {
  sim: Simulation;
  server: Lock;
  waits: number[];
}

/** Serve `customers`, each a thread of its own. */
function simulate(model: Model, seed: number, customers: number): Run {
  const sim = new Simulation({ seed });
  const server = new Lock(sim, "server");
  const arrivals = sim.stream("arrivals"), services = sim.stream("services");
  const waits: number[] = [];
  function* customer(): Steps {
    const arrived = sim.now;
    yield* server.acquire();
    waits.push(sim.now - arrived);
    yield model.draw(services, model.serviceNs);
    server.release();
  }
  sim.spawn("source", (function* () {
    for (let i = 0; i < customers; i++) {
      yield Math.round(arrivals.exponential(ARRIVAL_NS));
      sim.spawn("customer", customer());
    }
  })());
  sim.run();
  return { sim, server, waits };
}

/** Mean and half the width of its 99 % confidence interval. */
function interval(waits: readonly number[]): { mean: number; half: number; error: number } {
  const steady = waits.slice(WARM_UP);
  const size = Math.floor(steady.length / BATCHES);
  const means = Array.from({ length: BATCHES }, (_, i) => mean(steady.slice(i * size, (i + 1) * size)));
  const error = sampleStandardDeviation(means) / Math.sqrt(BATCHES);
  return { mean: mean(means), half: T_99 * error, error };
}

describe.each([
  ["M/M/1", 0.5, mm1(0.5)],
  ["M/M/1", 0.8, mm1(0.8)],
  ["M/D/1", 0.5, md1(0.5)],
  ["M/D/1", 0.8, md1(0.8)],
])("%s at a load of %f", (_, rho, model) => {
  it("waits as long as theory says, within an interval of a few percent", () => {
    const { sim, server, waits } = simulate(model, 1992, 505_000);
    const theory = model.waitNs(rho);
    const found = interval(waits);
    expect(Math.abs(found.mean - theory)).toBeLessThan(found.half);
    expect(found.half).toBeLessThan(0.05 * theory);
    expect(server.statistics.utilization(sim.now)).toBeCloseTo(rho, 2);
    expect(server.statistics.meanQueueLength(sim.now) / (theory / ARRIVAL_NS)).toBeCloseTo(1, 1);
  });

  it("does so with other seeds: the interval holds for about 99 of 100, without a bias to one side", () => {
    const seeds = Array.from({ length: 24 }, (_, i) => i + 1);
    const misses = seeds.map((seed) => {
      const found = interval(simulate(model, seed, 65_000).waits);
      return (found.mean - model.waitNs(rho)) / found.error;
    });
    expect(misses.filter((miss) => Math.abs(miss) > T_99).length).toBeLessThanOrEqual(2);
    expect(misses.filter((miss) => Math.abs(miss) < 1).length).toBeGreaterThanOrEqual(10); // no wider than it should be
    expect(misses.filter((miss) => Math.abs(miss) < 1).length).toBeLessThanOrEqual(23);
    expect(Math.abs(mean(misses))).toBeLessThan(2.6 / Math.sqrt(seeds.length));
  });
});

it("the statistics of the server are those of the waits, to the nanosecond (Little's law)", () => {
  const { sim, server, waits } = simulate(mm1(0.7), 3, 20_000);
  const total = waits.reduce((sum, wait) => sum + wait, 0);
  expect(server.statistics).toMatchObject({ requests: 20_000, waitingNs: total });
  expect(server.statistics.waits).toBeGreaterThanOrEqual(waits.filter((wait) => wait > 0).length);
  expect(server.statistics.meanWaitNs()).toBe(total / 20_000);
  expect(server.statistics.meanQueueLength(sim.now)).toBe(total / sim.now);
});
