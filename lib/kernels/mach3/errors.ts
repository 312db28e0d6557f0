/**
 * What a Mach call answers when it cannot do what it was asked.
 *
 * Layer: kernels/mach3. The names are the return codes of the Mach interface.
 */

import type { Received } from "./message.ts";

/** What a message that could not be queued held, which its sender has back as if it had been received: `remote` is a destination that was moved. */
export type Returned = Pick<Received, "remote" | "ports" | "memory">;

export type MachCode =
  | "KERN_INVALID_ADDRESS"
  | "KERN_PROTECTION_FAILURE"
  | "KERN_NO_SPACE"
  | "KERN_INVALID_ARGUMENT"
  | "KERN_INVALID_NAME"
  | "KERN_INVALID_RIGHT"
  | "KERN_MEMORY_ERROR"
  | "KERN_RESOURCE_SHORTAGE"
  | "KERN_TERMINATED"
  | "MACH_SEND_INVALID_DEST"
  | "MACH_SEND_INVALID_RIGHT"
  | "MACH_SEND_TIMED_OUT"
  | "MACH_RCV_INVALID_NAME"
  | "MACH_RCV_IN_SET"
  | "MACH_RCV_PORT_DIED"
  | "MACH_RCV_PORT_CHANGED"
  | "MACH_RCV_TIMED_OUT"
  | "D_NO_SUCH_DEVICE"
  | "D_INVALID_SIZE"
  | "D_NO_MEMORY"
  | "D_INVALID_RECNUM"
  | "D_IO_ERROR";

export class MachError extends Error {
  override readonly name = "MachError";
  readonly code: MachCode;
  /** Of MACH_SEND_TIMED_OUT. */
  readonly returned: Returned | undefined;

  /** @param detail says in words which argument it was. */
  constructor(code: MachCode, detail: string, returned?: Returned) {
    super(`${code}: ${detail}`);
    this.code = code;
    this.returned = returned;
  }
}
