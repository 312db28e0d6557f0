/** The processor shared by threads, by examples worked out by hand. */
import { describe, expect, it } from "vitest";
import { WaitQueue } from "../../lib/engine/index.ts";
import { Rig } from "./processor-rig.ts";

describe("threads", () => {
  it("take their turns one after the other, in the order in which they came", () => {
    const rig = new Rig();
    rig.compute("a", 0, [100]);
    rig.compute("b", 10, [50]);
    rig.compute("c", 5, [20]);
    expect(rig.run()).toEqual(["a@100", "c@120", "b@170"]);
  });

  it("keep the processor from burst to burst while nothing more urgent wakes", () => {
    const rig = new Rig();
    rig.compute("a", 0, [30, 30, 30]);
    rig.compute("b", 10, [5]);
    expect(rig.run()).toEqual(["a@30", "a@60", "a@90", "b@95"]);
  });

  it("leave the processor to others while they sleep", () => {
    const rig = new Rig();
    const { sim, processor } = rig;
    sim.spawn("a", (function* () {
      yield 10;
      yield* sim.sleep(100);
      yield 10;
      rig.note("a");
    })(), { processor });
    rig.compute("b", 0, [60]);
    expect(rig.run()).toEqual(["b@70", "a@120"]);
  });

  it("that are less urgent run only when no other can, and go on where they were", () => {
    const rig = new Rig();
    rig.compute("low", 0, [100], 20);
    rig.compute("high", 30, [50], 10);
    rig.compute("middle", 40, [10], 15);
    expect(rig.run()).toEqual(["high@80", "middle@90", "low@160"]);
  });

  it("that were preempted have waited since then, not since they first came", () => {
    const rig = new Rig();
    rig.compute("low", 0, [100], 20);
    rig.compute("high", 30, [50], 10);
    rig.run();
    expect(rig.processor.statistics).toMatchObject({ requests: 2, waits: 1, waitingNs: 50, longestQueue: 1 });
  });

  it("that were preempted go ahead of their equals", () => {
    const rig = new Rig();
    rig.compute("first", 0, [100]);
    rig.compute("second", 10, [100]);
    rig.compute("urgent", 20, [5], 3);
    expect(rig.run()).toEqual(["urgent@25", "first@105", "second@205"]);
  });

  it("that they wake themselves preempt them at their next work, not before", () => {
    const rig = new Rig();
    const { sim, processor } = rig;
    const queue = new WaitQueue(sim, "queue");
    sim.spawn("server", (function* () {
      yield* queue.wait();
      yield 10;
      rig.note("server");
    })(), { processor, priority: 3 });
    sim.spawn("client", (function* () {
      yield 20;
      queue.wakeOne();
      rig.note("client has sent");
      yield 7;
      rig.note("client");
    })(), { processor });
    expect(rig.run()).toEqual(["client has sent@20", "server@30", "client@37"]);
  });

  it("that come back from sleep pay what it costs to come back, even when only the idle loop ran meanwhile", () => {
    const rig = new Rig();
    const { sim, processor } = rig;
    processor.switchCost = (from, to) => (from === to ? 4 : 10);
    sim.spawn("a", (function* () {
      yield 20;
      yield* sim.sleep(100);
      yield 30;
      rig.note("a");
    })(), { processor });
    expect(rig.run()).toEqual(["a@154"]);
    expect([processor.switches, processor.statistics.busyNs]).toEqual([0, 54]);
  });

  it("may not have a priority that the processor does not know", () => {
    const { sim, processor } = new Rig();
    expect(() => sim.spawn("a", sim.sleep(1), { processor, priority: 32 })).toThrow("a has priority 32, priorities go from 0 to 31");
  });
});

describe("charged work", () => {
  it("passes in one stretch when the thread settles, sleeps or ends", () => {
    const rig = new Rig();
    const { sim, processor } = rig;
    sim.spawn("a", (function* () {
      processor.charge(10);
      processor.charge(20);
      rig.note("charged");
      yield* sim.settle();
      rig.note("settled");
      processor.charge(5);
      yield* sim.sleep(100);
      rig.note("slept");
      processor.charge(7);
    })(), { processor });
    rig.compute("b", 1, [60]);
    expect(rig.run(0)).toEqual(["charged@0", "settled@30", "b@95", "slept@135"]);
    expect(sim.now).toBe(142);
    expect(processor.statistics.busyNs).toBe(30 + 5 + 60 + 7);
  });

  it("needs somebody to pay it", () => {
    const { sim, processor } = new Rig();
    sim.at(5, () => processor.charge(1));
    sim.spawn("end", sim.sleep(10));
    expect(() => sim.run()).toThrow("neither a thread nor an interrupt");
  });
});

describe("the quantum", () => {
  it("passes the processor round among equals, each for as many ticks", () => {
    const rig = new Rig({ tickNs: 10, firstTickNs: 10, quantumTicks: 1 }, 1);
    const turns: string[] = [];
    const cost = rig.processor.switchCost;
    rig.processor.switchCost = (from, to) => {
      turns.push(`${to.name}@${rig.sim.now}`);
      return cost(from, to);
    };
    for (const name of ["a", "b", "c"]) rig.compute(name, 0, [15]);
    // a works 10; b is switched to in 1 and works 9, so does c; a works its last 5; b has 3 till the tick at 40, and 3 are left
    expect(rig.run()).toEqual(["a@36", "c@47", "b@51"]);
    expect(turns).toEqual(["b@10", "c@20", "a@30", "b@36", "c@40", "b@47"]);
  });

  it("does not pass it to less urgent threads, and means nothing to one alone", () => {
    const rig = new Rig({ tickNs: 10, firstTickNs: 10, quantumTicks: 1 }, 1);
    rig.compute("high", 0, [100], 10);
    rig.compute("low", 0, [10], 20);
    expect(rig.run()).toEqual(["high@100", "low@111"]);
  });

  it("that has run out passes it to an equal as soon as there is one", () => {
    const rig = new Rig({ tickNs: 10, firstTickNs: 10, quantumTicks: 2 });
    rig.compute("a", 0, [100]);
    rig.compute("b", 55, [5]);
    expect(rig.run()).toEqual(["b@60", "a@105"]);
  });
});

describe("the 100 Hz clock", () => {
  it("takes its share of what is computed", () => {
    const rig = new Rig({ tickNs: 10_000_000, firstTickNs: 10_000_000, tickCostNs: 100_000, quantumTicks: 10 });
    rig.compute("a", 0, [1_000_000_000]);
    rig.run(0);
    // one more tick falls into the time that the first hundred add
    expect(rig.sim.now).toBe(1_000_000_000 + 101 * 100_000);
    expect(rig.processor.interrupts.get("clock")).toBe(101);
    expect(rig.processor.statistics.utilization(rig.sim.now)).toBe(1);
  });

  it("ticks when nothing is computed, which is all that the processor does then", () => {
    const rig = new Rig({ tickNs: 10_000_000, firstTickNs: 3_000_000, tickCostNs: 100_000, quantumTicks: 10 });
    rig.run(1_000_000_000);
    expect(rig.processor.interrupts.get("clock")).toBe(100);
    expect(rig.processor.statistics.utilization(1_000_000_000)).toBe(0.01);
  });
});

it("busy and idle time make up all time, and waits are exact", () => {
  const rig = new Rig({}, 3);
  rig.compute("a", 10, [40]); // 10 to 50
  rig.compute("b", 20, [30]); // ready at 20, switch till 53, till 83, of which the interrupt takes 5: till 88
  rig.compute("c", 30, [10], 20); // ready at 30, switch till 91, till 101
  rig.interruptAt(60, "disk", 5);
  rig.interruptAt(150, "disk", 5);
  rig.compute("d", 200, [7]); // switch till 203, till 210
  rig.run(400);
  const { statistics, interruptNs, switches } = rig.processor;
  expect(rig.log).toEqual(["a@50", "disk@65", "b@88", "c@101", "disk@155", "d@210"]);
  const idle = 10 + (150 - 101) + (200 - 155) + (400 - 210);
  expect(statistics).toMatchObject({ requests: 4, waits: 2, waitingNs: 30 + 58, longestQueue: 2, busyNs: 400 - idle });
  expect(statistics.busyNs).toBe(40 + 30 + 10 + 7 + 3 * 3 + interruptNs);
  expect([interruptNs, switches]).toEqual([10, 3]);
  expect(statistics.utilization(400)).toBe((400 - idle) / 400);
  expect(statistics.meanQueueLength(400)).toBe(88 / 400);
});
