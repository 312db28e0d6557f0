/** MiX on one or several small machines, without a System around it. */
import { Simulation } from "../../../lib/engine/index.ts";
import type { Steps } from "../../../lib/engine/index.ts";
import { Machine } from "../../../lib/hardware/machine.ts";
import { override } from "../../../lib/schema/index.ts";
import type { Overrides } from "../../../lib/schema/index.ts";
import { mixShape } from "../../../lib/servers/mix/shape.ts";
import type { MixValues } from "../../../lib/servers/mix/shape.ts";
import type { Mix } from "../../../lib/servers/mix/mix.ts";
import { mixSites } from "../../../lib/servers/mix/sites.ts";
import { machineParameters, systemParameters } from "../../../lib/systems/boot.ts";
import type { Program } from "../../../lib/unix/interface.ts";

export interface RigOptions {
  sites?: number;
  sizeMB?: number;
  values?: Overrides<typeof mixShape>;
  seed?: number;
}

export interface Rig {
  sim: Simulation;
  sites: [Mix, ...Mix[]];
  /** Run a program on a site to its end. */
  run<T>(program: Program<T>, site?: number): T;
  /** Run programs on their sites side by side. */
  together(programs: readonly (readonly [site: number, program: Program])[]): void;
}

export function rig({ sites: count = 1, sizeMB = 4, values: changes = {}, seed = 1 }: RigOptions = {}): Rig {
  const sim = new Simulation({ seed });
  const spec = override(machineParameters("compaq"), { disk: { cylinders: 200 }, memory: { sizeMB } }).values;
  const values = override(systemParameters("mix"), { ...changes, om: { swapMB: 4, ...changes.om } } as Overrides<typeof mixShape>).values as unknown as MixValues;
  const machines = Array.from({ length: count }, () => new Machine(sim, spec)) as [Machine, ...Machine[]];
  const sites = mixSites(machines, values) as [Mix, ...Mix[]];
  for (const site of sites) perform(sim, site, site.mount());
  return {
    sim,
    sites,
    run(program, site = 0) {
      const thread = sites[site]!.execute(program);
      sim.run();
      return thread.result as never;
    },
    together(programs) {
      for (const [site, program] of programs) sites[site]!.execute(program);
      sim.run();
    },
  };
}

export function perform(sim: Simulation, site: Mix, steps: Steps): void {
  sim.spawn("test", steps, { processor: site.machine.processor });
  sim.run();
}

export const pattern = (seed: number, bytes: number): Uint8Array => Uint8Array.from({ length: bytes }, (_, at) => (seed * 37 + at * 11 + (at >> 8)) % 256);
