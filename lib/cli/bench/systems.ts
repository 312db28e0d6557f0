/**
 * How fast whole systems are simulated: reads of files, from the disk and from memory.
 *
 * Layer: cli. Only the program's reads are timed, not the boot nor the making of
 * the file. Each figure is that of the best of several rounds: the first ones also
 * pay for the compilation of the code.
 */
import { boot } from "../../systems/boot.ts";
import type { SystemName } from "../../systems/boot.ts";
import type { Measurement } from "./engine.ts";

const MB = 1024 * 1024;
const READ_BYTES = 4096;
const DISK_ROUNDS = 24;
const CACHED_ROUNDS = 200;

/** The real time of reads on the kernelized systems, and beside Mach 2.6. */
export function systemsBench(): Measurement[] {
  const mach3Ms = diskRead("mach3");
  return [
    { name: "CHORUS/MiX, a cached read of 4 KB", unit: "µs", value: cachedRead("mix") },
    { name: "Mach 3.0, a cached read of 4 KB", unit: "µs", value: cachedRead("mach3") },
    { name: "Mach 3.0, 8 MB read from the disk", unit: "ms", value: mach3Ms },
    { name: "the same beside Mach 2.6", unit: "times as long", value: mach3Ms / diskRead("mach26") },
  ];
}

/** Milliseconds to read 8 MB that are not in memory. */
const diskRead = (name: SystemName): number => Math.min(...Array.from({ length: DISK_ROUNDS }, () => readPasses(name, 8 * MB, 1).ms));

/** Microseconds for a read of a file of 2 MB that is in memory, as in Table 5-4. */
function cachedRead(name: SystemName): number {
  const { ms, reads } = readPasses(name, 2 * MB, CACHED_ROUNDS);
  return (1000 * ms) / reads;
}

/** The fastest of so many passes over a new file of `fileBytes` bytes: real time, and the reads it took. */
function readPasses(name: SystemName, fileBytes: number, passes: number): { ms: number; reads: number } {
  const system = boot(name);
  system.prepare({ "/file": fileBytes });
  return system.run(function* (unix) {
    const fd = yield* unix.open("/file", { access: "read" });
    let best = Infinity;
    for (let pass = 0; pass < passes; pass++) {
      yield* unix.lseek(fd, 0);
      const began = performance.now();
      while ((yield* unix.read(fd, READ_BYTES)).length > 0);
      best = Math.min(best, performance.now() - began);
    }
    return { ms: best, reads: Math.ceil(fileBytes / READ_BYTES) };
  });
}
