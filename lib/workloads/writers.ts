/**
 * Several processes that change pages here and there and want them on the disk.
 *
 * Layer: workloads; section 6.3 ("adding some asynchronicity should help to handle
 * multiple disk access more gracefully by making the disk sort algorithm much more
 * useful"). Each process changes pages of a file of its own at random and calls
 * fsync(); the time runs until the last of them is done.
 */
import { z } from "zod";
import { PAGE_BYTES } from "../hardware/memory.ts";
import { check } from "../schema/index.ts";
import type { System } from "../systems/system.ts";
import { atLeastOne, stopwatch } from "./measurement.ts";
import type { Measurement } from "./measurement.ts";

export const writerOptions = z.strictObject({
  processes: z.int().min(1).max(16).default(4),
  /** Pages that each process changes, and pages of each file. */
  writes: atLeastOne.default(64),
  filePages: atLeastOne.default(256),
});
export type WriterOptions = z.input<typeof writerOptions>;

/** Write single pages in several processes at once; one operation a page. */
export function randomWrites(system: System, options: WriterOptions = {}): Measurement {
  const { processes, writes, filePages } = check(writerOptions, options, "randomWrites");
  const path = (process: number) => `/writer${process}/data`;
  system.prepare(Object.fromEntries(Array.from({ length: processes }, (_, process) => [path(process), filePages * PAGE_BYTES])));
  return system.run(function* (unix) {
    const stop = stopwatch(system);
    for (let process = 0; process < processes; process++) {
      yield* unix.fork(function* (child) {
        const chance = system.sim.stream(`writer ${process}`);
        const bytes = new Uint8Array(PAGE_BYTES).fill(0x5a);
        const fd = yield* child.open(path(process), { access: "write" });
        for (let i = 0; i < writes; i++) {
          yield* child.lseek(fd, chance.integer(0, filePages - 1) * PAGE_BYTES);
          yield* child.write(fd, bytes);
        }
        yield* child.fsync(fd);
        yield* child.close(fd);
      });
    }
    for (let process = 0; process < processes; process++) yield* unix.wait();
    return stop(processes * writes, processes * writes * PAGE_BYTES);
  });
}
