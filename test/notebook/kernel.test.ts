import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { projectRoot } from "../../lib/notebook/places.ts";
import { ensureTypings } from "../../lib/notebook/typings.ts";
import { ensureVenv, venvPython } from "../../lib/notebook/venv.ts";

/** What one action of drive_kernel.py came to. */
interface Result {
  seconds: number;
  published: { type: string; content: Record<string, unknown> }[];
  reply: { type: string; content: Record<string, unknown> };
  replies: { content: Record<string, unknown> }[];
}

const actions = {
  value: { do: "execute", code: "let stopped: AbortSignal | undefined; const a = 1; a + 1" },
  silent: { do: "execute", code: "7", silent: true },
  streams: { do: "execute", code: "console.log('one'); console.error('two'); console.log('three')" },
  manyLines: { do: "execute", code: "for (let i = 0; i < 20_000; i++) console.log(i)" },
  thrown: { do: "execute", code: "function fails() {\n  throw new RangeError('too far');\n}\nfails()" },
  wrongOption: { do: "execute", code: 'import { boot } from "kernelized";\nboot("mach27")' },
  wrongImport: { do: "execute", code: 'import { boots } from "kernelized"' },
  table: { do: "execute", code: "[{ system: 'mach26', readKBPerSec: 320 }, { system: 'svr4', readKBPerSec: 270.5 }]" },
  bundle: { do: "execute", code: '({ "text/html": "<b>bold</b>", "text/plain": "bold" })' },
  display: { do: "execute", code: 'import { display } from "kernelized";\nconst bar = display("50 %"); bar.update("100 %")' },
  figure: {
    do: "execute",
    code: 'import { paperTable, throughputChart } from "kernelized";\nthroughputChart([{ row: "Read", column: "Mach 2.6", unit: "KB/s", paper: 320, low: 315, high: 325, simulated: 330, relativeError: 0.03, evidence: "predicted", system: "mach26" }], paperTable("5-3"))',
  },
  loop: { do: "execute", code: "for (;;) {}", interrupt_after: 1 },
  awaiting: { do: "execute", code: 'import { interruption } from "kernelized";\nstopped = interruption();\nawait new Promise(() => {})', interrupt_after: 1 },
  loopAfterAwait: { do: "execute", code: "await new Promise((resolve) => setTimeout(resolve, 10)); for (;;) {}", interrupt_after: 1 },
  longWork: {
    do: "execute",
    code: 'import { interruption, progressBar } from "kernelized";\nconst move = progressBar();\nfor (let done = 1; done <= 600; done++) {\n  await new Promise((resolve) => setTimeout(resolve, 100));\n  if (interruption().aborted) break;\n  move({ done, total: 600 });\n}',
    interrupt_at: "update_display_data",
  },
  longSweep: {
    do: "execute",
    code: 'import { progressBar, sequentialRead, sweep } from "kernelized";\nconst bar = progressBar({ unit: "points" });\nconst part = await sweep({ system: "mach3", fileBytes: 1048576, replications: 20_000 }, sequentialRead, {\n  threads: 2, store: false,\n  onProgress: (progress) => {\n    bar(progress);\n    if (progress.done > 200) console.log("under way");\n  },\n});\n[part.complete, part.length > 0, part.length < 20_000]',
    interrupt_at: "stream",
  },
  afterSweep: { do: "execute", code: "part.rows().length === part.length" },
  queuedBehind: { do: "execute_all", codes: ["await new Promise((resolve) => interruption().addEventListener('abort', resolve)); 'heeded'", "1", "2"], interrupt_after: 1 },
  afterwards: { do: "execute", code: "[a, stopped?.aborted]" },
  queued: { do: "execute_all", codes: ["await new Promise((resolve) => setTimeout(resolve, 200)); throw new Error('first')", "1", "2"] },
  goesOn: { do: "execute", code: "3" },
  forgiving: { do: "execute", code: "throw new Error('shown, and on')", stop_on_error: false },
  complete: { do: "request", type: "complete", arguments: { code: "const 𝜇 = 'x'; 𝜇.toUp", cursor_pos: 21 } },
  inspect: { do: "request", type: "inspect", arguments: { code: "paperTable(", cursor_pos: 11 } },
  incomplete: { do: "request", type: "is_complete", arguments: { code: "function g() {" } },
  whole: { do: "request", type: "is_complete", arguments: { code: "1 + 1" } },
  kernelInfo: { do: "request", type: "kernel_info" },
  commInfo: { do: "request", type: "comm_info" },
} as const;

let folder: string;
let results: Record<keyof typeof actions, Result>;

beforeAll(async () => {
  await ensureVenv();
  await ensureTypings();
  mkdirSync(join(projectRoot, "build"), { recursive: true });
  folder = mkdtempSync(join(projectRoot, "build/kernel-"));
  const driver = new URL("drive_kernel.py", import.meta.url).pathname;
  const { stdout, stderr, status } = spawnSync(venvPython, [driver, folder], { input: JSON.stringify(Object.values(actions)), encoding: "utf8", maxBuffer: 1e9 });
  if (status !== 0) throw new Error(stderr);
  const list: Result[] = JSON.parse(stdout).results;
  results = Object.fromEntries(Object.keys(actions).map((name, i) => [name, list[i]])) as typeof results;
}, 300_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The contents of what an action published of `type`. */
function published(name: keyof typeof actions, type: string): Record<string, unknown>[] {
  return results[name].published.filter((message) => message.type === type).map((message) => message.content);
}

test("a cell is announced, its value shown and its count told", () => {
  expect(results.value.published.map(({ type }) => type)).toEqual(["status", "execute_input", "execute_result", "status"]);
  expect(published("value", "execute_input")).toEqual([{ code: actions.value.code, execution_count: 1 }]);
  expect(published("value", "execute_result")).toEqual([{ execution_count: 1, data: { "text/plain": "2" }, metadata: {} }]);
  expect(results.value.reply.content).toMatchObject({ status: "ok", execution_count: 1 });
});

test("a silent request shows nothing and does not count", () => {
  expect(results.silent.published.map(({ type }) => type)).toEqual(["status", "status"]);
  expect(results.silent.reply.content).toMatchObject({ status: "ok", execution_count: 1 });
});

test("what a cell prints comes in order, on two streams", () => {
  expect(published("streams", "stream")).toEqual([
    { name: "stdout", text: "one\n" },
    { name: "stderr", text: "two\n" },
    { name: "stdout", text: "three\n" },
  ]);
});

test("no line is lost when a cell prints fast, and lines travel together", () => {
  const texts = published("manyLines", "stream").map(({ text }) => text);
  expect(texts.join("")).toBe(Array.from({ length: 20_000 }, (_, i) => `${i}\n`).join(""));
  expect(texts.length).toBeLessThan(1000);
});

test("a thrown error comes with its name, its message and the calls in the notebook", () => {
  const [error] = published("thrown", "error");
  expect(error).toMatchObject({ ename: "RangeError", evalue: "too far" });
  expect((error.traceback as string[]).join("\n")).toMatch(/RangeError: too far.*\n\s+at fails \(the notebook\)/);
  expect((error.traceback as string[]).join("\n")).not.toContain("node_modules");
  expect(results.thrown.reply.content).toMatchObject({ status: "error", ename: "RangeError" });
});

test("a name that the library does not know is refused before the cell runs, under its line", () => {
  const [error] = published("wrongOption", "error");
  expect(error.evalue).toMatch(/'"mach27"' is not assignable to parameter of type/);
  expect((error.traceback as string[]).join("\n")).toMatch(/line 2: .*\n {2}boot\("mach27"\)\n {7}\^/);
  expect(published("wrongImport", "error")[0].evalue).toMatch(/no exported member named 'boots'. Did you mean 'boot'\?/);
});

test("rows are shown as a table, in HTML with text beside", () => {
  const [{ data }] = published("table", "execute_result") as { data: Record<string, string> }[];
  expect(data["text/html"]).toContain("<td>320</td>");
  expect(data["text/plain"]).toMatch(/mach26 +320\nsvr4 +270\.5/);
});

test("a bundle of media types is shown as it is", () => {
  expect(published("bundle", "execute_result")[0].data).toEqual({ "text/html": "<b>bold</b>", "text/plain": "bold" });
});

test("a display is updated in place", () => {
  const [shown] = published("display", "display_data") as { data: object; transient: { display_id: string } }[];
  const [updated] = published("display", "update_display_data") as { data: object; transient: { display_id: string } }[];
  expect([shown.data, updated.data]).toEqual([{ "text/plain": "50 %" }, { "text/plain": "100 %" }]);
  expect(updated.transient.display_id).toBe(shown.transient.display_id);
});

test("a figure is one bundle of the live chart, a picture and words, without HTML", () => {
  const [{ data }] = published("figure", "execute_result") as { data: Record<string, unknown> }[];
  expect(Object.keys(data).sort()).toEqual(["application/vnd.vegalite.v5+json", "image/png", "text/plain"]);
});

test.each(["loop", "awaiting", "loopAfterAwait"] as const)("a cell that never ends is stopped by the reader: %s", (name) => {
  expect(published(name, "error")).toMatchObject([{ ename: "Interrupted" }]);
  expect(results[name].seconds).toBeLessThan(20);
});

test("long work shows how far it is, in place, until its reader stops it", () => {
  const texts = (type: string) => published("longWork", type).map(({ data }) => (data as Record<string, string>)["text/plain"]);
  expect(texts("display_data")).toHaveLength(1);
  expect(texts("update_display_data")[0]).toMatch(/of 600 runs, [\d.]+ runs\/s, .* left$/);
  expect(results.longWork.reply.content.status).toBe("ok");
  expect(results.longWork.seconds).toBeLessThan(20);
});

test("a sweep that its reader stops gives what is done, to its cell and to those after it", () => {
  expect(published("longSweep", "execute_result")[0].data).toEqual({ "text/plain": "[ false, true, true ]" });
  const last = published("longSweep", "update_display_data").at(-1) as { data: Record<string, string> };
  expect(last.data["text/plain"]).toMatch(/ \d+ of 20000 points$/);
  expect(published("afterSweep", "execute_result")[0].data).toEqual({ "text/plain": "true" });
});

test("cells that wait behind one that was stopped are aborted", () => {
  expect(results.queuedBehind.replies.map(({ content }) => content.status)).toEqual(["ok", "aborted", "aborted"]);
});

test("the kernel goes on after an interruption with all that was declared", () => {
  expect(published("afterwards", "execute_result")[0].data).toEqual({ "text/plain": "[ 1, true ]" });
});

test("cells that wait behind a failing one are aborted, and the next is not", () => {
  expect(results.queued.replies.map(({ content }) => content.status)).toEqual(["error", "aborted", "aborted"]);
  expect(results.goesOn.reply.content.status).toBe("ok");
});

test("a failing cell that may fail is an error all the same", () => {
  expect(results.forgiving.reply.content).toMatchObject({ status: "error", evalue: "shown, and on" });
});

test("completion counts code points, as the protocol does", () => {
  expect(results.complete.reply.content).toMatchObject({ matches: ["toUpperCase"], cursor_start: 17, cursor_end: 21 });
});

test("inspecting a call shows its type and its documentation", () => {
  const { found, data } = results.inspect.reply.content as { found: boolean; data: Record<string, string> };
  expect(found).toBe(true);
  expect(data["text/plain"]).toContain("paperTable(id: string): PaperTable");
  expect(data["text/plain"]).toContain("The table numbered");
});

test("an unfinished cell asks for more", () => {
  expect(results.incomplete.reply.content).toEqual({ status: "incomplete", indent: "  " });
  expect(results.whole.reply.content).toEqual({ status: "complete" });
});

test("the kernel says what it is", () => {
  expect(results.kernelInfo.reply.content).toMatchObject({ status: "ok", protocol_version: "5.3", language_info: { name: "typescript", file_extension: ".ts" } });
  expect(results.commInfo.reply).toMatchObject({ type: "comm_info_reply", content: { status: "ok", comms: {} } });
});
