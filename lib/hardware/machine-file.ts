/**
 * Machines as data: which values describe one.
 *
 * Layer: hardware; the two test platforms of section 5, in data/machines.
 */
import { amount, choice, flag, whole } from "../schema/index.ts";
import type { Shape, Values } from "../schema/index.ts";

export const machineShape = {
  processor: {
    /** How fast code runs, against the 25 MHz 80386 on which all costs of code were measured. */
    speed: amount("times", { min: 0.001 }),
    /** Clock interrupts a second, and what one costs. */
    tickHz: amount("Hz", { min: 1 }),
    tickUs: amount("us"),
    /** How long a thread goes on before its equals have their turn: in whole clock intervals, one at least, because the clock ends it. */
    quantumMs: amount("ms"),
  },
  memory: { sizeMB: amount("MB", { min: 1 }) },
  cache: {
    sizeKB: amount("KB", { min: 1 }),
    /** Copying a page of 4096 bytes whose source is in the cache, or is not. */
    copyCachedUs: amount("us"),
    copyUncachedUs: amount("us"),
    /** Filling a page of 4096 bytes with zeros. */
    zeroFillUs: amount("us"),
  },
  disk: {
    cylinders: whole("cylinders", 1),
    heads: whole("heads", 1),
    sectorsPerTrack: whole("sectors", 1),
    rpm: amount("rpm", { min: 1 }),
    trackSkewSectors: whole("sectors"),
    cylinderSkewSectors: whole("sectors"),
    headSwitchMs: amount("ms"),
    writeSettleMs: amount("ms"),
    /** Seek over d cylinders: seekStart + seekRoot * sqrt(d) up to the knee, from there on linear with seekSlope a cylinder. */
    seekStartMs: amount("ms"),
    seekRootMs: amount("ms"),
    seekKneeCylinders: whole("cylinders", 1),
    seekSlopeMs: amount("ms"),
  },
  /** See controller.ts. */
  controller: {
    commandUs: amount("us"),
    pioSectorUs: amount("us"),
    sectorOverheadUs: amount("us"),
    interruptUs: amount("us"),
    bufferSectors: whole("sectors", 1),
    lookAhead: choice("none", "fill", "stream"),
    lookAheadCrossesTracks: flag,
  },
} satisfies Shape;

/** A machine in plain values; names end in their units. */
export type MachineSpec = Values<typeof machineShape>;
