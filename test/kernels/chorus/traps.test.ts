import { describe, expect, it } from "vitest";
import { costs, runIn, testSite } from "./site.ts";

describe("a trap", () => {
  it("that nobody connected costs the null trap and nothing else", () => {
    const nucleus = testSite();
    runIn(nucleus, nucleus.actorCreate("user", "user"), nucleus.traps.trap(1, undefined));
    expect(nucleus.machine.sim.now).toBe(costs.trapNs);
    expect(nucleus.counters).toMatchObject({ traps: 1, messages: 0, threadSwitches: 0 });
  });

  it("runs the connected handler on the trapping thread, in the connecting actor's context, where nucleus calls are no traps", () => {
    const nucleus = testSite();
    const user = nucleus.actorCreate("user", "user");
    const manager = nucleus.actorCreate("manager", "supervisor");
    nucleus.traps.svTrapConnect(manager, 7, function* (frame: number) {
      expect(nucleus.running.actor).toBe(manager);
      expect(nucleus.running.home).toBe(user);
      nucleus.enter();
      return frame + 1;
    });
    const result = runIn(nucleus, user, (function* () {
      const returned = yield* nucleus.traps.trap<number, number>(7, 41);
      expect(nucleus.running.actor).toBe(user);
      return returned;
    })());
    expect(result).toBe(42);
    expect(nucleus.counters.traps).toBe(1);
    expect(nucleus.machine.sim.now).toBe(costs.trapNs + costs.trapRedirectNs);
  });

  it("leaves the handler's context when the handler throws", () => {
    const nucleus = testSite();
    const user = nucleus.actorCreate("user", "user");
    nucleus.traps.svTrapConnect(nucleus.own, 7, function* () {
      throw new Error("EBADF");
    });
    runIn(nucleus, user, (function* () {
      try {
        yield* nucleus.traps.trap(7, undefined);
      } catch {
        expect(nucleus.running.actor).toBe(user);
      }
    })());
  });
});

describe("connecting", () => {
  it("is for actors in supervisor space", () => {
    const nucleus = testSite();
    const user = nucleus.actorCreate("user", "user");
    expect(() => nucleus.traps.svTrapConnect(user, 7, function* () {})).toThrow(/notSupervisor: user runs in user space/);
    expect(() => nucleus.traps.svInterruptConnect(user, "disk", () => {})).toThrow(/notSupervisor/);
  });

  it("lets an actor have the interrupts of a line, which steal time from whoever runs", () => {
    const nucleus = testSite();
    const rings: number[] = [];
    nucleus.traps.svInterruptConnect(nucleus.own, "disk", () => rings.push(nucleus.machine.sim.now));
    nucleus.machine.sim.after(1000, () => nucleus.traps.interrupt("disk"));
    runIn(nucleus, nucleus.own, (function* () {
      yield 100_000;
    })());
    expect(rings).toEqual([1000 + costs.interruptNs]);
    expect(nucleus.machine.sim.now).toBe(100_000 + costs.interruptNs);
    expect(nucleus.counters.interrupts).toBe(1);
  });
});
