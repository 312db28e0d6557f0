/**
 * Which conclusions of the paper survive on another machine?
 *
 * Layer: analysis; sections 5 and 6. Each conclusion is a number that the simulation
 * gives, and a threshold from the paper's own words or, where it has none, what it
 * would have printed as a difference. So every verdict is computed.
 */
import { PAGE_BYTES } from "../hardware/memory.ts";
import { boot } from "../systems/boot.ts";
import type { BootOptions, SystemName } from "../systems/boot.ts";
import { cachedRead, lseek, readOneByte, sequentialRead, sequentialWrite } from "../workloads/index.ts";
import type { Measurement } from "../workloads/index.ts";
import { whatIfMachine, whatIfMachineNames } from "./what-if-machines.ts";
import type { MachineChange } from "./what-if-machines.ts";

export interface ConclusionRow {
  machine: string;
  conclusion: string;
  /** The claim of the paper's text (lib/paper) that it is, or that comes nearest. */
  claim: string;
  value: number;
  /** The value's unit, and what it has to be for the conclusion to hold: "at least 94 %". */
  unit: string;
  needs: string;
  survives: boolean;
}

/** What the paper calls comparable: "in no case [...] less then 94%". */
const COMPARABLE = 94;
/** A difference that the paper's rounding would show, in percent. */
const NOTICEABLE = 5;
/** "Almost a 100% improvement", with half of it as the least that deserves the words. */
const NEARLY_TWICE = 50;

const FILE_BYTES = 256 * PAGE_BYTES;
const TURNS = 100;

/** Blocks without gaps, read 64 KB at a time and ahead, as section 6.3 would have it. */
const CONTIGUOUS = { rotdelayMs: 0, maxcontig: 16 };
const TUNED = { readBytes: 65536, readAhead: 1, throughBufferCache: false };

/** Runs benchmarks on one machine, each only once. */
class Bench {
  readonly #change: Partial<MachineChange>;
  readonly #known = new Map<string, Measurement>();

  constructor(change: Partial<MachineChange>) {
    this.#change = change;
  }

  read(name: SystemName, options: object = {}): Measurement {
    return this.#run("read", name, options, (system) => sequentialRead(system, { fileBytes: FILE_BYTES }));
  }

  write(name: SystemName, options: object = {}): Measurement {
    return this.#run("write", name, options, (system) => sequentialWrite(system, { fileBytes: FILE_BYTES }));
  }

  cached(name: SystemName): Measurement {
    return this.#run("cached", name, {}, (system) => cachedRead(system, { fileBytes: FILE_BYTES }));
  }

  /** read() of one byte without the lseek() before it, in µs. */
  oneByteUs(name: SystemName): number {
    const both = this.#run("byte", name, {}, (system) => readOneByte(system, TURNS));
    return both.usPerOperation - this.#run("seek", name, {}, (system) => lseek(system, TURNS)).usPerOperation;
  }

  #run(what: string, name: SystemName, options: object, run: (system: ReturnType<typeof boot>) => Measurement): Measurement {
    const key = JSON.stringify([what, name, options]);
    let measured = this.#known.get(key);
    if (measured === undefined) this.#known.set(key, (measured = boot(name, { ...this.#change, ...options } as BootOptions).use(run)));
    return measured;
  }
}

interface Conclusion {
  conclusion: string;
  claim: string;
  /** In percent. */
  value(bench: Bench): number;
  needs: { atLeast: number } | { below: number };
}

const percentOf = (value: number, of: number): number => (100 * value) / of;
const gain = (after: Measurement, before: Measurement): number => percentOf(after.kbPerSec, before.kbPerSec) - 100;

const conclusions: readonly Conclusion[] = [
  { conclusion: "Mach 3.0 reads files as fast as Mach 2.6", claim: "never-below", value: (on) => percentOf(on.read("mach3").kbPerSec, on.read("mach26").kbPerSec), needs: { atLeast: COMPARABLE } },
  { conclusion: "Mach 3.0 writes files as fast as Mach 2.6", claim: "never-below", value: (on) => percentOf(on.write("mach3").kbPerSec, on.write("mach26").kbPerSec), needs: { atLeast: COMPARABLE } },
  { conclusion: "CHORUS/MiX reads files as fast as System V", claim: "never-below", value: (on) => percentOf(on.read("mix").kbPerSec, on.read("svr4").kbPerSec), needs: { atLeast: COMPARABLE } },
  { conclusion: "CHORUS/MiX writes files as fast as System V", claim: "never-below", value: (on) => percentOf(on.write("mix").kbPerSec, on.write("svr4").kbPerSec), needs: { atLeast: COMPARABLE } },
  { conclusion: "Mach 3.0 reads cached pages as fast as Mach 2.6", claim: "never-below", value: (on) => percentOf(on.cached("mach3").kbPerSec, on.cached("mach26").kbPerSec), needs: { atLeast: COMPARABLE } },
  { conclusion: "a cached read() of a byte costs Mach 3.0 less than Mach 2.6", claim: "cached-overhead", value: (on) => percentOf(on.oneByteUs("mach3"), on.oneByteUs("mach26")), needs: { below: 100 - NOTICEABLE } },
  { conclusion: "the disk hides Mach 3.0's processing: the processor is idle for half the time", claim: "processing-increase", value: (on) => percentOf(on.read("mach3").perOperation.processorUs!, on.read("mach3").usPerOperation), needs: { below: 50 } },
  { conclusion: "read-ahead speeds Mach 3.0 up", claim: "raw-increment-one", value: (on) => gain(on.read("mach3"), on.read("mach3", { pager: { readAhead: 0 } })), needs: { atLeast: NOTICEABLE } },
  { conclusion: "read-ahead would speed CHORUS/MiX up", claim: "mix-read-ahead-helps", value: (on) => gain(on.read("mix", { om: { readAhead: 4 } }), on.read("mix")), needs: { atLeast: NOTICEABLE } },
  { conclusion: "asynchronous page-out would speed CHORUS/MiX up", claim: "mix-asynchronous-writes-help", value: (on) => gain(on.write("mix", { om: { asyncPushOut: true } }), on.write("mix")), needs: { atLeast: NOTICEABLE } },
  { conclusion: "larger reads, read-ahead and data_supply make Mach 3.0 almost twice as fast", claim: "tuned-improvement", value: (on) => gain(tuned(on, "data_supply"), on.read("mach3")), needs: { atLeast: NEARLY_TWICE } },
  { conclusion: "stealing pages instead of copying them matters when all else is tuned", claim: "tuned-throughput", value: (on) => gain(tuned(on, "data_supply"), tuned(on, "data_provided")), needs: { atLeast: NOTICEABLE } },
];

const tuned = (on: Bench, pagerInterface: "data_supply" | "data_provided"): Measurement =>
  on.read("mach3", { pager: { ...TUNED, interface: pagerInterface }, fileSystem: CONTIGUOUS });

/** The paper's own machine, and those of data/what-if. */
function machines(): Record<string, Partial<MachineChange>> {
  return { "hp-vectra": { machine: { base: "hp-vectra" } }, ...Object.fromEntries(whatIfMachineNames.map((name) => [name, whatIfMachine(name)])) };
}

/**
 * Every conclusion on every machine of `on`, by default the HP Vectra and the machines of data/what-if.
 * A machine is what boot() is told of it: { mine: { machine: { base: "hp-vectra", processor: { speed: 20 } } } }.
 * @throws InputError for a value that is not allowed.
 */
export function yourMachine(on: Readonly<Record<string, Partial<MachineChange>>> = machines()): ConclusionRow[] {
  return Object.entries(on).flatMap(([machine, change]) => {
    const bench = new Bench(change);
    return conclusions.map(({ conclusion, claim, value: valueOn, needs }) => {
      const value = valueOn(bench);
      const [words, survives] = "atLeast" in needs ? [`at least ${percent(needs.atLeast)}`, value >= needs.atLeast] : [`below ${percent(needs.below)}`, value < needs.below];
      return { machine, conclusion, claim, value, unit: "%", needs: words, survives };
    });
  });
}

/** The verdicts side by side: a row for each conclusion, a column for each machine, such as "yes, 99 %". */
export function verdicts(rows: readonly ConclusionRow[]): Record<string, string>[] {
  const machinesOf = [...new Set(rows.map(({ machine }) => machine))];
  return [...new Set(rows.map(({ conclusion }) => conclusion))].map((conclusion) => {
    const known = rows.filter((row) => row.conclusion === conclusion);
    const told = (machine: string) => known.filter((row) => row.machine === machine).map(({ survives, value }) => `${survives ? "yes" : "no"}, ${percent(value)}`).join();
    return { conclusion, needs: known[0]!.needs, ...Object.fromEntries(machinesOf.map((machine) => [machine, told(machine)])) };
  });
}

/** In whole percent, the number and its sign never on different lines. */
const percent = (value: number): string => `${String(Math.round(value) || 0).replace("-", "−")}\u00a0%`;
