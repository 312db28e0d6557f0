import { spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from "hyparquet";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { getpid, sweep } from "../../lib/index.ts";
import { projectRoot } from "../../lib/notebook/places.ts";

const folder = mkdtempSync(join(tmpdir(), "sweep-cli-"));
const at = (name: string) => join(folder, name);
const tsx = import.meta.resolve("tsx");

/** The command in the folder of the test, as a user would type it. */
function kernelized(...words: string[]) {
  const { stdout, stderr, status } = spawnSync(process.execPath, ["--import", tsx, join(projectRoot, "lib/cli/main.ts"), ...words], { cwd: folder, encoding: "utf8" });
  return { stdout, stderr, status };
}

const FILE = `# what a getpid() costs
workload: getpid
grid:
  system: [mach26, svr4]
  turns: [1, 2, 3, 4, 5]
  replications: 2
seed: 5
chunkPoints: 3
backend: serial
`;
let expected = "";

beforeAll(async () => {
  writeFileSync(at("getpid.yaml"), FILE);
  expected = (await sweep({ system: ["mach26", "svr4"], turns: [1, 2, 3, 4, 5], replications: 2 }, getpid, { seed: 5, chunkPoints: 3, backend: "serial", store: false })).toCSV();
});
afterAll(() => rmSync(folder, { recursive: true }));

test("a sweep file gives what the call gives, and leaves nothing else behind", () => {
  expect(kernelized("sweep", "getpid.yaml")).toEqual({ stdout: "getpid.csv: 20 points\n", stderr: "", status: 0 });
  expect(readFileSync(at("getpid.csv"), "utf8")).toBe(expected);
  expect(readdirSync(folder).sort()).toEqual(["getpid.csv", "getpid.yaml"]);
});

test("shards that share nothing make the same bytes when they are merged", () => {
  for (const shard of ["1/3", "2/3", "3/3"]) {
    if (shard === "3/3") expect(kernelized("sweep", "merge", "merged.csv", "store-1", "store-2")).toEqual({ stdout: "", stderr: "6 of 20 points are missing, the first is number 6: have all shards been run, and are all their folders named?\n", status: 2 });
    expect(kernelized("sweep", "getpid.yaml", "--shard", shard, "--store", `store-${shard[0]}`).status).toBe(0);
  }
  expect(existsSync(at("merged.csv"))).toBe(false);
  expect(kernelized("sweep", "merge", "merged.csv", "store-1", "store-2", "store-3")).toEqual({ stdout: "merged.csv: 20 points\n", stderr: "", status: 0 });
  expect(readFileSync(at("merged.csv"), "utf8")).toBe(expected);
  // The folders may be laid together, as they are when shards share a disk.
  for (const shard of [1, 2, 3]) cpSync(at(`store-${shard}`), at("together"), { recursive: true });
  kernelized("sweep", "merge", "again.csv", "together");
  expect(readFileSync(at("again.csv"), "utf8")).toBe(expected);
});

test("a Parquet file holds the same values, and what the sweep was", async () => {
  expect(kernelized("sweep", "getpid.yaml", "--out", "getpid.parquet").status).toBe(0);
  const file = await asyncBufferFromFile(at("getpid.parquet"));
  const rows = await parquetReadObjects({ file });
  const [header, ...lines] = expected.trimEnd().split("\n").map((line) => line.split(","));
  const text = rows.map((row) => header!.slice(0, -1).map((name) => (row[name] === undefined || row[name] === null ? "" : String(row[name]))));
  expect(text).toEqual(lines.map((line) => line.slice(0, -1)));
  const { key_value_metadata: metadata } = await parquetMetadataAsync(file);
  expect(JSON.parse(metadata!.find(({ key }) => key === "sweep")!.value!)).toMatchObject({ workload: "getpid", seed: 5, grids: [{ replications: 2 }], version: lines[0]!.at(-1) });
});

describe("a mistake is one line, before anything runs", () => {
  test.each([
    [["sweep", "bad.yaml"], 'grid: unknown name "turn"; nearest is "turns"'],
    [["sweep", "getpid.yaml", "--threads", "two"], '--threads: expected a whole number, at least 1, found "two"'],
    [["sweep", "getpid.yaml", "--bakend", "redis"], "unknown option '--bakend'; nearest is \"--backend\""],
    [["sweep", "merge", "a.csv", "nowhere"], "nowhere: no rows of a sweep are there"],
    [["sweep", "getpid.yaml", "--out", "/dev/null/x.csv"], "/dev/null: cannot be written: /dev/null is no folder"],
    [["sweep", "getpid.yaml", "--store", "getpid.yaml"], "getpid.yaml: cannot be written: "],
    [["sweep", "unkept.yaml", "--shard", "1/2"], "unkept.yaml: store: false keeps nothing of a shard: name a folder"],
  ])("%j", (words, line) => {
    writeFileSync(at("unkept.yaml"), `${FILE}store: false\n`);
    writeFileSync(at("bad.yaml"), "grid: {system: mach26, turn: 1}\nworkload: getpid");
    const { stdout, stderr, status } = kernelized(...words);
    expect({ stdout, status }).toEqual({ stdout: "", status: 2 });
    expect(stderr).toMatch(/^[^\n]+\n$/);
    expect(stderr).toContain(line);
  });
});

test("a strict sweep stops at a point that fails and says which", () => {
  writeFileSync(at("strict.yaml"), "workload: sequentialRead\ngrid: {system: mach26, machine.disk.cylinders: 8, fileBytes: [4096, 16777216]}\nbackend: serial\n");
  const { stdout, stderr, status } = kernelized("sweep", "strict.yaml", "--strict");
  expect({ stdout, status }).toEqual({ stdout: "", status: 2 });
  expect(stderr).toMatch(/^point 1 failed: .*ENOSPC.*\n$/);
  expect(existsSync(at("strict.csv"))).toBe(false);
});

test("points that failed are counted in the last line", () => {
  writeFileSync(at("failing.yaml"), "workload: sequentialRead\ngrid: {system: mach26, machine.disk.cylinders: 8, fileBytes: [4096, 16777216]}\nbackend: serial\nstore: kept\n");
  const told = { stdout: "failing.csv: 2 points, 1 failed, see column error\n", stderr: "", status: 0 };
  expect(kernelized("sweep", "failing.yaml")).toEqual(told);
  expect(kernelized("sweep", "merge", "failing.csv", "kept")).toEqual(told);
  // What failed in a former run stops a strict one too.
  expect(kernelized("sweep", "failing.yaml", "--strict")).toMatchObject({ stdout: "", stderr: expect.stringMatching(/^point 1 failed: .*ENOSPC/), status: 2 });
});

test("a sweep that is told to keep nothing makes its file and no folder", () => {
  writeFileSync(at("unkept.yaml"), `${FILE}store: false\n`);
  expect(kernelized("sweep", "unkept.yaml").status).toBe(0);
  expect(readFileSync(at("unkept.csv"), "utf8")).toBe(expected);
  expect(existsSync(at("unkept.csv.rows"))).toBe(false);
});

test("the same command may run twice at a time", async () => {
  const run = () => new Promise<number | null>((resolve) => spawn(process.execPath, ["--import", tsx, join(projectRoot, "lib/cli/main.ts"), "sweep", "getpid.yaml", "--out", "twice.csv"], { cwd: folder, stdio: "ignore" }).on("exit", resolve));
  expect(await Promise.all([run(), run()])).toEqual([0, 0]);
  expect(readFileSync(at("twice.csv"), "utf8")).toBe(expected);
  expect(existsSync(at("twice.csv.rows"))).toBe(false);
});
