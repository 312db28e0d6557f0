/**
 * The benchmarks of files: Tables 5-3 and 5-4.
 *
 * Layer: workloads. Files are read and written from beginning to end with calls of
 * one size.
 */
import { z } from "zod";
import type { Steps } from "../engine/index.ts";
import { PAGE_BYTES } from "../hardware/memory.ts";
import { check } from "../schema/index.ts";
import type { System } from "../systems/system.ts";
import type { Unix } from "../unix/interface.ts";
import { atLeastOne, stopwatch } from "./measurement.ts";
import type { Measurement } from "./measurement.ts";
import { CallWatch, untilOptions } from "./until.ts";

const MB = 1024 * 1024;
const PATH = "/sequential";

export const readOptions = z.strictObject({
  /** Length of the file; 8 MB if it is not to be cached. */
  fileBytes: atLeastOne.optional(),
  /** Bytes of each call. */
  readBytes: atLeastOne.default(PAGE_BYTES),
  /** Stop when the throughput is known so well; by default the whole file is read. */
  until: untilOptions.optional(),
});
export type FileOptions = z.input<typeof readOptions>;

export const writeOptions = z.strictObject({ fileBytes: atLeastOne.default(8 * MB), writeBytes: atLeastOne.default(PAGE_BYTES) });

/** Read a file that is on the disk and not in memory: Table 5-3, "Read". */
export function sequentialRead(system: System, options: FileOptions = {}): Measurement {
  const { fileBytes = 8 * MB, readBytes, until } = check(readOptions, options, "sequentialRead");
  system.prepare({ [PATH]: fileBytes });
  return system.run(function* (unix) {
    const fd = yield* unix.open(PATH, { access: "read" });
    const measured = yield* readOn(unix, fd, readBytes, new CallWatch(system, until));
    yield* unix.close(fd);
    return measured;
  });
}

/**
 * Write a new file: Table 5-3, "Write". The file is larger than what memory keeps
 * back, and the time runs until the last byte is on the disk, so that no cache
 * flatters the result.
 */
export function sequentialWrite(system: System, options: z.input<typeof writeOptions> = {}): Measurement {
  const { fileBytes, writeBytes } = check(writeOptions, options, "sequentialWrite");
  const bytes = new Uint8Array(writeBytes).fill(0x5a);
  return system.run(function* (unix) {
    const fd = yield* unix.open(PATH, { access: "write", create: true, truncate: true });
    const stop = stopwatch(system);
    for (let written = 0; written < fileBytes; ) {
      written += yield* unix.write(fd, written + writeBytes > fileBytes ? bytes.subarray(0, fileBytes - written) : bytes);
    }
    yield* unix.fsync(fd);
    const measured = stop(Math.ceil(fileBytes / writeBytes), fileBytes);
    yield* unix.close(fd);
    return measured;
  });
}

/**
 * Read a file that is in memory: Table 5-4. The file is read once, and then again
 * for the result; it has about 2 MB, or what the system's cache holds if that is less.
 */
export function cachedRead(system: System, options: FileOptions = {}): Measurement {
  const { fileBytes = Math.min(2 * MB, system.cacheBytes), readBytes, until } = check(readOptions, options, "cachedRead");
  system.prepare({ [PATH]: fileBytes });
  return system.run(function* (unix) {
    const fd = yield* unix.open(PATH, { access: "read" });
    while ((yield* unix.read(fd, readBytes)).length > 0);
    yield* unix.lseek(fd, 0);
    return yield* readOn(unix, fd, readBytes, new CallWatch(system, until));
  });
}

/** Read from where `fd` stands to the end of the file, or until `watch` has seen enough. */
function* readOn(unix: Unix, fd: number, readBytes: number, watch: CallWatch): Steps<Measurement> {
  let calls = 0;
  let bytes = 0;
  for (;;) {
    const { length } = yield* unix.read(fd, readBytes);
    if (length === 0) return watch.stop(calls, bytes);
    calls++;
    bytes += length;
    if (watch.enough()) return watch.stop(calls, bytes);
  }
}
