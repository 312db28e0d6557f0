import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { asyncBufferFromFile, parquetMetadataAsync } from "hyparquet";
import { afterAll, beforeEach, expect, test } from "vitest";
import { Plan } from "../../../lib/analysis/sweep/plan.ts";
import { MemoryStore } from "../../../lib/analysis/sweep/store.ts";
import { checkOut, writeTable } from "../../../lib/analysis/sweep/write.ts";
import { onFullDisk } from "./full-disk.ts";
import { specOf } from "./spec.ts";

const root = mkdtempSync(join(tmpdir(), "write-"));
afterAll(() => rmSync(root, { recursive: true }));
let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(root, "out-"));
});

test("what a full disk cuts short is an error and leaves no file", () => {
  const spec = specOf({ system: "mach26", replications: 60_000 }, "getpid", { chunkPoints: 60_000 });
  const errors = onFullDisk(["plan.ts", "store.ts", "write.ts"], `
    const plan = new lib.Plan(${JSON.stringify(spec)});
    const store = new lib.MemoryStore();
    store.put({ chunk: 0, measured: { us: Array.from({ length: 60_000 }, () => 1e6 * Math.random()) }, errors: {} });
    const write = (name) => lib.writeTable(${JSON.stringify(folder)} + "/" + name, plan, store).then(() => "written", (error) => error.message);
    console.log(JSON.stringify([await write("a.csv"), await write("a.parquet")]));
  `);
  expect(errors).toEqual(["a.csv", "a.parquet"].map((name) => `${join(folder, name)}: cannot be written: EFBIG: file too large, write`));
  expect(readdirSync(folder)).toEqual([]);
});

test("a chunk may have as many points as one likes in a Parquet file", async () => {
  const points = 200_000;
  const plan = new Plan(specOf({ system: "mach26", replications: points }, "getpid", { chunkPoints: points }));
  const store = new MemoryStore();
  store.put({ chunk: 0, measured: { us: new Array<number>(points).fill(7) }, errors: {} });
  const path = join(folder, "a.parquet");
  await writeTable(path, plan, store);
  expect((await parquetMetadataAsync(await asyncBufferFromFile(path))).num_rows).toBe(BigInt(points));
});

test("a place where no file can be written is refused before anything runs", () => {
  mkdirSync(join(folder, "a.csv"));
  writeFileSync(join(folder, "file"), "");
  expect(() => checkOut(join(folder, "a.csv"))).toThrow(`${folder}/a.csv: expected a file, found a folder`);
  expect(() => checkOut(join(folder, "file/b.csv"))).toThrow(`${folder}/file: cannot be written: ${folder}/file is no folder`);
  expect(() => checkOut("/dev/null/c.parquet")).toThrow("/dev/null: cannot be written: /dev/null is no folder");
  expect(() => checkOut(join(folder, "new/d.csv"))).not.toThrow();
  expect(readdirSync(folder).sort()).toEqual(["a.csv", "file"]);
});
