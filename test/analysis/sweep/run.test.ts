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
