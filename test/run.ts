/**
 * npm test: everything that keeps the project true, one step after the other.
 *
 * Installs what the tests need, checks types and lint, and runs the tests. A failed
 * step does not stop the next. The last line counts the tests, with types and lint
 * as one each.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectRoot } from "../lib/notebook/places.ts";
import { ensureVenv } from "../lib/notebook/venv.ts";
import { ensureSystemPackages } from "./system-packages.ts";

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

const PASSED: Counts = { passed: 1, failed: 0, skipped: 0 };
const FAILED: Counts = { passed: 0, failed: 1, skipped: 0 };

const steps: { name: string; run: () => Counts | Promise<Counts> }[] = [
  { name: "install", run: install },
  { name: "types", run: () => tool("typescript/bin/tsc", "-p", ".") },
  { name: "lint", run: () => tool("eslint/bin/eslint.js", "--config", "test/lint/eslint.config.js", ".") },
  { name: "tests", run: tests },
];

/** What is missing is told in one line; the tests that need it fail by themselves. */
async function install(): Promise<Counts> {
  try {
    ensureSystemPackages(console.log);
    await ensureVenv(console.log);
    return { ...PASSED, passed: 0 };
  } catch (error) {
    console.log((error as Error).message);
    return FAILED;
  }
}

/** A program of node_modules, with its output on the terminal. */
function tool(path: string, ...args: string[]): Counts {
  const { status } = spawnSync(process.execPath, [join(projectRoot, "node_modules", path), ...args], { cwd: projectRoot, stdio: "inherit" });
  return status === 0 ? PASSED : FAILED;
}

function tests(): Counts {
  const folder = mkdtempSync(join(tmpdir(), "kernelized-"));
  try {
    const report = join(folder, "report.json");
    const whole = tool("vitest/vitest.mjs", "run", "--config", "test/vitest.config.ts", "--reporter", "default", "--reporter", "json", "--outputFile.json", report);
    const counts = countsOf(report);
    // Vitest fails for more than tests: errors that belong to none of them.
    return whole.failed > 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The counts of vitest's report; a file of tests that could not be loaded counts as one failed test. */
function countsOf(report: string): Counts {
  let read: { numPassedTests: number; numFailedTests: number; numPendingTests: number; numTodoTests: number; testResults: { status: string; assertionResults: unknown[] }[] };
  try {
    read = JSON.parse(readFileSync(report, "utf8"));
  } catch {
    return FAILED;
  }
  const unloaded = read.testResults.filter(({ status, assertionResults }) => status === "failed" && assertionResults.length === 0).length;
  return { passed: read.numPassedTests, failed: read.numFailedTests + unloaded, skipped: read.numPendingTests + read.numTodoTests };
}

const total: Counts = { passed: 0, failed: 0, skipped: 0 };
const times: string[] = [];
for (const { name, run } of steps) {
  console.log(`\n== ${name}`);
  const began = performance.now();
  const counts = await run();
  times.push(`${name} ${counts.failed === 0 ? "passed" : "FAILED"} in ${((performance.now() - began) / 1000).toFixed(1)} s`);
  for (const kind of ["passed", "failed", "skipped"] as const) total[kind] += counts[kind];
}
console.log(`\n${times.join("\n")}`);
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed === 0 ? 0 : 1;
