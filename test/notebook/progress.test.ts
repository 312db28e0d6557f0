import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { MimeBundle } from "../../lib/notebook/bundle.ts";
import { installHost } from "../../lib/notebook/display.ts";
import { progressBar } from "../../lib/notebook/progress.ts";

let stop: AbortController;
let shown: { text: string; id: string; update: boolean }[];

beforeEach(() => {
  shown = [];
  stop = new AbortController();
  installHost({ show: (bundle, id, update) => shown.push({ text: (bundle as MimeBundle)["text/plain"] as string, id, update }), interruption: stop.signal, heed: () => {} });
  vi.useFakeTimers({ toFake: ["performance"] });
});
afterEach(() => void vi.useRealTimers());

test("a bar shows how much is done, how fast and how long it takes yet, and moves in place", () => {
  const onProgress = progressBar({ label: "sweep" });
  onProgress({ done: 10, total: 100, ratePerS: 20, secondsLeft: 4.5 });
  vi.advanceTimersByTime(1000);
  onProgress({ done: 50, total: 100, ratePerS: 25, secondsLeft: 125 });
  expect(shown.map(({ text }) => text)).toEqual([`${"█".repeat(3)}${"░".repeat(27)} sweep: 10 of 100 runs, 20 runs/s, 5 s left`, `${"█".repeat(15)}${"░".repeat(15)} sweep: 50 of 100 runs, 25 runs/s, 2 min 5 s left`]);
  expect(shown.map(({ update }) => update)).toEqual([false, true]);
  expect(new Set(shown.map(({ id }) => id)).size).toBe(1);
});

test("who tells only how much is done is told the speed", () => {
  const onProgress = progressBar({ unit: "files" });
  onProgress({ done: 100, total: 120 });
  vi.advanceTimersByTime(2000);
  onProgress({ done: 105, total: 120, failed: 1 });
  expect(shown.map(({ text }) => text.replace(/^\S+ /, ""))).toEqual(["100 of 120 files", "105 of 120 files, 1 failed, 2.5 files/s, 6 s left"]);
});

test("a thousand calls are a few moves, and the last one is always seen, without what differs from run to run", () => {
  const onProgress = progressBar();
  for (let done = 1; done <= 1000; done++) {
    vi.advanceTimersByTime(1);
    onProgress({ done, total: 1000 });
  }
  expect(shown.length).toBeLessThan(10);
  expect(shown.at(-1)!.text).toBe(`${"█".repeat(30)} 1000 of 1000 runs`);
});

test("after an interruption a bar tells no speed, whenever it was moved last", () => {
  const onProgress = progressBar();
  onProgress({ done: 10, total: 100, ratePerS: 20 });
  stop.abort();
  onProgress({ done: 11, total: 100, ratePerS: 20 });
  expect(shown.at(-1)!.text).toMatch(/ 11 of 100 runs$/);
});
