/** System calls of Mach 3.0 in a handler on the caller's thread: what section 6.2 asks about. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { boot, systemParameters } from "../../../lib/systems/boot.ts";
import type { System } from "../../../lib/systems/system.ts";
import { getpid, lseek, nullTrap, rawRead, readOneByte, sequentialRead } from "../../../lib/workloads/index.ts";
import { Host } from "../../host/host.ts";
import { holds } from "../../host/property.ts";
import { sideBySideOf } from "../../host/script.ts";

const handler = { structure: { calls: "handler" } } as const;
const handled = (options = {}): System => boot("mach3", { ...handler, ...options });
const { kernel, library } = systemParameters("mach3").values as Record<string, Record<string, number>>;
/** There and back: two traps, two address spaces, the handler. */
const crossingUs = 2 * kernel!.trapUs! + kernel!.trapRedirectUs! + kernel!.handlerUs! + 2 * kernel!.addressSpaceSwitchUs!;

describe("a call in a handler", () => {
  it("costs a crossing there and one back, on top of what it does", () => {
    expect(nullTrap(handled()).usPerOperation).toBeCloseTo(kernel!.trapUs!, 0);
    expect(getpid(handled()).usPerOperation).toBeCloseTo(crossingUs, 0);
    expect(lseek(handled()).usPerOperation).toBeCloseTo(crossingUs + library!.lseekUs!, 0);
    expect(readOneByte(handled()).usPerOperation).toBeCloseTo(2 * crossingUs + library!.lseekUs! + library!.readUs! + kernel!.trapUs!, 0);
  });

  it("sends no message and switches no thread: the caller's own goes into the server and comes back", () => {
    expect(getpid(handled()).perOperation).toMatchObject({ messages: 0, threadSwitches: 0, addressSpaceSwitches: 2, redirectedTraps: 1, traps: 2 });
  });

  it("that needs the server is quicker than by message, one that does not is slower", () => {
    const stat = (system: System) => system.run(function* (unix) {
      yield* unix.mkdir("/d");
      yield* unix.stat("/d");
      const begin = system.sim.now;
      yield* unix.stat("/d");
      return system.sim.now - begin;
    });
    expect(stat(handled())).toBeLessThan(stat(boot("mach3")));
    expect(getpid(handled()).usPerOperation).toBeGreaterThan(2 * getpid(boot("mach3")).usPerOperation);
  });
});

describe("files in a handler", () => {
  it("are read from the disk as fast, with messages only between kernel and pager", () => {
    const [by, without] = [sequentialRead(handled(), { fileBytes: 1 << 19 }), sequentialRead(boot("mach3"), { fileBytes: 1 << 19 })];
    expect(by.kbPerSec / without.kbPerSec).toBeGreaterThan(0.97);
    expect(by.perOperation.messages!).toBeLessThan(without.perOperation.messages!);
    expect(by.perOperation.copies).toBeCloseTo(without.perOperation.copies!, 1);
  });

  it("are copied once if they are not mapped: from the server's buffer to the process", () => {
    const { perOperation } = sequentialRead(handled({ mapping: { mappedFiles: false } }), { fileBytes: 1 << 19 });
    expect(perOperation.copies).toBeCloseTo(1, 1);
    expect(perOperation.faults).toBe(0);
  });

  it("are not the only ones: the raw disk is read through the server without a copy", () => {
    const { kbPerSec, perOperation } = rawRead(handled(), { readBytes: 8192 });
    expect(kbPerSec).toBeGreaterThan(200);
    expect(perOperation.copies).toBe(0);
  });
});

describe("processes at the same time", () => {
  let host: Host;
  beforeAll(() => void (host = new Host()));
  afterAll(() => host.close());

  it("get the host's results, each on its own files", () => {
    const machine = { base: "hp-vectra", disk: { cylinders: 60 }, memory: { sizeMB: 2 } } as const;
    return holds({ host, scripts: sideBySideOf(40), systems: { handlers: () => handled({ machine }) }, runs: 10, inTurn: false });
  }, 120_000);
});
