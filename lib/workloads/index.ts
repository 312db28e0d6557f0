/** The paper's benchmarks, each a program on the Unix interface or on the machine. */
export { bcopy } from "./memory.ts";
export { getpid, lseek, nullTrap, readOneByte, writeOneByte } from "./calls.ts";
export { cachedRead, sequentialRead, sequentialWrite } from "./files.ts";
export type { FileOptions } from "./files.ts";
export { bestIncrement, INCREMENTS, rawRead } from "./raw.ts";
export type { RawReadOptions } from "./raw.ts";
export { deviceReads, nullMachRpc, pageFaults, windowChanges } from "./mach3.ts";
export type { PagerInterface } from "./mach3.ts";
export { mixOf, nullRpc, objectManagerSameBlockRead, objectManagerSequentialRead, pullInLoop, switchesPerRead } from "./chorus.ts";
export { stopwatch } from "./measurement.ts";
export type { Measurement } from "./measurement.ts";
export { clients } from "./clients.ts";
export type { ClientMeasurement, ClientOptions } from "./clients.ts";
export { workloadNames, workloadOf } from "./registry.ts";
export type { Scalar, Workload } from "./registry.ts";
export { untilOptions } from "./until.ts";
export type { Until } from "./until.ts";
