/** A processor under test: threads and interrupts that note when they have done what. */
import { Simulation } from "../../lib/engine/index.ts";
import type { Steps } from "../../lib/engine/index.ts";
import { Processor } from "../../lib/hardware/processor.ts";
import type { ProcessorOptions } from "../../lib/hardware/processor.ts";

const NEVER = 1e15;

/** One processor, whose clock ticks only if asked to, and a log of what happened when. */
export class Rig {
  readonly sim = new Simulation();
  readonly processor: Processor;
  readonly log: string[] = [];

  constructor(options: Partial<ProcessorOptions> = {}, switchNs = 0) {
    this.processor = new Processor(this.sim, { tickNs: NEVER, tickCostNs: 0, firstTickNs: NEVER, quantumTicks: 1, ...options });
    this.processor.switchCost = (from, to) => (from === to ? 0 : switchNs);
  }

  note(word: string): void {
    this.log.push(`${word}@${this.sim.now}`);
  }

  /** A thread that comes at `atNs`, computes for each of `bursts`, and notes when it has done so. */
  compute(name: string, atNs: number, bursts: number[], priority = 16): void {
    const steps = function* (rig: Rig): Steps {
      for (const ns of bursts) {
        yield ns;
        rig.note(name);
      }
    };
    this.sim.at(atNs, () => this.sim.spawn(name, steps(this), { processor: this.processor, priority }));
  }

  interruptAt(atNs: number, name: string, costNs: number, effect: () => void = () => undefined): void {
    this.sim.at(atNs, () => this.processor.interrupt(name, costNs, () => {
      this.note(name);
      effect();
    }));
  }

  /** What has happened by `untilNs`, and until all threads have ended. */
  run(untilNs = 5_000): string[] {
    this.sim.spawn("until", this.sim.sleep(untilNs));
    this.sim.run();
    return this.log;
  }
}
