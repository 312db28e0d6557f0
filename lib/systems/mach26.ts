/** Mach 2.6 MSD(BSD4.3), measured in the paper on the HP Vectra. */
import { Mach26, mach26Shape } from "../kernels/mach26/kernel.ts";
import type { Machine } from "../hardware/machine.ts";
import type { Values } from "../schema/index.ts";

export const mach26 = {
  machine: "hp-vectra" as const,
  shape: mach26Shape,
  build: (machine: Machine, values: Values<typeof mach26Shape>) => new Mach26(machine, values),
};
