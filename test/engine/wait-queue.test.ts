/** Queues of sleeping threads: first come, first served, and no wake-up is lost. */
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { Simulation, WaitQueue } from "../../lib/engine/index.ts";
import type { Thread } from "../../lib/engine/index.ts";
import { Processor } from "../../lib/hardware/processor.ts";

/** A simulation with a queue, and waiters that log how their wait ended. */
class Rig {
  readonly sim = new Simulation();
  readonly queue = new WaitQueue(this.sim, "queue");
  readonly log: string[] = [];

  waiter(name: string, atNs: number, timeoutNs?: number, owedNs = 0): Thread<void> {
    const { sim, queue, log } = this;
    return sim.spawn(name, (function* () {
      yield* sim.sleep(atNs);
      sim.charge(owedNs);
      const woken = yield* queue.wait(timeoutNs);
      log.push(`${name} ${woken ? "woken" : "timed out"}@${sim.now}`);
    })());
  }

  wakeOneAt(...times: number[]): this {
    for (const time of times) this.sim.at(time, () => void this.queue.wakeOne());
    return this;
  }

  run(): string[] {
    this.sim.run();
    return this.log;
  }
}

describe("a wait queue", () => {
  it("wakes first who came first", () => {
    const rig = new Rig();
    rig.waiter("b", 2);
    rig.waiter("a", 1);
    rig.waiter("c", 3);
    expect(rig.wakeOneAt(10, 20, 30).run()).toEqual(["a woken@10", "b woken@20", "c woken@30"]);
  });

  it("forgets who is ended in the middle of the wait, and wakes the next instead", () => {
    const rig = new Rig();
    const gone = rig.waiter("gone", 1, 100);
    rig.waiter("next", 2);
    rig.sim.at(5, () => {
      gone.steps.return(undefined);
      rig.sim.wake(gone as Thread);
      expect(rig.queue.length).toBe(1);
    });
    expect(rig.wakeOneAt(10).run()).toEqual(["next woken@10"]);
  });

  it("wakes all in the order in which they came, and is empty then", () => {
    const rig = new Rig();
    for (const name of ["a", "b", "c"]) rig.waiter(name, 1);
    rig.sim.at(5, () => {
      expect(rig.queue.length).toBe(3);
      rig.queue.wakeAll();
      expect(rig.queue.length).toBe(0);
    });
    expect(rig.run()).toEqual(["a woken@5", "b woken@5", "c woken@5"]);
  });

  it("says whom it woke", () => {
    const rig = new Rig();
    rig.waiter("a", 0);
    rig.sim.at(1, () => {
      expect(rig.queue.wakeOne()?.name).toBe("a");
      expect(rig.queue.wakeOne()).toBeUndefined();
    });
    rig.run();
  });

  it("does not remember a wake-up for those who come later", () => {
    const rig = new Rig();
    rig.waiter("a", 10, 100);
    expect(rig.wakeOneAt(5).run()).toEqual(["a timed out@110"]);
  });

  it("lets a waiter go at its deadline, from wherever it stands, and leaves the others in order", () => {
    const rig = new Rig();
    rig.waiter("a", 0);
    rig.waiter("b", 0, 50);
    rig.waiter("c", 0);
    rig.waiter("d", 0, 60);
    rig.waiter("e", 0);
    expect(rig.wakeOneAt(100, 200, 300).run()).toEqual(["b timed out@50", "d timed out@60", "a woken@100", "c woken@200", "e woken@300"]);
  });

  it("forgets a deadline once the wait is over", () => {
    const { sim, queue } = new Rig();
    sim.spawn("a", (function* () {
      expect(yield* queue.wait(50)).toBe(true);
      expect(yield* queue.wait()).toBe(true);
      expect(sim.now).toBe(70);
    })());
    for (const time of [10, 70]) sim.at(time, () => void queue.wakeOne());
    sim.run();
  });

  it("times out at once with no time to wait, or with a deadline that has passed", () => {
    const { sim, queue } = new Rig();
    sim.spawn("a", (function* () {
      yield 10;
      expect(yield* queue.wait(0)).toBe(false);
      expect(yield* queue.waitUntil(3)).toBe(false);
      expect([sim.now, queue.length]).toEqual([10, 0]);
    })());
    sim.run();
  });

  it("may be waited in by threads only", () => {
    const { sim, queue } = new Rig();
    sim.spawn("end", sim.sleep(10));
    sim.at(5, () => void queue.wait().next());
    expect(() => sim.run()).toThrow("only a thread can wait");
  });
});

describe("owed work", () => {
  it("passes while the thread already stands in the queue: a wake-up meanwhile is not lost", () => {
    const rig = new Rig();
    rig.waiter("a", 0, undefined, 100);
    expect(rig.wakeOneAt(40).run()).toEqual(["a woken@100"]);
  });

  it("counts within the timeout, and is finished even when the deadline comes first", () => {
    const rig = new Rig();
    rig.waiter("a", 0, 30, 100);
    rig.waiter("b", 0, 150, 100);
    expect(rig.run()).toEqual(["a timed out@100", "b timed out@150"]);
  });

  it("keeps the thread's place in the queue", () => {
    const rig = new Rig();
    rig.waiter("a", 0, undefined, 100);
    rig.waiter("b", 10);
    expect(rig.wakeOneAt(40, 50).run()).toEqual(["b woken@50", "a woken@100"]);
  });

  it("of a timed-out thread does not swallow a wake-up meant for the next", () => {
    const rig = new Rig();
    rig.waiter("a", 0, 30, 100);
    rig.waiter("b", 10);
    expect(rig.wakeOneAt(40).run()).toEqual(["b woken@40", "a timed out@100"]);
  });
});

describe("when wake-up and deadline fall together", () => {
  it("the wake-up wins if it was first, and nobody else is disturbed", () => {
    const rig = new Rig();
    rig.wakeOneAt(50, 60);
    rig.waiter("a", 0, 50);
    rig.waiter("b", 0);
    expect(rig.run()).toEqual(["a woken@50", "b woken@60"]);
  });

  it("the deadline wins if it was first, and the wake-up goes to the next in the queue", () => {
    const rig = new Rig();
    rig.waiter("a", 0, 50);
    rig.waiter("b", 0);
    rig.sim.at(1, () => rig.wakeOneAt(50));
    expect(rig.run()).toEqual(["a timed out@50", "b woken@50"]);
  });

  it("a woken thread that has yet to get the processor stays woken", () => {
    const sim = new Simulation();
    const processor = new Processor(sim, { tickNs: 1e9, tickCostNs: 0, firstTickNs: 1e9, quantumTicks: 10 });
    const queue = new WaitQueue(sim, "queue");
    const log: string[] = [];
    for (const [name, timeout] of [["a", 50], ["b", undefined]] as const) {
      sim.spawn(name, (function* () {
        log.push(`${name} ${yield* queue.wait(timeout)}@${sim.now}`);
      })(), { processor });
    }
    sim.spawn("busy", (function* () {
      yield 100;
    })(), { processor });
    sim.at(40, () => void queue.wakeOne());
    sim.at(60, () => void queue.wakeOne());
    sim.run();
    expect(log).toEqual(["a true@100", "b true@100"]);
  });
});

test("statistics: the sum of waits, those that timed out included, and the longest queue", () => {
  const rig = new Rig();
  rig.waiter("a", 0);
  rig.waiter("b", 10, 30);
  rig.waiter("c", 20);
  rig.wakeOneAt(50, 60).run();
  expect(rig.queue.statistics).toMatchObject({ requests: 3, waits: 3, waitingNs: 50 + 30 + 40, longestQueue: 3 });
  expect(rig.queue.statistics.meanWaitNs()).toBe(40);
  expect(rig.queue.statistics.meanQueueLength(60)).toBe(2);
});

/** Who is woken when, by the definition. Arrivals are even, wake-ups odd and deadlines even, so no two decide at once. */
function reference(arrivals: { at: number; timeout: number | undefined }[], wakes: number[]): Map<number, number> {
  const wokenAt = new Map<number, number>();
  for (const wake of [...wakes].sort((a, b) => a - b)) {
    const standing = arrivals
      .map(({ at, timeout = Infinity }, i) => ({ i, at, deadline: at + timeout }))
      .filter(({ i, at, deadline }) => at < wake && deadline > wake && !wokenAt.has(i))
      .sort((a, b) => a.at - b.at || a.i - b.i);
    if (standing[0] !== undefined) wokenAt.set(standing[0].i, wake);
  }
  return wokenAt;
}

test("whatever the arrivals, timeouts, owed work and wake-ups, exactly the right thread is woken", () => {
  const even = fc.integer({ min: 0, max: 100 }).map((n) => 2 * n);
  const arrival = fc.record({ at: even, timeout: fc.option(even.map((n) => n + 2), { nil: undefined }), owed: fc.integer({ min: 0, max: 60 }) });
  fc.assert(
    fc.property(fc.array(arrival, { maxLength: 12 }), fc.uniqueArray(even.map((n) => n + 1), { maxLength: 15 }), (arrivals, wakes) => {
      const rig = new Rig();
      arrivals.forEach(({ at, timeout, owed }, i) => rig.waiter(String(i), at, timeout, owed));
      rig.wakeOneAt(...wakes);
      rig.sim.at(1_000, () => {
        rig.log.push("end");
        rig.queue.wakeAll();
      });
      rig.sim.spawn("end", rig.sim.sleep(2_000));
      const log = rig.run();
      const expected = reference(arrivals, wakes);
      arrivals.forEach(({ at, timeout, owed }, i) => {
        const wokenAt = expected.get(i) ?? (timeout === undefined ? 1_000 : undefined);
        const time = Math.max(wokenAt ?? at + timeout!, at + owed);
        expect(log).toContain(`${i} ${wokenAt === undefined ? "timed out" : "woken"}@${time}`);
      });
      expect(rig.queue.length).toBe(0);
    }),
    { numRuns: 500 },
  );
});
