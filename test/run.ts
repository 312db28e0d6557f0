/**
 * npm test: everything that keeps the project true.
 *
 * Installs what the tests need while types and lint are checked, then runs the tests.
 * A failed step does not stop the next. The last line counts the tests, with types and
 * lint as one each.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
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

/** A program of node_modules, with its output on the terminal; what is said meanwhile must not come between its lines, hence as a whole unless `isLive`. */
async function tool(path: string, args: string[], { isLive = false } = {}): Promise<Counts> {
  const child = spawn(process.execPath, [join(projectRoot, "node_modules", path), ...args], { cwd: projectRoot, stdio: isLive ? "inherit" : "pipe" });
  const said: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk: Buffer) => said.push(chunk));
  const [status] = await once(child, "close");
  process.stdout.write(Buffer.concat(said));
  return status === 0 ? PASSED : FAILED;
}

async function tests(): Promise<Counts> {
  const folder = mkdtempSync(join(tmpdir(), "kernelized-"));
  try {
    const report = join(folder, "report.json");
    const whole = await tool("vitest/vitest.mjs", ["run", "--config", "test/vitest.config.ts", "--reporter", "default", "--reporter", "json", "--outputFile.json", report], { isLive: true });
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

/** Runs a step, and adds up what came of it. */
async function step(name: string, run: () => Promise<Counts>): Promise<void> {
  const began = performance.now();
  const counts = await run();
  times.push(`${name} ${counts.failed === 0 ? "passed" : "FAILED"} in ${((performance.now() - began) / 1000).toFixed(1)} s`);
  for (const kind of ["passed", "failed", "skipped"] as const) total[kind] += counts[kind];
}

await Promise.all([
  step("types", () => tool("typescript/bin/tsc", ["-p", "."])),
  step("lint", () => tool("eslint/bin/eslint.js", ["--config", "test/lint/eslint.config.js", "."])),
  step("install", install),
]);
await step("tests", tests);
console.log(`\n${times.join("\n")}`);
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed === 0 ? 0 : 1;
