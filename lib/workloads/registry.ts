/**
 * The benchmarks by name, with the values they take: for whoever asks for one in data,
 * such as a sweep, whose workers get names and never code.
 *
 * Layer: workloads.
 */
import { z } from "zod";
import { InputError, suggest } from "../schema/index.ts";
import { systemNames } from "../systems/boot.ts";
import type { SystemName } from "../systems/boot.ts";
import type { System } from "../systems/system.ts";
import { fileStatus, getpid, lseek, nullTrap, readOneByte, writeOneByte } from "./calls.ts";
import { nullRpc, objectManagerSameBlockRead, objectManagerSequentialRead, pullInLoop, switchesPerRead } from "./chorus.ts";
import { clientOptions, clients } from "./clients.ts";
import { cachedRead, readOptions, sequentialRead, sequentialWrite, writeOptions } from "./files.ts";
import { deviceReads, nullMachRpc, pageFaults, windowChanges } from "./mach3.ts";
import { atLeastOne } from "./measurement.ts";
import { packetOptions, packets } from "./packets.ts";
import { bcopy, bcopyOptions } from "./memory.ts";
import { rawRead, rawReadOptions } from "./raw.ts";
import { randomWrites, writerOptions } from "./writers.ts";

/** A plain value of an option. */
export type Scalar = string | number | boolean;

/** A benchmark that can be asked for in data. */
export interface Workload {
  /** What it is called. */
  name: string;
  /** Schema of the values it takes, by name. */
  parameters: z.ZodObject;
  /** The systems on which it runs. */
  systems: readonly SystemName[];
  /** Run it on a freshly booted system; numbers by name, of which those that measure() gives. */
  run(system: System, values: Record<string, unknown>): object;
}

const turns = z.strictObject({ turns: atLeastOne.optional() });
/** Of those that make all the reads that they are told to. */
const deviceReadOptions = rawReadOptions.omit({ until: true });
const transfers = z.strictObject({ readBytes: rawReadOptions.shape.readBytes, reads: atLeastOne.optional() });

/** The workload that calls `run`, which takes checked values; it is found by its name or by `call`. */
function entry<S extends z.ZodObject>(call: (...args: never[]) => unknown, parameters: S, run: (system: System, values: z.output<S>) => object, systems = systemNames): [unknown, Workload] {
  return [call, { name: call.name, parameters, systems, run: (system, values) => run(system, parameters.parse(values)) }];
}

const registry = new Map<unknown, Workload>([
  entry(sequentialRead, readOptions, sequentialRead),
  entry(sequentialWrite, writeOptions, sequentialWrite),
  entry(cachedRead, readOptions, cachedRead),
  entry(clients, clientOptions, clients),
  entry(randomWrites, writerOptions, randomWrites),
  entry(rawRead, rawReadOptions, rawRead),
  entry(bcopy, bcopyOptions, ({ machine }, values) => bcopy(machine, values)),
  ...[nullTrap, getpid, lseek, fileStatus, readOneByte, writeOneByte].map((call) => entry(call, turns, (system, values) => call(system, values.turns))),
  entry(nullMachRpc, turns, (system, values) => nullMachRpc(system, values.turns), ["mach3"]),
  entry(deviceReads, deviceReadOptions, deviceReads, ["mach3"]),
  entry(pageFaults, deviceReadOptions.extend({ pagerInterface: z.enum(["data_provided", "data_supply"]) }), (system, { pagerInterface, ...reads }) => pageFaults(system, pagerInterface, reads), ["mach3"]),
  entry(windowChanges, z.strictObject({ windows: z.int().min(2).optional() }), (system, { windows }) => windowChanges(system, windows), ["mach3"]),
  entry(packets, packetOptions, packets, ["mach3"]),
  entry(nullRpc, turns, (system, values) => nullRpc(system, values.turns), ["mix"]),
  entry(pullInLoop, turns, (system, values) => pullInLoop(system, values.turns), ["mix"]),
  ...[objectManagerSequentialRead, objectManagerSameBlockRead].map((call) => entry(call, transfers, (system, { readBytes, reads }) => call(system, readBytes, reads), ["mix"])),
  entry(switchesPerRead, z.strictObject({ reads: atLeastOne.optional() }), (system, { reads }) => ({ switchesPerRead: switchesPerRead(system, reads) }), ["mix"]),
]);

/** The names of all benchmarks. */
export const workloadNames: readonly string[] = [...registry.values()].map(({ name }) => name);

/**
 * The benchmark called `workload`, or whose function it is.
 * @throws InputError for one that is not among them, naming the nearest.
 */
export function workloadOf(workload: string | ((...args: never[]) => unknown)): Workload {
  const found = typeof workload === "string" ? [...registry.values()].find(({ name }) => name === workload) : registry.get(workload);
  if (found !== undefined) return found;
  if (typeof workload !== "string" && typeof workload !== "function") throw new InputError(`workload: expected one of the benchmarks or its name, found ${JSON.stringify(workload)}`);
  const name = typeof workload === "string" ? workload : workload.name;
  throw new InputError(`unknown workload "${name}"${suggest(name, workloadNames)}`);
}
