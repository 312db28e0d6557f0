/** System V R4.0, measured in the paper on the Compaq Deskpro. */
import { Svr4, svr4Shape } from "../kernels/svr4/kernel.ts";
import type { Machine } from "../hardware/machine.ts";
import type { Values } from "../schema/index.ts";

export const svr4 = {
  machine: "compaq" as const,
  shape: svr4Shape,
  build: (machine: Machine, values: Values<typeof svr4Shape>) => new Svr4(machine, values),
};
