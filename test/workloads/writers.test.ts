/** Several writers at once: their pages are on the disk when it is over. */
import { expect, it } from "vitest";
import { boot, systemNames } from "../../lib/systems/boot.ts";
import { fileStatus, getpid, randomWrites } from "../../lib/workloads/index.ts";

it.each(systemNames)("on %s what every process wrote is on the disk at the end, and the time it took is counted", (name) => {
  const system = boot(name);
  const before = system.machine.controller.sectorsMoved;
  const { operations, bytes, kbPerSec } = randomWrites(system, { processes: 2, writes: 8, filePages: 8 });
  expect([operations, bytes]).toEqual([16, 16 * 4096]);
  expect(kbPerSec).toBeGreaterThan(20);
  expect(kbPerSec).toBeLessThan(1000);
  expect(system.machine.controller.sectorsMoved - before).toBeGreaterThan(2 * 4 * 8);
  const written = (process: number) => system.image().read(`/writer${process}/data`).filter((byte) => byte === 0x5a).length;
  for (const process of [0, 1]) {
    expect(written(process) % 4096).toBe(0);
    expect(written(process)).toBeGreaterThan(2 * 4096);
  }
});

it("stat() needs the server of Mach 3.0, getpid() does not", () => {
  expect(fileStatus(boot("mach3"), 50).perOperation.messages).toBe(2);
  expect(getpid(boot("mach3"), 50).perOperation.messages).toBe(0);
});

it("a number of processes that is none is an input error", () => {
  expect(() => randomWrites(boot("mach26"), { processes: 0 })).toThrow(/^randomWrites: processes: /);
});
