/** Same seed, same run: to the last nanosecond and in the same order. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { Lock, Mailbox, Simulation, WaitQueue } from "../../lib/engine/index.ts";
import type { Steps } from "../../lib/engine/index.ts";
import { Processor } from "../../lib/hardware/processor.ts";

/** A machine of chance: threads of three priorities that compute, sleep, lock, send, and are interrupted. Its trace. */
function trace(seed: number, threads: number, steps: number): string[] {
  const sim = new Simulation({ seed });
  const processor = new Processor(sim, { tickNs: 10_000, tickCostNs: 100, firstTickNs: 3_333, quantumTicks: 3 });
  processor.switchCost = (from, to) => (from === to ? 0 : 25);
  const lock = new Lock(sim, "lock"), box = new Mailbox<number>(sim, "box", 2), queue = new WaitQueue(sim, "queue");
  const lines: string[] = [];
  function* live(name: string): Steps {
    const chance = sim.stream(name);
    for (let i = 0; i < steps; i++) {
      const ns = chance.integer(0, 5_000);
      switch (chance.integer(0, 6)) {
        case 0: yield ns; break;
        case 1: yield* sim.sleep(ns); break;
        case 2: sim.charge(ns); break;
        case 3: yield* box.put(i, ns); break;
        case 4: yield* box.get(ns); break;
        case 5: yield* queue.wait(ns); break;
        case 6:
          if (yield* lock.acquire(ns)) {
            yield* sim.sleep(ns);
            lock.release();
          }
      }
      lines.push(`${sim.now} ${name} ${i}`);
    }
  }
  for (let i = 0; i < threads; i++) {
    sim.spawn(`thread ${i}`, live(`thread ${i}`), i % 4 === 0 ? {} : { processor, priority: 10 + (i % 3) });
  }
  const device = sim.stream("device");
  const again = (): void => {
    sim.after(Math.round(device.exponential(4_000)), () => processor.interrupt("device", 300, () => {
      lines.push(`${sim.now} interrupt`);
      queue.wakeOne();
      again();
    }), { background: true });
  };
  again();
  sim.run();
  return [...lines, `${sim.now} ${sim.events} ${processor.statistics.busyNs} ${processor.interruptNs} ${processor.switches}`];
}

it("repeats a run exactly with the same seed, and with another seed does not", () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 9 }), (seed, threads) => {
      const first = trace(seed, threads, 40);
      expect(trace(seed, threads, 40)).toEqual(first);
      expect(trace(seed + 1, threads, 40)).not.toEqual(first);
    }),
    { numRuns: 60 },
  );
});

it("does not depend on what other simulations run beside it", () => {
  const alone = trace(7, 6, 100);
  const outer = new Simulation();
  const inner: string[][] = [];
  outer.spawn("host", (function* () {
    yield 1;
    inner.push(trace(7, 6, 100));
    yield 1;
  })());
  outer.run();
  expect(inner).toEqual([alone]);
});
