/**
 * Queues of sleeping threads, and the locks and mailboxes built on them.
 *
 * Layer: engine. First come, first served. A thread that owes work when it goes
 * to sleep does the work first while it already stands in the queue, so a wake-up
 * that comes in between is not lost.
 */
import { BLOCK } from "./steps.ts";
import type { Steps } from "./steps.ts";
import { ResourceStatistics } from "./statistics.ts";
import type { Simulation } from "./simulation.ts";
import type { Thread } from "./thread.ts";

export class WaitQueue {
  readonly sim: Simulation;
  readonly name: string;
  readonly statistics = new ResourceStatistics();
  length = 0;
  #first: Thread | undefined = undefined;
  #last: Thread | undefined = undefined;

  constructor(sim: Simulation, name: string) {
    this.sim = sim;
    this.name = name;
  }

  /** What a waiter waits for, in words, for the report of a deadlock. */
  describe(): string {
    return this.name;
  }

  /**
   * Sleep until woken; false when `timeoutNs` passed first.
   * The time counts from now, before any work the thread still owes.
   */
  wait(timeoutNs?: number): Steps<boolean> {
    return this.waitUntil(timeoutNs === undefined ? undefined : this.sim.now + timeoutNs);
  }

  /** Sleep until woken; false when the time `deadlineNs` came first. A deadline that has passed already is now. */
  *waitUntil(deadlineNs: number | undefined): Steps<boolean> {
    const thread = this.sim.running();
    this.#append(thread);
    let timedOut = false;
    const timer =
      deadlineNs === undefined
        ? undefined
        : this.sim.at(Math.max(deadlineNs, this.sim.now), () => {
            if (thread.queue !== this) return; // woken already, it has only not run since
            timedOut = true;
            this.#remove(thread);
            this.sim.wake(thread);
          });
    try {
      if (thread.owedNs > 0) yield this.sim.takeOwed(thread);
      if (thread.queue === this) yield BLOCK;
    } finally {
      timer?.cancel();
      if (thread.queue === this) this.#remove(thread); // it was ended in its sleep: the next wake-up is another's
    }
    return !timedOut;
  }

  /** Wake the thread that has waited longest; it is returned, or undefined when nobody waits. */
  wakeOne(): Thread | undefined {
    const thread = this.#first;
    if (thread === undefined) return undefined;
    this.#remove(thread);
    this.sim.wake(thread);
    return thread;
  }

  /** Wake all that wait, in the order in which they came. */
  wakeAll(): void {
    while (this.wakeOne() !== undefined);
  }

  #append(thread: Thread): void {
    thread.queue = this;
    thread.queuedAt = this.sim.now;
    thread.previous = this.#last;
    if (this.#last === undefined) this.#first = thread;
    else this.#last.next = thread;
    this.#last = thread;
    this.statistics.requests++;
    this.statistics.queued(++this.length);
  }

  #remove(thread: Thread): void {
    if (thread.previous === undefined) this.#first = thread.next;
    else thread.previous.next = thread.next;
    if (thread.next === undefined) this.#last = thread.previous;
    else thread.next.previous = thread.previous;
    thread.queue = thread.next = thread.previous = undefined;
    this.length--;
    this.statistics.waited(this.sim.now - thread.queuedAt);
  }
}

/** A lock that one thread at a time can hold; a release hands it to the longest waiter. */
export class Lock extends WaitQueue {
  holder: Thread | undefined = undefined;

  override describe(): string {
    return this.holder === undefined ? this.name : `${this.name}, held by ${this.holder.name}`;
  }

  /** Take the lock, waiting for it if need be; false when `timeoutNs` passed first. */
  *acquire(timeoutNs?: number): Steps<boolean> {
    if (this.tryAcquire()) return true;
    const thread = this.sim.running();
    if (this.holder === thread) throw new Error(`${thread.name} already holds ${this.name}`);
    return yield* this.wait(timeoutNs);
  }

  /** Take the lock if it is free. */
  tryAcquire(): boolean {
    if (this.holder !== undefined) return false;
    this.holder = this.sim.running();
    this.statistics.requests++;
    this.statistics.begin(this.sim.now);
    return true;
  }

  /** Give the lock back; the longest waiter, if any, holds it from now on. */
  release(): void {
    if (this.holder === undefined) throw new Error(`${this.name} is released but not held`);
    this.holder = this.wakeOne();
    if (this.holder === undefined) this.statistics.end(this.sim.now);
  }
}

/** A queue of items between threads: get waits for an item, put for room. */
export class Mailbox<T> {
  readonly name: string;
  readonly capacity: number;
  /** Those who wait for an item, and those who wait for room. */
  readonly takers: WaitQueue;
  readonly givers: WaitQueue;
  readonly #items: T[] = [];
  readonly #inHand = new Map<Thread, T>(); // what a giver in the queue offers, or a taker that was woken has been given

  /** `capacity` items fit; without it there is always room. */
  constructor(sim: Simulation, name: string, capacity = Infinity) {
    this.name = name;
    this.capacity = capacity;
    this.takers = new WaitQueue(sim, `an item in ${name}`);
    this.givers = new WaitQueue(sim, `room in ${name}`);
  }

  /** Items that nobody has taken yet. */
  get length(): number {
    return this.#items.length;
  }

  /** Put `item` in, waiting for room; false when `timeoutNs` passed first. */
  *put(item: T, timeoutNs?: number): Steps<boolean> {
    const taker = this.takers.wakeOne();
    if (taker !== undefined) this.#inHand.set(taker, item);
    else if (this.#items.length < this.capacity) this.#items.push(item);
    else {
      const giver = this.givers.sim.running();
      this.#inHand.set(giver, item);
      const taken = yield* this.givers.wait(timeoutNs);
      if (!taken) this.#inHand.delete(giver);
      return taken;
    }
    return true;
  }

  /** Take the oldest item, waiting for one; undefined when `timeoutNs` passed first. */
  *get(timeoutNs?: number): Steps<T | undefined> {
    const giver = this.givers.wakeOne();
    if (giver !== undefined) this.#items.push(this.#takeFrom(giver)!);
    if (this.#items.length > 0) return this.#items.shift();
    yield* this.takers.wait(timeoutNs);
    return this.#takeFrom(this.takers.sim.running());
  }

  #takeFrom(thread: Thread): T | undefined {
    const item = this.#inHand.get(thread);
    this.#inHand.delete(thread);
    return item;
  }
}
