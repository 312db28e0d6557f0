/** MiX gives what the host gives however its servers are loaded and whatever its Object Manager does. */
import { afterAll, beforeAll, describe, test } from "vitest";
import { boot } from "../../../lib/systems/boot.ts";
import type { BootOptions } from "../../../lib/systems/boot.ts";
import { Host } from "../../host/host.ts";
import { holds } from "../../host/property.ts";
import { apartOf, sideBySideOf, turnsOf } from "../../host/script.ts";

const CALLS = 40;
const LONG_MS = 600_000;

/** A small machine: less memory makes more things happen. */
const machine = { base: "compaq", disk: { cylinders: 200 }, memory: { sizeMB: 2 } } as const;
const om = { swapMB: 4, buffers: 12 };

const variants: Record<string, BootOptions<"mix">> = {
  "servers in user space": { om, structure: { servers: "user", serverThreads: 2 } },
  "no message handlers": { om, structure: { messageHandlers: false, serverThreads: 1 } },
  "read-ahead and asynchronous page-out": { om: { ...om, readAhead: 5, clusterBytes: 16384, asyncPushOut: true, asyncPushOuts: 4 }, fileSystem: { blockBytes: 4096, rotdelayMs: 0, maxcontig: 8 } },
  "an Emulation Library": { om, structure: { emulationLibrary: true } },
};

let host: Host;
beforeAll(() => void (host = new Host()));
afterAll(() => host.close());

describe.each(Object.entries(variants))("%s", (name, options) => {
  const systems = { [name]: () => boot("mix", { machine, ...options }) };
  test("processes that take turns get the results of the host", () => holds({ host, scripts: turnsOf(CALLS), systems, runs: 60 }), LONG_MS);
  test("processes that run side by side do too", () => holds({ host, scripts: sideBySideOf(CALLS), systems, runs: 20, inTurn: false }), LONG_MS);
});

describe.each(["supervisor", "user"] as const)("on two sites, servers in %s space", (servers) => {
  const systems = { [`two sites, ${servers}`]: () => boot("mix", { machine, om, structure: { servers, sites: 2 } }) };
  test("processes that take turns at the same files get the results of the host", () => holds({ host, scripts: apartOf(CALLS), systems, runs: 60 }), LONG_MS);
  test("processes that run side by side do too", () => holds({ host, scripts: sideBySideOf(CALLS), systems, runs: 15, inTurn: false }), LONG_MS);
});
