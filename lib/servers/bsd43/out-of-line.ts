/**
 * Memory of the server for the data of one long read() or write(): it goes, or has come, out of line.
 *
 * Layer: servers/bsd43; section 2. Pages like any others: they fault when they are
 * first touched, and may leave memory before the call is done.
 */
import type { Steps } from "../../engine/index.ts";
import { UnixError } from "../../fs/errno.ts";
import { MachError, VM_PROT_READ, VM_PROT_WRITE, userAddress, vmAllocate, vmDeallocate } from "../../kernels/mach3/index.ts";
import type { Message, OutOfLineItem, Task } from "../../kernels/mach3/index.ts";
import type { DataBuffer } from "../../unix/user-buffer.ts";

export class OutOfLineMemory implements DataBuffer {
  readonly #task: Task;
  readonly #come: boolean;
  #memory: OutOfLineItem | undefined;

  /** Memory of `task` that has `come` with a message, to be read; or none yet, to be filled. */
  constructor(task: Task, come?: OutOfLineItem) {
    this.#task = task;
    this.#come = come !== undefined;
    this.#memory = come;
  }

  /** @throws ENOMEM for more than there is memory */
  reserve(count: number): void {
    if (count <= (this.#memory?.bytes ?? 0)) return;
    if (count > this.#task.kernel.machine.memory.bytes.length) throw new UnixError("ENOMEM");
    this.release();
    this.#memory = { address: vmAllocate(this.#task, count), bytes: count };
  }

  /** @throws ENOMEM when there is no memory left, EIO when a page has been lost by the swap device */
  *reach(offset: number): Steps<number> {
    try {
      return yield* userAddress(this.#task, this.#memory!.address + offset, this.#come ? VM_PROT_READ : VM_PROT_WRITE);
    } catch (error) {
      if (!(error instanceof MachError)) throw error;
      if (error.code === "KERN_RESOURCE_SHORTAGE") throw new UnixError("ENOMEM");
      throw error.code === "KERN_MEMORY_ERROR" ? new UnixError("EIO") : error;
    }
  }

  /** The part of a message that takes it away, now that it is full. */
  message(): Pick<Message, "memory"> {
    return this.#memory === undefined ? {} : { memory: [{ ...this.#memory, deallocate: true }] };
  }

  release(): void {
    if (this.#memory !== undefined) vmDeallocate(this.#task, this.#memory.address, this.#memory.bytes);
    this.#memory = undefined;
  }
}
