/**
 * Exact mean value analysis of a closed queueing network (Reiser and Lavenberg 1980).
 *
 * Layer: analysis. Customers of one kind go round between queues, each with a demand
 * for service, and a time for which they think. Independent of the simulation: it
 * knows no scheduling, no overlap and no memory of what was served before.
 */
import { z } from "zod";
import { check } from "../schema/index.ts";

const networkOptions = z.strictObject({
  /** Service that a customer needs at each queue in one round, in ms. */
  demandsMs: z.record(z.string(), z.number().nonnegative()).refine((demands) => Object.keys(demands).length > 0, "at least one queue"),
  /** Time of a round away from the queues. */
  thinkMs: z.number().nonnegative().default(0),
  /** Service that a customer gets from two queues at once, which a round contains only once; negative for time that belongs to no queue. */
  overlapMs: z.number().default(0),
  customers: z.int().min(1),
});
export type NetworkOptions = z.input<typeof networkOptions>;

const schema = networkOptions.refine(({ demandsMs, thinkMs, overlapMs }) => sum(demandsMs) + thinkMs > overlapMs, { path: ["overlapMs"], message: "expected less than a round takes" });

/** The network with so many customers. */
export interface NetworkState {
  customers: number;
  roundsPerSec: number;
  /** Time of a round without thinking. */
  responseMs: number;
  /** By queue: the share of time that it serves, and the mean number of customers there. */
  utilization: Record<string, number>;
  queueLength: Record<string, number>;
}

/**
 * The network with 1, 2, … up to `customers` customers.
 * @throws InputError for a network in which a round takes no time.
 */
export function meanValueAnalysis(options: NetworkOptions): NetworkState[] {
  const { demandsMs, thinkMs, overlapMs, customers } = check(schema, options, "meanValueAnalysis");
  const queues = Object.keys(demandsMs);
  const states: NetworkState[] = [];
  let lengths = Object.fromEntries(queues.map((queue) => [queue, 0]));
  for (let n = 1; n <= customers; n++) {
    // Who arrives finds what the network holds without him: the arrival theorem.
    const residence = mapValues(demandsMs, (demand, queue) => demand * (1 + lengths[queue]!));
    const responseMs = sum(residence) - overlapMs;
    const perMs = n / (responseMs + thinkMs);
    lengths = mapValues(residence, (ms) => perMs * ms);
    states.push({
      customers: n,
      roundsPerSec: 1000 * perMs,
      responseMs,
      utilization: mapValues(demandsMs, (demand) => perMs * demand),
      queueLength: lengths,
    });
  }
  return states;
}

const sum = (values: Record<string, number>): number => Object.values(values).reduce((total, value) => total + value, 0);

const mapValues = (values: Record<string, number>, change: (value: number, key: string) => number): Record<string, number> =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, change(value, key)]));
