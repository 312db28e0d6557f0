/** Whoever waits for a sweep. */
import { expect, test } from "vitest";
import type { Work } from "../../../lib/analysis/sweep/backends/backend.ts";
import { serial } from "../../../lib/analysis/sweep/backends/serial.ts";
import { threads } from "../../../lib/analysis/sweep/backends/threads.ts";
import { Plan } from "../../../lib/analysis/sweep/plan.ts";
import { runPlan } from "../../../lib/analysis/sweep/run.ts";
import type { SweepProgress } from "../../../lib/analysis/sweep/run.ts";
import { MemoryStore } from "../../../lib/analysis/sweep/store.ts";
import { specOf } from "./spec.ts";

test.each([["serial", serial], ["threads", threads(2)]])("on %s hears that the workers are up, at that very moment", async (_, backend) => {
  const seen: SweepProgress[] = [];
  let told: number | undefined;
  const watched = (work: Work) => backend({
    ...work,
    ready: () => {
      const before = seen.length;
      work.ready();
      told = seen.length - before;
    },
  });
  await runPlan(new Plan(specOf({ system: "mach26", turns: 1 }, "getpid")), new MemoryStore(), watched, { onProgress: (progress) => void seen.push(progress) });
  expect(told).toBe(1);
});

test("a strict sweep refuses a failure that a former run has left in the store", async () => {
  const plan = new Plan(specOf({ system: "mach26", turns: [1, 2, 3] }, "getpid", { chunkPoints: 1 }));
  const store = new MemoryStore();
  store.put({ chunk: 1, measured: {}, errors: { 0: "too far" } });
  let ran = false;
  const backend = async ({ chunks, take }: Work) => {
    ran = true;
    for (const chunk of chunks) take({ chunk, measured: {}, errors: {} });
  };
  await expect(runPlan(plan, store, backend, { strict: true })).rejects.toThrow('point 1 failed: too far ({"system":"mach26","turns":2})');
  expect(ran).toBe(false);
  expect(await runPlan(plan, store, backend, { strict: true, shard: { index: 1, of: 2 } })).toBe(true);
});

test.each([1, 4])("what onProgress throws at its call %i stops the workers, and the sweep throws it", async (last) => {
  let calls = 0;
  const wrong = new Error("no such bar");
  const untilAborted = ({ signal }: Work) => new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
  const onProgress = () => {
    if (++calls === last) throw wrong;
  };
  await expect(runPlan(new Plan(specOf({ system: "mach26", turns: 1 }, "getpid")), new MemoryStore(), untilAborted, { onProgress })).rejects.toBe(wrong);
  expect(calls).toBe(last);
});

test("what the store cannot keep stops the workers, and the sweep throws it", async () => {
  const full = Object.assign(new MemoryStore(), { put: () => { throw new Error("full"); } });
  const seen: boolean[] = [];
  const backend = async ({ chunks, signal, take }: Work) => {
    for (const chunk of chunks) {
      take({ chunk, measured: {}, errors: {} });
      seen.push(signal.aborted);
    }
  };
  await expect(runPlan(new Plan(specOf({ system: "mach26", turns: [1, 2] }, "getpid")), full, backend)).rejects.toThrow("full");
  expect(seen[0]).toBe(true);
});
