/** What a sweep is asked for: one line says what is wrong before anything runs. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { Plan } from "../../../lib/analysis/sweep/plan.ts";
import { setUp } from "../../../lib/analysis/sweep/setup.ts";
import type { Grid, SweepOptions } from "../../../lib/index.ts";
import { InputError } from "../../../lib/schema/index.ts";

const small: Grid = { system: "mach26" };
const ranged: Grid = { system: "mach26", turns: { from: 1, to: 9 } };
const axes = "expected a finite number, a word, true, false, a list of them, { from, to } or { among: [...] }";

describe("refused", () => {
  test.each<[string, unknown, unknown, unknown, string]>([
    ["more points than there are numbers for", { ...small, replications: 1e15 }, "getpid", {}, "grid: expected 1073741824 points at most in chunks of 32, found 1000000000000000"],
    ["more chunks than can be counted", { ...small, replications: 1e8 }, "getpid", { chunkPoints: 1 }, "grid: expected 33554432 points at most in chunks of 1, found 100000000"],
    ["chunks larger than memory", small, "getpid", { chunkPoints: 1e9 }, "options of sweep: chunkPoints: expected number to be <=1000000, found 1000000000"],
    ["a sample larger than memory", ranged, "getpid", { sample: { method: "sobol", points: 1e10 } }, "sample: points: expected 67108864 at most, for sobol from as many ranges as here, 1; found 10000000000"],
    ["a design larger than memory", ranged, "getpid", { sample: { method: "saltelli", points: 1e8 } }, "sample: points: expected 22369621 at most, for saltelli from as many ranges as here, 1; found 100000000"],
    ["no workload", small, null, {}, "workload: expected one of the benchmarks or its name, found null"],
    ["no grid", null, "getpid", {}, "sweep: grids[0]: expected record, found null"],
    ["no options", small, "getpid", null, "options of sweep: expected object, found null"],
    ["no number", { ...small, turns: Number.NaN }, "getpid", {}, `sweep: grids[0].turns: ${axes}, found NaN`],
    ["nothing", { ...small, turns: undefined }, "getpid", {}, `sweep: grids[0].turns: missing (${axes})`],
    ["no number in a list", { ...small, turns: [1, Number.NaN] }, "getpid", {}, "sweep: grids[0].turns[1]: expected a finite number, a word, true or false, found NaN"],
    ["a shard that counts from 0", small, "getpid", { shard: "0/4" }, 'options of sweep: shard: expected i/n with i from 1 to n, such as 2/8, found "0/4"'],
    ["a shard beyond the last", small, "getpid", { shard: "5/4" }, "options of sweep: shard: expected 1/4 to 4/4, found 5/4"],
  ])("%s", (_, grid, workload, options, message) => {
    expect(() => setUp(grid as Grid, workload as string, options as SweepOptions)).toThrow(new InputError(message));
  });
});

test("chunks are a 256th of the points, 32 at most, unless told otherwise; whoever is sent the spec makes the same plan", () => {
  const chunkPoints = (replications: number, options = {}) => {
    const { plan } = setUp({ ...small, replications }, "getpid", options);
    expect(new Plan(JSON.parse(JSON.stringify(plan.spec)) as Plan["spec"])).toMatchObject({ id: plan.id, chunks: plan.chunks });
    return plan.spec.chunkPoints;
  };
  expect([1, 256, 257, 8192, 1e6].map((count) => chunkPoints(count))).toEqual([1, 1, 2, 32, 32]);
  expect(chunkPoints(1e6, { chunkPoints: 1000 })).toBe(1000);
});

test("the README's shards of a Kubernetes job, whose index counts from 0, are the first to the last", () => {
  const readme = readFileSync(new URL("../../../README.md", import.meta.url), "utf8");
  const shard = /--shard (\S*\(\([^)]*JOB_COMPLETION_INDEX[^)]*\)\)\/8)/.exec(readme)![1]!;
  const shards = ["0", "7"].map((index) => execFileSync("sh", ["-c", `echo ${shard}`], { encoding: "utf8", env: { JOB_COMPLETION_INDEX: index } }).trim());
  expect(shards.map((one) => setUp(small, "getpid", { shard: one }).run.shard)).toEqual([{ index: 1, of: 8 }, { index: 8, of: 8 }]);
});
