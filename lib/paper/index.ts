/** The paper itself as data: its tables, the claims of its text, and their audit. */
export { cellId, paperCell, paperCellById, paperCells, paperTable, paperTables } from "./tables.ts";
export type { AbsentCell, PaperCell, PaperTable } from "./tables.ts";
export { claim, claimHolds, claims } from "./claims.ts";
export type { Claim } from "./claims.ts";
export { audit, nameOf, oddities } from "./audit.ts";
export type { Finding } from "./audit.ts";
export { convert, isThroughput, pageTimeUs, throughputKBPerSec } from "./units.ts";
export type { PaperUnit } from "./units.ts";
export type { Interval } from "./rounding.ts";
export type { PaperMachine, PaperSystem } from "./files.ts";
