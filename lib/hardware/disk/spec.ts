/**
 * What a disk drive is, as data: its geometry, its skews and its seek curve.
 *
 * Layer: hardware. The shape is the one in which drives are described for replays
 * and in which machines give theirs (section 5 names a 340 MB and a 110 MB drive).
 */
import { z } from "zod";
import { check } from "../../schema/index.ts";

const ms = z.number().nonnegative();

/** Time to move the arm over d cylinders: a + b*sqrt(d) below `knee`, c + e*d from there on. */
const seekCurve = z.strictObject({
  /** The curve in words, for readers of the data. */
  formula: z.string().optional(),
  a: ms,
  b: ms,
  knee: z.int().nonnegative(),
  e: ms,
  c: ms,
});

export const diskSpec = z.strictObject({
  cylinders: z.int().min(1),
  heads: z.int().min(1),
  sectorsPerTrack: z.int().min(1),
  rpm: z.number().positive(),
  sectorBytes: z.int().min(1),
  /** Sectors by which each track is turned against the one before it in its cylinder. */
  trackSkewSectors: z.int().nonnegative(),
  /** Sectors by which the first track of a cylinder is turned against the last of the cylinder before. */
  cylinderSkewSectors: z.int().nonnegative(),
  headSwitchMs: ms,
  /** Added to a move of arm or head that a write waits for. */
  writeSettleMs: ms,
  seekMs: seekCurve,
});

export type DiskSpec = z.output<typeof diskSpec>;

/**
 * `value` as the description of a disk.
 * @throws InputError naming the first value that is missing, mis-typed or out of range.
 */
export function checkDiskSpec(value: unknown, where = "disk spec"): DiskSpec {
  return check(diskSpec, value, where);
}

/** Milliseconds to move the arm over `distance` cylinders, rounded to 10 ns as drive tables are. */
export function seekMs(curve: DiskSpec["seekMs"], distance: number): number {
  if (distance === 0) return 0;
  const ms = distance < curve.knee ? curve.a + curve.b * Math.sqrt(distance) : curve.c + curve.e * distance;
  return Math.round(ms * 1e5) / 1e5;
}
