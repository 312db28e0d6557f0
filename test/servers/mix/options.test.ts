/** What the options of MiX do, seen from outside: disk requests, the arm's way, traps and messages of a call. */
import { describe, expect, it, test, vi } from "vitest";
import { Controller } from "../../../lib/hardware/controller.ts";
import type { DiskRequest } from "../../../lib/hardware/controller.ts";
import { Driver } from "../../../lib/hardware/driver.ts";
import { boot, systemParameters } from "../../../lib/systems/boot.ts";
import type { BootOptions } from "../../../lib/systems/boot.ts";
import { cachedRead, fileStatus, getpid, lseek, randomWrites, sequentialRead } from "../../../lib/workloads/index.ts";
import type { Measurement } from "../../../lib/workloads/index.ts";

const PAGE = 4096;
/** Files whose blocks lie one after the other. */
const together = { rotdelayMs: 0, maxcontig: 16 };

describe("om.readAhead", () => {
  it("brings pages before they are asked for: fewer upcalls for the same bytes", () => {
    const pullIns = [0, 4, 16].map((readAhead) => sequentialRead(boot("mix", { om: { readAhead }, fileSystem: together }), { fileBytes: 64 * PAGE }).perOperation.pullIns!);
    expect(pullIns[0]).toBe(1);
    expect(pullIns[1]).toBeLessThan(0.3);
    expect(pullIns[2]).toBeLessThan(0.1);
  });

  it("is 0 to 16 pages", () => {
    expect(() => boot("mix", { om: { readAhead: 16 } })).not.toThrow();
    expect(() => boot("mix", { om: { readAhead: 17 } })).toThrow(/om\.readAhead.*16/);
    expect(() => boot("mix", { om: { readAhead: -1 } })).toThrow(/om\.readAhead.*0/);
  });
});

describe("om.clusterBytes", () => {
  const read = (clusterBytes: number, fileSystem?: BootOptions<"mix">["fileSystem"]) => sequentialRead(boot("mix", { om: { clusterBytes }, fileSystem }), { fileBytes: 64 * PAGE }).perOperation;

  it("is how much one request of the disk brings at most, and one upcall with it", () => {
    for (const pages of [1, 2, 4]) {
      const { diskRequests, pullIns } = read(pages * PAGE, together);
      expect(pullIns, `${pages} pages`).toBeCloseTo(1 / pages, 2);
      expect(diskRequests, `${pages} pages`).toBeGreaterThanOrEqual(1 / pages);
      expect(diskRequests, `${pages} pages`).toBeLessThan(1 / pages + 0.1); // and for the indirect block, and where it lies between two others
    }
  });

  it("is a limit to what is read ahead in one request as well", () => {
    const { diskRequests, pullIns } = sequentialRead(boot("mix", { om: { readAhead: 15, clusterBytes: 2 * PAGE }, fileSystem: together }), { fileBytes: 64 * PAGE }).perOperation;
    expect(pullIns).toBeLessThan(0.1);
    expect(diskRequests).toBeGreaterThanOrEqual(0.5);
    expect(diskRequests).toBeLessThan(0.6);
  });

  it("saves no request where the blocks of a file lie apart, for the rotdelay of the paper's disks", () => {
    expect(read(4 * PAGE).diskRequests).toBe(read(PAGE).diskRequests);
  });
});

describe("om.asyncPushOut", () => {
  /** How far the arm goes for a page, in cylinders, as pages were given to the driver and as it writes them, and the time of a page. */
  function writers(options: BootOptions<"mix">, work: Parameters<typeof randomWrites>[1]) {
    const given = vi.spyOn(Driver.prototype, "strategy");
    const written = vi.spyOn(Controller.prototype, "issue");
    try {
      const system = boot("mix", options);
      const { usPerOperation } = randomWrites(system, work);
      const wayOf = ({ mock }: { mock: { calls: [DiskRequest][] } }) => {
        const cylinders = mock.calls.filter(([{ op }]) => op === "write").map(([{ sector }]) => system.machine.controller.disk.cylinderOf(sector));
        return cylinders.slice(1).reduce((sum, cylinder, i) => sum + Math.abs(cylinder - cylinders[i]!), 0) / (cylinders.length - 1);
      };
      return { us: usPerOperation, given: wayOf(given), written: wayOf(written) };
    } finally {
      given.mockRestore();
      written.mockRestore();
    }
  }
  const om = (asyncPushOut: boolean) => ({ om: { asyncPushOut } });

  it("has the pages of a file written together at fsync(), and not one of each writer's file in turn", () => {
    const [synchronous, asynchronous] = [writers(om(false), { processes: 4 }), writers(om(true), { processes: 4 })];
    expect(synchronous.written).toBeGreaterThan(20);
    expect(asynchronous.written).toBeLessThan(synchronous.written / 5);
    expect(asynchronous.us).toBeLessThan(0.95 * synchronous.us);
  });

  it("gives a single writer nothing, whose fsync() pushes its pages out in order already", () => {
    expect(writers(om(true), { processes: 1 }).us / writers(om(false), { processes: 1 }).us).toBeCloseTo(1, 2);
  });

  it("lets the driver sort pages that go out in any order, because memory is short: the more are on their way, the better", () => {
    const [synchronous, few, many] = [{ asyncPushOut: false }, { asyncPushOut: true, asyncPushOuts: 16 }, { asyncPushOut: true, asyncPushOuts: 64 }].map((options) =>
      writers({ machine: { base: "compaq", memory: { sizeMB: 2 } }, om: options }, { processes: 4, writes: 400 }),
    ) as [ReturnType<typeof writers>, ReturnType<typeof writers>, ReturnType<typeof writers>];
    expect(synchronous.written / synchronous.given).toBeGreaterThan(0.8); // there is hardly ever more than one to choose from
    expect(few.written).toBeLessThan(0.6 * few.given);
    expect(many.written).toBeLessThan(0.4 * many.given);
    expect(many.written).toBeLessThan(few.written);
    expect(few.us).toBeLessThan(synchronous.us);
  });
});

describe("structure.emulationLibrary", () => {
  const counted = (run: (system: ReturnType<typeof boot>) => Measurement, structure: BootOptions<"mix">["structure"]) => {
    const { usPerOperation, perOperation } = run(boot("mix", { structure }));
    const { traps, messages, handlerCalls = 0, threadSwitches, addressSpaceSwitches = 0, copiedBytes } = perOperation;
    return { us: usPerOperation, counts: [traps, messages, handlerCalls, threadSwitches, addressSpaceSwitches, copiedBytes / PAGE].map(Math.round) };
  };
  const page = (system: ReturnType<typeof boot>) => cachedRead(system, { fileBytes: 64 * PAGE });
  const calls = { getpid: (system: ReturnType<typeof boot>) => getpid(system, 50), lseek: (system: ReturnType<typeof boot>) => lseek(system, 50), stat: (system: ReturnType<typeof boot>) => fileStatus(system, 50), page };
  /** Traps, messages, handlers, thread switches, address-space switches, pages copied. */
  const expected = {
    getpid: { manager: [1, 0, 0, 0, 0, 0], library: [1, 0, 0, 0, 0, 0], "library, servers in user space": [1, 0, 0, 0, 0, 0] },
    lseek: { manager: [1, 0, 0, 0, 0, 0], library: [1, 0, 0, 0, 0, 0], "library, servers in user space": [1, 0, 0, 0, 0, 0] },
    stat: { manager: [1, 2, 1, 0, 0, 0], library: [2, 4, 2, 0, 0, 0], "library, servers in user space": [7, 4, 0, 4, 4, 0] },
    page: { manager: [1, 0, 0, 0, 0, 1], library: [2, 0, 0, 0, 0, 1], "library, servers in user space": [2, 0, 0, 0, 0, 1] },
  };
  const structures = { manager: {}, library: { emulationLibrary: true }, "library, servers in user space": { emulationLibrary: true, servers: "user" } } as const;

  test.each(Object.keys(calls) as (keyof typeof calls)[])("%s: a call that the library serves sends nothing and copies no frame, any other sends a message more, and what it asks of the nucleus is a trap", (call) => {
    const results = Object.entries(structures).map(([name, structure]) => [name, counted(calls[call], structure)] as const);
    for (const [name, { counts }] of results) expect(counts, name).toEqual(expected[call][name as keyof typeof structures]);
    const [manager, library] = results.map(([, { us }]) => us) as [number, number];
    if (call === "getpid" || call === "lseek") expect(library).toBeLessThan(manager);
    else expect(library).toBeGreaterThan(manager);
  });
});

describe("the values of MiX", () => {
  it("have a range each, if they are assumed, that a sweep can draw from", () => {
    const { provenance, values } = systemParameters("mix");
    const assumed = [...provenance].filter(([, { kind }]) => kind === "assumed");
    expect(assumed.length).toBeGreaterThan(40);
    for (const [path, { range }] of assumed) {
      const [group, key] = path.split(".") as [string, string];
      const value = (values as Record<string, Record<string, unknown>>)[group]![key] as number;
      expect(range![0], path).toBeLessThan(range![1]);
      expect(value >= range![0] && value <= range![1], path).toBe(true);
    }
  });

  it("misspelled or wrong are refused, with what is nearest", () => {
    expect(() => boot("mix", { om: { readahead: 3 } } as never)).toThrow(/readAhead/);
    expect(() => boot("mix", { structure: { servers: "kernel" } } as never)).toThrow(/supervisor/);
  });
});
