/** Several clients at once: what each of them is given to do, and what is measured of it. */
import { describe, expect, it } from "vitest";
import { boot, systemNames } from "../../lib/systems/boot.ts";
import type { System } from "../../lib/systems/system.ts";
import { clients } from "../../lib/workloads/index.ts";

const SMALL = { files: 4, fileBytes: 65536, reads: 40 } as const;

/** Sectors that the disk moved while `run` ran. */
function sectors(system: System, run: () => unknown): number {
  const before = system.machine.controller.sectorsMoved;
  run();
  return system.machine.controller.sectorsMoved - before;
}

describe.each(systemNames)("on %s", (name) => {
  it("clients that read at random go to the disk for every page, and keep it busier together than one alone", () => {
    const alone = boot(name);
    expect(sectors(alone, () => clients(alone, SMALL))).toBeGreaterThanOrEqual(40 * 8);
    const one = clients(boot(name), SMALL);
    const four = clients(boot(name), { ...SMALL, clients: 4 });
    expect(four.diskUtilization).toBeGreaterThan(one.diskUtilization);
    expect(four.responseMs).toBeGreaterThan(2.5 * one.responseMs);
  });

  it("reads of pages that were read before need no disk", () => {
    const { readsPerSec, diskUtilization } = clients(boot(name), { ...SMALL, clients: 2, rereadPercent: 100 });
    expect(diskUtilization).toBeLessThan(0.02);
    expect(readsPerSec).toBeGreaterThan(500);
  });
});

describe("what is measured", () => {
  it("obeys Little's law: clients are thinking or waiting for an answer", () => {
    const { readsPerSec, responseMs } = clients(boot("mach26"), { ...SMALL, reads: 44, clients: 8, thinkMs: 100, files: 8 });
    expect((readsPerSec * (responseMs + 100)) / 1000 / 8).toBeCloseTo(1, 0.6);
  });

  it("is of all clients at work: a file of one's own from its beginning on", () => {
    const measured = clients(boot("svr4"), { clients: 3, pattern: "sequential", reads: 30, fileBytes: 40 * 4096 });
    expect(measured.operations).toBe(30);
    expect(measured.readsPerSec).toBeCloseTo(30 / (measured.elapsedNs / 1e9), 9);
  });

  it("is the same for the same seed and another for another", () => {
    const run = (seed: number) => clients(boot("mach26", { seed }), { ...SMALL, clients: 2, thinkMs: 5 });
    expect(run(3)).toEqual(run(3));
    expect(run(3).elapsedNs).not.toBe(run(4).elapsedNs);
  });

  it("needs files with enough pages", () => {
    expect(() => clients(boot("mach26"), { ...SMALL, reads: 400 })).toThrow(/^clients: fileBytes: expected 413696 or more for 400 reads, found 65536$/);
    expect(() => clients(boot("mach26"), { clients: 0 })).toThrow(/^clients: clients: /);
  });
});
