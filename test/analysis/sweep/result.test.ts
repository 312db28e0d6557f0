/** What a result says of its rows, on rows whose means, bests and tables are known. */
import { parquetMetadata, parquetReadObjects } from "hyparquet";
import { describe, expect, test } from "vitest";
import { Plan } from "../../../lib/analysis/sweep/plan.ts";
import { SweepResult } from "../../../lib/analysis/sweep/result.ts";
import type { SweepSpec } from "../../../lib/analysis/sweep/spec.ts";
import { MemoryStore } from "../../../lib/analysis/sweep/store.ts";
import { InputError } from "../../../lib/schema/index.ts";
import { specOf } from "./spec.ts";

/** A result of these measured values, in the order of the points; undefined for a point that failed with `error`. */
function resultOf(spec: SweepSpec, values: readonly (number | undefined)[], error = "ENOSPC"): SweepResult {
  const plan = new Plan({ ...spec, chunkPoints: Math.max(1, values.length) });
  const store = new MemoryStore();
  store.put({
    chunk: 0,
    measured: { kbPerSec: values.map((value) => value ?? null), "perOperation.copies": values.map(() => 2) },
    errors: Object.fromEntries(values.flatMap((value, i) => (value === undefined ? [[i, error]] : []))),
  });
  return new SweepResult(plan, store);
}

const grid = { system: ["mach3", "mix"], readBytes: [4096, 512], replications: 3 };
// mach3 4096, mach3 512, mix 4096, mix 512
const result = resultOf(specOf(grid), [300, 310, 320, 90, undefined, 110, 200, 200, 200, undefined, undefined, undefined]);

describe("mean", () => {
  test("is over the replications of each point that did not fail, with Student's interval", () => {
    const [first, second, third, ...others] = result.mean("kbPerSec");
    // t is 4.3027 at 95 % and 2 degrees of freedom, 12.7062 at one; the deviations are 10 and the root of 200.
    expect(first).toEqual({ system: "mach3", readBytes: 4096, kbPerSec: 310, halfWidth: expect.closeTo(24.841, 3), low: expect.closeTo(285.159, 3), high: expect.closeTo(334.841, 3), replications: 3 });
    expect(second).toEqual({ system: "mach3", readBytes: 512, kbPerSec: 100, halfWidth: expect.closeTo(127.062, 3), low: expect.closeTo(-27.062, 3), high: expect.closeTo(227.062, 3), replications: 2 });
    expect(third).toEqual({ system: "mix", readBytes: 4096, kbPerSec: 200, halfWidth: 0, low: 200, high: 200, replications: 3 });
    expect(others).toEqual([]);
  });

  test("is the wider the surer, and a single replication has no interval", () => {
    expect(result.mean("kbPerSec", { confidence: 0.99 })[0]!.halfWidth).toBeCloseTo(57.301, 3);
    expect(resultOf(specOf({ system: "mach3" }), [5]).mean("kbPerSec")).toEqual([{ system: "mach3", kbPerSec: 5, halfWidth: null, low: null, high: null, replications: 1 }]);
  });

  test("keeps grids apart whose points have the same values", () => {
    const twice = resultOf({ ...specOf({}), grids: [{ system: "mach3", replications: 2 }, { system: "mach3" }] }, [1, 3, 8]);
    expect(twice.mean("kbPerSec").map(({ kbPerSec, replications }) => [kbPerSec, replications])).toEqual([[2, 2], [8, 1]]);
  });

  test("takes no longer a row for many replications than for few", () => {
    const count = 100_000; // copied for each row they would take minutes
    const many = resultOf(specOf({ system: "mach3", replications: count }), Array.from({ length: count }, (_, i) => i % 2));
    expect(many.mean("kbPerSec")[0]).toMatchObject({ kbPerSec: 0.5, replications: count });
  }, 40_000);
});

test("best is the point with the highest mean, or the lowest", () => {
  expect(result.best("kbPerSec")).toMatchObject({ system: "mach3", readBytes: 4096, kbPerSec: 310 });
  expect(result.best("kbPerSec", "lowest")).toMatchObject({ system: "mach3", readBytes: 512, kbPerSec: 100 });
  expect(() => resultOf(specOf({ system: "mach3" }), [undefined]).best("kbPerSec")).toThrow(new InputError("no point has kbPerSec"));
});

describe("pivot", () => {
  test("has a row for each value of one factor and a column for each of another, in the order of the rows", () => {
    const table = result.pivot({ rows: "readBytes", columns: "system", value: "kbPerSec" });
    expect(table).toEqual([{ readBytes: 4096, mach3: 310, mix: 200 }, { readBytes: 512, mach3: 100, mix: null }]);
    expect(Object.keys(table[0]!)).toEqual(["readBytes", "mach3", "mix"]);
  });

  test("names the factor of columns that are numbers, and puts them behind the rows' values", () => {
    const table = result.pivot({ rows: "system", columns: "readBytes", value: "kbPerSec" });
    expect(table.map((row) => Object.entries(row))).toEqual([
      [["system", "mach3"], ["readBytes 4096", 310], ["readBytes 512", 100]],
      [["system", "mix"], ["readBytes 4096", 200], ["readBytes 512", null]],
    ]);
  });

  test("is the mean over everything else, and loses no value to a name", () => {
    expect(result.pivot({ rows: "replication", columns: "system", value: "kbPerSec" })[0]).toEqual({ replication: 1, mach3: 195, mix: 200 });
    const failing = resultOf(specOf({ system: ["mach3", "mix"] }), [7, undefined], "system");
    expect(failing.pivot({ rows: "system", columns: "error", value: "kbPerSec" })).toEqual([{ system: "mach3", "error null": 7, "error system": null }, { system: "mix", "error null": null, "error system": null }]);
  });
});

describe("frame", () => {
  test("has the factors and what was measured, replications and errors where there are any, no seeds and no parts", () => {
    const frame = result.frame();
    expect(frame.columns).toEqual(["system", "readBytes", "replication", "kbPerSec", "error"]);
    expect(frame.shape).toEqual([12, 5]);
    expect((frame.values as unknown[][])[3]).toEqual(["mach3", 512, 1, 90, null]);
    expect(resultOf(specOf({ system: "mach3" }), [5]).frame().columns).toEqual(["system", "kbPerSec"]);
  });

  test("or the columns that are asked for", () => {
    const frame = result.frame(["perOperation.copies", "system"]);
    expect(frame.columns).toEqual(["perOperation.copies", "system"]);
    expect((frame.values as unknown[][])[11]).toEqual([2, "mix"]);
  });
});

test("toParquet has all rows and columns, null where there is nothing, and what the sweep was", async () => {
  const file = (await result.toParquet()).slice().buffer;
  const seeds = result.columns.seed!;
  const rows = await parquetReadObjects({ file });
  expect(rows).toEqual(result.rows());
  expect(rows[4]).toEqual({ system: "mach3", readBytes: 512, replication: 2, seed: seeds[4], kbPerSec: null, "perOperation.copies": 2, error: "ENOSPC" });
  const { key_value_metadata: [sweep] = [] } = parquetMetadata(file);
  expect(JSON.parse(sweep!.value!)).toMatchObject({ workload: "sequentialRead", grids: [grid], seed: 1 });
});

test("Sobol indices of several grids leave out those without ranges, failed or not", () => {
  const sampled = { system: "mach3", readBytes: { from: 1, to: 9 }, fileBytes: { from: 1, to: 9 } };
  const spec = { ...specOf({}, "sequentialRead", { sample: { method: "saltelli", points: 16 } }), grids: [{ system: "mix" }, sampled] };
  const plan = new Plan(spec);
  const values = Array.from({ length: plan.points }, (_, i) => (i === 0 ? undefined : Number(plan.point(i).values.readBytes)));
  const rows = resultOf(spec, values).sobolIndices("kbPerSec");
  expect(rows.map(({ system, factor }) => [system, factor])).toEqual([["mach3", "readBytes"], ["mach3", "fileBytes"]]);
  expect(rows.map(({ total }) => Math.round(total as number))).toEqual([1, 0]);
  values[5] = undefined;
  expect(() => resultOf(spec, values).sobolIndices("kbPerSec")).toThrow(/need all points/);
});

describe("wrong arguments get one line that says what is right", () => {
  const saltelli = resultOf(specOf({ system: "mach3", readBytes: { from: 1, to: 9 } }, "sequentialRead", { sample: { method: "saltelli", points: 2 } }), [1, 2, 3, 4, 5, 6]);
  test.each<[string, () => unknown, string]>([
    ["another word for the best", () => result.best("kbPerSec", "max" as "highest"), 'best: expected "highest" or "lowest", found "max"'],
    ["a column that is not there", () => result.best("kbPerSecond"), 'there is no column "kbPerSecond"; nearest is "kbPerSec"'],
    ["what every object has", () => result.best("constructor"), 'there is no column "constructor"; nearest is '],
    ["no column", () => result.mean(undefined as never), 'there is no column "undefined"'],
    ["words where numbers are wanted", () => result.mean("system"), 'column "system" holds "mach3", not numbers'],
    ["a confidence in percent", () => result.mean("kbPerSec", { confidence: 95 }), "options of mean: confidence: expected number to be <1, found 95"],
    ["a negative confidence", () => result.mean("kbPerSec", { confidence: -1 }), "options of mean: confidence: expected number to be >0, found -1"],
    ["a misspelled option", () => result.mean("kbPerSec", { confidense: 0.9 } as never), 'options of mean: unknown name "confidense"; nearest is "confidence"'],
    ["a confidence of Sobol indices in percent", () => saltelli.sobolIndices("kbPerSec", { confidence: 95 }), "options of sobolIndices: confidence: expected number to be <1, found 95"],
    ["no options of a pivot", () => result.pivot(undefined as never), "options of pivot: missing (expected object)"],
    ["a pivot without a value", () => result.pivot({ rows: "system", columns: "readBytes" } as never), "options of pivot: value: missing (expected string)"],
    ["a pivot of what every object has", () => result.pivot({ rows: "toString", columns: "system", value: "kbPerSec" }), 'there is no column "toString"'],
    ["a word for a list", () => result.frame("system" as never), 'columns of frame: expected array, found "system"'],
    ["an unknown column of a frame", () => result.frame(["sistem"]), 'there is no column "sistem"; nearest is "system"'],
  ])("%s", (_, action, message) => {
    expect(action).toThrow(InputError);
    expect(action).toThrow(message);
    expect(action).toThrow(/^[^\n]+$/);
  });
});
