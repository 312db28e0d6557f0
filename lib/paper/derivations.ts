/**
 * How the printed numbers follow from each other, as the authors worked them out.
 *
 * Layer: paper. Each entry recomputes one cell or claim from other printed numbers;
 * audit.ts sets the two side by side. A claim that covers several cases has an entry
 * for each. Where the authors' own working misses something, `corrected` does it right.
 */
import { cellId, paperCells } from "./tables.ts";
import { convert, isThroughput } from "./units.ts";

/** Looks up the printed numbers that a derivation starts from. */
export interface Printed {
  cell(table: string, row: string, column: string, unit: string): number;
  claim(id: string): number;
}

export type Arithmetic = (printed: Printed) => number;

export interface Derivation {
  /** The cell or claim that is recomputed, by its identifier. */
  of: string;
  /** The working, in numbers. */
  how: string;
  value: Arithmetic;
  corrected?: { how: string; value: Arithmetic };
}

const MACH3 = "Mach 3.0";
const MACH26 = "Mach 2.6";
const MIX = "CHORUS/MiX V.4";
const SVR4 = "SVR4.0";
const DEVICE_READ = "Mach 3.0 device_read()";

/** A cell in µs of one of the tables that have no other unit in the row meant. */
const us = (table: string, row: string, column: string): Arithmetic => ({ cell }) => cell(table, row, column, "µs");
const rate = (row: string, column: string): Arithmetic => ({ cell }) => cell("5-3", row, column, "KB/s");
const ratio = (a: Arithmetic, b: Arithmetic): Arithmetic => (printed) => a(printed) / b(printed);
const sum = (...terms: Arithmetic[]): Arithmetic => (printed) => terms.reduce((total, term) => total + term(printed), 0);
const difference = (a: Arithmetic, ...rest: Arithmetic[]): Arithmetic => (printed) => rest.reduce((left, term) => left - term(printed), a(printed));
const times = (factor: number, a: Arithmetic): Arithmetic => (printed) => factor * a(printed);
/** By how many percent `a` exceeds `b`. */
const excess = (a: Arithmetic, b: Arithmetic): Arithmetic => times(100, (printed) => a(printed) / b(printed) - 1);
const said = (id: string): Arithmetic => ({ claim }) => claim(id);

const lseek = (column: string) => us("5-5", "Lseek", column);
const oneByteRead = (column: string) => us("5-5", "Read", column);
const trap = (column: string) => us("5-2", "Trap to Unix", column);
const uncachedCopy = (machine: string) => us("5-1", "UnCached", machine);
const path = (row: string, column: string) => us("5-9", row, column);
const deviceRead4KBUs: Arithmetic = ({ cell }) => convert(cell("5-6", DEVICE_READ, "4KB", "ms"), "ms", "µs");

/** The time of a page beside the throughput of the same place in a table: 40 pairs. */
const pairs: Derivation[] = paperCells
  .filter(({ unit }) => isThroughput(unit))
  .map(({ table, row, column, unit, paper }) => {
    const time = paperCells.find((cell) => cell.table === table && cell.row === row && cell.column === column && !isThroughput(cell.unit))!;
    return {
      of: time.id,
      how: `4096 bytes / ${paper} ${unit}`,
      value: ({ cell }) => convert(cell(table, row, column, unit), unit, time.unit),
    };
  });

/** Section 5, paragraph 8: a cached page costs the call without lseek(), an uncached copy and, when mapped, a fault and its share of a remap. */
const cachedReads: Derivation[] = [
  {
    of: cellId("5-4", "Cached Read", MACH3, "µs"),
    how: "(210 − 95) + 379 + 316 + 1440/16",
    value: sum(difference(oneByteRead(MACH3), lseek(MACH3)), uncachedCopy("HP Vectra"), said("page-fault"), times(1 / 16, said("map-operation"))),
  },
  ...[
    { column: MACH26, machine: "HP Vectra", how: "(390 − 79) + 379" },
    { column: MIX, machine: "Compaq", how: "(710 − 155) + 615" },
    { column: SVR4, machine: "Compaq", how: "(630 − 121) + 615" },
  ].map(({ column, machine, how }) => ({
    of: cellId("5-4", "Cached Read", column, "µs"),
    how,
    value: sum(difference(oneByteRead(column), lseek(column)), uncachedCopy(machine)),
  })),
];

const PARTS = ["Trap to Unix", "Misc Costs", "1/16th Remap Window", "Pagefault", "Data Provided", "Bcopy Uncached to User"];
const MACH26_PARTS = ["Trap to Unix", "Misc Costs", "Bcopy Uncached to User"];

/** Where the parts of Table 5-9 come from, and its sums. */
const readPath: Derivation[] = [
  { row: "Trap to Unix", column: MACH3, how: "Table 5-2", value: trap(MACH3) },
  { row: "Trap to Unix", column: MACH26, how: "Table 5-2", value: trap(MACH26) },
  { row: "Misc Costs", column: MACH3, how: "210 − 95 − 61", value: difference(oneByteRead(MACH3), lseek(MACH3), trap(MACH3)) },
  { row: "Misc Costs", column: MACH26, how: "390 − 79 − 61", value: difference(oneByteRead(MACH26), lseek(MACH26), trap(MACH26)) },
  { row: "1/16th Remap Window", column: MACH3, how: "1440/16", value: times(1 / 16, said("map-operation")) },
  { row: "Pagefault", column: MACH3, how: "section 5, paragraph 8", value: said("page-fault") },
  { row: "Read from Disk", column: MACH3, how: "Table 5-6: 10.5 ms", value: deviceRead4KBUs },
  { row: "Read from Disk", column: MACH26, how: "12500 − 690", value: difference(path("Measured Total", MACH26), path("Total w/o Disk Read", MACH26)) },
  {
    row: "Data Provided",
    column: MACH3,
    how: "12.1 ms − 10.5 ms",
    value: difference(({ cell }) => convert(cell("5-8", "Data_Provided", "4KB", "ms"), "ms", "µs"), deviceRead4KBUs),
  },
  { row: "Bcopy Uncached to User", column: MACH3, how: "Table 5-1", value: uncachedCopy("HP Vectra") },
  { row: "Bcopy Uncached to User", column: MACH26, how: "Table 5-1", value: uncachedCopy("HP Vectra") },
  { row: "Total w/o Disk Read", column: MACH3, how: "61 + 54 + 90 + 316 + 1600 + 379", value: sum(...PARTS.map((row) => path(row, MACH3))) },
  { row: "Total w/o Disk Read", column: MACH26, how: "61 + 250 + 379", value: sum(...MACH26_PARTS.map((row) => path(row, MACH26))) },
  ...[MACH3, MACH26].flatMap((column) => [
    {
      row: "Total",
      column,
      how: "Read from Disk + Total w/o Disk Read",
      value: sum(path("Read from Disk", column), path("Total w/o Disk Read", column)),
      ...(column === MACH3 && { corrected: { how: "13000 − 316", value: difference(path("Total", column), path("Pagefault", column)) } }),
    },
    { row: "Measured Total", column, how: "Table 5-3: 12.5 ms", value: ({ cell }: Printed) => convert(cell("5-3", "Read", column, "ms"), "ms", "µs") },
  ]),
].map(({ row, column, ...working }) => ({ of: cellId("5-9", row, column, "µs"), ...working }));

/** A remapping read without its lseek(), which the sequential reader does not call. */
const remapReadAlone = difference(said("remap-read"), lseek(MACH3));
/** The fast page fault, from 16 cached pages of which the first costs `firstPage`. */
const pageFault = (firstPage: Arithmetic): Arithmetic =>
  difference(times(1 / 15, difference(times(16, us("5-4", "Cached Read", MACH3)), firstPage)), said("one-byte-read-call"), uncachedCopy("HP Vectra"));
const mapOperation = (firstPage: Arithmetic, fault: Arithmetic): Arithmetic =>
  difference(firstPage, said("one-byte-read-call"), uncachedCopy("HP Vectra"), fault);

const claims: Derivation[] = [
  ...["Cached", "UnCached"].map((row) => ({
    of: "memory-ratio",
    how: `${row}: ${row === "Cached" ? "21.2 / 14.7" : "10.4 / 6.4"} − 1`,
    value: excess(({ cell }) => cell("5-1", row, "HP Vectra", "MB/s"), ({ cell }) => cell("5-1", row, "Compaq", "MB/s")),
  })),
  { of: "mix-getpid-dearer", how: "119 / 85", value: ratio(trap(MIX), trap(SVR4)) },
  { of: "kernelized-as-fast", how: "Mach 3.0 read: 320 / 320", value: ratio(rate("Read", MACH3), rate("Read", MACH26)) },
  { of: "kernelized-as-fast", how: "MiX read: 270 / 270", value: ratio(rate("Read", MIX), rate("Read", SVR4)) },
  { of: "kernelized-as-fast", how: "MiX write: 250 / 250", value: ratio(rate("Write", MIX), rate("Write", SVR4)) },
  { of: "write-slower", how: "1 − 300 / 320", value: times(-1, excess(rate("Write", MACH3), rate("Write", MACH26))) },
  { of: "one-byte-difference", how: "710 − 630", value: difference(oneByteRead(MIX), oneByteRead(SVR4)) },
  { of: "trap-difference", how: "getpid(): 119 − 85", value: difference(trap(MIX), trap(SVR4)) },
  { of: "trap-difference", how: "lseek(): 155 − 121", value: difference(lseek(MIX), lseek(SVR4)) },
  { of: "trap-explains-difference", how: "80 / (2 × 34)", value: ratio(said("one-byte-difference"), times(2, said("trap-difference"))) },
  ...[MACH3, MACH26, MIX].map((column) => ({ of: "one-byte-equal", how: `${column}: read / write`, value: ratio(oneByteRead(column), us("5-5", "Write", column)) })),
  { of: "svr4-writes-faster", how: "420 / 630", value: ratio(us("5-5", "Write", SVR4), oneByteRead(SVR4)) },
  { of: "remap-every", how: "64 KB / 4096 bytes", value: ({ claim }) => (claim("window") * 1024) / 4096 },
  { of: "remap-skip", how: "64 KB − 4096 bytes", value: ({ claim }) => claim("window") * 1024 - 4096 },
  { of: "cached-page-again", how: "Table 5-4", value: us("5-4", "Cached Read", MACH3) },
  { of: "one-byte-read-call", how: "210 − 95", value: difference(oneByteRead(MACH3), lseek(MACH3)) },
  { of: "bcopy-again", how: "Table 5-1", value: uncachedCopy("HP Vectra") },
  {
    of: "page-fault",
    how: "(16 × 900 − 2250)/15 − 115 − 379",
    value: pageFault(said("remap-read")),
    corrected: { how: "(16 × 900 − (2250 − 95))/15 − 115 − 379", value: pageFault(remapReadAlone) },
  },
  {
    of: "map-operation",
    how: "2250 − 115 − 379 − 316",
    value: mapOperation(said("remap-read"), said("page-fault")),
    corrected: { how: "(2250 − 95) − 115 − 379 − 322", value: mapOperation(remapReadAlone, pageFault(remapReadAlone)) },
  },
  {
    of: "raw-page",
    how: "380 KB/s × 10.5 ms",
    value: ({ cell }) => cell("5-6", DEVICE_READ, "4KB", "KB/s") * cell("5-6", DEVICE_READ, "4KB", "ms") / 1000,
  },
  { of: "mach26-raw-slower", how: "280 / 320", value: ratio(({ cell }) => cell("5-6", "Mach 2.6 read()", "4KB", "KB/s"), rate("Read", MACH26)) },
  ...["4KB", "8KB", "16KB", "32KB"].map((column) => ({
    of: "same-block-faster",
    how: `${column}: same block / sequential`,
    value: ratio(({ cell }) => cell("5-7", "Same Block read", column, "KB/s"), ({ cell }) => cell("5-7", "Sequential read", column, "KB/s")),
  })),
  { of: "rpc-again", how: "Table 5-2", value: us("5-2", "Null RPC", MIX) },
  { of: "pull-in-throughput", how: "4 KB / 5 ms", value: ({ claim }) => convert(claim("pull-in"), "ms", "KB/s") },
  { of: "same-block-again", how: "Table 5-7", value: ({ cell }) => cell("5-7", "Same Block read", "4KB", "ms") },
  { of: "same-block-throughput-again", how: "Table 5-7", value: ({ cell }) => cell("5-7", "Same Block read", "4KB", "KB/s") },
  { of: "om-overhead-with-rpc", how: "5 ms − 4.49 ms", value: difference(said("pull-in"), said("same-block-again")) },
  { of: "om-overhead-with-rpc-again", how: "0.51 ms", value: times(1000, said("om-overhead-with-rpc")) },
  { of: "om-overhead", how: "510 − 83", value: difference(said("om-overhead-with-rpc-again"), said("rpc-again")) },
  {
    of: "total-over-measured",
    how: "13000 / 12500 − 1",
    value: excess(path("Total", MACH3), path("Measured Total", MACH3)),
    corrected: { how: "(13000 − 316) / 12500 − 1", value: excess(difference(path("Total", MACH3), path("Pagefault", MACH3)), path("Measured Total", MACH3)) },
  },
  { of: "mach26-totals-identical", how: "12500 / 12500", value: ratio(path("Total", MACH26), path("Measured Total", MACH26)) },
  ...["Read", "Write"].map((row) => ({ of: "end-result-same", how: `${row}: Mach 3.0 / Mach 2.6`, value: ratio(rate(row, MACH3), rate(row, MACH26)) })),
  { of: "processing-increase", how: "2500 / 690 − 1", value: excess(path("Total w/o Disk Read", MACH3), path("Total w/o Disk Read", MACH26)) },
  {
    of: "cached-overhead",
    how: "210 / 390",
    value: times(100, ratio(oneByteRead(MACH3), oneByteRead(MACH26))),
    corrected: { how: "(210 − 95) / (390 − 79)", value: times(100, ratio(difference(oneByteRead(MACH3), lseek(MACH3)), difference(oneByteRead(MACH26), lseek(MACH26)))) },
  },
  ...["Read", "Write"].flatMap((row) => [
    { of: "never-below", how: `Mach, ${row}: Mach 3.0 / Mach 2.6`, value: times(100, ratio(rate(row, MACH3), rate(row, MACH26))) },
    { of: "never-below", how: `CHORUS, ${row}: MiX / SVR4`, value: times(100, ratio(rate(row, MIX), rate(row, SVR4))) },
    {
      of: "never-below",
      how: `CHORUS, ${row} of one byte: ${row === "Read" ? "(630 − 121) / (710 − 155)" : "(420 − 121) / (720 − 155)"}`,
      value: times(100, ratio(difference(us("5-5", row, SVR4), lseek(SVR4)), difference(us("5-5", row, MIX), lseek(MIX)))),
    },
  ]),
  { of: "cached-faster", how: "one-byte read: 210 / 390", value: ratio(oneByteRead(MACH3), oneByteRead(MACH26)) },
  { of: "cached-faster", how: "one-byte write: 200 / 380", value: ratio(us("5-5", "Write", MACH3), us("5-5", "Write", MACH26)) },
  { of: "cached-faster", how: "cached read: 1100 / 1300", value: ratio(us("5-4", "Cached Read", MIX), us("5-4", "Cached Read", SVR4)) },
  { of: "tuned-improvement", how: "600 / 320 − 1", value: excess(said("tuned-throughput"), rate("Read", MACH3)) },
];

/** Everything in the paper that follows from other numbers in it. */
export const derivations: readonly Derivation[] = [...pairs, ...cachedReads, ...readPath, ...claims];
