/** Mach 3.0 with the BSD4.3 Single Server, measured in the paper on the HP Vectra. */
import type { Machine } from "../hardware/machine.ts";
import { Bsd43Server } from "../servers/bsd43/server.ts";
import { mach3Shape } from "../servers/bsd43/shape.ts";
import type { Mach3Values } from "../servers/bsd43/shape.ts";
import { checkMach3 } from "./consistency.ts";

export const mach3 = {
  machine: "hp-vectra" as const,
  shape: mach3Shape,
  build: (machine: Machine, values: Mach3Values) => {
    checkMach3(values);
    return new Bsd43Server(machine, values);
  },
};
