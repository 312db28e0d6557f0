/**
 * Always redirecting into another address space, or the occasional RPC? Section 6.2's
 * question about handlers in Mach 3.0.
 *
 * Layer: analysis. The same calls by way of the Emulation Library, which sends a
 * message when it cannot serve them, and in a handler of the server. What a crossing
 * costs is assumed, so each time has a band: the assumed costs at both ends of their
 * ranges.
 */
import { PAGE_BYTES } from "../hardware/memory.ts";
import { boot } from "../systems/boot.ts";
import type { System } from "../systems/system.ts";
import { cachedRead, fileStatus, getpid, lseek, readOneByte } from "../workloads/index.ts";
import type { Measurement } from "../workloads/index.ts";
import { atRangeEnds } from "./parameters.ts";

export interface RedirectionRow {
  call: string;
  /** Messages that the library sends for it, answers included. */
  messages: number;
  libraryUs: number;
  handlerUs: number;
  /** With the assumed costs of a crossing at the ends of their ranges. */
  handlerBandUs: readonly [low: number, high: number];
  /** What the handler takes more. */
  dearerUs: number;
}

const TURNS = 100;
/** The costs of a crossing, which are assumed, at one end of their ranges. */
const crossingAt = (end: 0 | 1) => atRangeEnds("mach3", "kernel", ["handlerUs", "addressSpaceSwitchUs"], end);

const calls: Readonly<Record<string, (system: System) => Measurement>> = {
  "getpid()": (system) => getpid(system, TURNS),
  "lseek()": (system) => lseek(system, TURNS),
  "lseek() and read() of a byte": (system) => readOneByte(system, TURNS),
  "read() of a cached page": (system) => cachedRead(system, { fileBytes: 256 * PAGE_BYTES }),
  "stat()": (system) => fileStatus(system, TURNS),
};

/** Each call by library and in a handler. */
export function redirection(seed = 1): RedirectionRow[] {
  return Object.entries(calls).map(([call, run]) => {
    const library = boot("mach3", { seed }).use(run);
    const handler = (kernel: object = {}) => boot("mach3", { seed, structure: { calls: "handler" }, kernel }).use(run).usPerOperation;
    const handlerUs = handler();
    return {
      call,
      messages: library.perOperation.messages ?? 0,
      libraryUs: library.usPerOperation,
      handlerUs,
      handlerBandUs: [handler(crossingAt(0)), handler(crossingAt(1))],
      dearerUs: handlerUs - library.usPerOperation,
    };
  });
}

/** The share of calls, in percent, that must need the server for handlers to be as quick: between those that never do and stat(), which always does. */
export function breakEven(rows: readonly RedirectionRow[]): number {
  const [local, remote] = ["getpid()", "stat()"].map((name) => rows.find(({ call }) => call === name)!.dearerUs) as [number, number];
  return (100 * local) / (local - remote);
}
