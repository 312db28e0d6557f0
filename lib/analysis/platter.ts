/**
 * What the rotating platter alone allows a sequential reader: revolutions, gaps and skews.
 *
 * Layer: analysis; section 5 ("missed rotations"). A check on the simulation that
 * shares no code with it: blocks lie at angles, a block that is asked for too late
 * comes round a revolution later, and everything that computes is one time a block.
 */
import type { MachineSpec } from "../hardware/machine-file.ts";

export interface Reader {
  /** Length of a block, and from the beginning of one to that of the next, in sectors. */
  blockSectors: number;
  strideSectors: number;
  /** Blocks that are asked for ahead of their use. */
  ahead: number;
  /** From having a block to asking for the next one, in ms; with read-ahead it contains what interrupts steal meanwhile. */
  hostMs: number;
}

/** Blocks until the mean has settled. */
const BLOCKS = 600;

/** Time in ms from one block of a file to the next, on the disk and controller of `machine`. */
export function platterMsPerBlock({ processor, disk, controller }: MachineSpec, { blockSectors, strideSectors, ahead, hostMs }: Reader): number {
  const { sectorsPerTrack, rpm, trackSkewSectors } = disk;
  const sectorMs = 60_000 / rpm / sectorsPerTrack;
  const hostSectorMs = (controller.interruptUs / processor.speed + controller.pioSectorUs + controller.sectorOverheadUs) / 1000;
  const commandMs = controller.commandUs / 1000;
  const streams = controller.lookAhead === "stream"; // the media go on through the gaps: nothing is missed
  /** When block `k` has passed at the earliest, the media having begun with block 0 at time 0. */
  const passedMs = (k: number) => (k * strideSectors + blockSectors + trackSkewSectors * Math.floor((k * strideSectors + blockSectors - 1) / sectorsPerTrack)) * sectorMs;
  const revolutionMs = sectorsPerTrack * sectorMs;
  /** When block `k`, asked for at `askedMs`, is in memory. */
  const arrivalMs = (k: number, askedMs: number): number => {
    const readyMs = askedMs + commandMs;
    if (streams) return Math.max(passedMs(k), readyMs + blockSectors * hostSectorMs);
    const crossing = Math.floor((k * strideSectors + blockSectors - 1) / sectorsPerTrack) - Math.floor((k * strideSectors) / sectorsPerTrack);
    const lateMs = readyMs - (passedMs(k) - (blockSectors + crossing * trackSkewSectors) * sectorMs);
    return passedMs(k) + Math.max(0, Math.ceil(lateMs / revolutionMs)) * revolutionMs + hostSectorMs;
  };
  const asks: number[] = [0]; // when the reader wants each block
  let arrivedMs = 0; // when the one before it was there
  for (let k = 0; k < BLOCKS; k++) {
    const first = Math.max(asks[Math.max(0, k - ahead)]!, arrivedMs);
    arrivedMs = arrivalMs(k, first);
    asks.push(Math.max(asks[k]!, arrivedMs) + hostMs);
  }
  return asks[BLOCKS]! / BLOCKS;
}
