/** CHORUS/MiX V.4, measured in the paper on the Compaq Deskpro. */
import type { Machine } from "../hardware/machine.ts";
import type { Values } from "../schema/index.ts";
import { mixShape } from "../servers/mix/shape.ts";
import { mixSites } from "../servers/mix/sites.ts";

export const mix = {
  machine: "compaq" as const,
  shape: mixShape,
  build: (machine: Machine, values: Values<typeof mixShape>) => mixSites(machine, values),
};
