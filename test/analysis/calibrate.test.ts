/** Calibration: what is to be met, what counts as meeting it, how it is searched for, and what is left behind. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import type { CalibrationRecord } from "../../lib/analysis/calibrate/calibrate.ts";
import { Journal } from "../../lib/analysis/calibrate/journal.ts";
import { errorOf, lossOf, objective } from "../../lib/analysis/calibrate/objective.ts";
import { MOST_FITTED, moved, problemOf } from "../../lib/analysis/calibrate/problem.ts";
import type { Problem, Target } from "../../lib/analysis/calibrate/problem.ts";
import { hypercube, search } from "../../lib/analysis/calibrate/search.ts";
import { withValue, writeCalibration } from "../../lib/analysis/calibrate/write.ts";
import { parameter } from "../../lib/analysis/parameters.ts";
import type { Parameter } from "../../lib/analysis/parameters.ts";
import { RandomStream } from "../../lib/engine/index.ts";
import { machineNames } from "../../lib/systems/boot.ts";

const folder = mkdtempSync(join(tmpdir(), "kernelized-calibrate-"));
afterAll(() => rmSync(folder, { recursive: true }));

const free = (more: Partial<Parameter>): Parameter => ({ id: "x", owner: "compaq", group: "g", key: "xUs", value: 0.5, kind: "fitted", source: "", cells: [], range: [0, 1], ...more });
const target = (paper: number, half: number): Target => ({ id: `t${paper}`, paper, interval: [paper - half, paper + half], table: "9-1", column: "a" });
const problem = (targets: Target[], parameters: Parameter[]): Problem => ({ machine: "compaq", free: parameters, targets, continuous: parameters.filter(({ whole, choices }) => !whole && !choices) });
const options = { seed: 1, samples: 60, candidates: 6, starts: 2 };

describe("what is to be met", () => {
  test.each(machineNames)("%s: at most eight values are free, each in a range or among choices, and each cites what it is to meet", (machine) => {
    const { free, targets } = problemOf(machine);
    expect(free.length).toBeLessThanOrEqual(MOST_FITTED);
    for (const { id, range, choices, cells } of free) {
      expect(range ?? choices, id).toBeDefined();
      expect(cells.length, id).toBeGreaterThan(0);
    }
    expect(targets.length).toBeGreaterThan(free.length);
  });

  test("no value leaves its range when all are moved together", () => {
    const hp = problemOf("hp-vectra");
    expect(hp.continuous.length).toBeGreaterThan(20);
    for (const factor of [0.5, 0.9, 1.1, 2]) {
      for (const [id, value] of Object.entries(moved(hp, {}, factor))) {
        const [low, high] = parameter(id).range!;
        expect(value as number >= low && (value as number) <= high, id).toBe(true);
      }
    }
    expect(moved(hp, { "hp-vectra.controller.commandUs": 200 }, 1.1)["hp-vectra.controller.commandUs"]).toBeCloseTo(220, 9);
  });

  test("an unknown machine is named with those that there are", () => {
    expect(() => problemOf("vax" as "compaq")).toThrow('unknown machine "vax"; there are hp-vectra and compaq');
  });
});

describe("the objective", () => {
  test("an error counts from the edge of what rounding allows", () => {
    const t = target(12.5, 0.05);
    expect([12.45, 12.5, 12.55].map((value) => errorOf(t, value))).toEqual([0, 0, 0]);
    expect(errorOf(t, 12.8)).toBeCloseTo(0.25 / 12.5, 12);
    expect(errorOf(t, 12.2)).toBeCloseTo(0.25 / 12.5, 12);
  });

  test("the loss is the mean of the worst and the root mean square error", () => {
    expect(lossOf([target(1, 0), target(2, 0)], [1.3, 2.8])).toBeCloseTo((0.4 + Math.sqrt((0.09 + 0.16) / 2)) / 2, 12);
    expect(lossOf([target(1, 0)], undefined)).toBe(Infinity);
  });

  test("a fit on a knife-edge loses against a worse one on a plateau, by its neighbours", () => {
    const edge = problem([target(1, 0)], [free({})]);
    const off = (x: number) => (Math.abs(x - 0.3) < 0.001 ? 0 : x > 0.55 && x < 0.9 ? 0.02 : 0.5);
    const evaluate = (point: Record<string, unknown>) => [1 + off(point.x as number)];
    expect(lossOf(edge.targets, evaluate({ x: 0.3 }))).toBe(0);
    expect(objective(edge, evaluate, { x: 0.3 }, [true])!.objective).toBeCloseTo(0.25, 9);
    expect(objective(edge, evaluate, { x: 0.7 }, [true])!.objective).toBeCloseTo(0.02, 9);
    const found = search(edge, evaluate, [true], options);
    expect(found.point.x as number).toBeGreaterThan(0.6);
    expect(found.objective).toBeCloseTo(0.02, 9);
  });
});

describe("the search", () => {
  const parameters = [
    free({}),
    free({ id: "n", key: "nSectors", value: 4, whole: true, range: [1, 20] }),
    free({ id: "c", key: "lookAhead", value: "fill", choices: ["none", "fill", "stream"], range: undefined }),
  ];
  const bowl = problem([target(10, 0.01)], parameters);
  const evaluate = ({ x, n, c }: Record<string, unknown>) => [10 + Math.abs((x as number) - 0.62) + Math.abs((n as number) - 13) / 10 + (c === "stream" ? 0 : 1)];

  test("finds the bottom of a bowl in numbers, whole numbers and choices", () => {
    const { point } = search(bowl, evaluate, [true], options);
    expect(point).toMatchObject({ n: 13, c: "stream" });
    expect(point.x as number).toBeCloseTo(0.62, 1);
  });

  test("a hypercube takes one value from each part of every range, and follows from its seed", () => {
    const points = hypercube(parameters, 40, new RandomStream(3, "test"));
    expect(points.map(({ x }) => Math.floor((x as number) * 40)).sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, i) => i));
    expect(new Set(points.map(({ n }) => n)).size).toBe(20);
    expect(new Set(points.map(({ c }) => c)).size).toBe(3);
    expect(hypercube(parameters, 40, new RandomStream(3, "test"))).toEqual(points);
    expect(hypercube(parameters, 40, new RandomStream(4, "test"))).not.toEqual(points);
  });

  test("killed and started again, it comes to the same end and simulates nothing twice", () => {
    const path = join(folder, "journal.jsonl");
    const run = (journal: Journal, limit: number) => {
      let simulated = 0;
      const look = (point: Record<string, unknown>) =>
        journal.look(JSON.stringify(point), () => {
          if (simulated++ === limit) throw new Error("killed");
          return evaluate(point);
        });
      return { found: search(bowl, look, [true], options), simulated };
    };
    const whole = run(new Journal(join(folder, "whole.jsonl"), "bowl"), Infinity);
    expect(() => run(new Journal(path, "bowl"), 40)).toThrow("killed");
    writeFileSync(path, `${readFileSync(path, "utf8")}{"point":"{\\"x\\":`); // the line in which it was killed
    const again = run(new Journal(path, "bowl"), Infinity);
    expect(again.found).toEqual(whole.found);
    expect(again.simulated).toBe(whole.simulated - 40);
    expect(new Journal(path, "bowl").size).toBe(whole.simulated);
    expect(new Journal(path, "another bowl").size).toBe(0);
  });
});

describe("what it leaves behind", () => {
  const data = join(folder, "data");
  cpSync(new URL("../../data", import.meta.url), data, { recursive: true });
  const url = pathToFileURL(`${data}/`);
  const read = (path: string) => readFileSync(join(data, path), "utf8");
  const record = (values: Record<string, unknown>) => ({ machine: "compaq", result: { values } }) as unknown as CalibrationRecord;

  test("a value in its file, everything else as it was written", () => {
    const text = read("machines/compaq.json");
    const changed = withValue(withValue(text, "controller", "commandUs", 431.5), "controller", "lookAhead", "none");
    expect(JSON.parse(changed).controller.commandUs.value).toBe(431.5);
    expect(JSON.parse(changed).controller.lookAhead.value).toBe("none");
    const lines = (one: string) => one.split("\n");
    expect(lines(changed).filter((line, i) => line !== lines(text)[i])).toHaveLength(2);
    expect(() => withValue(text, "controller", "comandUs", 1)).toThrow("no controller.comandUs in the file");
  });

  test("the files of machine and systems, and the record beside them", () => {
    const before = read("systems/svr4.json");
    expect(writeCalibration(record({ "compaq.controller.commandUs": 333, "svr4.kernel.pathBytes": 8192 }), url)).toEqual(["machines/compaq.json", "systems/svr4.json", "calibration/compaq.json"]);
    expect(JSON.parse(read("machines/compaq.json")).controller.commandUs.value).toBe(333);
    expect(read("systems/svr4.json")).not.toBe(before);
    expect(JSON.parse(read("calibration/compaq.json")).machine).toBe("compaq");
  });

  test("a value that is derived from a fitted one follows it", () => {
    writeCalibration({ machine: "hp-vectra", result: { values: { "hp-vectra.disk.trackSkewSectors": 21 } } } as unknown as CalibrationRecord, url);
    const { disk } = JSON.parse(read("machines/hp-vectra.json"));
    expect([disk.trackSkewSectors.value, disk.cylinderSkewSectors.value]).toEqual([21, 21]);
  });

  test("nothing when it fails", () => {
    const machine = read("machines/hp-vectra.json");
    rmSync(join(data, "systems/mach3.json"));
    expect(() => writeCalibration(record({ "hp-vectra.controller.commandUs": 333, "mach3.kernel.trapUs": 1 }), url)).toThrow();
    expect(read("machines/hp-vectra.json")).toBe(machine);
    expect(readdirSync(data, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".part"))).toEqual([]);
  });
});
