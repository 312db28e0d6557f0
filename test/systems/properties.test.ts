/**
 * Random programs give on every system what they give on a real directory of the host.
 *
 * A failure prints the shortest program that fails, and its seed; SEED=... RUNS=...
 * in the environment reproduce it, or look further.
 */
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { check } from "../../lib/fs/check.ts";
import { boot } from "../../lib/systems/boot.ts";
import type { BootOptions, SystemName } from "../../lib/systems/boot.ts";
import { assertSameTree, describeTrace } from "../host/compare.ts";
import { Host } from "../host/host.ts";
import type { Trace } from "../host/host.ts";
import { replay } from "../host/replay.ts";
import { sideBySideOf, turnsOf } from "../host/script.ts";
import type { Script } from "../host/script.ts";

const CALLS = 50;
const LONG_MS = 900_000;
const seed = Number(process.env.SEED ?? 1992);
const runs = (usual: number): number => Number(process.env.RUNS ?? usual);

const machine = { base: "hp-vectra", disk: { cylinders: 60 }, memory: { sizeMB: 1 } } as const;

/** A small machine: what is big is slow. */
const small = (): BootOptions => ({ machine });

/** Blocks of two pages, and memory so short that little stays in it. */
const cramped = (name: SystemName): BootOptions => ({
  machine,
  fileSystem: { blockBytes: 8192 },
  ...(name === "mach3" ? { server: { bufferCachePercent: 7 } } : { kernel: { bufferCachePercent: 7, ...(name === "svr4" ? { lotsFreePercent: 93 } : {}) } }),
});

const monolithic = ["mach26", "svr4"] as const;

let host: Host;
beforeAll(() => void (host = new Host()));
afterAll(() => host.close());

/** @throws unless `name` gives the results of `trace`, leaves the same files, and a disk in good order. */
function compare(name: SystemName, options: BootOptions, trace: Trace, inTurn: boolean): void {
  const system = boot(name, options);
  try {
    replay(system, trace, { inTurn });
    assertSameTree(system.image(), trace);
    expect(check(system.machine.controller.store)).toEqual([]);
  } catch (error) {
    throw new Error(`${name}: ${(error as Error).message}\nThe calls and what they give on the host:\n${describeTrace(trace)}`, { cause: error });
  }
}

interface Property {
  scripts: fc.Arbitrary<Script>;
  systems: readonly SystemName[];
  options: (name: SystemName) => BootOptions;
  numRuns: number;
  inTurn?: boolean;
}

async function holds({ scripts, systems, options, numRuns, inTurn = true }: Property): Promise<void> {
  const property = fc.asyncProperty(scripts, async (script) => {
    const trace = await host.run(script);
    for (const name of systems) compare(name, options(name), trace, inTurn);
  });
  await fc.assert(property, { seed, numRuns });
}

test("processes that take turns get the results of the host, every byte, and leave a sound disk", () =>
  holds({ scripts: turnsOf(CALLS), systems: monolithic, options: small, numRuns: runs(2000) }), LONG_MS);

test("so they do with large blocks and little memory", () =>
  holds({ scripts: turnsOf(CALLS), systems: monolithic, options: cramped, numRuns: runs(300) }), LONG_MS);

test("so do processes that run at the same time, each on its own files", () =>
  holds({ scripts: sideBySideOf(CALLS), systems: [...monolithic, "mach3"], options: cramped, numRuns: runs(100), inTurn: false }), LONG_MS);

test("so they do on Mach 3.0", () => holds({ scripts: turnsOf(CALLS), systems: ["mach3"], options: small, numRuns: runs(150) }), LONG_MS);
