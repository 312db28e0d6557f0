/**
 * What every resource counts: how much it was used, and how long others waited.
 *
 * Layer: engine. Integrals over simulated time, updated at each change; reading
 * them costs nothing until somebody asks.
 */

/** Counts and time integrals of one resource; times in ns. */
export class ResourceStatistics {
  /** How often the resource was asked for. */
  requests = 0;
  /** How many of these had to wait. */
  waits = 0;
  /** Time in use, summed. */
  busyNs = 0;
  /** Time that requests spent waiting, summed over requests. */
  waitingNs = 0;
  /** Longest queue seen. */
  longestQueue = 0;
  #inUseSince = -1;

  /** The resource comes into use at `now`. */
  begin(now: number): void {
    this.#inUseSince = now;
  }

  /** The resource falls idle at `now`. */
  end(now: number): void {
    this.busyNs += now - this.#inUseSince;
    this.#inUseSince = -1;
  }

  /** A request that stood in the queue for `ns` leaves it. */
  waited(ns: number): void {
    this.waits++;
    this.waitingNs += ns;
  }

  /** The queue has now `length` waiters. */
  queued(length: number): void {
    if (length > this.longestQueue) this.longestQueue = length;
  }

  /** Share of the time from 0 to `now` in which the resource was in use. */
  utilization(now: number): number {
    return now > 0 ? this.busyUntil(now) / now : 0;
  }

  /** Time in use from 0 to `now`, with the use that goes on. */
  busyUntil(now: number): number {
    return this.busyNs + (this.#inUseSince >= 0 ? now - this.#inUseSince : 0);
  }

  /** Mean number of waiters from 0 to `now`: the waiting time summed, over the elapsed time. Waits that go on do not count yet. */
  meanQueueLength(now: number): number {
    return now > 0 ? this.waitingNs / now : 0;
  }

  /** Mean wait in ns over all requests, those that did not wait included. */
  meanWaitNs(): number {
    return this.requests > 0 ? this.waitingNs / this.requests : 0;
  }
}
