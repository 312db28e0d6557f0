/**
 * What servers in user space cost: the configuration that section 6.1 leaves unmeasured.
 *
 * Layer: analysis. The same benchmarks run with MiX's servers in supervisor space and
 * in user space, where there are no message handlers but threads, switches and copies.
 * What these cost is assumed, so each result in user space has a band: all assumed
 * costs at the low ends of their ranges, and all at the high ends.
 */
import { PAGE_BYTES } from "../hardware/memory.ts";
import type { Counters } from "../kernels/chorus/index.ts";
import { boot } from "../systems/boot.ts";
import type { BootOptions } from "../systems/boot.ts";
import { readData } from "../systems/data-files.ts";
import type { System } from "../systems/system.ts";
import { mixOf, nullRpc } from "../workloads/chorus.ts";
import { cachedRead, sequentialRead, sequentialWrite } from "../workloads/index.ts";
import type { Measurement } from "../workloads/index.ts";

/** One benchmark in both configurations; times in µs for each call, counts for each call. */
export interface ServerModeRow {
  benchmark: string;
  supervisorUs: number;
  userUs: number;
  /** With the assumed costs of user space at the ends of their ranges. */
  userBandUs: readonly [low: number, high: number];
  supervisorCounts: Counters;
  userCounts: Counters;
}

/** The costs that only servers with threads and address spaces of their own meet. */
const USER_COSTS = ["ipcQueueUs", "annexCopyUs", "threadSwitchUs", "addressSpaceSwitchUs"] as const;

const FILE_BYTES = 256 * PAGE_BYTES;

const benchmarks: Record<string, (system: System) => Measurement> = {
  "null RPC": (system) => nullRpc(system, 200),
  "cached read of 4 KB": (system) => cachedRead(system, { fileBytes: FILE_BYTES }),
  "uncached read of 4 KB": (system) => sequentialRead(system, { fileBytes: FILE_BYTES }),
  "write of 4 KB": (system) => sequentialWrite(system, { fileBytes: FILE_BYTES }),
};

/** Both configurations side by side, benchmark by benchmark. */
export function serverModes(seed = 1): ServerModeRow[] {
  const user = { structure: { servers: "user" } } as const;
  return Object.entries(benchmarks).map(([benchmark, run]) => {
    const supervisor = measure(run, { seed });
    const asAssumed = measure(run, { seed, ...user });
    const [low, high] = ([0, 1] as const).map((end) => measure(run, { seed, ...user, nucleus: atEnd(end) }).us);
    return {
      benchmark,
      supervisorUs: supervisor.us,
      userUs: asAssumed.us,
      userBandUs: [low!, high!],
      supervisorCounts: supervisor.counts,
      userCounts: asAssumed.counts,
    };
  });
}

/** The benchmark's time, and what the nucleus counted from boot on, both for each call. */
function measure(run: (system: System) => Measurement, options: BootOptions<"mix">): { us: number; counts: Counters } {
  const system = boot("mix", options);
  const { usPerOperation, operations } = run(system);
  const counts = { ...mixOf(system).nucleus.counters };
  for (const name of Object.keys(counts) as (keyof Counters)[]) counts[name] /= operations;
  return { us: usPerOperation, counts };
}

/** The costs of user space at the low (0) or high (1) end of their ranges. */
function atEnd(end: 0 | 1): Partial<Record<(typeof USER_COSTS)[number], number>> {
  const { nucleus } = readData("systems/mix.json") as { nucleus: Record<string, { range: [number, number] }> };
  return Object.fromEntries(USER_COSTS.map((name) => [name, nucleus[name]!.range[end]]));
}
