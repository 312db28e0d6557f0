/**
 * How fast the engine is: M/M/1 with a process for each customer, beside SimPy.
 *
 * Layer: cli. A process event is one step of a process: its wait is over and it
 * goes on. Each customer brings three (the source creates it, it starts, it has
 * been served) and a fourth if it had to wait for the server. mm1.py counts the
 * same way, so that the two speeds are speeds of the same work.
 */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Lock, Simulation, msToNs } from "../../engine/index.ts";
import type { RandomStream, Steps } from "../../engine/index.ts";

/** One line of the benchmark report. */
export interface Measurement {
  name: string;
  unit: string;
  value: number;
}

/** The model of both engines: a server that is busy 80 % of the time. */
const MODEL = { customers: 300_000, arrivalMs: 1, serviceMs: 0.8 };
const ROUNDS = 5;
const SIMPY_ROUNDS = 3;

/**
 * The engine's speed and, when `python` names an interpreter that has SimPy 4, SimPy's and their ratio.
 * Each is the best of several rounds, the one that was disturbed least.
 * @throws what the interpreter reported, when it cannot run the model.
 */
export function engineBench(python?: string): Measurement[] {
  const speed = bestOf(ROUNDS, (seed) => mm1(MODEL.customers, seed).eventsPerSecond);
  const engine = { name: "engine, M/M/1 with statistics", unit: "process events/s", value: speed };
  if (python === undefined) return [engine];
  const simpySpeed = bestOf(SIMPY_ROUNDS, (seed) => simpyMm1(python, seed));
  const simpy = { name: "SimPy 4, the same model", unit: "process events/s", value: simpySpeed };
  return [engine, simpy, { name: "engine beside SimPy", unit: "times as fast", value: speed / simpySpeed }];
}

const bestOf = (rounds: number, speed: (seed: number) => number) => Math.max(...Array.from({ length: rounds }, (_, seed) => speed(seed)));

/** Run M/M/1 once. Wall-clock speed, the number of process events and the mean wait (ms) of a customer. */
export function mm1(customers: number, seed: number): { events: number; eventsPerSecond: number; meanWaitMs: number } {
  const sim = new Simulation({ seed });
  const server = new Lock(sim, "server");
  sim.spawn("source", source(sim, server, customers));
  const start = performance.now();
  sim.run();
  const seconds = (performance.now() - start) / 1_000;
  return { events: sim.events, eventsPerSecond: sim.events / seconds, meanWaitMs: server.statistics.meanWaitNs() / msToNs(1) };
}

function* source(sim: Simulation, server: Lock, customers: number): Steps {
  const arrivals = sim.stream("arrivals");
  const services = sim.stream("services");
  for (let i = 0; i < customers; i++) {
    yield msToNs(arrivals.exponential(MODEL.arrivalMs));
    sim.spawn("customer", customer(server, services));
  }
}

function* customer(server: Lock, services: RandomStream): Steps {
  yield* server.acquire();
  yield msToNs(services.exponential(MODEL.serviceMs));
  server.release();
}

/** Process events per second of SimPy on the same model. */
function simpyMm1(python: string, seed: number): number {
  const script = fileURLToPath(new URL("mm1.py", import.meta.url));
  const parameters = [MODEL.customers, MODEL.arrivalMs, MODEL.serviceMs, seed].map(String);
  const { events, seconds } = JSON.parse(execFileSync(python, [script, ...parameters], { encoding: "utf8" })) as { events: number; seconds: number };
  return events / seconds;
}
