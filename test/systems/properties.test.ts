/**
 * Random programs give on every system what they give on a real directory of the host.
 *
 * A failure prints the shortest program that fails, and its seed; SEED=... RUNS=...
 * in the environment reproduce it, or look further.
 */
import { afterAll, beforeAll, test } from "vitest";
import { boot } from "../../lib/systems/boot.ts";
import type { BootOptions, SystemName } from "../../lib/systems/boot.ts";
import type { System } from "../../lib/systems/system.ts";
import { Host } from "../host/host.ts";
import { holds } from "../host/property.ts";
import { sideBySideOf, turnsOf } from "../host/script.ts";

const CALLS = 50;
const LONG_MS = 900_000;

const machine = { base: "hp-vectra", disk: { cylinders: 60 }, memory: { sizeMB: 1 } } as const;

/** A small machine: what is big is slow. */
const small = (name: SystemName): BootOptions => ({ machine, ...(name === "mix" ? { om: { swapMB: 2 } } : {}) }) as BootOptions;

const short: Record<SystemName, object> = {
  mach3: { server: { bufferCachePercent: 7 } },
  mach26: { kernel: { bufferCachePercent: 7 } },
  svr4: { kernel: { bufferCachePercent: 7, lotsFreePercent: 93 } },
  mix: { om: { swapMB: 2, buffers: 9 } },
};

/** Blocks of two pages, and memory so short that little stays in it. */
const cramped = (name: SystemName): BootOptions => ({ machine, fileSystem: { blockBytes: 8192 }, ...short[name] });

const booting = (names: readonly SystemName[], options: (name: SystemName) => BootOptions): Record<string, () => System> =>
  Object.fromEntries(names.map((name) => [name, () => boot(name, options(name))]));

const monolithic = ["mach26", "svr4"] as const;

let host: Host;
beforeAll(() => void (host = new Host()));
afterAll(() => host.close());

test("processes that take turns get the results of the host, every byte, and leave a sound disk", () =>
  holds({ host, scripts: turnsOf(CALLS), systems: booting(monolithic, small), runs: 2000 }), LONG_MS);

test("so they do with large blocks and little memory", () =>
  holds({ host, scripts: turnsOf(CALLS), systems: booting([...monolithic, "mix", "mach3"], cramped), runs: 300 }), LONG_MS);

test("so do processes that run at the same time, each on its own files", () =>
  holds({ host, scripts: sideBySideOf(CALLS), systems: booting([...monolithic, "mach3", "mix"], cramped), runs: 100, inTurn: false }), LONG_MS);

test("so they do on Mach 3.0 and on CHORUS/MiX", () => holds({ host, scripts: turnsOf(CALLS), systems: booting(["mach3", "mix"], small), runs: 300 }), LONG_MS);
