import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkGrid, pointInput } from "../../../lib/analysis/sweep/grid.ts";
import { Plan } from "../../../lib/analysis/sweep/plan.ts";
import type { Grid } from "../../../lib/analysis/sweep/spec.ts";
import { machineParameters } from "../../../lib/systems/boot.ts";
import { checkMachine, machineRules } from "../../../lib/systems/consistency.ts";
import { workloadOf } from "../../../lib/workloads/index.ts";
import { specOf } from "./spec.ts";

describe("a grid is checked before anything runs, and the error names the nearest", () => {
  test.each<[Grid, string, string]>([
    [{ system: "mach3", "machine.disk.rpn": 3600 }, "sequentialRead", 'grid: unknown name "machine.disk.rpn"; nearest is "machine.disk.rpm"'],
    [{ system: "mach3", readByte: 4096 }, "sequentialRead", 'grid: unknown name "readByte"; nearest is "readBytes"'],
    [{ system: ["mach3", "mix"], "pager.readBytes": 4096 }, "sequentialRead", 'grid: "pager.readBytes" is an option of mach3, not of mix: give mix a grid of its own'],
    [{ system: "mach3", "pager.readBytes": [4096, "x"] }, "sequentialRead", 'grid: pager.readBytes: expected number, found "x"'],
    [{ system: "mach3", readBytes: [4096, 0] }, "sequentialRead", "grid: readBytes: expected number to be >=1, found 0"],
    [{ system: "mach4" }, "sequentialRead", 'grid: unknown system "mach4"; nearest is "mach3" (of mach3, mach26, mix, svr4)'],
    [{}, "sequentialRead", "grid: system is missing (one or more of mach3, mach26, mix, svr4)"],
    [{ system: "mach3", machine: ["compaq", "vax"] }, "sequentialRead", 'grid: machine: "vax" is not allowed; nearest is "compaq" (of hp-vectra, compaq)'],
    [{ system: "mix" }, "nullMachRpc", "grid: nullMachRpc runs on mach3, not on mix"],
    [{ system: "mach26" }, "rawRead", "grid: readBytes is missing: rawRead needs it"],
    [{ system: "mach3", readBytes: [4096, 4096] }, "sequentialRead", "grid: readBytes: 4096 is there twice"],
    [{ system: "mach3", replications: 0 }, "sequentialRead", "grid: replications: expected number to be >=1, found 0"],
    [{ system: "mach3", "machine.cache.copyCachedUs": 400 }, "sequentialRead", "grid: machine.cache.copyUncachedUs: expected copyCachedUs, 400, or more, found 379"],
    [{ system: "mach3", readBytes: { from: 8192, to: 4096 } }, "sequentialRead", "grid: readBytes: a range goes from the lower to the higher value, found 8192 to 4096"],
    [{ system: "mach3", readBytes: { from: 0, to: 4096 } }, "sequentialRead", "grid: readBytes: expected number to be >=1, found 0"],
    [{ system: "mach3", readBytes: { from: 1, to: 3, step: 10 } }, "sequentialRead", "grid: readBytes: a step of 10 is more than from 1 to 3"],
    [{ system: "mach3", readBytes: { from: 1, to: 9, step: 0.5 } }, "sequentialRead", "grid: readBytes: expected whole number, found 1.5"],
    [{ system: "mach3", readBytes: { among: [1, 2, 1] } }, "sequentialRead", "grid: readBytes: 1 is there twice"],
    [{ system: "mach3", "machine.cache.copyCachedUs": { among: [10, 400, 20] } }, "sequentialRead", "grid: machine.cache.copyUncachedUs: expected copyCachedUs, 400, or more, found 379"],
    [{ system: "mach3", "machine.cache.sizeKB": [32, 33, 64] }, "sequentialRead", "grid: machine.cache.sizeKB: expected a power of 2, found 33"],
    [{ system: "mach3", "machine.cache.sizeKB": { from: 16, to: 64, step: 16 } }, "sequentialRead", "grid: machine.cache.sizeKB: expected a power of 2, found 48"],
    [{ system: "mach3", "machine.processor.tickHz": [100, 5000], "machine.processor.tickUs": { from: 50, to: 250 } }, "sequentialRead", "grid: machine.processor.tickUs: expected less than the 200 µs that fit between two clock interrupts, found 250"],
  ])("%j", (grid, workload, message) => {
    expect(() => checkGrid(grid, workloadOf(workload))).toThrow(message);
  });

  test("values of a machine that are allowed only together are", () => {
    const grid = { system: "mach3", "machine.cache.copyCachedUs": 400, "machine.cache.copyUncachedUs": [400, 500] };
    expect(() => checkGrid(grid, workloadOf("sequentialRead"))).not.toThrow();
  });

  test("values of a machine are refused if and only if some combination of them breaks a rule", () => {
    const list = (...values: number[]) => fc.option(fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 3 }), { nil: undefined });
    const lists = { "processor.tickUs": list(10, 150, 900), "processor.tickHz": list(60, 1000, 5000), "processor.speed": list(0.2, 1, 8), "cache.sizeKB": list(16, 48, 64), "cache.copyCachedUs": list(10, 200, 500), "cache.copyUncachedUs": list(100, 300, 600) };
    fc.assert(
      fc.property(fc.record(lists), fc.constantFrom("hp-vectra" as const, "compaq" as const), (machine, base) => {
        const given = Object.entries(machine).filter(([, values]) => values !== undefined) as [string, number[]][];
        let specs = [structuredClone(machineParameters(base).values)];
        for (const [path, values] of given) {
          const [group, key] = path.split(".") as ["cache", "sizeKB"];
          specs = specs.flatMap((spec) => values.map((value) => ({ ...spec, [group]: { ...spec[group], [key]: value } })));
        }
        const refused = (check: () => unknown) => {
          try {
            check();
            return false;
          } catch {
            return true;
          }
        };
        const grid = { system: "mach3", machine: base, ...Object.fromEntries(given.map(([path, values]) => [`machine.${path}`, values])) };
        expect(refused(() => checkGrid(grid, workloadOf("getpid")))).toBe(specs.some((spec) => refused(() => checkMachine(spec, "test"))));
      }),
      { numRuns: 200 },
    );
  });

  test("rules of machines may be checked apart: no value is in two, and none follows from others", () => {
    const paths = machineRules.flatMap((rule) => rule.paths);
    expect(new Set(paths).size).toBe(paths.length);
    for (const base of ["hp-vectra", "compaq"] as const) expect(paths.filter((path) => machineParameters(base).derived.has(path))).toEqual([]);
  });

  test("as quickly for many ranges and long lists as for few", () => {
    const names = ["disk.rpm", "disk.cylinders", "disk.heads", "disk.sectorsPerTrack", "disk.headSwitchMs", "disk.writeSettleMs", "disk.seekStartMs", "disk.seekRootMs", "disk.seekKneeCylinders", "disk.seekSlopeMs", "disk.trackSkewSectors", "disk.cylinderSkewSectors",
      "controller.commandUs", "controller.pioSectorUs", "controller.sectorOverheadUs", "controller.interruptUs", "controller.bufferSectors", "processor.speed", "processor.tickHz", "processor.tickUs", "processor.quantumMs", "memory.sizeMB", "cache.copyCachedUs", "cache.zeroFillUs"];
    const ranges = Object.fromEntries(names.map((name) => [`machine.${name}`, { from: 5, to: 10 }]));
    const many = Array.from({ length: 300_000 }, (_, i) => i + 1);
    const copies = Array.from({ length: 1000 }, (_, i) => 400 + i);
    // Combined with each other these would take hours, compared with each other the values of the list minutes.
    expect(checkGrid({ system: "mach3", ...ranges, "machine.cache.copyUncachedUs": copies, readBytes: many }, workloadOf("sequentialRead")).factors.length).toBe(27);
    expect(() => checkGrid({ system: "mach3", ...ranges, "machine.processor.tickUs": { from: 5, to: 5e5 } }, workloadOf("sequentialRead"))).toThrow("machine.processor.tickUs: expected less than the 500000 µs");
  });

  test("a range wants a sample, and a sample a range", () => {
    const ranged = { system: "mach3", readBytes: { from: 1024, to: 4096 } };
    expect(() => new Plan(specOf(ranged))).toThrow("grid: readBytes is a range: say how to draw from it");
    expect(() => new Plan(specOf({ system: "mach3" }, "sequentialRead", { sample: { method: "sobol", points: 8 } }))).toThrow("sample: the grid has nothing to draw from");
  });
});

describe("points", () => {
  const grid = { system: ["mach3", "mach26"], "machine.disk.rpm": [3600, 5400], readBytes: [4096, 16384], replications: 3 };

  test("come in the order of the grid: the first factor changes slowest, replications fastest", () => {
    const plan = new Plan(specOf(grid));
    const points = Array.from({ length: plan.points }, (_, index) => plan.point(index));
    expect(points.map(({ values, replication }) => [...Object.values(values), replication])).toEqual(
      ["mach3", "mach26"].flatMap((system) => [3600, 5400].flatMap((rpm) => [4096, 16384].flatMap((bytes) => [1, 2, 3].map((one) => [system, rpm, bytes, one])))),
    );
    expect(Object.keys(points[0]!.values)).toEqual(["system", "machine.disk.rpm", "readBytes"]);
  });

  test("of several grids come one grid after the other, with the factors of all", () => {
    const plan = new Plan({ ...specOf(grid), grids: [{ system: "mach26" }, { system: "mach3", "pager.readAhead": [0, 1] }] });
    expect(plan.names).toEqual(["system", "pager.readAhead"]);
    expect([0, 1, 2].map((index) => plan.point(index).values)).toEqual([{ system: "mach26" }, { system: "mach3", "pager.readAhead": 0 }, { system: "mach3", "pager.readAhead": 1 }]);
  });

  test("share their seed within a replication, or have each their own", () => {
    const seeds = (commonRandomNumbers: boolean, seed = 1) => {
      const plan = new Plan(specOf(grid, "sequentialRead", { commonRandomNumbers, seed }));
      return Array.from({ length: plan.points }, (_, index) => plan.point(index).seed);
    };
    const common = seeds(true);
    expect(new Set(common).size).toBe(3);
    expect(common.slice(0, 3)).toEqual(common.slice(3, 6));
    expect(new Set(seeds(false)).size).toBe(24);
    expect(new Set([...common, ...seeds(true, 2)]).size).toBe(6);
    expect(common.every(Number.isSafeInteger)).toBe(true);
  });

  test("become options of boot() and values of the workload", () => {
    expect(pointInput({ system: "mach3", machine: "compaq", "machine.disk.rpm": 5400, "pager.readBytes": 8192, readBytes: 512 })).toEqual({
      system: "mach3",
      options: { machine: { base: "compaq", disk: { rpm: 5400 } }, pager: { readBytes: 8192 } },
      values: { readBytes: 512 },
    });
  });

  test("are in chunks that hold all of them once", () => {
    const plan = new Plan(specOf(grid, "sequentialRead", { chunkPoints: 7 }));
    const ranges = Array.from({ length: plan.chunks }, (_, chunk) => plan.range(chunk));
    expect(ranges).toEqual([[0, 7], [7, 14], [14, 21], [21, 24]]);
  });

  test("of a hundred million take no room", () => {
    const many = Array.from({ length: 100 }, (_, i) => i + 1);
    const plan = new Plan(specOf({ system: "mach26", "fileSystem.rotdelayMs": many, readBytes: many, fileBytes: many, replications: 100 }));
    expect(plan.points).toBe(1e8);
    expect(plan.point(99_999_999)).toMatchObject({ values: { "fileSystem.rotdelayMs": 100, readBytes: 100, fileBytes: 100 }, replication: 100 });
  });
});
