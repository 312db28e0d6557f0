/**
 * Section 6.2 carried out: what each system would gain from the techniques of the others.
 *
 * Layer: analysis. Every row is a system booted with an option that changes how it is
 * built, and run. What the new parts cost is assumed, with ranges, in data/systems.
 */
import { PAGE_BYTES } from "../hardware/memory.ts";
import { boot } from "../systems/boot.ts";
import type { BootOptions, SystemName } from "../systems/boot.ts";
import type { System } from "../systems/system.ts";
import { cachedRead, getpid, randomWrites, readOneByte, sequentialRead, sequentialWrite } from "../workloads/index.ts";

/** What is measured of a system; a page is 4096 bytes. */
export interface SystemFigures {
  getpidUs: number;
  /** lseek() and read() of a byte, and read() of a page, that are in memory; and how much of files stays there. */
  oneByteReadUs: number;
  cachedReadUs: number;
  cacheMB: number;
  /** One reader and one writer of a file on the disk, and four processes that write single pages at random. */
  readKBPerSec: number;
  writeKBPerSec: number;
  randomWriteKBPerSec: number;
  /** For each page that one reader gets from the disk: the processor's time, and what was done. */
  processorUs: number;
  traps: number;
  messages: number;
  threadSwitches: number;
  addressSpaceSwitches: number;
  copies: number;
}

export interface CrossPollinationRow extends SystemFigures {
  system: SystemName;
  variant: string;
  /** What the paper says of it, and where; nothing of the systems as they were measured. */
  paperSays: string;
  section: string;
  /** Against the system as it was measured, in percent. */
  oneByteReadChange: number;
  cachedReadChange: number;
  readChange: number;
  writeChange: number;
  randomWriteChange: number;
  processorChange: number;
  /** What would have to change for the paper to be right, in words, and whether it does by more than 1 %; the paper leaves questions open too. */
  expected: string;
  comesTrue: boolean | undefined;
}

interface Variant {
  variant: string;
  options: object;
  paperSays: string;
  section: string;
  /** The measure that should change, and in which direction. */
  expected?: readonly [measure: keyof SystemFigures, direction: "more" | "less"];
}

const AS_MEASURED = "as measured";

const variants: Readonly<Partial<Record<SystemName, readonly Variant[]>>> = {
  mach3: [
    {
      variant: "disk driver in the server",
      options: { mapping: { deviceDriver: "server" } },
      paperSays: "context switches and data copies can be avoided",
      section: "6.2",
      expected: ["threadSwitches", "less"],
    },
    {
      variant: "disk driver in the server, its pages given to the kernel",
      options: { mapping: { deviceDriver: "server" }, pager: { interface: "data_supply", throughBufferCache: false } },
      paperSays: "context switches and data copies can be avoided",
      section: "6.2",
      expected: ["copies", "less"],
    },
    {
      variant: "handlers instead of the Emulation Library",
      options: { structure: { calls: "handler" } },
      paperSays: "whether the additional cost of always redirecting into another address space outweighs the cost of the occasional RPC",
      section: "6.2",
    },
    {
      variant: "handlers and no mapped files",
      options: { structure: { calls: "handler" }, mapping: { mappedFiles: false } },
      paperSays: "avoids the protection problem the BSD4.3 Single Server has with the Emulation Library",
      section: "6.2",
    },
  ],
  mach26: [
    {
      variant: "mapped files and an Emulation Library",
      options: { mapping: { mappedFiles: true } },
      paperSays: "could benefit from a mapped file system using the Emulation Library technique",
      section: "6.2",
      expected: ["oneByteReadUs", "less"],
    },
  ],
  mix: [
    {
      variant: "an Emulation Library instead of the Process Manager",
      options: { structure: { emulationLibrary: true } },
      paperSays: "one could use the CHORUS Trap Handler mechanism to implement an Emulation Library instead of a Process Manager",
      section: "6.2",
    },
    {
      variant: "read-ahead of four pages",
      options: { om: { readAhead: 4 } },
      paperSays: "some significant improvement since no readahead is used",
      section: "6.3",
      expected: ["readKBPerSec", "more"],
    },
    {
      variant: "pages pushed out asynchronously",
      options: { om: { asyncPushOut: true } },
      paperSays: "adding some asynchronicity should help to handle multiple disk access more gracefully",
      section: "6.3",
      expected: ["randomWriteKBPerSec", "more"],
    },
  ],
};

const FILE_BYTES = 256 * PAGE_BYTES;
const TURNS = 100;
/** A change of less than so many percent is none. */
const NONE = 1;

/** Every technique of section 6.2, and the two of 6.3 that CHORUS/MiX lacks, beside the system as it was measured. */
export function crossPollination(seed = 1): CrossPollinationRow[] {
  return (Object.entries(variants) as [SystemName, readonly Variant[]][]).flatMap(([system, changes]) => {
    const base = measure(system, { seed });
    const rows = changes.map((change) => row(system, change, measure(system, { seed, ...change.options }), base));
    return [row(system, { variant: AS_MEASURED, options: {}, paperSays: "", section: "5" }, base, base), ...rows];
  });
}

function measure(system: SystemName, options: object): SystemFigures {
  const fresh = <T>(run: (system: System) => T): T => boot(system, options as BootOptions).use(run);
  const uncached = fresh((system) => sequentialRead(system, { fileBytes: FILE_BYTES }));
  const { processorUs = 0, traps = 0, messages = 0, threadSwitches = 0, addressSpaceSwitches = 0, copies = 0 } = uncached.perOperation;
  return {
    getpidUs: fresh((system) => getpid(system, TURNS)).usPerOperation,
    oneByteReadUs: fresh((system) => readOneByte(system, TURNS)).usPerOperation,
    cachedReadUs: fresh((system) => cachedRead(system, { fileBytes: FILE_BYTES })).usPerOperation,
    cacheMB: fresh(({ cacheBytes }) => cacheBytes) / 2 ** 20,
    readKBPerSec: uncached.kbPerSec,
    writeKBPerSec: fresh((system) => sequentialWrite(system, { fileBytes: FILE_BYTES })).kbPerSec,
    randomWriteKBPerSec: fresh(randomWrites).kbPerSec,
    ...{ processorUs, traps, messages, threadSwitches, addressSpaceSwitches, copies },
  };
}

function row(system: SystemName, { variant, paperSays, section, expected }: Variant, found: SystemFigures, base: SystemFigures): CrossPollinationRow {
  const change = (measure: keyof SystemFigures) => (base[measure] === 0 ? 0 : 100 * (found[measure] / base[measure] - 1));
  const [measured, direction] = expected ?? [];
  return {
    ...{ system, variant, paperSays, section, ...found },
    oneByteReadChange: change("oneByteReadUs"),
    cachedReadChange: change("cachedReadUs"),
    readChange: change("readKBPerSec"),
    writeChange: change("writeKBPerSec"),
    randomWriteChange: change("randomWriteKBPerSec"),
    processorChange: change("processorUs"),
    expected: measured === undefined ? "" : `${direction} ${measured}`,
    comesTrue: measured === undefined ? undefined : direction === "more" ? change(measured) > NONE : change(measured) < -NONE,
  };
}
