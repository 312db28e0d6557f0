/** Mach 2.6 MSD(BSD4.3), measured in the paper on the HP Vectra. */
import type { Machine } from "../hardware/machine.ts";
import { Mach26 } from "../kernels/mach26/kernel.ts";
import { mach26Shape, MappedMach26 } from "../kernels/mach26/mapped-kernel.ts";
import type { Mach26Values } from "../kernels/mach26/mapped-kernel.ts";

export const mach26 = {
  machine: "hp-vectra" as const,
  shape: mach26Shape,
  build: (machine: Machine, values: Mach26Values) => (values.mapping.mappedFiles ? new MappedMach26(machine, values) : new Mach26(machine, values)),
};
