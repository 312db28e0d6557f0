/** MiX on one or several small machines. */
import type { Simulation, Steps } from "../../../lib/engine/index.ts";
import type { Mix } from "../../../lib/servers/mix/mix.ts";
import { boot } from "../../../lib/systems/boot.ts";
import type { BootOptions } from "../../../lib/systems/boot.ts";
import type { Program } from "../../../lib/unix/interface.ts";
import { mixOf } from "../../../lib/workloads/chorus.ts";

export interface RigOptions {
  sites?: number;
  sizeMB?: number;
  values?: BootOptions<"mix">;
  seed?: number;
}

export interface Rig {
  sim: Simulation;
  sites: [Mix, ...Mix[]];
  /** Run a program on a site, by its index, to its end. */
  run<T>(program: Program<T>, site?: number): T;
  /** Run programs on their sites side by side. */
  together(programs: readonly (readonly [site: number, program: Program])[]): void;
}

export function rig({ sites = 1, sizeMB = 4, values = {}, seed = 1 }: RigOptions = {}): Rig {
  const machine = { base: "compaq", disk: { cylinders: 200 }, memory: { sizeMB } } as const;
  const system = boot("mix", { machine, seed, ...values, om: { swapMB: 4, ...values.om }, structure: { sites, ...values.structure } });
  return {
    sim: system.sim,
    sites: mixOf(system).sites as [Mix, ...Mix[]],
    run: (program, site = 0) => system.run(program, { site: site + 1 }),
    together(programs) {
      for (const [site, program] of programs) system.start(program, { site: site + 1 });
      system.sim.run();
    },
  };
}

export function perform(sim: Simulation, site: Mix, steps: Steps): void {
  sim.spawn("test", steps, { processor: site.machine.processor });
  sim.run();
}

export const pattern = (seed: number, bytes: number): Uint8Array => Uint8Array.from({ length: bytes }, (_, at) => (seed * 37 + at * 11 + (at >> 8)) % 256);
