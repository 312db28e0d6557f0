/**
 * A machine of the paper with a faster disk: the ratio of processor to disk as a what-if.
 *
 * Layer: analysis. Memory and processor stay, so a disk twice as fast is also a
 * processor half as fast before the disk of 1992.
 */
import { machineParameters } from "../systems/boot.ts";
import type { MachineName } from "../systems/boot.ts";

/** The values of what moves, by which power of the speed they change. */
const FASTER = { rpm: 1, headSwitchMs: -1, writeSettleMs: -1, seekStartMs: -1, seekRootMs: -1, seekSlopeMs: -1 } as const;

/**
 * Options of boot() for the machine `base` with a disk that turns, seeks and takes commands
 * `times` as fast. The gap between a file's blocks stays what it is in sectors, as far as whole ms allow.
 */
export function fasterDisk(base: MachineName, times: number) {
  const { disk, controller } = machineParameters(base).values;
  const changed = Object.entries(FASTER).map(([key, power]) => [key, disk[key as keyof typeof FASTER] * times ** power]);
  return {
    machine: { base, disk: Object.fromEntries(changed) as Record<keyof typeof FASTER, number>, controller: { commandUs: controller.commandUs / times } },
    fileSystem: { rotdelayMs: Math.round(4 / times) },
  };
}
