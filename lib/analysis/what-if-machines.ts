/**
 * Machines of other years, as data: data/what-if.
 *
 * Layer: analysis. Each file describes a whole machine with provenance, as those of
 * the paper are described, and how a file system would be laid out on its disk.
 */
import type { machineShape as shapeOfMachines } from "../hardware/machine-file.ts";
import { machineShape } from "../hardware/machine-file.ts";
import { amount, InputError, parameters, suggest, whole } from "../schema/index.ts";
import type { Parameters, Shape, Values } from "../schema/index.ts";
import { readData } from "../systems/data-files.ts";

/** The values of a machine of another year. */
export const whatIfShape = {
  ...machineShape,
  fileSystem: { rotdelayMs: amount("ms"), maxcontig: whole("blocks", 1) },
} satisfies Shape;

export const whatIfMachineNames = ["pc-1998", "disk-today", "flash-today"] as const;
export type WhatIfMachineName = (typeof whatIfMachineNames)[number];

/** The values of a machine of another year, with their provenance. */
export function whatIfMachineParameters(name: WhatIfMachineName): Parameters<typeof whatIfShape> {
  if (!whatIfMachineNames.includes(name)) throw new InputError(`unknown machine "${name}"${suggest(name, whatIfMachineNames)}`);
  const path = `what-if/${name}.json`;
  return parameters(whatIfShape, readData(path), `data/${path}`);
}

/** Options with which boot() puts any system on another machine. */
export interface MachineChange {
  machine: { base: "hp-vectra" } & { [Group in keyof typeof shapeOfMachines]?: Partial<Values<typeof shapeOfMachines>[Group]> };
  fileSystem?: { rotdelayMs?: number; maxcontig?: number };
}

/** Options with which boot() puts any system on the machine `name`: boot("mach3", whatIfMachine("pc-1998")). */
export function whatIfMachine(name: WhatIfMachineName): MachineChange {
  const { fileSystem, ...machine } = whatIfMachineParameters(name).values;
  return { machine: { base: "hp-vectra", ...machine }, fileSystem };
}
