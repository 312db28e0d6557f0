/** Interrupts steal the processor from whoever runs, by examples worked out by hand. */
import { describe, expect, it } from "vitest";
import { WaitQueue } from "../../lib/engine/index.ts";
import { Rig } from "./processor-rig.ts";

describe("an interrupt", () => {
  it("delays a burst by exactly what it takes", () => {
    const rig = new Rig();
    rig.compute("a", 0, [1_000, 10]);
    rig.interruptAt(300, "disk", 200);
    expect(rig.run()).toEqual(["disk@500", "a@1200", "a@1210"]);
    expect(rig.processor.interruptNs).toBe(200);
  });

  it("that comes while another is served waits for it; all are served in order", () => {
    const rig = new Rig();
    rig.compute("a", 0, [1_000]);
    rig.interruptAt(300, "first", 200);
    rig.interruptAt(310, "second", 50);
    rig.interruptAt(320, "third", 10);
    rig.interruptAt(555, "fourth", 1);
    expect(rig.run()).toEqual(["first@500", "second@550", "third@560", "fourth@561", "a@1261"]);
  });

  it("raised from within another's effect comes after it", () => {
    const rig = new Rig();
    rig.compute("a", 0, [100]);
    rig.interruptAt(10, "outer", 20, () => {
      rig.processor.interrupt("inner", 5, () => rig.note("inner"));
      rig.note("outer still");
    });
    expect(rig.run()).toEqual(["outer@30", "outer still@30", "inner@35", "a@125"]);
  });

  it("lasts longer by what its effect charges", () => {
    const rig = new Rig();
    rig.compute("a", 0, [100]);
    rig.interruptAt(10, "disk", 20, () => {
      rig.processor.charge(30);
      rig.processor.charge(4);
    });
    rig.interruptAt(15, "next", 1);
    expect(rig.run()).toEqual(["disk@30", "next@65", "a@155"]);
    expect(rig.processor.interruptNs).toBe(55);
  });

  it("at the very end of a burst still comes first if it was due first, and else after it", () => {
    const before = new Rig();
    before.interruptAt(100, "disk", 30);
    before.compute("a", 0, [100]);
    expect(before.run()).toEqual(["disk@130", "a@130"]);
    const after = new Rig();
    after.compute("a", 0, [100, 10]);
    after.sim.at(50, () => after.interruptAt(100, "disk", 30));
    expect(after.run()).toEqual(["a@100", "disk@130", "a@140"]);
  });

  it("of no cost changes nothing but what it does", () => {
    const rig = new Rig();
    rig.compute("a", 0, [100, 10]);
    for (const time of [0, 50, 100, 110]) rig.interruptAt(time, "soft", 0);
    expect(rig.run()).toEqual(["soft@0", "soft@50", "a@100", "soft@100", "a@110", "soft@110"]);
    expect(rig.processor.statistics.busyNs).toBe(110);
  });

  it("is served when the processor is idle, and what becomes ready meanwhile waits for its end", () => {
    const rig = new Rig();
    rig.interruptAt(10, "disk", 20);
    rig.compute("a", 15, [5]);
    expect(rig.run()).toEqual(["disk@30", "a@35"]);
    expect(rig.processor.statistics).toMatchObject({ busyNs: 25, waits: 1, waitingNs: 15 });
  });

  it("that wakes a more urgent thread lets it run at once, and charges both switches", () => {
    const rig = new Rig({}, 10);
    const { sim, processor } = rig;
    const queue = new WaitQueue(sim, "queue");
    sim.spawn("urgent", (function* () {
      yield* queue.wait();
      yield 50;
      rig.note("urgent");
    })(), { processor, priority: 3 });
    rig.compute("a", 100, [1_000]);
    rig.interruptAt(300, "disk", 100, () => void queue.wakeOne());
    // a starts at 110 and has 810 left at 300; the switches end at 410 and 470
    expect(rig.run()).toEqual(["disk@400", "urgent@460", `a@${470 + 810}`]);
    expect(processor.switches).toBe(3);
    expect(processor.statistics.busyNs).toBe(1_000 + 50 + 100 + 3 * 10);
  });

  it("that wakes an equal or less urgent thread does not preempt", () => {
    const rig = new Rig();
    const { sim, processor } = rig;
    const queue = new WaitQueue(sim, "queue");
    for (const [name, priority] of [["equal", 16], ["less", 17]] as const) {
      sim.spawn(name, (function* () {
        yield* queue.wait();
        rig.note(name);
      })(), { processor, priority });
    }
    rig.compute("a", 100, [1_000]);
    rig.interruptAt(300, "disk", 100, () => queue.wakeAll());
    expect(rig.run()).toEqual(["disk@400", "a@1200", "equal@1200", "less@1200"]);
  });

  it("raised by the running thread itself is served at its next work", () => {
    const rig = new Rig();
    const { sim, processor } = rig;
    sim.spawn("a", (function* () {
      yield 10;
      processor.interrupt("soft", 5, () => rig.note("soft"));
      rig.note("raised");
      yield 20;
      rig.note("a");
    })(), { processor });
    sim.spawn("b", (function* () {
      processor.interrupt("soft", 5, () => rig.note("soft"));
      yield* sim.sleep(100);
    })(), { processor });
    expect(rig.run()).toEqual(["raised@10", "soft@15", "a@35", "soft@40"]);
    expect(processor.statistics.busyNs).toBe(40);
  });

  it("is counted by name", () => {
    const rig = new Rig();
    for (const time of [5, 6, 50]) rig.interruptAt(time, "disk", 10);
    rig.interruptAt(7, "clock", 1);
    rig.run(100);
    expect([...rig.processor.interrupts]).toEqual([["disk", 3], ["clock", 1]]);
  });
});
