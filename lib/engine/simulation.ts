/**
 * The clock of the simulation and the loop that turns it.
 *
 * Layer: engine. Time is whole nanoseconds in a number. Threads are resumed one
 * at a time, in an order that depends on the schedule alone, so a run with the
 * same options and seed is the same to the last bit.
 */
import { EventQueue } from "./event-queue.ts";
import type { Occurrence } from "./event-queue.ts";
import type { Probe, Space } from "./probe.ts";
import { RandomStream } from "./random.ts";
import { BLOCK } from "./steps.ts";
import type { Steps, Wait } from "./steps.ts";
import { Thread } from "./thread.ts";
import type { ThreadOptions } from "./thread.ts";
import { WaitQueue } from "./wait-queue.ts";

/** Nothing can run any more and somebody waits: says who waits for what. */
export class DeadlockError extends Error {
  override readonly name = "DeadlockError";

  constructor(nowNs: number, waiting: readonly Thread[]) {
    const who = waiting.map((thread) => `${thread.name} waits for ${thread.queue?.describe() ?? "a wake-up"}`);
    super(`deadlock at ${nowNs / 1_000_000} ms: ${who.join("; ")}`);
  }
}

/** A callback at a time; see Simulation.at. */
export class Timer implements Occurrence {
  readonly background: boolean;
  readonly #sim: Simulation;
  #callback: (() => void) | undefined;

  constructor(sim: Simulation, callback: () => void, background: boolean) {
    this.#sim = sim;
    this.#callback = callback;
    this.background = background;
  }

  /** Call it off; without effect once it has happened. */
  cancel(): void {
    if (this.#callback === undefined) return;
    this.#callback = undefined;
    if (!this.background) this.#sim.toBackground();
  }

  happen(): void {
    const callback = this.#callback;
    if (callback === undefined) return;
    this.#callback = undefined;
    callback();
  }

  /** Called off, or happened. */
  get spent(): boolean {
    return this.#callback === undefined;
  }
}

export class Simulation {
  readonly seed: number;
  /** The present, in ns. */
  now = 0;
  /** The thread whose code is running; undefined in callbacks. */
  current: Thread | undefined = undefined;
  /** Is told what happens, for a trace. */
  probe: Probe | undefined = undefined;
  readonly #queue = new EventQueue();
  readonly #threads = new Set<Thread>();
  readonly #streams = new Map<string, RandomStream>();
  #foreground = 0; // threads that are not daemons and have not ended
  #backgroundEvents = 0; // queued events that keep nobody waiting: clock ticks, timers called off

  constructor(options: { seed?: number } = {}) {
    this.seed = options.seed ?? 1;
  }

  /** Events that have happened so far. */
  get events(): number {
    return this.#queue.taken;
  }

  /** The random stream of the component called `name`; asked for again, it goes on where it was. */
  stream(name: string): RandomStream {
    let stream = this.#streams.get(name);
    if (stream === undefined) this.#streams.set(name, (stream = new RandomStream(this.seed, name)));
    return stream;
  }

  /** Start a thread that takes `steps`. */
  spawn<T>(name: string, steps: Steps<T>, options: ThreadOptions = {}): Thread<T> {
    const thread = new Thread<T>(this, name, steps, options);
    if (!thread.daemon) this.#foreground++;
    this.#threads.add(thread as Thread);
    this.#runnable(thread as Thread);
    return thread;
  }

  /** Call `callback` at `timeNs`. A background timer (a clock tick) does not count as something to wait for. */
  at(timeNs: number, callback: () => void, options: { background?: boolean } = {}): Timer {
    const timer = new Timer(this, callback, options.background ?? false);
    if (timer.background) this.#backgroundEvents++;
    this.schedule(timeNs, timer);
    return timer;
  }

  /** Call `callback` after `delayNs`. */
  after(delayNs: number, callback: () => void, options: { background?: boolean } = {}): Timer {
    return this.at(this.now + delayNs, callback, options);
  }

  /** Let `occurrence` happen at `timeNs`; the cheap form of `at`, which cannot be called off. */
  schedule(timeNs: number, occurrence: Occurrence): void {
    if (timeNs > this.now) this.#queue.add(timeNs, occurrence);
    else if (timeNs === this.now) this.#queue.addNow(occurrence);
    else throw new Error(`time ${timeNs} ns lies before the present, ${this.now} ns`);
  }

  /** The running thread; an error in callbacks, where nobody can sleep. */
  running(): Thread {
    if (this.current === undefined) throw new Error("only a thread can wait, and no thread is running");
    return this.current;
  }

  /** Add `ns` of work, called `what` and done in `space`, to what the running thread owes; it passes at the next settle or sleep. */
  charge(ns: number, what = "work", space?: Space): void {
    const thread = this.running();
    this.probe?.work(thread, what, ns, space);
    thread.owedNs += ns;
  }

  /** Let the work that the running thread owes pass. */
  settle(): Steps {
    const thread = this.running();
    return thread.owedNs > 0 ? this.#pay(thread) : NO_STEPS;
  }

  *#pay(thread: Thread): Steps {
    yield this.takeOwed(thread);
  }

  /** What `thread` owes, in ns, and owes no more: to be yielded at once. */
  takeOwed(thread: Thread): number {
    const ns = thread.owedNs;
    thread.owedNs = 0;
    return ns;
  }

  /**
   * Sleep for `ns`, off the processor. A daemon that wakes again and again for nobody in
   * particular sleeps in the background: otherwise a deadlock of others would not be seen.
   */
  *sleep(ns: number, options: { background?: boolean } = {}): Steps {
    const thread = this.running();
    yield* this.settle();
    this.after(ns, () => this.wake(thread), options);
    yield BLOCK;
  }

  /** Wait until `thread` has ended; its result. */
  *join<T>(thread: Thread<T>): Steps<T> {
    thread.ends ??= new WaitQueue(this, `the end of ${thread.name}`);
    while (!thread.ended) yield* thread.ends.wait();
    return thread.result as T;
  }

  /** Let a sleeping thread go on; without effect on one that is awake. */
  wake(thread: Thread): void {
    if (!thread.blocked) return;
    this.probe?.woken(thread);
    thread.blocked = false;
    this.#runnable(thread);
  }

  /** Let `thread` take its next step now. Called by the queue, and by processors for the threads bound to them. */
  resume(thread: Thread): void {
    const step = this.#step(thread);
    if (step.done === true) this.#end(thread, step.value);
    else if (step.value === BLOCK) {
      thread.blocked = true;
      this.probe?.blocked(thread);
      thread.processor?.release(thread);
    } else if (thread.processor !== undefined) thread.processor.work(thread, step.value);
    else this.schedule(this.now + step.value, thread);
  }

  /**
   * Turn the clock until every thread that is not a daemon has ended.
   * @throws DeadlockError when nothing can happen any more and such a thread waits; else what a thread threw.
   */
  run(): void {
    while (this.#foreground > 0) {
      const time = this.#queue.nextTime(this.now);
      if (time === undefined || this.#queue.length === this.#backgroundEvents) {
        throw new DeadlockError(this.now, [...this.#threads].filter((thread) => !thread.daemon));
      }
      this.now = time;
      const occurrence = this.#queue.take(time);
      if (occurrence instanceof Timer && (occurrence.background || occurrence.spent)) this.#backgroundEvents--;
      occurrence.happen();
    }
  }

  /** A queued timer no longer keeps anybody waiting. */
  toBackground(): void {
    this.#backgroundEvents++;
  }

  #runnable(thread: Thread): void {
    if (thread.processor !== undefined) thread.processor.ready(thread);
    else this.schedule(this.now, thread);
  }

  /** The next step of `thread`. What it throws leaves run(), but the thread has ended, so that the others can go on. */
  #step(thread: Thread): IteratorResult<Wait, unknown> {
    this.current = thread;
    try {
      return thread.steps.next();
    } catch (error) {
      thread.owedNs = 0;
      this.#end(thread, undefined);
      throw error;
    } finally {
      this.current = undefined;
    }
  }

  #end(thread: Thread, result: unknown): void {
    if (thread.owedNs > 0) {
      // The last work of a thread takes its time like any other: end after it.
      const owed = this.takeOwed(thread);
      thread.steps = lastWork(owed, result);
      this.resume(thread);
      return;
    }
    thread.ended = true;
    thread.result = result;
    this.probe?.blocked(thread);
    this.#threads.delete(thread);
    if (!thread.daemon) this.#foreground--;
    thread.processor?.release(thread);
    thread.ends?.wakeAll();
  }
}

function* nothing(): Steps {}

/** Steps that are over: what has nothing to wait for gives these, to be spared the making of its own. */
const NO_STEPS = nothing();
NO_STEPS.next();

function* lastWork(ns: number, result: unknown): Steps<unknown> {
  yield ns;
  return result;
}
