/**
 * The 80386: one processor, which everything that computes shares.
 *
 * Layer: hardware. A thread holds the processor until it sleeps, its quantum ends
 * or something more urgent wakes. An interrupt steals its time from whoever runs,
 * the 100 Hz clock included. What a thread computes is charged in microseconds
 * taken from data; consecutive charges pass as one stretch of time.
 */
import { NORMAL_PRIORITY, ResourceStatistics } from "../engine/index.ts";
import type { Executor, Occurrence, Simulation, Space, Thread } from "../engine/index.ts";

export interface ProcessorOptions {
  /** Length of a clock tick, 10 ms at 100 Hz. */
  tickNs: number;
  /** What one clock interrupt costs. */
  tickCostNs: number;
  /** From now to the first tick. */
  firstTickNs: number;
  /** Ticks that a thread may run while others of its priority are ready. */
  quantumTicks: number;
}

interface Interrupt {
  name: string;
  costNs: number;
  effect: () => void;
}

const PRIORITIES = 2 * NORMAL_PRIORITY;

export class Processor implements Executor {
  readonly sim: Simulation;
  readonly statistics = new ResourceStatistics();
  /** Time spent in interrupts, part of the busy time. */
  interruptNs = 0;
  /** Interrupts served, by name. */
  readonly interrupts = new Map<string, number>();
  /** Times that the processor went from one thread to another. */
  switches = 0;
  /** What giving the processor to `to` costs, in ns, when `from` had it last (the same thread, when the idle loop ran meanwhile); the kernel sets it. */
  switchCost: (from: Thread, to: Thread) => number = () => 0;
  readonly #options: ProcessorOptions;
  readonly #ready: Thread[][] = Array.from({ length: PRIORITIES }, () => []);
  #readyCount = 0;
  readonly #unfinished = new Map<Thread, number>(); // work left of threads that lost the processor
  #running: Thread | undefined = undefined;
  #last: Thread | undefined = undefined;
  #ticksLeft = 0;
  #burstEnds = 0;
  readonly #burstEnd: Occurrence = { happen: () => this.#endBurst() };
  #burstArmed = -1; // the time for which the end of the burst is queued; what fires at another time is out of date
  readonly #pending: Interrupt[] = [];
  #serving: Interrupt | undefined = undefined;
  #serviceBegan = 0;
  #serviceEnds = 0;
  readonly #serviceEnd: Occurrence = { happen: () => this.#endService() };

  constructor(sim: Simulation, options: ProcessorOptions) {
    this.sim = sim;
    this.#options = options;
    this.sim.after(options.firstTickNs, () => this.#tick(), { background: true });
  }

  /** Add `ns` of work, called `what` and done in `space`, to what the running code owes: a thread pays it when it settles or sleeps, an interrupt lasts longer by it. */
  charge(ns: number, what = "work", space?: Space): void {
    if (this.sim.current !== undefined) this.sim.charge(ns, what, space);
    else this.#steal(ns);
  }

  /** Take `costNs` from whoever runs, then let `effect` happen. Interrupts are served one after the other. */
  interrupt(name: string, costNs: number, effect: () => void): void {
    const interrupt = { name, costNs, effect };
    if (this.#serving === undefined) this.#serve(interrupt);
    else this.#pending.push(interrupt);
  }

  ready(thread: Thread): void {
    this.statistics.requests++;
    thread.readyAt = this.sim.now;
    this.#enqueue(thread);
    if (this.#serving === undefined) { // else it is sorted out when the interrupt returns
      if (this.#running === undefined) this.#dispatch();
      else if (this.sim.current !== this.#running) this.#preemptIfDue(); // a thread that computes is preempted at its next work
    }
    this.statistics.queued(this.#readyCount);
  }

  work(_thread: Thread, ns: number): void {
    this.#burstEnds = Math.max(this.sim.now, this.#serviceEnds) + ns;
    this.#arm();
    if (this.#serving === undefined) this.#preemptIfDue();
  }

  release(thread: Thread): void {
    this.#running = undefined;
    this.#last = thread;
    this.#burstArmed = -1;
    if (this.#serving !== undefined) return;
    this.statistics.end(this.sim.now);
    this.#dispatch();
  }

  #enqueue(thread: Thread, first = false): void {
    const queue = this.#ready[thread.priority];
    if (queue === undefined) throw new Error(`${thread.name} has priority ${thread.priority}, priorities go from 0 to ${PRIORITIES - 1}`);
    if (first) queue.unshift(thread);
    else queue.push(thread);
    this.#readyCount++;
  }

  /** Give the idle processor to the most urgent thread that is ready. */
  #dispatch(): void {
    if (this.#readyCount === 0) return;
    const thread = this.#ready.find((queue) => queue.length > 0)!.shift()!;
    this.#readyCount--;
    if (thread.readyAt < this.sim.now) this.statistics.waited(this.sim.now - thread.readyAt);
    this.#running = thread;
    this.#ticksLeft = this.#options.quantumTicks;
    this.statistics.begin(this.sim.now);
    let work = this.#unfinished.get(thread) ?? 0;
    this.#unfinished.delete(thread);
    let switchNs = 0;
    if (this.#last !== undefined) {
      if (this.#last !== thread) this.switches++;
      switchNs = this.switchCost(this.#last, thread);
      work += switchNs;
    }
    this.sim.probe?.dispatched(thread, switchNs);
    this.#burstEnds = this.sim.now + work;
    this.#arm();
  }

  #arm(): void {
    this.#burstArmed = this.#burstEnds;
    this.sim.schedule(this.#burstEnds, this.#burstEnd);
  }

  #endBurst(): void {
    if (this.sim.now !== this.#burstArmed) return;
    if (this.sim.now < this.#burstEnds) {
      this.#arm(); // interrupts have stolen time meanwhile
      return;
    }
    this.sim.resume(this.#running!);
  }

  /** Preempt the running thread for a more urgent one, or for its equal when its quantum is over. */
  #preemptIfDue(): void {
    if (this.#readyCount === 0) return;
    const priority = this.#running!.priority;
    if (this.#ready.findIndex((queue) => queue.length > 0) < priority) this.#preempt(true);
    else if (this.#ticksLeft <= 0 && this.#ready[priority]!.length > 0) this.#preempt(false);
  }

  /** Take the processor away in the middle of a burst; the thread goes to the front or the back of its queue. */
  #preempt(toFront: boolean): void {
    const thread = this.#running!;
    this.sim.probe?.preempted(thread);
    this.#unfinished.set(thread, this.#burstEnds - this.sim.now);
    thread.readyAt = this.sim.now;
    this.#enqueue(thread, toFront);
    this.release(thread);
  }

  #serve(interrupt: Interrupt): void {
    this.#serving = interrupt;
    this.#serviceBegan = this.sim.now;
    this.interrupts.set(interrupt.name, (this.interrupts.get(interrupt.name) ?? 0) + 1);
    if (this.#running === undefined) this.statistics.begin(this.sim.now);
    this.#serviceEnds = this.sim.now;
    this.#steal(interrupt.costNs);
    this.sim.schedule(this.#serviceEnds, this.#serviceEnd);
  }

  /** Prolong the interrupt in service, and with it the burst that it interrupted. */
  #steal(ns: number): void {
    if (this.#serving === undefined) throw new Error("work is charged, but neither a thread nor an interrupt is running");
    this.#serviceEnds += ns;
    this.#burstEnds += ns;
    this.interruptNs += ns;
  }

  #endService(): void {
    const { probe } = this.sim;
    if (this.#serving!.effect !== done) {
      const effect = this.#serving!.effect;
      this.#serving!.effect = done;
      probe?.effect(this);
      effect();
      probe?.effect(undefined);
      if (this.#serviceEnds > this.sim.now) {
        this.sim.schedule(this.#serviceEnds, this.#serviceEnd); // the effect cost more time
        return;
      }
    }
    probe?.busy(this, "interrupts", this.#serving!.name, this.#serviceBegan, this.sim.now);
    this.#serving = undefined;
    if (this.#running === undefined) this.statistics.end(this.sim.now);
    const next = this.#pending.shift();
    if (next !== undefined) this.#serve(next);
    else if (this.#running === undefined) this.#dispatch();
    else this.#preemptIfDue();
  }

  #tick(): void {
    this.sim.after(this.#options.tickNs, () => this.#tick(), { background: true });
    this.interrupt("clock", this.#options.tickCostNs, () => this.#ticksLeft--);
  }
}

function done(): void {}
