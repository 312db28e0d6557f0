/**
 * What the disk does while a file is read: which part of it the throughput is waiting for.
 *
 * Layer: analysis; sections 5 and 6.3. From a trace of a sequential read, the time of a
 * page is shared out among what platter, arm and controller were doing, so that the parts
 * add up to it. The processor works beside it, and shows only where the disk has nothing
 * to do.
 */
import { PAGE_BYTES } from "../hardware/memory.ts";
import { boot } from "../systems/boot.ts";
import type { BootOptions, SystemName } from "../systems/boot.ts";
import { record } from "../trace/index.ts";
import type { Trace } from "../trace/index.ts";
import { sequentialRead } from "../workloads/index.ts";

/** What the disk can be doing, the useful part first. */
export const diskParts = [
  "the file's sectors pass", "other sectors pass", "the next block comes round", "the next track comes round", "arm and heads move", "commands and transfers", "no request",
] as const;
export type DiskPart = (typeof diskParts)[number];

/** A part of the mean time of 4096 bytes. */
export interface DiskTime {
  readonly part: DiskPart;
  readonly msPerPage: number;
}

const FILE_BYTES = 256 * PAGE_BYTES;

/** The tracks of a trace on which the disk shows. */
const [PLATTER, ARM, CONTROLLER] = ["platter", "disk arm", "controller"];

/** What the disk does during a sequential read(), 4096 bytes a call; `options` as for boot(). */
export function diskTime<N extends SystemName>(name: N, options: BootOptions<N> = {}, fileBytes = FILE_BYTES): DiskTime[] {
  const system = boot(name, options);
  return diskTimeOf(record(system, () => sequentialRead(system, { fileBytes })));
}

/** The part that takes most of the time beside the passing of the file's own sectors: what has to change for more throughput. */
export function diskLimit(times: readonly DiskTime[]): DiskTime {
  return times.slice(1).reduce((most, one) => (one.msPerPage > most.msPerPage ? one : most));
}

/** The parts, from the first read() of `trace` to the end of the last. */
export function diskTimeOf(trace: Trace): DiskTime[] {
  const reads = trace.operations.filter(({ name, bytes }) => name === "read" && bytes > 0);
  const [fromNs, toNs] = [reads[0]!.span.beginNs, reads.at(-1)!.span.endNs];
  const wanted = new Set(trace.movements.filter(({ kind }) => kind === "sector in").map(({ from }) => from));
  const spans = trace.spans.filter(({ track, beginNs, endNs }) => track.kind === "device" && endNs > fromNs && beginNs < toNs);
  const commands = spans.filter(({ track }) => track.name === CONTROLLER);
  const ns = new Map<DiskPart, number>(diskParts.map((part) => [part, 0]));
  const add = (part: DiskPart, more: number): void => void ns.set(part, ns.get(part)! + more);
  /** Nothing passes and nothing moves: with a command for a reason, without one because nobody asks. */
  const stand = (reason: DiskPart, beginNs: number, endNs: number): void => {
    const asked = commands.reduce((sum, command) => sum + overlap(command.beginNs, command.endNs, beginNs, endNs), 0);
    add(reason, asked);
    add("no request", endNs - beginNs - asked);
  };

  let now = fromNs;
  let moved = false; // the arm, since a sector passed
  for (const span of spans.filter(({ track }) => track.name === PLATTER || track.name === ARM).sort((a, b) => a.beginNs - b.beginNs)) {
    const isArm = span.track.name === ARM;
    if (span.beginNs > now) stand(isArm ? "commands and transfers" : moved ? "the next track comes round" : "the next block comes round", now, span.beginNs);
    add(isArm ? "arm and heads move" : wanted.has(span.value) ? "the file's sectors pass" : "other sectors pass", overlap(span.beginNs, span.endNs, now, toNs));
    now = Math.max(now, span.endNs);
    moved = isArm;
  }
  if (toNs > now) stand("commands and transfers", now, toNs);
  const pages = reads.reduce((sum, { bytes }) => sum + bytes, 0) / PAGE_BYTES;
  return diskParts.map((part) => ({ part, msPerPage: ns.get(part)! / 1e6 / pages }));
}

/** How much of the time from `a` to `b` lies between `from` and `to`. */
function overlap(a: number, b: number, from: number, to: number): number {
  return Math.max(0, Math.min(b, to) - Math.max(a, from));
}
