/**
 * Random programs give on MiX what they give on a real directory of the host, however
 * its servers are loaded and whatever its Object Manager does.
 */
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { check } from "../../../lib/fs/check.ts";
import { boot } from "../../../lib/systems/boot.ts";
import type { BootOptions } from "../../../lib/systems/boot.ts";
import { assertSameTree, describeTrace } from "../../host/compare.ts";
import { Host } from "../../host/host.ts";
import type { Trace } from "../../host/host.ts";
import { replay } from "../../host/replay.ts";
import { sideBySideOf, turnsOf } from "../../host/script.ts";
import type { Script } from "../../host/script.ts";

const CALLS = 40;
const seed = Number(process.env.SEED ?? 1992);
const runs = (usual: number): number => Number(process.env.RUNS ?? usual);

/** A small machine: less memory makes more things happen. */
const machine = { base: "compaq", disk: { cylinders: 200 }, memory: { sizeMB: 2 } } as const;
const swap = { swapMB: 4, buffers: 12 };

const variants: Record<string, BootOptions<"mix">> = {
  "as measured": { om: swap },
  "servers in user space": { om: swap, structure: { servers: "user", serverThreads: 2 } },
  "no message handlers": { om: swap, structure: { messageHandlers: false, serverThreads: 1 } },
  "read-ahead and asynchronous page-out": { om: { ...swap, readAhead: 5, clusterBytes: 16384, asyncPushOut: true, asyncPushOuts: 4 }, fileSystem: { blockBytes: 4096, rotdelayMs: 0, maxcontig: 8 } },
  "blocks of two pages": { om: swap, fileSystem: { blockBytes: 8192 } },
  "an Emulation Library": { om: swap, structure: { emulationLibrary: true } },
};

let host: Host;
beforeAll(() => void (host = new Host()));
afterAll(() => host.close());

function compare(variant: string, trace: Trace, inTurn: boolean): void {
  const system = boot("mix", { machine, ...variants[variant] });
  try {
    replay(system, trace, { inTurn });
    assertSameTree(system.image(), trace);
    expect(check(system.machine.controller.store)).toEqual([]);
  } catch (error) {
    throw new Error(`${variant}: ${(error as Error).message}\nThe calls and what they give on the host:\n${describeTrace(trace)}`, { cause: error });
  }
}

async function property(variant: string, scripts: fc.Arbitrary<Script>, numRuns: number, inTurn: boolean): Promise<void> {
  const holds = fc.asyncProperty(scripts, async (script) => compare(variant, await host.run(script), inTurn));
  await fc.assert(holds, { seed, numRuns });
}

for (const variant of Object.keys(variants)) {
  test(`${variant}: processes that take turns get the results of the host`, () => property(variant, turnsOf(CALLS), runs(60), true), 600_000);
  test(`${variant}: processes that run side by side do too`, () => property(variant, sideBySideOf(CALLS), runs(20), false), 600_000);
}
