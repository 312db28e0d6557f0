/** Mailboxes: items in order, to takers in order. */
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { Mailbox, Simulation } from "../../lib/engine/index.ts";

describe("a mailbox", () => {
  it("gives the oldest item first, without waiting while it has one", () => {
    const sim = new Simulation();
    const box = new Mailbox<string>(sim, "box");
    sim.spawn("a", (function* () {
      for (const item of ["x", "y", "z"]) yield* box.put(item);
      expect(box.length).toBe(3);
      expect([yield* box.get(), yield* box.get(), yield* box.get()]).toEqual(["x", "y", "z"]);
      expect([box.length, sim.now]).toEqual([0, 0]);
    })());
    sim.run();
  });

  it("lets getters wait for an item, and hands it to the one that waited longest", () => {
    const sim = new Simulation();
    const box = new Mailbox<number>(sim, "box");
    const log: string[] = [];
    for (const name of ["a", "b"]) {
      sim.spawn(name, (function* () {
        log.push(`${name} ${yield* box.get()}@${sim.now}`);
      })());
    }
    sim.spawn("giver", (function* () {
      yield 10;
      yield* box.put(1);
      log.push(`giver ${yield* box.get(0)}`); // a's already, though a has not run since
      yield 10;
      yield* box.put(2);
    })());
    sim.run();
    expect(log).toEqual(["a 1@10", "giver undefined", "b 2@20"]);
  });

  it("lets putters wait for room, in order", () => {
    const sim = new Simulation();
    const box = new Mailbox<number>(sim, "box", 2);
    const log: string[] = [];
    for (const item of [1, 2, 3, 4]) {
      sim.spawn(`put ${item}`, (function* () {
        yield* box.put(item);
        log.push(`put ${item}@${sim.now}`);
      })());
    }
    sim.spawn("taker", (function* () {
      for (let i = 0; i < 4; i++) {
        yield 10;
        log.push(`got ${yield* box.get()}`);
      }
    })());
    sim.run();
    expect(log).toEqual(["put 1@0", "put 2@0", "got 1", "put 3@10", "got 2", "put 4@20", "got 3", "got 4"]);
  });

  it("without capacity passes each item from hand to hand", () => {
    const sim = new Simulation();
    const box = new Mailbox<number>(sim, "rendezvous", 0);
    const log: string[] = [];
    sim.spawn("giver", (function* () {
      for (const item of [1, 2]) {
        yield* box.put(item);
        log.push(`put ${item}@${sim.now}`);
      }
    })());
    sim.spawn("taker", (function* () {
      yield 10;
      log.push(`got ${yield* box.get()}@${sim.now}`);
      log.push(`got ${yield* box.get()}@${sim.now}`);
    })());
    sim.run();
    expect(log).toEqual(["got 1@10", "put 1@10", "put 2@10", "got 2@10"]);
  });

  it("gives up at the timeout: no item is got, and none is put", () => {
    const sim = new Simulation();
    const box = new Mailbox<string>(sim, "box", 1);
    sim.spawn("a", (function* () {
      expect(yield* box.get(5)).toBeUndefined();
      expect(yield* box.put("kept", 5)).toBe(true);
      expect(yield* box.put("dropped", 5)).toBe(false);
      expect(sim.now).toBe(10);
      expect(yield* box.get(5)).toBe("kept");
      expect(yield* box.get(5)).toBeUndefined();
    })());
    sim.run();
    expect(sim.now).toBe(15);
  });

  it("gives nothing twice: not to one that waits again, nor from one that gave up", () => {
    const sim = new Simulation();
    const box = new Mailbox<string>(sim, "box", 0);
    sim.spawn("taker", (function* () {
      expect(yield* box.get()).toBe("once");
      expect(yield* box.get(5)).toBeUndefined();
      yield* sim.sleep(10);
      expect(yield* box.get(5)).toBeUndefined();
    })());
    sim.spawn("giver", (function* () {
      yield 10;
      expect(yield* box.put("once")).toBe(true);
      yield* sim.sleep(7);
      expect(yield* box.put("never", 5)).toBe(false);
    })());
    sim.run();
  });

  it("counts how long takers and givers waited", () => {
    const sim = new Simulation();
    const box = new Mailbox<number>(sim, "box", 1);
    sim.spawn("taker", (function* () {
      yield* box.get();
      yield* sim.sleep(50);
      yield* box.get();
      yield* box.get();
    })());
    sim.spawn("giver", (function* () {
      yield* sim.sleep(30);
      for (let i = 0; i < 3; i++) yield* box.put(i);
    })());
    sim.run();
    expect([box.takers.statistics.waitingNs, box.givers.statistics.waitingNs]).toEqual([30, 50]);
  });
});

test("whatever comes when, every item put is got once, in order, by takers in order", () => {
  const visits = fc.array(fc.record({ at: fc.nat(30), timeout: fc.option(fc.nat(20), { nil: undefined }) }), { maxLength: 12 });
  fc.assert(
    fc.property(visits, visits, fc.nat(3), (givers, takers, capacity) => {
      const sim = new Simulation();
      const box = new Mailbox<number>(sim, "box", capacity);
      const got: { asked: number; item: number }[] = [], taken: number[] = [];
      givers.forEach(({ at, timeout = 1_000 }, item) => {
        sim.spawn(`giver ${item}`, (function* () {
          yield at;
          if (yield* box.put(item, timeout)) taken.push(item);
        })());
      });
      takers.forEach(({ at, timeout = 1_000 }, i) => {
        sim.spawn(`taker ${i}`, (function* () {
          yield at;
          const item = yield* box.get(timeout);
          if (item !== undefined) got.push({ asked: at * 100 + i, item });
        })());
      });
      sim.run();
      const left: number[] = [];
      sim.spawn("rest", (function* () {
        while (box.length > 0) left.push((yield* box.get(0))!);
      })());
      sim.run();
      const order = (item: number) => givers[item]!.at * 100 + item;
      got.sort((a, b) => a.asked - b.asked);
      const items = [...got.map(({ item }) => item), ...left];
      expect(items).toEqual([...items].sort((a, b) => order(a) - order(b)));
      expect(new Set(items)).toEqual(new Set(taken));
      expect(items.length).toBe(taken.length);
    }),
    { numRuns: 500 },
  );
});
