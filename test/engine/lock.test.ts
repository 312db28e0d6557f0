/** Locks: one holder, handed over in order. */
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { Lock, Simulation } from "../../lib/engine/index.ts";
import type { Steps } from "../../lib/engine/index.ts";
import { Processor } from "../../lib/hardware/processor.ts";

/** Comes at `atNs`, takes the lock, holds it for `heldNs`. */
function* user(sim: Simulation, lock: Lock, log: string[], atNs: number, heldNs: number, timeoutNs?: number): Steps {
  const name = sim.current!.name;
  yield* sim.sleep(atNs);
  if (!(yield* lock.acquire(timeoutNs))) {
    log.push(`${name} gave up@${sim.now}`);
    return;
  }
  expect(lock.holder?.name).toBe(name);
  log.push(`${name}@${sim.now}`);
  yield* sim.sleep(heldNs);
  lock.release();
}

describe("a lock", () => {
  it("is handed to the longest waiter, and nobody slips in between", () => {
    const sim = new Simulation();
    const lock = new Lock(sim, "lock");
    const log: string[] = [];
    sim.spawn("a", user(sim, lock, log, 0, 100));
    sim.spawn("b", user(sim, lock, log, 10, 100));
    sim.spawn("c", user(sim, lock, log, 20, 100));
    sim.spawn("late", user(sim, lock, log, 100, 100)); // comes as a releases
    sim.run();
    expect(log).toEqual(["a@0", "b@100", "c@200", "late@300"]);
    expect(lock.holder).toBeUndefined();
  });

  it("belongs to the next holder from the release on, even before that one runs", () => {
    const sim = new Simulation();
    const lock = new Lock(sim, "lock");
    sim.spawn("a", (function* () {
      yield* lock.acquire();
      yield 10;
      lock.release();
      expect(lock.holder?.name).toBe("b");
      expect(lock.tryAcquire()).toBe(false);
    })());
    sim.spawn("b", lock.acquire());
    sim.run();
  });

  it("is given up on after the timeout, and stays with its holder", () => {
    const sim = new Simulation();
    const lock = new Lock(sim, "lock");
    const log: string[] = [];
    sim.spawn("a", user(sim, lock, log, 0, 100));
    sim.spawn("b", user(sim, lock, log, 10, 100, 30));
    sim.spawn("c", user(sim, lock, log, 20, 100));
    sim.run();
    expect(log).toEqual(["a@0", "b gave up@40", "c@100"]);
  });

  it("is not lost when it is handed over at the very end of the timeout to a thread that cannot run yet", () => {
    const sim = new Simulation();
    const processor = new Processor(sim, { tickNs: 1e9, tickCostNs: 0, firstTickNs: 1e9, quantumTicks: 10 });
    const lock = new Lock(sim, "lock");
    const log: string[] = [];
    sim.spawn("a", user(sim, lock, log, 0, 40));
    sim.spawn("b", user(sim, lock, log, 10, 10, 50), { processor });
    sim.spawn("busy", (function* () {
      yield* sim.sleep(20);
      yield 100;
    })(), { processor });
    sim.spawn("c", user(sim, lock, log, 30, 10));
    sim.run();
    expect(log).toEqual(["a@0", "b@120", "c@130"]);
  });

  it("cannot be released when it is free, nor taken twice by one thread", () => {
    const sim = new Simulation();
    const lock = new Lock(sim, "vnode lock");
    expect(() => lock.release()).toThrow("vnode lock is released but not held");
    sim.spawn("a", (function* () {
      yield* lock.acquire();
      yield* lock.acquire();
    })());
    expect(() => sim.run()).toThrow("a already holds vnode lock");
  });

  it("may be released by another than its holder, as the completion interrupt of a buffer does", () => {
    const sim = new Simulation();
    const lock = new Lock(sim, "buffer");
    sim.spawn("a", lock.acquire());
    sim.at(10, () => lock.release());
    sim.spawn("b", lock.acquire());
    sim.run();
    expect([sim.now, lock.holder?.name]).toEqual([10, "b"]);
  });

  it("counts requests, waits, queue and time held", () => {
    const sim = new Simulation();
    const lock = new Lock(sim, "lock");
    sim.spawn("a", user(sim, lock, [], 0, 100));
    sim.spawn("b", user(sim, lock, [], 10, 50));
    sim.spawn("c", user(sim, lock, [], 40, 20, 30));
    sim.spawn("d", user(sim, lock, [], 200, 10));
    sim.spawn("end", sim.sleep(320));
    sim.run();
    const { statistics } = lock;
    expect(statistics).toMatchObject({ requests: 4, waits: 2, waitingNs: 90 + 30, longestQueue: 2, busyNs: 150 + 10 });
    expect(statistics.utilization(320)).toBe(0.5);
    expect(statistics.meanQueueLength(320)).toBe(120 / 320);
    expect(statistics.meanWaitNs()).toBe(30);
  });
});

test("whatever the users do, one at a time holds the lock, in the order of asking", () => {
  const users = fc.array(fc.record({ at: fc.nat(50), held: fc.nat(20), timeout: fc.option(fc.nat(40), { nil: undefined }) }), { maxLength: 12 });
  fc.assert(
    fc.property(users, (all) => {
      const sim = new Simulation();
      const lock = new Lock(sim, "lock");
      const spans: { asked: number; from: number; till: number }[] = [];
      let givenUp = 0;
      all.forEach(({ at, held, timeout }, i) => {
        sim.spawn(`user ${i}`, (function* () {
          yield* sim.sleep(at);
          const asked = sim.now;
          if (!(yield* lock.acquire(timeout))) {
            expect(sim.now).toBe(asked + timeout!);
            givenUp++;
            return;
          }
          const from = sim.now;
          yield* sim.sleep(held);
          lock.release();
          spans.push({ asked, from, till: sim.now });
        })());
      });
      sim.run();
      expect(spans.length + givenUp).toBe(all.length);
      spans.slice(1).forEach((span, i) => {
        expect(span.from).toBeGreaterThanOrEqual(spans[i]!.till);
        expect(span.asked).toBeGreaterThanOrEqual(spans[i]!.asked);
        expect(span.from).toBe(Math.max(span.asked, spans[i]!.till)); // and it never stands free while somebody waits
      });
      expect(lock.statistics.busyNs).toBe(spans.reduce((sum, { from, till }) => sum + till - from, 0));
    }),
    { numRuns: 500 },
  );
});
