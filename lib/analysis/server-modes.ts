/**
 * What servers in user space cost: the configuration that section 6.1 leaves unmeasured.
 *
 * Layer: analysis. The same benchmarks run with MiX's servers in supervisor space with
 * message handlers, as the paper measured them; in supervisor space without, where each
 * server has threads; and in user space, where it has an address space too. What threads,
 * switches and copies cost is assumed, so each result without handlers has a band: all
 * these costs at the low ends of their ranges, and all at the high ends.
 */
import { PAGE_BYTES } from "../hardware/memory.ts";
import { boot } from "../systems/boot.ts";
import type { BootOptions } from "../systems/boot.ts";
import type { System } from "../systems/system.ts";
import { cachedRead, nullRpc, sequentialRead, sequentialWrite } from "../workloads/index.ts";
import type { Measurement } from "../workloads/index.ts";
import { atRangeEnds } from "./parameters.ts";

/** One benchmark with the servers in one place; all numbers are for one call. */
export interface ServerModeRow {
  benchmark: string;
  /** "supervisor": there, with handlers; "no handlers": there too, with threads; "user": in user space. */
  servers: string;
  us: number;
  /** With the costs of threads and address spaces at the ends of their ranges. */
  lowUs: number;
  highUs: number;
  /** How often the call takes the time that it takes in supervisor space with handlers. */
  times: number;
  /** The processor's part of the time. */
  processorUs: number;
  traps: number;
  /** Messages, replies included, and how many of them a handler served. */
  messages: number;
  handlerCalls: number;
  threadSwitches: number;
  addressSpaceSwitches: number;
  /** Bytes copied from one place in memory to another. */
  copiedBytes: number;
}

/** The costs that only servers with threads and address spaces of their own meet, at one end of their ranges. */
const costsAt = (end: 0 | 1) => atRangeEnds("mix", "nucleus", ["ipcQueueUs", "annexCopyUs", "threadSwitchUs", "addressSpaceSwitchUs"], end);

const FILE_BYTES = 256 * PAGE_BYTES;

const benchmarks: Readonly<Record<string, (system: System) => Measurement>> = {
  "null RPC": (system) => nullRpc(system, 200),
  "cached read of 4 KB": (system) => cachedRead(system, { fileBytes: FILE_BYTES }),
  "uncached read of 4 KB": (system) => sequentialRead(system, { fileBytes: FILE_BYTES }),
  "write of 4 KB": (system) => sequentialWrite(system, { fileBytes: FILE_BYTES }),
};

const structures = {
  supervisor: {},
  "no handlers": { messageHandlers: false },
  user: { servers: "user" },
} as const satisfies Record<string, BootOptions<"mix">["structure"]>;

/** Each benchmark with the servers in supervisor space, without handlers, and in user space: twelve rows. */
export function serverModes(seed = 1): ServerModeRow[] {
  return Object.entries(benchmarks).flatMap(([benchmark, run]) => {
    const measured = Object.entries(structures).map(([servers, structure]) => {
      const measure = (nucleus: BootOptions<"mix">["nucleus"] = {}) => boot("mix", { seed, structure, nucleus }).use(run);
      const ends = [measure(costsAt(0)), measure(costsAt(1))].map(({ usPerOperation }) => usPerOperation);
      return { servers, asAssumed: measure(), ends };
    });
    const [{ asAssumed: base }] = measured as [(typeof measured)[0]];
    return measured.map(({ servers, asAssumed, ends }) => rowOf(benchmark, servers, asAssumed, base, ends));
  });
}

function rowOf(benchmark: string, servers: string, measured: Measurement, base: Measurement, ends: readonly number[]): ServerModeRow {
  const { usPerOperation: us, perOperation } = measured;
  const { processorUs, traps, messages, threadSwitches, copiedBytes, handlerCalls = 0, addressSpaceSwitches = 0 } = perOperation;
  // The disk's share can shrink when a call comes later, so the ends need not lie around the value.
  const [lowUs, highUs] = [Math.min(us, ...ends), Math.max(us, ...ends)];
  return { benchmark, servers, us, lowUs, highUs, times: us / base.usPerOperation, processorUs, traps, messages, handlerCalls, threadSwitches, addressSpaceSwitches, copiedBytes };
}
