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
  kernel: { bufferCachePercent: 7, ...(name === "svr4" ? { lotsFreePercent: 93 } : {}) },
});

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

async function property(scripts: fc.Arbitrary<Script>, options: (name: SystemName) => BootOptions, numRuns: number, inTurn: boolean): Promise<void> {
  const holds = fc.asyncProperty(scripts, async (script) => {
    const trace = await host.run(script);
    for (const name of systemNames) compare(name, options(name), trace, inTurn);
  });
  await fc.assert(holds, { seed, numRuns });
}

test("processes that take turns get the results of the host, every byte, and leave a sound disk", () => property(turnsOf(CALLS), small, runs(2000), true), LONG_MS);

test("so they do with large blocks and little memory", () => property(turnsOf(CALLS), cramped, runs(300), true), LONG_MS);

test("so do processes that run at the same time, each on its own files", () => property(sideBySideOf(CALLS), cramped, runs(300), false), LONG_MS);
