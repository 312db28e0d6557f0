/** What the paper's what-ifs change must never be the bytes: each option set against a real directory of the host. */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { check } from "../../../lib/fs/check.ts";
import { boot } from "../../../lib/systems/boot.ts";
import type { BootOptions } from "../../../lib/systems/boot.ts";
import { assertSameTree, describeTrace } from "../../host/compare.ts";
import { Host } from "../../host/host.ts";
import { replay } from "../../host/replay.ts";
import { turnsOf } from "../../host/script.ts";

const machine = { base: "hp-vectra", disk: { cylinders: 60 }, memory: { sizeMB: 2 } } as const;
const seed = Number(process.env.SEED ?? 1992);
const numRuns = Number(process.env.RUNS ?? 40);

const optionSets: Record<string, BootOptions<"mach3">> = {
  "data_supply from the buffer cache": { pager: { interface: "data_supply" } },
  "data_supply straight from the disk": { pager: { interface: "data_supply", throughBufferCache: false, readBytes: 65536, readAhead: 0 } },
  "read-ahead of four units": { pager: { interface: "data_supply", throughBufferCache: false, readBytes: 8192, readAhead: 4 } },
  "data_provided straight from the disk": { pager: { throughBufferCache: false, readBytes: 16384, readAhead: 1 } },
  "several pages a request through the buffer cache": { pager: { readBytes: 65536, readAhead: 16 }, server: { bufferCachePercent: 5 } },
  "no mapped files": { mapping: { mappedFiles: false } },
  "neither mapped files nor shared pages, and small messages": { mapping: { mappedFiles: false, sharedPages: false }, server: { messageBytes: 4096 } },
  "small windows": { mapping: { windowBytes: 8192 } },
  "no passive Token": { mapping: { tokenPassive: false } },
  "no shared pages": { mapping: { sharedPages: false } },
  "the driver in the server": { mapping: { deviceDriver: "server" } },
  "the driver in the server, which reads straight from the disk": { mapping: { deviceDriver: "server" }, pager: { interface: "data_supply", throughBufferCache: false, readBytes: 16384, readAhead: 2 } },
  "handlers": { structure: { calls: "handler" } },
  "handlers and no mapped files": { structure: { calls: "handler" }, mapping: { mappedFiles: false } },
  "large blocks": { fileSystem: { blockBytes: 8192 } },
};

describe("random programs give the host's results", () => {
  let host: Host;
  beforeAll(() => void (host = new Host()));
  afterAll(() => host.close());

  for (const [name, options] of Object.entries(optionSets)) {
    it(`with ${name}`, async () => {
      await fc.assert(fc.asyncProperty(turnsOf(40), async (script) => {
        const trace = await host.run(script);
        const system = boot("mach3", { machine, ...options });
        try {
          replay(system, trace, { inTurn: true });
          assertSameTree(system.image(), trace);
          expect(check(system.machine.controller.store)).toEqual([]);
        } catch (error) {
          throw new Error(`${(error as Error).message}\n${describeTrace(trace)}`, { cause: error });
        }
      }), { seed, numRuns });
    }, 300_000);
  }
});
