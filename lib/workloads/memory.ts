/**
 * The benchmark of the memory system: Table 5-1.
 *
 * Layer: workloads. "Repeated movement of 4096 bytes was used for the cached result
 * and repeated movement of between 256k and 1M was used for the uncached result."
 * Nothing tells the copies which they are; the machine's cache decides.
 */
import { z } from "zod";
import { PAGE_BYTES } from "../hardware/memory.ts";
import type { Machine } from "../hardware/machine.ts";
import { check, InputError } from "../schema/index.ts";
import { atLeastOne, stopwatch } from "./measurement.ts";
import type { Measurement } from "./measurement.ts";

export const bcopyOptions = z.strictObject({ bufferBytes: atLeastOne.multipleOf(PAGE_BYTES), repeat: atLeastOne.default(16) });

/**
 * Copy a buffer of `bufferBytes` to another one page by page, `repeat` times after a first pass that is not measured.
 * @returns one operation for each page of 4096 bytes.
 * @throws InputError for a buffer that memory has no room for twice.
 */
export function bcopy(machine: Machine, options: z.input<typeof bcopyOptions>): Measurement {
  const { bufferBytes, repeat } = check(bcopyOptions, options, "bcopy");
  const pages = bufferBytes / PAGE_BYTES;
  const frames = machine.memory.allocateRun("bcopy", 2 * pages);
  if (frames === undefined) throw new InputError(`bcopy: memory has no room for two buffers of ${bufferBytes} bytes`);
  const from = frames.slice(0, pages);
  const to = frames.slice(pages);
  const { sim } = machine;
  const counted = { sim, counts: () => ({ traps: 0, messages: 0, ...machine.counts() }) };
  const thread = sim.spawn(
    "bcopy",
    (function* () {
      let stop = stopwatch(counted);
      for (let pass = 0; pass <= repeat; pass++) {
        for (let page = 0; page < pages; page++) {
          machine.bcopy(from[page]! * PAGE_BYTES, to[page]! * PAGE_BYTES, PAGE_BYTES);
        }
        yield* sim.settle();
        if (pass === 0) stop = stopwatch(counted);
      }
      return stop(pages * repeat, bufferBytes * repeat);
    })(),
    { processor: machine.processor },
  );
  sim.run();
  for (const frame of frames) machine.memory.free(frame);
  return thread.result!;
}
