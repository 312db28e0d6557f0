/** Nothing can happen any more and somebody waits: the error says who for what. */
import { describe, expect, it } from "vitest";
import { DeadlockError, Lock, Mailbox, Simulation, WaitQueue } from "../../lib/engine/index.ts";
import type { Steps } from "../../lib/engine/index.ts";
import { Processor } from "../../lib/hardware/processor.ts";

/** Takes `first` and, 5 ms later, `second`. */
function* takeBoth(sim: Simulation, first: Lock, second: Lock): Steps {
  yield* first.acquire();
  yield* sim.sleep(5_000_000);
  yield* second.acquire();
}

function crossed(sim: Simulation, options: { processor?: Processor } = {}): void {
  const inode = new Lock(sim, "inode 7"), buffer = new Lock(sim, "buffer 3");
  sim.spawn("reader", takeBoth(sim, inode, buffer), options);
  sim.spawn("writer", takeBoth(sim, buffer, inode), options);
}

/** A processor with a 100 Hz clock. */
const clocked = (sim: Simulation) => new Processor(sim, { tickNs: 10_000_000, tickCostNs: 100_000, firstTickNs: 10_000_000, quantumTicks: 10 });

describe("a deadlock", () => {
  it("names who waits for what, and who holds it", () => {
    const sim = new Simulation();
    crossed(sim);
    const run = () => sim.run();
    expect(run).toThrow(DeadlockError);
    expect(run).toThrow("deadlock at 5 ms: reader waits for buffer 3, held by writer; writer waits for inode 7, held by reader");
  });

  it("is seen although the clock keeps ticking", () => {
    const sim = new Simulation();
    crossed(sim, { processor: clocked(sim) });
    expect(() => sim.run()).toThrow(/^deadlock at 5 ms: reader waits for buffer 3, held by writer; writer waits for inode 7, held by reader$/);
  });

  it("is seen although a daemon wakes now and then in the background, or waits for requests", () => {
    const sim = new Simulation();
    const requests = new Mailbox(sim, "requests");
    sim.spawn("update", (function* () {
      for (;;) yield* sim.sleep(30_000_000_000, { background: true });
    })(), { daemon: true });
    sim.spawn("server", requests.get(), { daemon: true });
    sim.spawn("client", new WaitQueue(sim, "the answer").wait());
    expect(() => sim.run()).toThrow(/^deadlock at 0 ms: client waits for the answer$/);
  });

  it("is seen although timers that were called off are still queued", () => {
    const sim = new Simulation();
    const queue = new WaitQueue(sim, "an interrupt that never comes");
    const timer = sim.at(1_000, () => undefined);
    sim.spawn("driver", (function* () {
      yield* queue.wait(500);
      timer.cancel();
      yield* queue.wait();
    })());
    expect(() => sim.run()).toThrow("driver waits for an interrupt that never comes");
    expect(sim.now).toBe(500);
  });

  it.each([
    ["an item in an empty mailbox", (sim: Simulation) => new Mailbox(sim, "port 5").get(), "a waits for an item in port 5"],
    ["room in a full mailbox", (sim: Simulation) => new Mailbox(sim, "port 5", 0).put(1), "a waits for room in port 5"],
    ["the end of a thread", (sim: Simulation) => sim.join(sim.spawn("child", new WaitQueue(sim, "godot").wait())), "child waits for godot; a waits for the end of child"],
  ])("names %s", (_, steps, message) => {
    const sim = new Simulation();
    sim.spawn("a", steps(sim));
    expect(() => sim.run()).toThrow(message);
  });
});

describe("no deadlock is seen", () => {
  it("while a timer is due that wakes the waiter", () => {
    const sim = new Simulation();
    const done = new WaitQueue(sim, "disk");
    sim.spawn("reader", done.wait(), { processor: clocked(sim) });
    sim.at(60_000_000_000, () => void done.wakeOne());
    sim.run();
    expect(sim.now).toBeGreaterThanOrEqual(60_000_000_000);
  });

  it("while a device works that will interrupt", () => {
    const sim = new Simulation();
    const processor = clocked(sim);
    const command = new Mailbox<number>(sim, "command"), done = new WaitQueue(sim, "completion");
    sim.spawn("disk", (function* () {
      for (;;) {
        yield (yield* command.get())!;
        processor.interrupt("disk", 50_000, () => void done.wakeOne());
      }
    })(), { daemon: true });
    sim.spawn("reader", (function* () {
      for (let i = 0; i < 3; i++) {
        yield* command.put(25_000_000);
        yield* done.wait();
      }
    })(), { processor });
    sim.run();
    expect(sim.now).toBeGreaterThan(75_000_000);
  });

  it("while a wait will time out", () => {
    const sim = new Simulation();
    sim.spawn("a", new WaitQueue(sim, "nothing").wait(1_000), { processor: clocked(sim) });
    sim.run();
    expect(sim.now).toBe(1_000);
  });
});
