/**
 * What no value shows by itself: whether the values of a machine go together.
 *
 * Layer: systems. Each value is within its bounds already; a machine that breaks
 * one of these rules would never come to its work, or work with negative times.
 */
import type { MachineSpec } from "../hardware/machine-file.ts";
import { InputError } from "../schema/index.ts";

const US_PER_S = 1e6;
/** What the 80386 can address. */
const MOST_MEMORY_MB = 4096;

/** @throws InputError for the first rule of a machine that `spec` breaks; `where` says whose values they are. */
export function checkMachine({ processor, memory, cache }: MachineSpec, where: string): void {
  const rule = (holds: boolean, path: string, allowed: string, found: number) => {
    if (!holds) throw new InputError(`${where}: machine.${path}: expected ${allowed}, found ${found}`);
  };
  const intervalUs = US_PER_S / processor.tickHz;
  const longestTickUs = intervalUs * processor.speed;
  rule(processor.tickUs < longestTickUs, "processor.tickUs", `less than the ${longestTickUs} µs that fit between two clock interrupts`, processor.tickUs);
  rule(memory.sizeMB <= MOST_MEMORY_MB, "memory.sizeMB", `${MOST_MEMORY_MB} at most`, memory.sizeMB);
  rule(Number.isInteger(Math.log2(cache.sizeKB)), "cache.sizeKB", "a power of 2", cache.sizeKB);
  rule(cache.copyUncachedUs >= cache.copyCachedUs, "cache.copyUncachedUs", `copyCachedUs, ${cache.copyCachedUs}, or more`, cache.copyUncachedUs);
}
