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
import { atLeastOne } from "./measurement.ts";
import type { Measurement } from "./measurement.ts";
import { CallWatch, untilOptions } from "./until.ts";

export const rawReadOptions = z.strictObject({
  /** Bytes of each read, whole sectors. */
  readBytes: atLeastOne.multipleOf(SECTOR_BYTES),
  /** From the beginning of one read to that of the next, in reads; 1 reads everything. */
  increment: atLeastOne.default(1),
  reads: atLeastOne.default(24),
  /** Stop when the throughput is known so well; by default all reads are made. */
  until: untilOptions.optional(),
});
export type RawReadOptions = z.input<typeof rawReadOptions>;

/**
 * Read a raw partition with calls of one size at a fixed increment.
 * @throws InputError when the last read would end behind the disk.
 */
export function rawRead(system: System, options: RawReadOptions): Measurement {
  const { readBytes, increment, reads, until } = check(rawReadOptions, options, "rawRead");
  const end = ((reads - 1) * increment + 1) * readBytes;
  const diskBytes = system.machine.controller.disk.sectors * SECTOR_BYTES;
  if (end > diskBytes) throw new InputError(`rawRead: the last read ends at byte ${end}, the disk at ${diskBytes}: lower reads or increment`);
  return system.run(function* (unix) {
    const fd = yield* unix.open(system.rawDevice, { access: "read" });
    const watch = new CallWatch(system, until);
    let done = 0;
    do {
      yield* unix.lseek(fd, done * increment * readBytes);
      yield* unix.read(fd, readBytes);
      done++;
    } while (done < reads && !watch.enough());
    const measured = watch.stop(done, done * readBytes);
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
