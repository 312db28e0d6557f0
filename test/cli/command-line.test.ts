import { spawnSync } from "node:child_process";
import { readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { projectRoot } from "../../lib/notebook/places.ts";

/** What a user gets who types `npm` and `words` in the project's folder. */
function npm(...words: string[]) {
  return spawnSync("npm", words, { cwd: projectRoot, encoding: "utf8" });
}

const validate = (...words: string[]) => npm("run", "--silent", "validate", "--", ...words);

describe("npm run validate", () => {
  test("--json prints the comparison and nothing else", () => {
    const { stdout, stderr, status } = validate("--json");
    expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
    const { cells, summary } = JSON.parse(stdout);
    const cell = cells.find(({ table, row, column, unit }: Record<string, string>) => table === "5-3" && row === "Read" && column === "Mach 2.6" && unit === "KB/s");
    expect(cell).toMatchObject({ paper: 320, evidence: "predicted" });
    expect(cell.relativeError).toBeCloseTo(cell.simulated / 320 - 1, 12);
    expect(Object.keys(summary)).toEqual(["input", "derived", "fitted", "predicted"]);
  });

  test("without --silent, npm's own lines come first", () => {
    const { stdout, status } = npm("run", "validate", "--", "--json", "--table", "5-2");
    expect(status).toBe(0);
    expect(JSON.parse(stdout.slice(stdout.indexOf("{"))).cells).toHaveLength(10);
  });

  test("two runs print the same to the last digit", () => {
    const words = ["--json", "--table", "5-3", "--system", "mach26"];
    expect(validate(...words).stdout).toBe(validate(...words).stdout);
  });

  test("prints tables of at most 100 columns, without colour when nobody looks", () => {
    const { stdout, status } = validate();
    expect(status).toBe(0);
    expect(stdout).toMatch(/^Table 5-3: Read and Write Throughput$/m);
    expect(stdout).toMatch(/^Read +Mach 2\.6 +KB\/s +320 /m);
    expect(stdout).toMatch(/^predicted +\d+ /m);
    expect(stdout).not.toContain("\x1b");
    expect(stdout.split("\n").filter((line) => line.length > 100)).toEqual([]);
  });

  test("a reader that has seen enough may close the pipe", () => {
    const { stderr } = spawnSync("sh", ["-c", "npm run --silent validate -- --json | head -1"], { cwd: projectRoot, encoding: "utf8" });
    expect(stderr).toBe("");
  });
});

describe("npm run audit", () => {
  const audit = (...words: string[]) => npm("run", "--silent", "audit", "--", ...words);

  test("prints what is wrong, mended, open or circular, in at most 100 columns", () => {
    const { stdout, status } = audit();
    expect(status).toBe(0);
    for (const heading of ["Wrong: 13", "Mended: 5", "Off by rounding: ", "Left open by rounding: ", "True by construction: 2", "What it rests on: ", "Agrees: "]) expect(`\n${stdout}`).toContain(`\n${heading}`);
    expect(stdout.split("\n").filter((line) => line.length > 100)).toEqual([]);
  });

  test("--json prints the findings and nothing else", () => {
    const findings = JSON.parse(audit("--json").stdout);
    expect(findings.find(({ of }: { of: string }) => of === "map-operation")).toMatchObject({ recomputed: 1440, verdict: "agrees", corrected: { value: expect.closeTo(1338.67, 2) } });
  });
});

describe("a mistake is one line that names the nearest valid word, and exit status 2", () => {
  const main = (...words: string[]) =>
    spawnSync(process.execPath, ["--import", "tsx", "lib/cli/main.ts", ...words], { cwd: projectRoot, encoding: "utf8" });

  test.each([
    [["validat"], `unknown command 'validat'; nearest is "validate"`],
    [["validate", "--tabel", "5-3"], `unknown option '--tabel'; nearest is "--table"`],
    [["validate", "--table", "5-33"], `unknown table: "5-33"; nearest is "5-3"`],
    [["validate", "--table", "5-2", "5-33"], `unknown table: "5-33"; nearest is "5-3"`],
    [["validate", "--system", "svr5"], `unknown system "svr5"; nearest is "svr4"`],
    [["audit", "--jsn"], `unknown option '--jsn'; nearest is "--json"`],
    [["validate", "--table"], "option '--table <numbers...>' argument missing"],
    [["start", "now"], "too many arguments for 'start'"],
    [["bench", "--jason"], "unknown option '--jason'"],
  ])("%j", (words, line) => {
    const { stdout, stderr, status } = main(...words);
    expect({ stdout, status }).toEqual({ stdout: "", status: 2 });
    expect(stderr).toMatch(/^[^\n]+\n$/);
    expect(stderr).toContain(line);
  });
});

test("npm start reruns the analysis and writes the figures that it names", () => {
  rmSync(join(projectRoot, "build/figures"), { recursive: true, force: true });
  const { stdout, status } = npm("start");
  expect(status).toBe(0);
  for (const heading of ["Table 5-1", "Table 5-9", "Summary", "Claims of the text", "Figures"]) expect(stdout).toContain(heading);
  const figures = stdout.split("\n").filter((line) => line.startsWith("build/figures/"));
  expect(figures.filter((path) => path.endsWith(".png")).length).toBeGreaterThanOrEqual(4);
  for (const path of figures) expect(statSync(join(projectRoot, path)).size).toBeGreaterThan(10_000);
  const png = figures.find((path) => path.endsWith(".png"))!;
  expect(readFileSync(join(projectRoot, png)).subarray(1, 4).toString()).toBe("PNG");
  expect(stdout.split("\n").filter((line) => line.length > 100)).toEqual([]);
});
