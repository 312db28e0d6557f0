/**
 * Under load: when does Mach 3.0's "262 % increase in processing overhead" show?
 *
 * Layer: analysis; the question after Table 5-9. Several clients read at once, in the
 * simulation and in a closed queueing network whose demands are measured with one
 * client. The network knows no scheduling of the disk, no place on it and no order of
 * work within a system; with the demands that the loaded system shows, what remains
 * of a difference is not the disk's doing.
 */
import { z } from "zod";
import { PAGE_BYTES } from "../hardware/memory.ts";
import { check } from "../schema/index.ts";
import { boot, systemNames } from "../systems/boot.ts";
import type { BootOptions, SystemName } from "../systems/boot.ts";
import { clients as runClients } from "../workloads/index.ts";
import type { ClientMeasurement, ClientOptions } from "../workloads/index.ts";
import { estimate } from "./confidence.ts";
import { fasterDisk } from "./faster-disk.ts";
import { meanValueAnalysis } from "./mean-value-analysis.ts";
import type { NetworkState } from "./mean-value-analysis.ts";

const MOST_CLIENTS = 64;
/** Files that random reads are spread over. */
const FILES = 16;

const workload = {
  pattern: z.enum(["random", "sequential"]).default("random"),
  thinkMs: z.number().min(0).default(0),
  rereadPercent: z.number().min(0).max(100).default(0),
  /** Reads in a run, of all clients together. */
  reads: z.int().min(50).default(300),
  seeds: z.array(z.int()).min(1).default([1, 2, 3]),
};
const loadOptions = z.strictObject({
  systems: z.array(z.enum(systemNames)).min(1).default(["mach26", "mach3"]),
  clients: z.array(z.int().min(1).max(MOST_CLIENTS)).min(1).default([1, 2, 4, 8, 12, 16]),
  ...workload,
});
export type LoadOptions = z.input<typeof loadOptions>;

/** What one read needs of each resource, in ms, measured with so many clients. */
export interface Demand {
  system: SystemName;
  clients: number;
  processorMs: number;
  diskMs: number;
  thinkMs: number;
  /** Time for which the processor works for a read while the disk does too: it moves the sectors. */
  overlapMs: number;
}

export interface LoadRow extends Demand {
  readsPerSec: number;
  responseMs: number;
  /** Half the widths of the 95 % confidence intervals of the two. */
  readsPerSecError: number;
  responseMsError: number;
  processorPercent: number;
  diskPercent: number;
  /** The queueing network with the demands of one client, and no client can do better than that bound. */
  networkReadsPerSec: number;
  networkResponseMs: number;
  boundReadsPerSec: number;
  /** The network with the demands of this very load: what the disk's scheduling and the places of the files change is in it. */
  loadedReadsPerSec: number;
  /** Simulation against network in percent; of that, what the changed demands explain, and the rest: order and overlap of work. */
  differencePercent: number;
  demandPercent: number;
  orderPercent: number;
}

/**
 * Clients on systems: the simulation beside the queueing network.
 * @throws InputError for an option that is not allowed.
 */
export function load(options: LoadOptions = {}): LoadRow[] {
  const { systems, clients, seeds, ...rest } = check(loadOptions, options, "load");
  return systems.flatMap((system) => {
    const alone = runs(system, 1, rest, seeds, {});
    const single = demand(system, 1, alone);
    const network = solve(single, Math.max(...clients));
    return clients.map((count) => row(system, count, count === 1 ? alone : runs(system, count, rest, seeds, {}), single, network[count - 1]!));
  });
}

const ratioOptions = z.strictObject({
  /** How many times as fast as the paper's the disk is. */
  diskSpeeds: z.array(z.number().min(0.25).max(64)).min(1).default([1, 2, 4, 8, 16]),
  clients: z.int().min(1).max(MOST_CLIENTS).default(8),
  ...workload,
  seeds: workload.seeds.default([1, 2]),
});
export type RatioOptions = z.input<typeof ratioOptions>;

/** Mach 3.0 beside Mach 2.6 on a disk of some speed. */
export interface RatioRow {
  diskSpeed: number;
  clients: number;
  mach26ReadsPerSec: number;
  mach3ReadsPerSec: number;
  /** What Mach 3.0 reads less than Mach 2.6, in the simulation and in the network. */
  lossPercent: number;
  networkLossPercent: number;
  mach26ProcessorPercent: number;
  mach3ProcessorPercent: number;
  mach26DiskPercent: number;
  mach3DiskPercent: number;
}

/**
 * The same load on disks of other speeds: at which ratio of processor to disk the disadvantage shows.
 * @throws InputError for an option that is not allowed.
 */
export function disadvantage(options: RatioOptions = {}): RatioRow[] {
  const { diskSpeeds, clients, seeds, ...rest } = check(ratioOptions, options, "disadvantage");
  return diskSpeeds.map((diskSpeed) => {
    const changes = fasterDisk("hp-vectra", diskSpeed);
    const [monolithic, kernelized] = (["mach26", "mach3"] as const).map((system) => {
      const single = demand(system, 1, runs(system, 1, rest, seeds, changes));
      return row(system, clients, runs(system, clients, rest, seeds, changes), single, solve(single, clients).at(-1)!);
    }) as [LoadRow, LoadRow];
    const loss = (key: "readsPerSec" | "networkReadsPerSec") => 100 * (1 - kernelized[key] / monolithic[key]);
    return {
      diskSpeed,
      clients,
      mach26ReadsPerSec: monolithic.readsPerSec,
      mach3ReadsPerSec: kernelized.readsPerSec,
      lossPercent: loss("readsPerSec"),
      networkLossPercent: loss("networkReadsPerSec"),
      mach26ProcessorPercent: monolithic.processorPercent,
      mach3ProcessorPercent: kernelized.processorPercent,
      mach26DiskPercent: monolithic.diskPercent,
      mach3DiskPercent: kernelized.diskPercent,
    };
  });
}

/** The disk speed from which on Mach 3.0 loses `percent` or more, between two rows on a line; undefined if it never does. */
export function showsAt(rows: readonly RatioRow[], percent: number): number | undefined {
  const at = rows.findIndex(({ lossPercent }) => lossPercent >= percent);
  if (at <= 0) return rows[at]?.diskSpeed;
  const [before, after] = [rows[at - 1]!, rows[at]!];
  const share = (percent - before.lossPercent) / (after.lossPercent - before.lossPercent);
  return before.diskSpeed + share * (after.diskSpeed - before.diskSpeed);
}

type Workload = Required<Pick<ClientOptions, "pattern" | "thinkMs" | "rereadPercent" | "reads">>;

/** Room for every read: spread over common files, or each in the file of one client. */
const fileBytesOf = ({ pattern, reads }: Workload): number => Math.max(128, pattern === "random" ? Math.ceil((reads + 2 * MOST_CLIENTS) / FILES) : reads + MOST_CLIENTS) * PAGE_BYTES;

function runs(system: SystemName, clients: number, options: Workload, seeds: readonly number[], changes: object): ClientMeasurement[] {
  return seeds.map((seed) => boot(system, { seed, ...changes } as BootOptions).use((booted) => runClients(booted, { ...options, clients, files: FILES, fileBytes: fileBytesOf(options) })));
}

const average = (runs: readonly ClientMeasurement[], of: (run: ClientMeasurement) => number): number => estimate(runs.map(of)).mean;

function demand(system: SystemName, clients: number, measured: readonly ClientMeasurement[]): Demand {
  const perRead = (share: (run: ClientMeasurement) => number) => average(measured, (run) => (1000 * share(run)) / run.readsPerSec);
  const roundMs = average(measured, ({ readsPerSec }) => (1000 * clients) / readsPerSec);
  const responseMs = average(measured, (run) => run.responseMs);
  const processorMs = perRead((run) => run.processorUtilization);
  const diskMs = perRead((run) => run.diskUtilization);
  return { system, clients, processorMs, diskMs, thinkMs: Math.max(0, roundMs - responseMs), overlapMs: clients === 1 ? processorMs + diskMs - responseMs : 0 };
}

function solve({ processorMs, diskMs, thinkMs, overlapMs }: Demand, customers: number): NetworkState[] {
  return meanValueAnalysis({ demandsMs: { processor: processorMs, disk: diskMs }, thinkMs, overlapMs, customers });
}

function row(system: SystemName, clients: number, measured: readonly ClientMeasurement[], single: Demand, network: NetworkState): LoadRow {
  const loaded = { ...demand(system, clients, measured), thinkMs: single.thinkMs, overlapMs: single.overlapMs };
  const reads = estimate(measured.map(({ readsPerSec }) => readsPerSec));
  const response = estimate(measured.map(({ responseMs }) => responseMs));
  const loadedReadsPerSec = solve(loaded, clients).at(-1)!.roundsPerSec;
  const percent = (now: number, before: number) => 100 * (now / before - 1);
  return {
    ...loaded,
    readsPerSec: reads.mean,
    responseMs: response.mean,
    readsPerSecError: reads.error,
    responseMsError: response.error,
    processorPercent: 100 * average(measured, (run) => run.processorUtilization),
    diskPercent: 100 * average(measured, (run) => run.diskUtilization),
    networkReadsPerSec: network.roundsPerSec,
    networkResponseMs: network.responseMs,
    boundReadsPerSec: 1000 * Math.min(1 / Math.max(single.processorMs, single.diskMs), clients / (single.processorMs + single.diskMs - single.overlapMs + single.thinkMs)),
    loadedReadsPerSec,
    differencePercent: percent(reads.mean, network.roundsPerSec),
    demandPercent: percent(loadedReadsPerSec, network.roundsPerSec),
    orderPercent: percent(reads.mean, loadedReadsPerSec),
  };
}
