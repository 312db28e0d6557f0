/** The property that all systems share: random programs give on them what they give on a real directory of the host. */
import fc from "fast-check";
import { expect } from "vitest";
import { check } from "../../lib/fs/check.ts";
import type { System } from "../../lib/systems/system.ts";
import { assertSameTree, describeTrace } from "./compare.ts";
import type { Host, Trace } from "./host.ts";
import { replay } from "./replay.ts";
import type { Script } from "./script.ts";

const seed = Number(process.env.SEED ?? 1992);

export interface Property {
  host: Host;
  scripts: fc.Arbitrary<Script>;
  /** By name, how to boot the systems that are compared. */
  systems: Readonly<Record<string, () => System>>;
  /** How many programs, unless RUNS in the environment says otherwise. */
  runs: number;
  /** Processes take turns, or each runs by itself. */
  inTurn?: boolean;
}

/** @throws the shortest program that gives something else than the host, leaves other files, or a disk in disorder; with its seed. */
export async function holds({ host, scripts, systems, runs, inTurn = true }: Property): Promise<void> {
  const property = fc.asyncProperty(scripts, async (script) => {
    const trace = await host.run(script);
    for (const [name, boot] of Object.entries(systems)) boot().use((system) => compare(name, system, trace, inTurn));
  });
  await fc.assert(property, { seed, numRuns: Number(process.env.RUNS ?? runs) });
}

function compare(name: string, system: System, trace: Trace, inTurn: boolean): void {
  try {
    replay(system, trace, { inTurn });
    assertSameTree(system.image(), trace);
    expect(check(system.machine.controller.store)).toEqual([]);
  } catch (error) {
    throw new Error(`${name}: ${(error as Error).message}\nThe calls and what they give on the host:\n${describeTrace(trace)}`, { cause: error });
  }
}
