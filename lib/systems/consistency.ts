/**
 * What no value shows by itself: whether the values of a machine or a system go together.
 *
 * Layer: systems. Each value is within its bounds already; a machine that breaks
 * one of these rules would never come to its work, or work with negative times.
 */
import type { MachineSpec } from "../hardware/machine-file.ts";
import { InputError } from "../schema/index.ts";
import type { Mach3Values } from "../servers/bsd43/shape.ts";

const US_PER_S = 1e6;
/** What the 80386 can address. */
const MOST_MEMORY_MB = 4096;

/**
 * What must hold of some values of a machine. No value is in two rules. A rule of several
 * values that holds at the ends of ranges of them holds everywhere between.
 */
export interface MachineRule {
  /** Which values, such as "cache.sizeKB"; the first is the one that is complained of. */
  paths: readonly string[];
  /** What the first value would have to be, the others being what they are; undefined when it is. */
  demand(...values: number[]): string | undefined;
}

export const machineRules: readonly MachineRule[] = [
  {
    paths: ["processor.tickUs", "processor.tickHz", "processor.speed"],
    demand: (tickUs, tickHz, speed) => {
      const longestTickUs = (US_PER_S / tickHz!) * speed!;
      return tickUs! < longestTickUs ? undefined : `less than the ${longestTickUs} µs that fit between two clock interrupts`;
    },
  },
  { paths: ["memory.sizeMB"], demand: (sizeMB) => (sizeMB! <= MOST_MEMORY_MB ? undefined : `${MOST_MEMORY_MB} at most`) },
  { paths: ["cache.sizeKB"], demand: (sizeKB) => (Number.isInteger(Math.log2(sizeKB!)) ? undefined : "a power of 2") },
  {
    paths: ["cache.copyUncachedUs", "cache.copyCachedUs"],
    demand: (uncachedUs, cachedUs) => (uncachedUs! >= cachedUs! ? undefined : `copyCachedUs, ${cachedUs}, or more`),
  },
];

/** The value of `spec` at `path`, one that a rule is about. */
export function machineValueAt(spec: MachineSpec, path: string): number {
  const [group, key] = path.split(".") as [string, string];
  return (spec as unknown as Record<string, Record<string, number>>)[group]![key]!;
}

/** @throws InputError when `values`, those at the paths of `rule`, break it; `where` says whose they are. */
export function checkRule({ paths, demand }: MachineRule, values: readonly number[], where: string): void {
  const allowed = demand(...values);
  if (allowed !== undefined) throw new InputError(`${where}: machine.${paths[0]}: expected ${allowed}, found ${values[0]}`);
}

/** @throws InputError for the first rule of a machine that `spec` breaks; `where` says whose values they are. */
export function checkMachine(spec: MachineSpec, where: string): void {
  for (const rule of machineRules) checkRule(rule, rule.paths.map((path) => machineValueAt(spec, path)), where);
}

/** @throws InputError if the limits of the BSD4.3 server's pool of threads contradict each other. */
export function checkMach3({ server }: Mach3Values): void {
  for (const [least, most] of [["minThreads", "maxThreads"], ["minIdleThreads", "maxIdleThreads"]] as const) {
    if (server[least] > server[most]) throw new InputError(`server.${least}: expected ${most}, ${server[most]}, or fewer, found ${server[least]}`);
  }
}
