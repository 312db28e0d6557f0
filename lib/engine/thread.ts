/**
 * A simulated thread: a generator, and where it stands.
 *
 * Layer: engine. Threads are the paper's "basic unit of execution" (section 2)
 * when they are bound to a processor; unbound ones model hardware that runs
 * beside it.
 */
import type { Occurrence } from "./event-queue.ts";
import type { Simulation } from "./simulation.ts";
import type { Steps } from "./steps.ts";
import type { WaitQueue } from "./wait-queue.ts";

/** What gives bound threads their turns: a processor. The engine calls it, and it calls Simulation.resume. */
export interface Executor {
  /** `thread` can run (it is new, or was woken). */
  ready(thread: Thread): void;
  /** The running `thread` has `ns` of work to do before its next step. */
  work(thread: Thread, ns: number): void;
  /** The running `thread` went to sleep or ended. */
  release(thread: Thread): void;
}

export interface ThreadOptions {
  /** A daemon serves others: the run may end while it waits. */
  daemon?: boolean;
  /** The processor that the thread's time is work on; without one its time just passes. */
  processor?: Executor;
  /** Lower runs first. */
  priority?: number;
}

/** The priority of a thread that asks for none. */
export const NORMAL_PRIORITY = 16;

export class Thread<T = unknown> implements Occurrence {
  readonly sim: Simulation;
  readonly name: string;
  steps: Steps<T>;
  readonly daemon: boolean;
  readonly processor: Executor | undefined;
  priority: number;
  ended = false;
  /** What the thread returned, once it has ended. */
  result: T | undefined = undefined;
  /** Work done but not yet passed as time; see Simulation.charge. */
  owedNs = 0;
  /** Whatever the kernel keeps for the thread: its process or task. */
  context: unknown = undefined;
  /** Asleep: only a wake-up lets it go on. */
  blocked = false;
  /** The queue in which it waits, with its neighbours there and when it came. */
  queue: WaitQueue | undefined = undefined;
  next: Thread | undefined = undefined;
  previous: Thread | undefined = undefined;
  queuedAt = 0;
  /** Since when it has been ready to run. */
  readyAt = 0;
  /** Threads that wait for this one's end. */
  ends: WaitQueue | undefined = undefined;

  constructor(sim: Simulation, name: string, steps: Steps<T>, options: ThreadOptions) {
    this.sim = sim;
    this.name = name;
    this.steps = steps;
    this.daemon = options.daemon ?? false;
    this.processor = options.processor;
    this.priority = options.priority ?? NORMAL_PRIORITY;
  }

  happen(): void {
    this.sim.resume(this as Thread);
  }
}
