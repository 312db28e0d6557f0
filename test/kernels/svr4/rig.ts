/** A System V small enough that memory and disk are soon full. */
import type { Svr4 } from "../../../lib/kernels/svr4/kernel.ts";
import type { BootOptions } from "../../../lib/systems/boot.ts";
import type { System } from "../../../lib/systems/system.ts";

export const PAGE = 4096;

/** A machine with 512 page frames. */
export const small: BootOptions<"svr4"> = { machine: { base: "hp-vectra", disk: { cylinders: 40 }, memory: { sizeMB: 2 } } };

/** The kernel of a booted System V. */
export const svr4 = (system: System): Svr4 => system.os as Svr4;

/** Bytes that tell where they stand. */
export function numbered(pages: number): Uint8Array {
  const words = new Uint32Array((pages * PAGE) / 4);
  for (let i = 0; i < words.length; i++) words[i] = (i * 2654435761) >>> 0;
  return new Uint8Array(words.buffer);
}
