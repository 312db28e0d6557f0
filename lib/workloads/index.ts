/** The paper's benchmarks, each a program on the Unix interface or on the machine. */
export { bcopy } from "./memory.ts";
export { getpid, lseek, nullTrap, readOneByte, writeOneByte } from "./calls.ts";
export { cachedRead, sequentialRead, sequentialWrite } from "./files.ts";
export type { FileOptions } from "./files.ts";
export { bestRawRead, INCREMENTS, rawRead } from "./raw.ts";
export type { RawReadOptions } from "./raw.ts";
export { measurement } from "./measurement.ts";
export type { Measurement } from "./measurement.ts";
