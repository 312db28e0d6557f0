/**
 * "Disk throughput could approach 600KB/sec" (section 6.3): what larger reads, more
 * read-ahead and data_supply do for Mach 3.0, how far that goes, and what stops it.
 *
 * Layer: analysis. The pager reads straight from the disk here: a page of the buffer
 * cache cannot be given up, and a request through it never reaches over a block.
 */
import { PAGE_BYTES } from "../hardware/memory.ts";
import { claim } from "../paper/index.ts";
import { systemParameters } from "../systems/boot.ts";
import type { BootOptions } from "../systems/boot.ts";
import { sequentialRead } from "../workloads/index.ts";
import type { PagerInterface } from "../workloads/index.ts";
import { diskLimit, diskParts, diskTime } from "./disk-time.ts";
import type { DiskPart } from "./disk-time.ts";
import { sweep } from "./sweep/index.ts";
import type { SweepOptions } from "./sweep/index.ts";

/** How the blocks of files lie on the disk: each with a gap after it, as newfs left it in 1992, or eight side by side. */
export const layouts = ["apart", "side by side"] as const;
export type Layout = (typeof layouts)[number];

export interface TunedReadsOptions extends Pick<SweepOptions, "backend" | "threads" | "signal" | "onProgress"> {
  /** Bytes that the pager reads for one request, 4096 to 65536. */
  readBytes?: readonly number[];
  /** Units of so many bytes kept under way ahead of the reader, 0 to 16. */
  readAhead?: readonly number[];
  /** Length of the file. */
  fileBytes?: number;
}

/** The throughput of a sequential read at one setting of the pager. */
export interface TunedRead {
  layout: Layout;
  interface: PagerInterface;
  readBytes: number;
  readAhead: number;
  kbPerSec: number;
  /** Against what the paper hopes for. */
  percentOfHope: number;
}

const KB = 1024;
const FILE_BYTES = 256 * PAGE_BYTES;
/** A disk on which the next track's first sector comes soon after a head switch of 1 ms is over, and the next cylinder's soon after the arm is there. */
const IN_TIME = { trackSkewSectors: 3, cylinderSkewSectors: 11 };

/** The blocks of a file that lie side by side in each layout; the first is that of the system as it was. */
const maxcontigOf = (): Record<Layout, number> => ({ [layouts[0]]: systemParameters("mach3").values.fileSystem.maxcontig, [layouts[1]]: 8 }) as Record<Layout, number>;

/**
 * Sweep interface, size and read-ahead of the Inode Pager, in both layouts, on worker threads.
 * @throws InputError for a size or a number that is not allowed.
 */
export async function tunedReads(options: TunedReadsOptions = {}): Promise<TunedRead[]> {
  const { readBytes = [4, 8, 16, 32, 64].map((kb) => kb * KB), readAhead = [0, 1, 2, 3, 4], fileBytes = FILE_BYTES, ...run } = options;
  const hope = claim("tuned-throughput").value as number;
  const maxcontig = maxcontigOf();
  const grid = {
    system: "mach3", "pager.throughBufferCache": false, "fileSystem.maxcontig": layouts.map((layout) => maxcontig[layout]),
    "pager.interface": ["data_provided", "data_supply"], "pager.readAhead": readAhead, "pager.readBytes": readBytes, fileBytes,
  };
  const result = await sweep(grid, sequentialRead, { strict: true, ...run });
  return result.rows().map((row) => {
    const kbPerSec = row.kbPerSec as number;
    return {
      layout: layouts.find((layout) => maxcontig[layout] === row["fileSystem.maxcontig"])!,
      interface: row["pager.interface"] as PagerInterface, readBytes: row["pager.readBytes"] as number, readAhead: row["pager.readAhead"] as number,
      kbPerSec, percentOfHope: (100 * kbPerSec) / hope,
    };
  });
}

/** One step on the way to more throughput, and what the disk does with the time of a page there, in ms. */
export interface TuningStep {
  step: string;
  kbPerSec: number;
  /** What takes most of the time beside the passing of the file's own sectors. */
  limit: DiskPart;
  limitMs: number;
  parts: Readonly<Record<DiskPart, number>>;
}

/** The steps, each with the changes of those before it. */
export function tuningSteps(fileBytes = FILE_BYTES): TuningStep[] {
  const pager = { interface: "data_supply", throughBufferCache: false, readBytes: 64 * KB } as const;
  const fileSystem = { maxcontig: maxcontigOf()[layouts[1]] };
  const steps: Record<string, BootOptions<"mach3">> = {
    "as the paper has it": {},
    "data_supply, no cache": { pager: { ...pager, readBytes: PAGE_BYTES } },
    "64 KB a request": { pager },
    "blocks side by side": { pager, fileSystem },
    "tracks in time": { pager, fileSystem, machine: { base: "hp-vectra", disk: IN_TIME } },
  };
  return Object.entries(steps).map(([step, options]) => {
    const times = diskTime("mach3", options, fileBytes);
    const { part, msPerPage } = diskLimit(times);
    const total = times.reduce((sum, time) => sum + time.msPerPage, 0);
    const parts = Object.fromEntries(diskParts.map((one, i) => [one, times[i]!.msPerPage])) as Record<DiskPart, number>;
    return { step, kbPerSec: PAGE_BYTES / KB / (total / 1000), limit: part, limitMs: msPerPage, parts };
  });
}
