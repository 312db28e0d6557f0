/** Threads, timers, and the end of a run. */
import { describe, expect, it } from "vitest";
import { Simulation, WaitQueue, msToNs, usToNs } from "../../lib/engine/index.ts";
import type { Steps } from "../../lib/engine/index.ts";

/** Lets `ns` pass, then notes `word` and the time. */
function* note(sim: Simulation, log: string[], word: string, ns: number): Steps<string> {
  yield ns;
  log.push(`${word}@${sim.now}`);
  return word;
}

describe("threads", () => {
  it("overlap: each lets its own time pass", () => {
    const sim = new Simulation();
    const log: string[] = [];
    sim.spawn("a", note(sim, log, "a", 30));
    sim.spawn("b", note(sim, log, "b", 10));
    sim.run();
    expect(log).toEqual(["b@10", "a@30"]);
    expect(sim.now).toBe(30);
  });

  it("know which of them is running, and nobody is in a callback", () => {
    const sim = new Simulation();
    const seen: (string | undefined)[] = [];
    const look = () => void seen.push(sim.current?.name);
    sim.spawn("a", (function* () {
      look();
      yield 5;
      look();
    })());
    sim.at(2, look);
    sim.run();
    expect(seen).toEqual(["a", undefined, "a"]);
    expect(() => sim.running()).toThrow("no thread is running");
  });

  it("that are joined give their result, before and after their end", () => {
    const sim = new Simulation();
    const log: string[] = [];
    const worker = sim.spawn("worker", note(sim, log, "worker", 20));
    sim.spawn("parent", (function* () {
      log.push(`${yield* sim.join(worker)} joined@${sim.now}`);
      yield 5;
      log.push(`${yield* sim.join(worker)} again@${sim.now}`);
    })());
    sim.run();
    expect(log).toEqual(["worker@20", "worker joined@20", "worker again@25"]);
    expect(worker).toMatchObject({ ended: true, result: "worker" });
  });

  it("pay the work they owe before they sleep, and before they end", () => {
    const sim = new Simulation();
    const times: number[] = [];
    const child = sim.spawn("child", (function* () {
      sim.charge(7);
      yield* sim.sleep(10);
      times.push(sim.now);
      sim.charge(2);
      sim.charge(3);
      yield* sim.settle();
      times.push(sim.now);
      sim.charge(4);
      return "done";
    })());
    sim.spawn("parent", (function* () {
      expect(yield* sim.join(child)).toBe("done");
      times.push(sim.now);
    })());
    sim.run();
    expect(times).toEqual([17, 22, 26]);
  });

  it("may be spawned by others while the clock runs", () => {
    const sim = new Simulation();
    const log: string[] = [];
    sim.spawn("parent", (function* () {
      yield 10;
      const child = sim.spawn("child", note(sim, log, "child", 5));
      log.push("spawned");
      yield* sim.join(child);
    })());
    sim.run();
    expect(log).toEqual(["spawned", "child@15"]);
  });
});

describe("a run", () => {
  it("ends with the last thread that is not a daemon, and can go on later", () => {
    const sim = new Simulation();
    let served = 0;
    sim.spawn("server", (function* () {
      for (;;) {
        yield 10;
        served++;
      }
    })(), { daemon: true });
    sim.spawn("client", sim.sleep(35));
    sim.run();
    expect([sim.now, served]).toEqual([35, 3]);
    sim.spawn("client", sim.sleep(10));
    sim.run();
    expect([sim.now, served]).toEqual([45, 4]);
  });

  it("goes on when a daemon ends", () => {
    const sim = new Simulation();
    sim.spawn("daemon", sim.sleep(5), { daemon: true });
    sim.spawn("client", sim.sleep(20));
    sim.run();
    expect(sim.now).toBe(20);
  });

  it("does nothing without threads", () => {
    const sim = new Simulation();
    sim.at(5, () => expect.unreachable());
    sim.run();
    expect(sim.now).toBe(0);
  });

  it("throws what a thread throws; the others can go on afterwards, its joiners included", () => {
    const sim = new Simulation();
    const log: string[] = [];
    const failing = sim.spawn("failing", (function* (): Steps {
      yield 5;
      sim.charge(100);
      throw new RangeError("no such block");
    })());
    sim.spawn("joiner", (function* () {
      yield* sim.join(failing);
      log.push(`joined@${sim.now}`);
    })());
    sim.spawn("other", note(sim, log, "other", 20));
    expect(() => sim.run()).toThrow(new RangeError("no such block"));
    expect([sim.now, failing.ended, sim.current]).toEqual([5, true, undefined]);
    sim.run();
    expect(log).toEqual(["joined@5", "other@20"]);
  });

  it("throws what a callback throws", () => {
    const sim = new Simulation();
    sim.spawn("end", sim.sleep(10));
    sim.at(5, () => {
      throw new Error("bad callback");
    });
    expect(() => sim.run()).toThrow("bad callback");
  });
});

describe("timers", () => {
  it("call back once, at their time", () => {
    const sim = new Simulation();
    const times: number[] = [];
    const timer = sim.after(5, () => times.push(sim.now));
    sim.at(7, () => times.push(sim.now));
    sim.spawn("end", sim.sleep(10));
    expect(timer.spent).toBe(false);
    sim.run();
    expect(times).toEqual([5, 7]);
    expect(timer.spent).toBe(true);
  });

  it("that were cancelled do not call back, even at their very time or from the callback before", () => {
    const sim = new Simulation();
    const early = sim.at(5, () => expect.unreachable());
    sim.at(8, () => late.cancel());
    const late = sim.at(8, () => expect.unreachable());
    sim.spawn("end", sim.sleep(10));
    early.cancel();
    early.cancel();
    sim.run();
    expect(early.spent && late.spent).toBe(true);
  });

  it("may be cancelled after they called back, to no effect", () => {
    const sim = new Simulation();
    const timer = sim.at(5, () => timer.cancel());
    sim.spawn("a", sim.sleep(10));
    sim.run();
    timer.cancel();
    sim.spawn("b", sim.sleep(10)); // a wrong count of events would be taken for a deadlock
    sim.run();
    expect(sim.now).toBe(20);
  });
});

describe("sleep", () => {
  it("is not cut short by a wake-up meant for a queue the thread has left", () => {
    const sim = new Simulation();
    const queue = new WaitQueue(sim, "queue");
    const times: number[] = [];
    sim.spawn("a", (function* () {
      yield* queue.wait(5);
      yield* sim.sleep(10);
      times.push(sim.now);
    })());
    sim.at(7, () => void queue.wakeAll());
    sim.run();
    expect(times).toEqual([15]);
  });
});

it("rounds declared costs to whole nanoseconds", () => {
  expect([usToNs(316), usToNs(0.0004), usToNs(1.2346), msToNs(1.2), msToNs(16.666666666)]).toEqual([316_000, 0, 1_235, 1_200_000, 16_666_667]);
});
