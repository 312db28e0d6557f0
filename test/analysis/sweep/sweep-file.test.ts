import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { checkOut, readSweepFile, setUp } from "../../../lib/analysis/sweep/index.ts";

const folder = mkdtempSync(join(tmpdir(), "sweep-file-"));
const path = join(folder, "file.yaml");
afterAll(() => rmSync(folder, { recursive: true }));

/** The plan of a file, or what is wrong with it. */
function read(text: string) {
  writeFileSync(path, text);
  const { grid, workload, out, options } = readSweepFile(path);
  checkOut(out ?? "some.csv");
  return setUp(grid, workload, options).plan;
}

test("YAML and JSON say the same", () => {
  const yaml = "workload: rawRead\ngrid:\n  system: mach26\n  readBytes: [512, 1024]\n  reads: {from: 1, to: 9}\nsample: {method: sobol, points: 4}\nseed: 3\n";
  const json = '{"workload":"rawRead","grid":{"system":"mach26","readBytes":[512,1024],"reads":{"from":1,"to":9}},"sample":{"method":"sobol","points":4},"seed":3}';
  expect(read(yaml).id).toBe(read(json).id);
  expect(read(yaml)).toMatchObject({ points: 8, spec: { seed: 3 } });
});

test.each([
  ["grid: {system: mach26}\nworkload: getpit", 'unknown workload "getpit"; nearest is "getpid"'],
  ["grid: {system: mach26}\nworkload: getpid\nsede: 1", 'file.yaml: unknown name "sede"; nearest is "seed"'],
  ["grid: {system: [mach26}\nworkload: getpid", "file.yaml: Flow sequence in block collection must be"],
  ["workload: getpid", "file.yaml: grid: missing"],
  ["grid: {system: mach26}\nworkload: getpid\nout: a.xls", "a.xls: expected a name that ends in .csv or .parquet"],
  ["grid: {system: mach26}\nworkload: getpid\nshard: 4/3", "shard: expected 1/3 to 3/3, found 4/3"],
  ["grid: {system: mach26}\nworkload: getpid\nshard: 0/3", "shard: expected i/n with i from 1 to n, such as 2/8"],
  ["grid: {system: mach26, turns: .nan}\nworkload: getpid", "file.yaml: grid.turns: expected a finite number, a word, true, false, a list of them, { from, to } or { among: [...] }, found NaN"],
  ["grid: {system: mach26}\nworkload: getpid\nbackend: rediss", 'backend: "rediss" is not allowed; nearest is "redis"'],
])("%j is refused in one line", (text, line) => {
  expect(() => read(text)).toThrow(line);
  expect(() => read(text)).toThrow(/^[^\n]+$/);
});

test("a file that is not there is refused, and a folder", () => {
  expect(() => readSweepFile(join(folder, "none.yaml"))).toThrow(/none\.yaml: no such file$/);
  expect(() => readSweepFile(folder)).toThrow(/sweep-file-\w+: expected a file, found a folder$/);
});
