/** One point after the other in this very thread, for debugging. Layer: analysis. */
import { setImmediate } from "node:timers/promises";
import { runPoints } from "../points.ts";
import type { Work } from "./backend.ts";

/** Timers and interruptions get their turn this often. */
const TURN_MS = 50;

export async function serial({ plan, chunks, signal, ready, progress, take }: Work): Promise<void> {
  ready();
  let turned = performance.now();
  for (const chunk of chunks) {
    const points = runPoints(plan, chunk);
    let step = points.next();
    for (; !step.done; step = points.next()) {
      progress(chunk, step.value);
      if (performance.now() - turned < TURN_MS) continue;
      await setImmediate();
      turned = performance.now();
      if (signal.aborted) return;
    }
    take(step.value);
    if (signal.aborted) return;
  }
}
