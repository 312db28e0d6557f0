/**
 * What the kernel counts, for whoever wants to know where the work went.
 *
 * Layer: kernels/mach3. One plain object; the difference of two snapshots is what
 * happened between them.
 */

export interface Counters {
  /** Traps into the kernel, and those of them sent back to the task that made them. */
  traps: number;
  redirectedTraps: number;
  /** Messages queued on ports or carried out by the kernel, and the bytes copied with them. */
  messages: number;
  inLineBytes: number;
  /** Bytes that travelled out of line: as mappings or pages, not as copies. */
  outOfLineBytes: number;
  /** Copies between page frames that the kernel made, and their bytes. */
  copies: number;
  copiedBytes: number;
  /** Frames taken from one object and given to another without a copy. */
  framesStolen: number;
  zeroFills: number;
  /** Faults, translations entered for them, and pages copied because they were written. */
  faults: number;
  mappings: number;
  copyOnWrites: number;
  /** Pages asked of pagers, and pages sent to them to be written. */
  pageIns: number;
  pageOuts: number;
  /** Times that the processor went to a thread of another task. */
  addressSpaceSwitches: number;
  deviceRequests: number;
}

/** All counters at zero. */
export function newCounters(): Counters {
  return {
    traps: 0, redirectedTraps: 0, messages: 0, inLineBytes: 0, outOfLineBytes: 0, copies: 0, copiedBytes: 0,
    framesStolen: 0, zeroFills: 0, faults: 0, mappings: 0, copyOnWrites: 0, pageIns: 0, pageOuts: 0,
    addressSpaceSwitches: 0, deviceRequests: 0,
  };
}
