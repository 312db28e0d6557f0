/**
 * What others published of the same and similar systems, beside the simulation.
 *
 * Layer: analysis. None of these figures took part in the data, so they check it from
 * outside; but few were measured on these machines. A time on another machine says little,
 * a ratio of two systems on one machine more, and which of two is faster most.
 */
import { z } from "zod";
import { PAGE_BYTES } from "../hardware/memory.ts";
import { check } from "../schema/index.ts";
import { boot, systemParameters } from "../systems/boot.ts";
import type { SystemName } from "../systems/boot.ts";
import { readData } from "../systems/data-files.ts";
import type { System } from "../systems/system.ts";
import { cachedRead, nullMachRpc, nullTrap, readOneByte, sequentialRead, sequentialWrite } from "../workloads/index.ts";

const text = z.string().min(1);
const externalFile = z.array(
  z.strictObject({
    id: text,
    source: text,
    hardware: text,
    says: text,
    value: z.number().positive(),
    unit: z.enum(["µs", "KB/s", "ratio"]),
    /** value: a measurement; ratio: of two systems, above or below 1; within: a ratio that is at most so far from `value`. */
    sense: z.enum(["value", "ratio", "within"]),
    within: z.number().positive().optional(),
    /** Why it cannot be compared. */
    cannot: text.optional(),
    /** What else to know. */
    note: text.optional(),
  }),
);

/** A figure that others published. */
export type Published = z.output<typeof externalFile>[number];

/** agrees: within NEAR, or within what the source says; same order: on the same side of 1, but further off. */
export type ExternalVerdict = "agrees" | "same order" | "differs" | "cannot be compared";

export interface ExternalCheck extends Published {
  /** In the source's unit; undefined where the models cannot tell. */
  simulated?: number;
  verdict: ExternalVerdict;
}

/** How far from a published figure still agrees. */
const NEAR = 0.1;
/** How near 1 two systems count as equally fast. */
const EQUAL = 0.03;

const FILE = { fileBytes: 512 * PAGE_BYTES };

const kbPerSec = (system: SystemName, measure: (system: System) => { kbPerSec: number }): number => boot(system).use(measure).kbPerSec;
const us = (system: SystemName, measure: (system: System) => { usPerOperation: number }): number => boot(system).use(measure).usPerOperation;

const simulations: Record<string, () => number> = {
  "mach-us-rpc-simple": () => us("mach3", nullMachRpc) + (systemParameters("mach3").values as { library: { stubUs: number } }).library.stubUs,
  "draves-rpc": () => nullMachRpc(boot("mach3", { machine: { base: "hp-vectra", processor: { speed: 20 / 25 } } })).usPerOperation,
  "golub-one-byte": () => us("mach3", readOneByte) / us("mach26", readOneByte),
  "golub-8kb": () => seekAndRead(boot("mach3")) / seekAndRead(boot("mach26")),
  "golub-cached": () => kbPerSec("mach3", cachedRead) / kbPerSec("mach26", cachedRead),
  "golub-uncached": () => kbPerSec("mach3", (system) => sequentialRead(system, FILE)) / kbPerSec("mach26", (system) => sequentialRead(system, FILE)),
  "golub-write": () => kbPerSec("mach3", (system) => sequentialWrite(system, FILE)) / kbPerSec("mach26", (system) => sequentialWrite(system, FILE)),
  "forin-read": () => sequentialRead(boot("mach3", { mapping: { mappedFiles: false } }), FILE).kbPerSec,
  "maeda-call": () => serverCall(boot("mach3")) / us("mach26", nullTrap),
  "condict-read": () => kbPerSec("mix", (system) => sequentialRead(system, FILE)) / kbPerSec("svr4", (system) => sequentialRead(system, FILE)),
  "condict-write": () => kbPerSec("mix", (system) => sequentialWrite(system, FILE)) / kbPerSec("svr4", (system) => sequentialWrite(system, FILE)),
};

/** Every published figure of data/external.json, with what the simulation gives and how the two compare. */
export function externalChecks(): ExternalCheck[] {
  return check(externalFile, readData("external.json"), "data/external.json").map((one) => {
    const simulated = one.cannot === undefined ? simulations[one.id]!() : undefined;
    return { ...one, ...(simulated !== undefined && { simulated }), verdict: verdictOf(one, simulated) };
  });
}

function verdictOf({ value, sense, within = NEAR }: Published, simulated: number | undefined): ExternalVerdict {
  if (simulated === undefined) return "cannot be compared";
  if (Math.abs(simulated / value - 1) <= within) return "agrees";
  const side = (ratio: number) => (Math.abs(ratio - 1) <= EQUAL ? 0 : Math.sign(ratio - 1));
  return sense === "ratio" && side(simulated) === side(value) ? "same order" : "differs";
}

const TURNS = 64;
const EIGHT_KB = 8192;

/** Time in µs of lseek() and read() of 8 KB of a file in memory, each 8 KB in turn. */
function seekAndRead(system: System): number {
  system.prepare({ "/cached": TURNS * EIGHT_KB });
  return system.run(function* (unix) {
    const fd = yield* unix.open("/cached", { access: "read" });
    let begin = 0;
    for (let pass = 0; pass < 2; pass++) {
      begin = system.sim.now;
      for (let i = 0; i < TURNS; i++) {
        yield* unix.lseek(fd, i * EIGHT_KB);
        yield* unix.read(fd, EIGHT_KB);
      }
    }
    return (system.sim.now - begin) / 1000 / TURNS;
  });
}

/** Time in µs of a call that the Emulation Library sends to the server and that has little to do there: stat() of the root. */
function serverCall(system: System): number {
  return system.run(function* (unix) {
    yield* unix.stat("/");
    const begin = system.sim.now;
    for (let i = 0; i < TURNS; i++) yield* unix.stat("/");
    return (system.sim.now - begin) / 1000 / TURNS;
  });
}
