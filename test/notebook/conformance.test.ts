import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ensureTypings } from "../../lib/notebook/typings.ts";
import { ensureVenv, venvPython } from "../../lib/notebook/venv.ts";
import { scratchFolder } from "./scratch.ts";

let folder: string;
let became: Record<string, string>;

beforeAll(async () => {
  await ensureVenv();
  await ensureTypings();
  folder = scratchFolder();
  const { stdout, stderr } = spawnSync(venvPython, [new URL("conformance.py", import.meta.url).pathname], { cwd: folder, encoding: "utf8" });
  try {
    became = JSON.parse(stdout);
  } catch {
    throw new Error(`the conformance suite did not run:\n${stderr}`);
  }
}, 300_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const suite = ["kernel_info", "execute_stdout", "execute_stderr", "execute_result", "display_data", "error", "completion", "inspect", "is_complete"];
const ours = ["execution_counts", "traceback", "update_display", "interrupt", "comm_info"];

test.each([...suite, ...ours])("the kernel conforms to the protocol: %s", (name) => {
  expect(became[`test_${name}`]).toBe("passed");
});

test("what the kernel does not offer is skipped with a reason, and nothing else is", () => {
  const skipped = Object.entries(became).filter(([, how]) => how.startsWith("skipped"));
  expect(skipped.map(([name]) => name).sort()).toEqual(["test_clear_output", "test_history", "test_pager"]);
  expect(Object.keys(became).length).toBe(suite.length + ours.length + skipped.length);
});
