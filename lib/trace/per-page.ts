/**
 * What 4 KB cost on each system: copies, pages handed over, messages, traps, switches.
 *
 * Layer: trace. A file is read from the disk, read again from memory, written in memory,
 * and a new one is written until it is on the disk, a page at a time; what is counted is
 * shared out among the pages.
 */
import { PAGE_BYTES } from "../hardware/memory.ts";
import { boot, systemNames } from "../systems/boot.ts";
import type { BootOptions, SystemName } from "../systems/boot.ts";
import type { Unix } from "../unix/interface.ts";
import type { Steps } from "../engine/index.ts";
import { trace } from "./trace.ts";
import type { Movement, Operation, Trace } from "./trace.ts";

/** Sixteen pages are a window of Mach 3.0; each of these files has four. */
const PAGES = 64;

/** The mean of what a page took. */
export interface PerPage {
  readonly system: SystemName;
  readonly call: "read" | "write";
  /** From or to memory only; of a write that is not, the end is that all is on the disk. */
  readonly cached: boolean;
  readonly elapsedUs: number;
  /** Copies, pages given to another owner instead, pages mapped, pages filled with zeros, and sectors moved by the processor. */
  readonly copies: number;
  readonly pagesHandedOver: number;
  readonly mappings: number;
  readonly zeroFills: number;
  readonly sectors: number;
  /** The processor's time for all these. */
  readonly movingUs: number;
  readonly messages: number;
  readonly traps: number;
  readonly threadSwitches: number;
  readonly addressSpaceSwitches: number;
  readonly interrupts: number;
  readonly diskRequests: number;
}

/** The four phases of the program on `name`, booted with `options`: read and write, with and without the disk. */
export function perPage<N extends SystemName>(name: N, options: BootOptions<N> = {}): PerPage[] {
  const system = boot(name, options);
  system.prepare({ "/old": PAGES * PAGE_BYTES });
  const traced = trace(system, phases);
  const reads = traced.operations.filter((operation) => operation.name === "read");
  const writes = traced.operations.filter((operation) => operation.name === "write" || operation.name === "fsync");
  return [
    row(traced, "read", false, reads.slice(0, PAGES)),
    row(traced, "read", true, reads.slice(PAGES)),
    row(traced, "write", true, writes.slice(0, PAGES)),
    row(traced, "write", false, writes.slice(PAGES + 1)),
  ];
}

/** All four systems as they are. */
export function perPageOfAll(): PerPage[] {
  return systemNames.flatMap((name) => perPage(name));
}

function* phases(unix: Unix): Steps {
  const page = new Uint8Array(PAGE_BYTES);
  const old = yield* unix.open("/old");
  for (let pass = 0; pass < 2; pass++) {
    yield* unix.lseek(old, 0);
    for (let i = 0; i < PAGES; i++) yield* unix.read(old, PAGE_BYTES);
  }
  yield* unix.lseek(old, 0);
  for (let i = 0; i < PAGES; i++) yield* unix.write(old, page);
  yield* unix.fsync(old);
  const fresh = yield* unix.creat("/new");
  for (let i = 0; i < PAGES; i++) yield* unix.write(fresh, page);
  yield* unix.fsync(fresh);
}

function row({ system, movements }: Trace, call: "read" | "write", cached: boolean, operations: readonly Operation[]): PerPage {
  const fromNs = operations[0]!.span.beginNs;
  const toNs = operations.at(-1)!.span.endNs;
  const moved = movements.filter(({ timeNs }) => timeNs >= fromNs && timeNs < toNs);
  const pages = (kinds: readonly Movement["kind"][]) => moved.filter(({ kind }) => kinds.includes(kind)).length / PAGES;
  const counted = (name: string) => operations.reduce((sum, { counts }) => sum + (counts[name] ?? 0), 0) / PAGES;
  return {
    system, call, cached, elapsedUs: (toNs - fromNs) / 1000 / PAGES,
    copies: counted("copies"), pagesHandedOver: pages(["page"]), mappings: pages(["map"]), zeroFills: pages(["zero"]), sectors: pages(["sector in", "sector out"]),
    movingUs: moved.reduce((sum, { ns }) => sum + ns, 0) / 1000 / PAGES,
    messages: counted("messages"), traps: counted("traps"), threadSwitches: counted("threadSwitches"), addressSpaceSwitches: counted("addressSpaceSwitches"),
    interrupts: counted("interrupts"), diskRequests: counted("diskRequests"),
  };
}
