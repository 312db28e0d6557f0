/**
 * The slack under the rotating platter: how much a system may compute for each page
 * before a sequential read becomes slower.
 *
 * Layer: analysis; sections 5 and 6.3. Time is added to what read() costs, as data,
 * and throughput falls in steps: the next block has either not yet come round or
 * just gone by. So two systems that compute 0.7 and 2.5 ms a page read at one speed.
 */
import { median } from "simple-statistics";
import { z } from "zod";
import { PAGE_BYTES } from "../hardware/memory.ts";
import { SECTOR_BYTES } from "../hardware/disk/sectors.ts";
import { check, InputError } from "../schema/index.ts";
import { boot, systemNames, systemParameters } from "../systems/boot.ts";
import type { BootOptions, SystemName } from "../systems/boot.ts";
import type { System } from "../systems/system.ts";
import { sequentialRead } from "../workloads/index.ts";
import { platterMsPerBlock } from "./platter.ts";

const PATH = "/layout";

const slackOptions = z.strictObject({
  system: z.enum(systemNames).default("mach3"),
  /** Processing added to each read() of a page, in ms. */
  addedMs: z.array(z.number().min(0)).min(1).default([0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5, 5.5, 6, 6.5, 7, 7.5, 8, 8.5, 9, 9.5, 10]),
  /** Blocks read ahead; by default as the system does. Only Mach 3.0 and CHORUS/MiX can be told. */
  readAhead: z.int().min(0).max(16).optional(),
  fileBytes: z.int().min(64 * PAGE_BYTES).default(256 * PAGE_BYTES),
  seeds: z.array(z.int()).min(1).default([1]),
});
export type SlackOptions = z.input<typeof slackOptions>;

export interface SlackRow {
  system: SystemName;
  /** Blocks read ahead. */
  readAhead: number;
  /** Processing added to each page, and what the system computes for a page in all, interrupts included. */
  addedMs: number;
  processingMs: number;
  /** Median over the seeds. */
  kbPerSec: number;
  msPerPage: number;
  /** What revolution, gap and skew alone give for that much processing; see platter.ts. */
  platterMsPerPage: number;
}

/** Where each system keeps what its read() costs, and how far it reads ahead, 1 block where nothing tells. */
const KNOBS: Record<SystemName, { read: [group: string, key: string]; ahead?: [group: string, key: string] }> = {
  mach3: { read: ["library", "readUs"], ahead: ["pager", "readAhead"] },
  mach26: { read: ["costs", "readUs"] },
  mix: { read: ["pm", "readUs"], ahead: ["om", "readAhead"] },
  svr4: { read: ["costs", "readUs"] },
};

/**
 * Throughput of a sequential read, 4096 bytes a call, for each amount of added processing.
 * @throws InputError for an option that is not allowed.
 */
export function slack(options: SlackOptions = {}): SlackRow[] {
  const { system, addedMs, readAhead, fileBytes, seeds } = check(slackOptions, options, "slack");
  const { read, ahead } = KNOBS[system];
  const values = systemParameters(system).values as Record<string, Record<string, number>>;
  if (readAhead !== undefined && ahead === undefined) throw new InputError(`slack: readAhead: "${system}" reads one block ahead and cannot be told otherwise; "mach3" and "mix" can`);
  const blocksAhead = readAhead ?? (ahead === undefined ? 1 : values[ahead[0]]![ahead[1]]!);
  const layout = layoutOf(boot(system));
  return addedMs.map((added) => {
    const changes: Record<string, Record<string, number>> = { [read[0]]: { [read[1]]: values[read[0]]![read[1]]! + 1000 * added } };
    if (ahead !== undefined) changes[ahead[0]] = { ...changes[ahead[0]], [ahead[1]]: blocksAhead };
    const runs = seeds.map((seed) => boot(system, { seed, ...changes } as BootOptions).use((booted) => measure(booted, fileBytes)));
    const of = (pick: (run: Run) => number) => median(runs.map(pick));
    const hostMs = of(blocksAhead === 0 ? ({ threadMs }) => threadMs : ({ busyMs }) => busyMs);
    return {
      system,
      readAhead: blocksAhead,
      addedMs: added,
      processingMs: of(({ busyMs }) => busyMs),
      kbPerSec: of(({ kbPerSec }) => kbPerSec),
      msPerPage: of(({ msPerPage }) => msPerPage),
      platterMsPerPage: platterMsPerBlock(layout.machine, { ...layout, ahead: blocksAhead, hostMs: hostMs * layout.pages }) / layout.pages,
    };
  });
}

interface Run {
  kbPerSec: number;
  msPerPage: number;
  /** Time of the processor for a page, in all and without interrupts. */
  busyMs: number;
  threadMs: number;
}

function measure(system: System, fileBytes: number): Run {
  const { processor } = system.machine;
  const used = () => ({ busyNs: processor.statistics.busyNs, interruptNs: processor.interruptNs });
  const before = used();
  const { kbPerSec, msPerPage } = sequentialRead(system, { fileBytes });
  const after = used();
  const ms = (ns: number) => ns / 1e6 / (fileBytes / PAGE_BYTES);
  const busyNs = after.busyNs - before.busyNs;
  return { kbPerSec, msPerPage, busyMs: ms(busyNs), threadMs: ms(busyNs - (after.interruptNs - before.interruptNs)) };
}

/** How `system` lays a file out: the blocks of one, read from its disk. */
function layoutOf(system: System) {
  system.prepare({ [PATH]: 16 * PAGE_BYTES });
  const image = system.image();
  const [first, second] = image.blocks(PATH) as [number, number];
  const { blockBytes } = image.superblock;
  const blockSectors = blockBytes / SECTOR_BYTES;
  return { machine: system.machine.spec, blockSectors, strideSectors: (second - first) * blockSectors, pages: blockBytes / PAGE_BYTES };
}
