/**
 * npm run bench: how fast the library is, beside what it should reach.
 *
 * Layer: cli. A bench is a function that gives lines of results; a new one is added
 * to `benches`, and what its results must reach to `targets`, by their names.
 */
import { spawnSync } from "node:child_process";
import { ensureVenv, venvPython } from "../notebook/venv.ts";
import { projectRoot } from "../notebook/places.ts";
import { InputError } from "../schema/index.ts";
import { systemNames } from "../systems/boot.ts";
import { diskBench } from "./bench/disk.ts";
import { engineBench } from "./bench/engine.ts";
import { systemsBench } from "./bench/systems.ts";
import { sweepBench } from "./bench/sweep.ts";
import { traceBench } from "./bench/trace.ts";
import { paint, table } from "./output.ts";
import type { Column } from "./output.ts";

/** One line of the report. */
interface Result {
  name: string;
  unit: string;
  value: number;
}

const benches: (() => Promise<Result[]> | Result[])[] = [engine, () => [diskBench()], systemsBench, traceBench, sweepBench, () => [validateBench()]];

interface Target {
  atLeast?: number;
  atMost?: number;
}

const targets: Record<string, Target> = {
  "engine, M/M/1 with statistics": { atLeast: 2_500_000 },
  "engine beside SimPy": { atLeast: 8 },
  "disk, random requests": { atLeast: 1_000_000 },
  "CHORUS/MiX, a cached read of 4 KB": { atMost: 3 },
  "Mach 3.0, a cached read of 4 KB": { atMost: 3 },
  "Mach 3.0, 8 MB read from the disk": { atMost: 50 },
  ...Object.fromEntries(systemNames.flatMap((name) => [[`trace of ${name}, off`, { atMost: 3 }], [`trace of ${name}, on`, { atMost: 2 }], [`trace of ${name}, memory`, { atMost: 100 }]])),
  "sweep, threads beside serial": { atLeast: 1.7 },
  "sweep, Redis with two workers beside serial": { atLeast: 1.4 },
  "sweep, a worker killed and replaced": { atMost: 15 },
  "sweep, resident memory": { atMost: 1000 },
  "600 KB/s sweep, answers within the interval": { atLeast: 95 },
  "npm run validate": { atMost: 3 },
};

/** Runs every bench and prints the results in one table. */
export async function bench(): Promise<void> {
  const results: Result[] = [];
  for (const one of benches) results.push(...(await one()));
  const columns: Column[] = [{ heading: "what" }, { heading: "value", align: "right" }, { heading: "unit" }, { heading: "target", align: "right" }, { heading: "met" }];
  console.log(table(columns, results.map(rowOf)));
}

function rowOf({ name, unit, value }: Result): string[] {
  const { atLeast, atMost } = targets[name] ?? {};
  const met = value >= (atLeast ?? -Infinity) && value <= (atMost ?? Infinity);
  if (atLeast === undefined && atMost === undefined) return [name, rounded(value), unit, "", ""];
  const target = atLeast === undefined ? `at most ${rounded(atMost!)}` : `at least ${rounded(atLeast)}`;
  return [name, rounded(value), unit, target, paint(met ? "green" : "red", met ? "yes" : "no")];
}

function rounded(value: number): string {
  return value.toLocaleString("en", { maximumSignificantDigits: 3 });
}

/** The engine's speed, beside that of SimPy where Python can be had. */
async function engine(): Promise<Result[]> {
  try {
    await ensureVenv(console.error);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    console.error(`SimPy is left out: ${error.message}`);
    return engineBench();
  }
  return engineBench(venvPython);
}

/** The whole process as a user waits for it, start-up included. */
function validateBench(): Result {
  const began = performance.now();
  const { status, stderr } = spawnSync("npm", ["run", "--silent", "validate"], { cwd: projectRoot, encoding: "utf8" });
  if (status !== 0) throw new Error(`npm run validate failed:\n${stderr}`);
  return { name: "npm run validate", unit: "s", value: (performance.now() - began) / 1000 };
}
