/**
 * In-line data of messages: copied into the kernel, and out of it to the receiver.
 *
 * Layer: kernels/mach3; section 2. Both copies are paid by who sends, the kernel included.
 */
import type { Kernel } from "./kernel.ts";
import type { KernelMessage } from "./message.ts";

/** Charge the copies of what `message` has in line; its bytes are in the message from now on. */
export function chargeInLine(kernel: Kernel, message: KernelMessage): void {
  const { inLine } = message;
  if (inLine === undefined || inLine.length === 0) return;
  const ns = inLineNs(kernel, inLine);
  kernel.counters.inLineBytes += inLine.length;
  kernel.sim.probe?.move("message", inLine, message, inLine.length, ns / 2, "message");
  kernel.charge(ns, "in-line data");
}

/** What both copies take, in ns. */
export function inLineNs({ costs }: Kernel, { length }: Uint8Array): number {
  return Math.round((costs.inLineKBNs * length) / 1024);
}
