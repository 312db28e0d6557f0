/**
 * Sectors: the unit in which disks are addressed.
 *
 * Layer: hardware.
 */

/** Bytes of one sector. */
export const SECTOR_BYTES = 512;

/** @throws RangeError unless sectors `first` to `first + count - 1` exist on a disk of `total`. */
export function checkSectors(first: number, count: number, total: number): void {
  if (Number.isInteger(first) && Number.isInteger(count) && first >= 0 && count >= 1 && first + count <= total) return;
  throw new RangeError(`disk: no ${count} sectors from sector ${first} on; the disk has sectors 0 to ${total - 1}`);
}
