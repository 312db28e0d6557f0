/**
 * Random programs give on every system what they give on a real directory of the host.
 *
 * A failure prints the shortest program that fails, and its seed; SEED=... RUNS=...
 * in the environment reproduce it, or look further.
 */
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { check } from "../../lib/fs/check.ts";
import { boot, systemNames } from "../../lib/systems/boot.ts";
import type { SystemName } from "../../lib/systems/boot.ts";
import { assertSameTree, describeTrace } from "../host/compare.ts";
import { Host } from "../host/host.ts";
import type { Trace } from "../host/host.ts";
import { replay } from "../host/replay.ts";
import { sideBySideOf, turnsOf } from "../host/script.ts";
import type { Script } from "../host/script.ts";

const CALLS = 50;
const seed = Number(process.env.SEED ?? 1992);
const runs = (usual: number): number => Number(process.env.RUNS ?? usual);

/** A small machine: what is big is slow, and less memory makes more things happen. */
const machine = { base: "hp-vectra", disk: { cylinders: 60 }, memory: { sizeMB: 2 } } as const;

let host: Host;
beforeAll(() => void (host = new Host()));
afterAll(() => host.close());

/** @throws unless `name` gives the results of `trace`, leaves the same files, and a disk in good order. */
function compare(name: SystemName, trace: Trace, inTurn: boolean): void {
  const system = boot(name, { machine });
  try {
    replay(system, trace, { inTurn });
    assertSameTree(system.image(), trace);
    expect(check(system.machine.controller.store)).toEqual([]);
  } catch (error) {
    throw new Error(`${name}: ${(error as Error).message}\nThe calls and what they give on the host:\n${describeTrace(trace)}`, { cause: error });
  }
}

async function property(scripts: fc.Arbitrary<Script>, numRuns: number, inTurn: boolean): Promise<void> {
  const holds = fc.asyncProperty(scripts, async (script) => {
    const trace = await host.run(script);
    for (const name of systemNames) compare(name, trace, inTurn);
  });
  await fc.assert(holds, { seed, numRuns });
}

test("processes that take turns get the results of the host, every byte, and leave a sound disk", () => property(turnsOf(CALLS), runs(2000), true), 600_000);

test("processes that run at the same time, each on its own files, do too", () => property(sideBySideOf(CALLS), runs(300), false), 600_000);
