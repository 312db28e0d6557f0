/**
 * Which benchmark gives which row of the paper's tables, and which claim of its text.
 *
 * Layer: analysis; section 5. A row that is not here is worked out from others, as
 * the authors did (Table 5-9), or has no system yet that could give it.
 */
import { PAGE_BYTES } from "../hardware/memory.ts";
import type { SystemName } from "../systems/boot.ts";
import type { System } from "../systems/system.ts";
import { breakdown, record } from "../trace/index.ts";
import type { BreakdownRow } from "../trace/index.ts";
import {
  bcopy, bestIncrement, cachedRead, deviceReads, getpid, lseek, nullMachRpc, nullRpc, nullTrap, objectManagerSameBlockRead, objectManagerSequentialRead, pageFaults,
  pullInLoop, rawRead, readOneByte, sequentialRead, sequentialWrite, switchesPerRead, windowChanges, writeOneByte,
} from "../workloads/index.ts";
import type { Measurement } from "../workloads/index.ts";

const KB = 1024;
/** Length of the files: twice and more what Mach 2.6 keeps in memory; the others start with nothing of it there. */
export const FILE_BYTES = 4 * 1024 * KB;

/** As much as sixteen windows of Mach 3.0: a traced read remembers all that it does. */
const TRACED_BYTES = 1024 * KB;

/** Seeds of the runs that each result is the median of, "three to ten times": the platter's angle, the clock's phase and the position of the files differ. */
export const SEEDS = [1, 2, 3] as const;

/** `column` is the paper's heading, such as "16KB"; `fileBytes` the length of files that are read from the disk or written. */
export type Benchmark = (system: System, column: string, fileBytes: number) => Measurement;

/** What is run on one freshly booted system, one after the other: by table and row, "5-3 | Read", or by table, row and column. */
export type Experiment = Readonly<Record<string, Benchmark>>;

export const experiments: readonly Experiment[] = [
  {
    "5-1 | Cached": ({ machine }) => bcopy(machine, { bufferBytes: PAGE_BYTES, repeat: 2000 }),
    "5-1 | UnCached": ({ machine }) => bcopy(machine, { bufferBytes: 512 * KB }),
  },
  {
    "5-2 | Null Trap": (system) => nullTrap(system),
    "5-2 | Trap to Unix": (system) => getpid(system),
    "5-5 | Lseek": (system) => lseek(system),
    "5-5 | Read": (system) => readOneByte(system),
    "5-5 | Write": (system) => writeOneByte(system),
  },
  { "5-3 | Read": (system, _column, fileBytes) => sequentialRead(system, { fileBytes }) },
  { "5-3 | Write": (system, _column, fileBytes) => sequentialWrite(system, { fileBytes }) },
  { "5-4 | Cached Read": (system) => cachedRead(system) },
  { "5-6 | Mach 2.6 read()": (system, column) => bestIncrement((increment) => rawRead(system, { readBytes: sizeOf(column), increment })) },
  { "5-6 | Mach 3.0 device_read()": (system, column) => bestIncrement((increment) => deviceReads(system, { readBytes: sizeOf(column), increment })) },
  { "5-2 | Null RPC | Mach 3.0": (system) => nullMachRpc(system) },
  { "5-2 | Null RPC | CHORUS/MiX V.4": (system) => nullRpc(system) },
  {
    "5-7 | Sequential read": (system, column) => objectManagerSequentialRead(system, sizeOf(column)),
    "5-7 | Same Block read": (system, column) => objectManagerSameBlockRead(system, sizeOf(column)),
  },
  { "5-8 | Data_Provided": (system, column) => bestIncrement((increment) => pageFaults(system, "data_provided", { readBytes: sizeOf(column), increment })) },
  { "5-8 | Data_Supply": (system, column) => bestIncrement((increment) => pageFaults(system, "data_supply", { readBytes: sizeOf(column), increment })) },
  // The authors took the difference of Tables 5-8 and 5-6, which a platter can hide; in a trace the part shows itself.
  { "5-9 | Data Provided | Mach 3.0": (system) => partOfRead(system, "Data Provided") },
];

/** What one part of a read() takes of a sequential read from the disk. */
function partOfRead(system: System, part: BreakdownRow): Measurement {
  const traced = record(system, () => sequentialRead(system, { fileBytes: TRACED_BYTES }));
  return { ...traced.result, usPerOperation: breakdown(traced).us[part]! };
}

/** The bytes of a request, from a heading such as "16KB". */
function sizeOf(column: string): number {
  return Number.parseInt(column) * KB;
}

/** A claim of the text that is measured and not worked out from cells. */
export interface ClaimExperiment {
  claim: string;
  /** What is done, in a few words. */
  how: string;
  system: SystemName;
  /** The claim's number, in its unit, from a freshly booted system; `fileBytes` as of a Benchmark. */
  measure(system: System, fileBytes: number): number;
}

const MANY_READS = 256;

export const claimExperiments: readonly ClaimExperiment[] = [
  {
    claim: "raw-increment-one",
    how: "Mach 2.6, 4 KB: raw / file",
    system: "mach26",
    measure: (system, fileBytes) => rawRead(system, { readBytes: PAGE_BYTES, reads: MANY_READS }).kbPerSec / sequentialRead(system, { fileBytes }).kbPerSec,
  },
  {
    claim: "svr4-raw-read",
    how: "4 KB, one after the other",
    system: "svr4",
    measure: (system) => rawRead(system, { readBytes: PAGE_BYTES, reads: MANY_READS }).kbPerSec,
  },
  ...(["data_provided", "data_supply"] as const).map((give) => ({
    claim: "supply-maximum",
    how: `${give}, 16 KB`,
    system: "mach3" as const,
    measure: (system: System) => bestIncrement((increment) => pageFaults(system, give, { readBytes: 16 * KB, increment })).kbPerSec,
  })),
  {
    claim: "supply-plateau",
    how: "data_supply: 32 KB / 16 KB",
    system: "mach3",
    measure: (system) => {
      const [small, large] = [16, 32].map((size) => bestIncrement((increment) => pageFaults(system, "data_supply", { readBytes: size * KB, increment })).kbPerSec);
      return large! / small!;
    },
  },
  { claim: "remap-read", how: "lseek() over 61440 bytes after each read", system: "mach3", measure: (system) => windowChanges(system).usPerOperation },
  { claim: "pull-in", how: "one page again and again, from the controller's cache", system: "mix", measure: (system) => pullInLoop(system).usPerOperation / 1000 },
  { claim: "supervisor-no-switches", how: "sequential read of 4 KB at a time from the disk", system: "mix", measure: (system) => switchesPerRead(system) },
];
