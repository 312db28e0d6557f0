/**
 * The benchmark of raw disk partitions: Table 5-6.
 *
 * Layer: workloads. Between reads the position is advanced by one to eight times
 * the size of a read; "the increment which produced the best result was reported".
 */
import { z } from "zod";
import { SECTOR_BYTES } from "../hardware/disk/sectors.ts";
import { check, InputError } from "../schema/index.ts";
import type { System } from "../systems/system.ts";
import { atLeastOne, stopwatch } from "./measurement.ts";
import type { Measurement } from "./measurement.ts";

export const rawReadOptions = z.strictObject({
  /** Bytes of each read, whole sectors. */
  readBytes: atLeastOne.multipleOf(SECTOR_BYTES),
  /** From the beginning of one read to that of the next, in reads; 1 reads everything. */
  increment: atLeastOne.default(1),
  reads: atLeastOne.default(24),
});
export type RawReadOptions = z.input<typeof rawReadOptions>;

/**
 * Read a raw partition with calls of one size at a fixed increment.
 * @throws InputError when the last read would end behind the disk.
 */
export function rawRead(system: System, options: RawReadOptions): Measurement {
  const { readBytes, increment, reads } = check(rawReadOptions, options, "rawRead");
  const end = ((reads - 1) * increment + 1) * readBytes;
  const diskBytes = system.machine.controller.disk.sectors * SECTOR_BYTES;
  if (end > diskBytes) throw new InputError(`rawRead: the last read ends at byte ${end}, the disk at ${diskBytes}: lower reads or increment`);
  return system.run(function* (unix) {
    const fd = yield* unix.open(system.rawDevice, { access: "read" });
    const stop = stopwatch(system);
    for (let i = 0; i < reads; i++) {
      yield* unix.lseek(fd, i * increment * readBytes);
      yield* unix.read(fd, readBytes);
    }
    const measured = stop(reads, reads * readBytes);
    yield* unix.close(fd);
    return measured;
  });
}

/** The increments that the paper tried. */
export const INCREMENTS = [1, 2, 3, 4, 5, 6, 7, 8] as const;

/** The best that `measure` gives at any of the increments: "the increment which produced the best result was reported". */
export function bestIncrement(measure: (increment: number) => Measurement): Measurement {
  return INCREMENTS.map(measure).reduce((best, one) => (one.kbPerSec > best.kbPerSec ? one : best));
}
