import { spawnSync } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { Plan } from "../../../lib/analysis/sweep/plan.ts";
import { FolderStore, MirroredStore, storedSpec, storeIn } from "../../../lib/analysis/sweep/store.ts";
import { onFullDisk } from "./full-disk.ts";
import { specOf } from "./spec.ts";

const root = mkdtempSync(join(tmpdir(), "store-"));
afterAll(() => rmSync(root, { recursive: true }));
let folders = 0;
const newFolder = () => join(root, `store-${folders++}`);

const grid = { system: "mach26", turns: [1, 2, 3, 4, 5, 6, 7, 8] };
const plan = new Plan(specOf(grid, "getpid", { chunkPoints: 2 }));
const rows = (chunk: number) => ({ chunk, measured: { us: [chunk, null] }, errors: { 1: "too far" } });
const filesIn = (folder: string) => readdirSync(folder).map((name) => join(folder, name));

/** A folder with the rows of `chunks`, which are all in one file. */
function filled(...chunks: number[]): { folder: string; file: string } {
  const folder = newFolder();
  const store = storeIn(folder, plan);
  for (const chunk of chunks) store.put(rows(chunk));
  store.close();
  return { folder, file: filesIn(folder)[0]! };
}
/** What a store finds in a folder. */
function found(folder: string): number[] {
  const store = new FolderStore([folder], plan);
  for (const chunk of store.chunks.keys()) expect(store.get(chunk)).toEqual(rows(chunk));
  store.close();
  return [...store.chunks.keys()];
}

describe("a store reads nothing but the rows of its sweep", () => {
  test.each(["\0\0\0", "", "{}", "null", '{"sweep":{}}', '{"sweep":{"seed":1},"chunk":0}'])("and no file that begins with %j", (first) => {
    const { folder, file } = filled(0, 1);
    const [header, ...lines] = readFileSync(file, "utf8").split("\n");
    // Of another seed, so that its rows would be wrong ones.
    writeFileSync(file, [header!.replace('"seed":1', '"seed":2'), ...lines].join("\n"));
    expect(() => found(folder)).toThrow(/rows of another sweep, its seed is 2, not 1/);
    writeFileSync(file, [first, ...lines].join("\n"));
    expect(found(folder)).toEqual([]);
    expect(storedSpec([folder])).toBeUndefined();
  });

  test.each([
    "null", "[]", "7", '{"chunk":2}', '{"chunk":2,"measured":{"us":[1]},"errors":{}}', '{"chunk":2,"measured":{"us":[1,"2"]},"errors":{}}',
    '{"chunk":4,"measured":{},"errors":{}}', '{"chunk":-1,"measured":{},"errors":{}}', '{"chunk":0.5,"measured":{},"errors":{}}',
    '{"chunk":2,"measured":{},"errors":{"2":"e"}}', '{"chunk":2,"measured":{},"errors":{"-1":"e"}}', '{"chunk":2,"measured":{},"errors":{"x":"e"}}',
  ])("and no line that says %s", (line) => {
    const { folder, file } = filled(0);
    const good = readFileSync(filled(3).file, "utf8").split("\n")[1]!;
    appendFileSync(file, `${line}\n${good}\n`);
    expect(found(folder)).toEqual([0, 3]);
  });

  test("and says so when rows are damaged after it has found them", () => {
    const { folder, file } = filled(0);
    const store = new FolderStore([folder], plan);
    writeFileSync(file, readFileSync(file, "utf8").replace('"us"', '\0us"'));
    expect(() => store.get(0)).toThrow(`${file}: the rows of chunk 0 are damaged`);
    writeFileSync(file, "");
    expect(() => store.get(0)).toThrow(`${file}: the rows of chunk 0 are damaged`);
    store.close();
  });
});

describe("stores of several processes in one folder", () => {
  test("take away their own rows and nobody else's", () => {
    const folder = newFolder();
    const [one, two] = [storeIn(folder, plan), storeIn(folder, plan)];
    one.put(rows(0));
    two.put(rows(1));
    one.remove();
    expect(found(folder)).toEqual([1]);
    expect(two.get(1)).toEqual(rows(1));
    two.put(rows(2));
    expect(found(folder)).toEqual([1, 2]);
    two.remove();
    expect(existsSync(folder)).toBe(false);
  });

  test("still have what they have found when another takes it away", () => {
    const folder = newFolder();
    const one = storeIn(folder, plan);
    one.put(rows(0));
    const two = storeIn(folder, plan);
    two.put(rows(1));
    one.remove();
    expect([two.get(0), two.get(1), two.get(0)]).toEqual([rows(0), rows(1), rows(0)]);
    two.remove();
    expect(existsSync(folder)).toBe(false);
  });

  test("clear up behind those that were killed on this machine", () => {
    const { folder, file } = filled(0);
    const text = readFileSync(file);
    rmSync(file);
    const named = (host: string, pid: number) => writeFileSync(join(folder, `${host}-${pid}-00000000.rows.ndjson`), text);
    const { pid: ended } = spawnSync("true");
    named(hostname(), ended);
    named(hostname(), process.ppid);
    named(`${hostname()}-b`, ended);
    expect(found(folder)).toEqual([0]);
    storeIn(folder, plan).remove();
    expect(readdirSync(folder).sort()).toEqual([`${hostname()}-${process.ppid}-00000000.rows.ndjson`, `${hostname()}-b-${ended}-00000000.rows.ndjson`].sort());
  });

  test("keep in memory what the folder has, when they mirror it", () => {
    const { folder } = filled(0, 3);
    const store = new MirroredStore(storeIn(folder, plan));
    store.put(rows(1));
    store.close();
    expect([0, 1, 3].map((chunk) => store.get(chunk))).toEqual([rows(0), rows(1), rows(3)]);
    expect(found(folder).sort()).toEqual([0, 1, 3]);
  });
});

test("a full disk is said in a line, and no chunk is torn or taken for kept", () => {
  const folder = newFolder();
  const spec = specOf({ system: "mach26", replications: 100_000 }, "getpid", { chunkPoints: 10_000 });
  const { kept, errors } = onFullDisk(["plan.ts", "store.ts"], `
    const store = lib.storeIn(${JSON.stringify(folder)}, new lib.Plan(${JSON.stringify(spec)}));
    const errors = [];
    for (let chunk = 0; chunk < 10; chunk++) {
      try {
        store.put({ chunk, measured: { us: new Array(10_000).fill(123456789.123456) }, errors: {} });
      } catch (error) {
        errors.push(error.message);
        tidyUp();
      }
    }
    for (const chunk of store.chunks.keys()) store.get(chunk);
    store.close();
    console.log(JSON.stringify({ kept: [...store.chunks.keys()], errors }));
  `) as { kept: number[]; errors: string[] };
  expect(errors).toEqual([`${folder}: cannot be written: EFBIG: file too large, write`]);
  expect(kept).toHaveLength(9);
  expect(kept.at(-1)).toBe(9);
  const store = new FolderStore([folder], new Plan(spec));
  expect([...store.chunks.keys()].sort()).toEqual(kept);
  for (const chunk of kept) expect(store.get(chunk).measured.us).toHaveLength(10_000);
  store.close();
});

test("a place where nothing can be written is refused before anything runs", () => {
  const file = join(root, "file");
  writeFileSync(file, "");
  mkdirSync(join(root, "there"), { recursive: true });
  expect(() => storeIn("/dev/null/x", plan)).toThrow("/dev/null/x: cannot be written: /dev/null is no folder");
  expect(() => storeIn(file, plan)).toThrow(`${file}: cannot be written: ${file} is no folder`);
  const late = storeIn(join(root, "late"), plan);
  writeFileSync(join(root, "late"), "");
  expect(() => late.put(rows(0))).toThrow(`${root}/late: cannot be written: EEXIST`);
  expect(() => storeIn(join(root, "there/a/b"), plan)).not.toThrow();
  expect(existsSync(join(root, "there/a"))).toBe(false);
});
