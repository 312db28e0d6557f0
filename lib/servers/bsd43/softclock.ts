/**
 * The Softclock Thread: internal timeouts and callbacks (section 3.1.1).
 *
 * Layer: servers/bsd43.
 */
import { WaitQueue } from "../../engine/index.ts";
import type { Simulation, Steps } from "../../engine/index.ts";

export class Softclock {
  readonly #sim: Simulation;
  readonly #callouts: { atNs: number; callback: () => void }[] = []; // the next first
  readonly #changed: WaitQueue;

  constructor(sim: Simulation) {
    this.#sim = sim;
    this.#changed = new WaitQueue(sim, "a timeout");
  }

  /** Call `callback` after `delayNs`. */
  timeout(delayNs: number, callback: () => void): void {
    const callout = { atNs: this.#sim.now + delayNs, callback };
    const place = this.#callouts.findIndex((other) => other.atNs > callout.atNs);
    this.#callouts.splice(place < 0 ? this.#callouts.length : place, 0, callout);
    this.#changed.wakeOne();
  }

  *thread(): Steps {
    for (;;) {
      const [next] = this.#callouts;
      if (next === undefined) yield* this.#changed.wait();
      else if (next.atNs > this.#sim.now) yield* this.#changed.waitUntil(next.atNs);
      else this.#callouts.shift()!.callback();
    }
  }
}
