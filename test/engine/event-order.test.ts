/** What happens next: by time, and among equals in the order of scheduling. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { Simulation, WaitQueue } from "../../lib/engine/index.ts";

/** An event that schedules others when it happens, each after a delay. */
interface Plan {
  delay: number;
  next: Plan[];
}

const { plan: plans } = fc.letrec<{ plan: Plan }>((tie) => ({
  plan: fc.record({
    delay: fc.integer({ min: 0, max: 4 }),
    next: fc.oneof({ depthSize: "small" }, fc.constant<Plan[]>([]), fc.array(tie("plan"), { maxLength: 4 })),
  }),
}));

/** The order of events by the definition: of all that are scheduled, the least time, then the one scheduled first. */
function sorted(roots: Plan[]): [Plan, number][] {
  const waiting: { plan: Plan; time: number }[] = []; // in the order of scheduling
  const schedule = (now: number) => (plan: Plan) => void waiting.push({ plan, time: now + plan.delay });
  roots.forEach(schedule(0));
  const happened: [Plan, number][] = [];
  while (waiting.length > 0) {
    const least = waiting.reduce((best, { time }, i) => (time < waiting[best]!.time ? i : best), 0);
    const { plan, time } = waiting.splice(least, 1)[0]!;
    happened.push([plan, time]);
    plan.next.forEach(schedule(time));
  }
  return happened;
}

function simulated(roots: Plan[]): [Plan, number][] {
  const sim = new Simulation();
  const happened: [Plan, number][] = [];
  const schedule = (plan: Plan): void => {
    sim.after(plan.delay, () => {
      happened.push([plan, sim.now]);
      plan.next.forEach(schedule);
    });
  };
  sim.spawn("end", sim.sleep(1_000_000));
  roots.forEach(schedule);
  sim.run();
  return happened;
}

test("events happen in order of time, and at one time in the order in which they were scheduled", () => {
  fc.assert(
    fc.property(fc.array(plans, { maxLength: 40 }), (roots) => {
      expect(simulated(roots)).toEqual(sorted(roots));
    }),
    { numRuns: 500 },
  );
});

test("many events at once and at far times keep their order while the queue grows", () => {
  const delays = Array.from({ length: 5_000 }, (_, i) => (i * 7919) % 1_000);
  const roots = delays.map((delay) => ({ delay, next: [{ delay: 0, next: [] }, { delay: 500, next: [] }] }));
  expect(simulated(roots)).toEqual(sorted(roots));
});

test("what was scheduled earlier for this moment goes ahead of what becomes due now", () => {
  const sim = new Simulation();
  const seen: string[] = [];
  sim.at(10, () => {
    seen.push("first");
    sim.after(0, () => seen.push("scheduled at 10"));
  });
  sim.at(10, () => seen.push("second"));
  sim.spawn("end", sim.sleep(20));
  sim.run();
  expect(seen).toEqual(["first", "second", "scheduled at 10"]);
});

test("nothing can be scheduled before the present, nor at no time at all", () => {
  const sim = new Simulation();
  sim.spawn("late", (function* () {
    yield 10;
    sim.at(9, () => undefined);
  })());
  expect(() => sim.run()).toThrow("time 9 ns lies before the present, 10 ns");
  expect(() => sim.at(NaN, () => undefined)).toThrow("NaN");
});

test("a wait that is neither a time nor BLOCK is an error", () => {
  const sim = new Simulation();
  sim.spawn("backwards", (function* () {
    yield -5;
  })());
  expect(() => sim.run()).toThrow("before the present");
});

test("thousands of things that happen at once keep their order", () => {
  const roots: Plan[] = Array.from({ length: 100 }, () => ({ delay: 1, next: Array.from({ length: 50 }, () => ({ delay: 0, next: [{ delay: 0, next: [] }] })) }));
  expect(simulated(roots)).toEqual(sorted(roots));
});

test("threads that become runnable at one time run in that order", () => {
  const sim = new Simulation();
  const gate = new WaitQueue(sim, "gate");
  const seen: number[] = [];
  for (let i = 0; i < 5; i++) {
    sim.spawn(`waiter ${i}`, (function* () {
      yield* gate.wait();
      seen.push(i);
    })());
  }
  sim.after(3, () => {
    gate.wakeAll();
    sim.after(0, () => seen.push(99));
  });
  sim.run();
  expect(seen).toEqual([0, 1, 2, 3, 4]); // the run ends with its last thread, before what stood behind it
});
