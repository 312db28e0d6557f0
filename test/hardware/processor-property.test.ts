/** The processor against a plain model of it that counts down what is left to do. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { Simulation } from "../../lib/engine/index.ts";
import { Processor } from "../../lib/hardware/processor.ts";

interface Job {
  name: string;
  atNs: number;
  priority: number;
  /** What it computes, sleeps, computes, sleeps, computes. */
  phases: number[];
}

interface Scenario {
  jobs: Job[];
  interrupts: { atNs: number; costNs: number; extraNs: number }[];
  switchNs: number;
  tickNs: number;
  tickCostNs: number;
  quantumTicks: number;
}

interface Outcome {
  /** What each job and interrupt had finished when. */
  log: string[];
  busyNs: number;
  switches: number;
}

/** By the definition: step from one change to the next, and let all that runs count down by the time between. */
class Reference {
  now = 0;
  #log: string[] = [];
  #busy = 0;
  #switches = 0;
  #coming: { atNs: number; happen: () => void }[] = [];
  #ready: (Job & { left: number })[] = [];
  #running: (Job & { left: number }) | undefined;
  #last = "";
  #ticksLeft = 0;
  #interrupts: { left: number; extra: number; name: string }[] = [];
  readonly #scenario: Scenario;

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    for (const job of scenario.jobs) this.#coming.push({ atNs: job.atNs, happen: () => this.#comes({ ...job, left: job.phases[0]! }) });
    scenario.interrupts.forEach(({ atNs, costNs, extraNs }, i) => {
      this.#coming.push({ atNs, happen: () => this.#interrupts.push({ left: costNs, extra: extraNs, name: `interrupt ${i}` }) });
    });
    this.#tickAt(scenario.tickNs);
  }

  run(untilNs: number): Outcome {
    for (;;) {
      const coming = Math.min(...this.#coming.map(({ atNs }) => atNs));
      const doing = this.#interrupts[0] ?? this.#running;
      const next = Math.min(coming, this.now + (doing?.left ?? Infinity));
      if (next > untilNs) return { log: this.#log, busyNs: this.#busy, switches: this.#switches };
      if (doing !== undefined) {
        doing.left -= next - this.now;
        this.#busy += next - this.now;
      }
      this.now = next;
      if (coming === next) this.#coming.splice(this.#coming.findIndex(({ atNs }) => atNs === next), 1)[0]!.happen();
      else if (this.#interrupts.length > 0) this.#endInterrupt();
      else this.#endPhase();
      if (this.#interrupts.length === 0) this.#decide();
    }
  }

  #tickAt(atNs: number): void {
    this.#coming.push({ atNs, happen: () => {
      this.#interrupts.push({ left: this.#scenario.tickCostNs, extra: 0, name: "tick" });
      this.#tickAt(atNs + this.#scenario.tickNs);
    } });
  }

  #comes(job: Job & { left: number }): void {
    this.#ready.push(job);
  }

  #endInterrupt(): void {
    const interrupt = this.#interrupts[0]!;
    if (interrupt.extra >= 0) {
      if (interrupt.name === "tick") this.#ticksLeft--;
      else this.#log.push(`${interrupt.name}@${this.now}`);
      interrupt.left = interrupt.extra;
      interrupt.extra = -1;
    }
    if (interrupt.left === 0) this.#interrupts.shift();
  }

  #endPhase(): void {
    const job = this.#running!;
    this.#log.push(`${job.name}@${this.now}`);
    this.#running = undefined;
    const [sleep, work] = job.phases.slice(1);
    if (work === undefined) return;
    this.#coming.push({ atNs: this.now + sleep!, happen: () => this.#comes({ ...job, phases: job.phases.slice(2), left: work }) });
  }

  #decide(): void {
    const best = Math.min(...this.#ready.map(({ priority }) => priority));
    const running = this.#running;
    if (running !== undefined && best < running.priority) this.#ready.unshift(running);
    else if (running !== undefined && best === running.priority && this.#ticksLeft <= 0) this.#ready.push(running);
    else if (running !== undefined || this.#ready.length === 0) return;
    const next = this.#ready.splice(this.#ready.findIndex(({ priority }) => priority === best), 1)[0]!;
    if (this.#last !== "" && this.#last !== next.name) {
      next.left += this.#scenario.switchNs;
      this.#switches++;
    }
    this.#last = next.name;
    this.#ticksLeft = this.#scenario.quantumTicks;
    this.#running = next;
  }
}

function simulate({ jobs, interrupts, switchNs, tickNs, tickCostNs, quantumTicks }: Scenario, untilNs: number): Outcome & { workNs: number; interruptNs: number } {
  const sim = new Simulation();
  const processor = new Processor(sim, { tickNs, tickCostNs, firstTickNs: tickNs, quantumTicks });
  processor.switchCost = (from, to) => (from === to ? 0 : switchNs);
  const log: string[] = [];
  for (const { name, atNs, priority, phases } of jobs) {
    sim.at(atNs, () => sim.spawn(name, (function* () {
      for (const [i, ns] of phases.entries()) {
        if (i % 2 === 1) yield* sim.sleep(ns);
        else {
          yield ns;
          log.push(`${name}@${sim.now}`);
        }
      }
    })(), { processor, priority }));
  }
  interrupts.forEach(({ atNs, costNs, extraNs }, i) => {
    sim.at(atNs, () => processor.interrupt(`interrupt ${i}`, costNs, () => {
      log.push(`interrupt ${i}@${sim.now}`);
      processor.charge(extraNs);
    }));
  });
  sim.spawn("until", sim.sleep(untilNs));
  sim.run();
  const workNs = jobs.flatMap(({ phases }) => phases.filter((_, i) => i % 2 === 0)).reduce((sum, ns) => sum + ns, 0);
  return { log, busyNs: processor.statistics.busyNs, switches: processor.switches, workNs, interruptNs: processor.interruptNs };
}

// Times are drawn from ranges so wide that no two changes fall on one nanosecond, where the order would be a matter of taste.
const upTo = (max: number) => fc.noBias(fc.integer({ min: 1, max }));
const job = fc.record({ atNs: upTo(1e9), priority: fc.integer({ min: 10, max: 12 }), phases: fc.array(upTo(2e8), { minLength: 1, maxLength: 5 }).filter(({ length }) => length % 2 === 1) });
const scenario: fc.Arbitrary<Scenario> = fc.record({
  jobs: fc.array(job, { maxLength: 8 }).map((jobs) => jobs.map((each, i) => ({ ...each, name: `job ${i}` }))),
  interrupts: fc.array(fc.record({ atNs: upTo(2e9), costNs: upTo(3e7), extraNs: fc.oneof(fc.constant(0), upTo(1e7)) }), { maxLength: 15 }),
  switchNs: fc.oneof(fc.constant(0), upTo(1e6)),
  tickNs: fc.noBias(fc.integer({ min: 2e7, max: 1e8 })),
  tickCostNs: upTo(1e6),
  quantumTicks: fc.integer({ min: 1, max: 5 }),
});
const UNTIL_NS = 2e10;

test("every burst and interrupt ends exactly when the model says", () => {
  fc.assert(
    fc.property(scenario, (given) => {
      const expected = new Reference(given).run(UNTIL_NS);
      const { log, switches, busyNs } = simulate(given, UNTIL_NS);
      expect(log).toEqual(expected.log);
      expect(switches).toBe(expected.switches);
      expect(Math.abs(busyNs - expected.busyNs)).toBeLessThanOrEqual(given.tickCostNs); // a tick may be in service at the end
    }),
    { numRuns: 1_000 },
  );
});

test("the busy time is the work, the interrupts and the switches, and nothing else", () => {
  fc.assert(
    fc.property(scenario, (given) => {
      const quiet = { ...given, tickNs: 1e15 };
      const { busyNs, workNs, interruptNs, switches } = simulate(quiet, UNTIL_NS);
      expect(busyNs).toBe(workNs + interruptNs + switches * given.switchNs);
      expect(interruptNs).toBe(given.interrupts.reduce((sum, { costNs, extraNs }) => sum + costNs + extraNs, 0));
    }),
    { numRuns: 1_000 },
  );
});
