/** What the options of MiX do, seen from outside: disk requests, the arm's way, traps and messages of a call. */
import { describe, expect, it, test } from "vitest";
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

  it("saves no request where the blocks of a file lie apart, for the rotdelay of the paper's disks", () => {
    expect(read(4 * PAGE).diskRequests).toBe(read(PAGE).diskRequests);
  });
});

describe("om.asyncPushOut", () => {
  /** How far the arm goes for a page, in cylinders, how often it goes down, and the time of a page, while `processes` processes write pages of their files at random. */
  function writers(asyncPushOut: boolean, processes: number) {
    const system = boot("mix", { om: { asyncPushOut } });
    const { controller } = system.machine;
    const cylinders: number[] = [];
    const issue = controller.issue.bind(controller);
    controller.issue = (command) => {
      if (command.op === "write") cylinders.push(controller.disk.cylinderOf(command.sector));
      issue(command);
    };
    const { usPerOperation } = randomWrites(system, { processes });
    const moves = cylinders.slice(1).map((cylinder, i) => cylinder - cylinders[i]!);
    return { us: usPerOperation, moves, wayCylinders: moves.reduce((sum, move) => sum + Math.abs(move), 0) / moves.length };
  }

  it("lets the driver sort what several writers push out: the arm goes up from file to file, instead of to and fro", () => {
    const [synchronous, asynchronous] = [writers(false, 4), writers(true, 4)];
    expect(synchronous.moves.length).toBe(asynchronous.moves.length);
    expect(synchronous.wayCylinders).toBeGreaterThan(20);
    expect(asynchronous.wayCylinders).toBeLessThan(synchronous.wayCylinders / 5);
    const down = (moves: readonly number[]) => moves.filter((move) => move < 0).length;
    expect(down(synchronous.moves)).toBeGreaterThan(5 * down(asynchronous.moves));
    expect(asynchronous.us).toBeLessThan(0.95 * synchronous.us);
  });

  it("gives a single writer nothing, whose fsync() pushes its pages out in order already", () => {
    expect(writers(true, 1).us / writers(false, 1).us).toBeCloseTo(1, 2);
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
