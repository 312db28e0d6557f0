/**
 * memory_object_supply_completed: what has become of the pages that the pager gave (section 4.1.2, [21]).
 *
 * Layer: kernels/mach3; kernel to pager, the answer to memory_object_data_supply.
 * The kernel takes pages up to the first one that it has already.
 */
import type { Kernel } from "../kernel.ts";
import { kernelMessage } from "../message.ts";
import type { Right } from "../message.ts";

export const MEMORY_OBJECT_SUPPLY_COMPLETED = "memory_object_supply_completed";

/** In-line data; offsets and length in bytes. */
export interface MemoryObjectSupplyCompleted {
  /** As in the supply. */
  offset: number;
  length: number;
  /** All pages were taken, or one was there. */
  result: "KERN_SUCCESS" | "KERN_MEMORY_PRESENT";
  /** The page that was there: it and those behind it were not taken. After a success, the end of the range. */
  errorOffset: number;
}

/** Answer a supply of `length` bytes at `offset`, of which the kernel has taken those before `errorOffset`, with the right that came with it. */
export function memoryObjectSupplyCompleted(kernel: Kernel, reply: Right, offset: number, length: number, errorOffset: number): void {
  const result = errorOffset === offset + length ? "KERN_SUCCESS" : "KERN_MEMORY_PRESENT";
  const data: MemoryObjectSupplyCompleted = { offset, length, result, errorOffset };
  kernel.answer(reply, kernelMessage(MEMORY_OBJECT_SUPPLY_COMPLETED, data));
}
