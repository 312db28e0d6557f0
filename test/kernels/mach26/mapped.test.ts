/** Mach 2.6 with mapped files: the semantics of Unix are kept, and each part costs what it should. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Steps } from "../../../lib/engine/index.ts";
import { boot, systemParameters } from "../../../lib/systems/boot.ts";
import type { BootOptions } from "../../../lib/systems/boot.ts";
import type { System } from "../../../lib/systems/system.ts";
import type { Unix } from "../../../lib/unix/interface.ts";
import { getpid, lseek, nullTrap, readOneByte, sequentialRead, writeOneByte } from "../../../lib/workloads/index.ts";
import { Host } from "../../host/host.ts";
import { holds } from "../../host/property.ts";
import { sideBySideOf, turnsOf } from "../../host/script.ts";

const PAGE = 4096;
const machine = { base: "hp-vectra", disk: { cylinders: 60 }, memory: { sizeMB: 1 } } as const;

const mapped = (options: BootOptions<"mach26"> = {}): System => boot("mach26", { ...options, mapping: { mappedFiles: true, ...options.mapping } });

describe("random programs give the host's results", () => {
  let host: Host;
  beforeAll(() => void (host = new Host()));
  afterAll(() => host.close());

  const systems = {
    "windows of 64 KB": () => mapped({ machine }),
    "windows of a page, and little memory": () => mapped({ machine, kernel: { bufferCachePercent: 7 }, mapping: { windowBytes: PAGE, freePercent: 93 } }),
    "blocks of two pages": () => mapped({ machine, fileSystem: { blockBytes: 8192 }, mapping: { windowBytes: 16384 } }),
  };

  it("in turns", () => holds({ host, scripts: turnsOf(50), systems, runs: 15 }), 300_000);
  it("side by side", () => holds({ host, scripts: sideBySideOf(50), systems, runs: 5, inTurn: false }), 300_000);
});

const { library, mapping, costs } = systemParameters("mach26").values as Record<string, Record<string, number>>;

/** What `act` makes the system count. */
function counted(system: System, act: (unix: Unix) => Steps<unknown>): Record<string, number> {
  return system.run(function* (unix) {
    const before = { ...system.os.counters() } as Record<string, number>;
    yield* act(unix);
    const after = system.os.counters() as Record<string, number>;
    return Object.fromEntries(Object.keys(after).map((name) => [name, after[name]! - before[name]!]));
  });
}

it("has windows of whole pages, of 4 MB at most", () => {
  for (const windowBytes of [0, 5000, 2 ** 23]) expect(() => mapped({ mapping: { windowBytes } })).toThrow(new RegExp(`^options of mach26: mapping\\.windowBytes: .*found ${windowBytes}$`));
  expect(getpid(mapped({ mapping: { windowBytes: 2 ** 22 } })).usPerOperation).toBeGreaterThan(0);
});

describe("a call", () => {
  it("that the library serves costs a redirected trap and its own work", () => {
    expect(nullTrap(mapped()).usPerOperation).toBeCloseTo(costs!.trapUs!, 0);
    expect(getpid(mapped()).usPerOperation).toBeCloseTo(library!.trapUs!, 0);
    expect(lseek(mapped()).usPerOperation).toBeCloseTo(library!.trapUs! + library!.lseekUs!, 0);
    const seekUs = library!.trapUs! + library!.lseekUs!;
    expect(readOneByte(mapped()).usPerOperation).toBeCloseTo(seekUs + library!.trapUs! + library!.readUs!, 0);
    expect(writeOneByte(mapped()).usPerOperation).toBeCloseTo(seekUs + library!.trapUs! + library!.writeUs!, 0);
  });

  it("that needs the kernel traps twice", () => {
    const { traps, redirectedTraps } = counted(mapped(), (unix) => unix.mkdir("/d"));
    expect([traps, redirectedTraps]).toEqual([2, 1]);
  });
});

describe("a sequential read", () => {
  it("changes the window every 64 KB, faults once a page, copies each byte once and sends no message", () => {
    const { perOperation } = sequentialRead(mapped(), { fileBytes: 64 * PAGE });
    expect(perOperation).toMatchObject({ messages: 0, faults: 1, windowChanges: 1 / 16 });
    expect(perOperation.copies).toBeCloseTo(1, 1);
    expect(perOperation.copiedBytes).toBeCloseTo(PAGE, -2);
  });

  it("of a page in the same window costs no fault the second time", () => {
    const { faults, windowChanges } = counted(mapped(), function* (unix) {
      const fd = yield* unix.open("/f", { create: true });
      yield* unix.write(fd, new Uint8Array(3 * PAGE));
      for (let i = 0; i < 4; i++) {
        yield* unix.lseek(fd, 0);
        yield* unix.read(fd, 3 * PAGE);
      }
    });
    expect([faults, windowChanges]).toEqual([3, 1]);
  });
});

describe("the Token", () => {
  it("is asked for by who used the file not last, and by nobody else", () => {
    const requests = (turns: number) => counted(mapped(), function* (unix) {
      const fd = yield* unix.open("/f", { create: true });
      yield* unix.write(fd, new Uint8Array(PAGE));
      for (let i = 0; i < turns; i++) {
        yield* unix.fork(function* (child) {
          for (let byte = 0; byte < 3; byte++) yield* child.write(fd, Uint8Array.of(1));
        });
        yield* unix.wait();
        for (let byte = 0; byte < 3; byte++) yield* unix.write(fd, Uint8Array.of(2));
      }
      expect((yield* unix.stat("/f")).size).toBe(PAGE + 6 * turns);
    }).tokenRequests;
    expect([requests(0), requests(1), requests(4)]).toEqual([1, 3, 9]);
  });
});

describe("what was written", () => {
  /** Pages written, with a few sectors besides, before `act` and in it. */
  const writes = (system: System, act: (unix: Unix, fd: number) => Steps<unknown>) => {
    const moved = system.machine.controller;
    return system.run(function* (unix) {
      const fd = yield* unix.open("/f", { create: true });
      const before = moved.sectorsMoved;
      yield* unix.write(fd, new Uint8Array(16 * PAGE));
      yield* system.sim.sleep(1e9);
      const kept = moved.sectorsMoved - before;
      yield* act(unix, fd);
      yield* system.sim.sleep(1e9);
      return [Math.floor(kept / 8 / 16), (moved.sectorsMoved - before - kept) / 8];
    });
  };

  it("goes to the disk when the window is moved, not before", () => {
    expect(writes(mapped(), (unix, fd) => unix.write(fd, Uint8Array.of(1)))).toEqual([0, 16]);
  });

  it("and when another process takes the Token", () => {
    const pages = writes(mapped(), function* (unix, fd) {
      yield* unix.fork(function* (child) {
        yield* child.lseek(fd, 0);
        yield* child.read(fd, 1);
      });
      yield* unix.wait();
    });
    expect(pages).toEqual([0, 16]);
  });
});

it("more of a file stays in memory than the buffer cache holds", () => {
  expect(mapped().cacheBytes).toBeGreaterThan(4 * boot("mach26").cacheBytes);
  expect(mapping!.remapUs).toBeGreaterThan(costs!.trapUs!);
});
