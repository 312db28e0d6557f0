/**
 * What a process may use of each resource, and the signals that it holds back.
 *
 * Layer: unix; section 3.1.1 names getrlimit(), sigblock() and setsigmask(). No
 * system here sets a limit but that on descriptors, and none sends signals: the
 * calls are there for what they cost.
 */
import { UnixError } from "../fs/errno.ts";
import type { Limit, Resource } from "./interface.ts";
import { MAX_DESCRIPTORS } from "./process.ts";

/** The resources, in the order of their numbers. */
export const RESOURCES: readonly Resource[] = ["cpu", "fsize", "data", "stack", "core", "rss", "nofile"];

/** Number of `resource`. @throws EINVAL */
export function resourceNumber(resource: Resource): number {
  const number = RESOURCES.indexOf(resource);
  if (number < 0) throw new UnixError("EINVAL");
  return number;
}

/** The limit on resource `number` of every process. */
export function limitOn(number: number): Limit {
  const most = RESOURCES[number] === "nofile" ? MAX_DESCRIPTORS : Infinity;
  return { current: most, maximum: most };
}

/** Signals, as bits of a mask, that nobody can hold back: KILL and STOP of 4.3BSD. */
const UNSTOPPABLE = (1 << (9 - 1)) | (1 << (17 - 1));

/** The mask that sigblock() or sigsetmask() with `mask` puts in the place of `old`. */
export function newSignalMask(call: "sigblock" | "sigsetmask", old: number, mask: number): number {
  return (call === "sigblock" ? old | mask : mask) & ~UNSTOPPABLE;
}
