/**
 * The buffer in a process's memory that read() fills and write() empties, as the Emulation Library finds it.
 *
 * Layer: servers/bsd43. It grows on demand, is copied by fork() like all memory, and
 * may lose pages when the swap device is broken, or find no more memory: then the call
 * fails, and the next one gets a new buffer.
 */
import { UnixError } from "../../fs/errno.ts";
import { PAGE_BYTES } from "../../hardware/memory.ts";
import { MachError, vmAllocate, vmDeallocate } from "../../kernels/mach3/index.ts";
import type { Task } from "../../kernels/mach3/index.ts";

export class UserMemory {
  readonly #task: Task;
  #address = 0;
  #bytes = 0;

  /** In `task`, which has a copy of the memory of `parent` if that forked it. */
  constructor(task: Task, parent?: UserMemory) {
    this.#task = task;
    if (parent === undefined) return;
    this.#address = parent.#address;
    this.#bytes = parent.#bytes;
  }

  /** Make it `bytes` bytes long at least; its address. @throws ENOMEM for more than there is memory, or room in the task */
  reserve(bytes: number): number {
    if (bytes <= this.#bytes) return this.#address;
    if (bytes > this.#task.kernel.machine.memory.bytes.length) throw new UnixError("ENOMEM");
    this.giveUp();
    const length = Math.ceil(bytes / PAGE_BYTES) * PAGE_BYTES;
    try {
      this.#address = vmAllocate(this.#task, length);
    } catch (error) {
      throw unixError(error);
    }
    this.#bytes = length;
    return this.#address;
  }

  /** Where it is, if it has been made. */
  get address(): number {
    return this.#address;
  }

  /** Let the next call have a new one. */
  giveUp(): void {
    if (this.#bytes > 0) vmDeallocate(this.#task, this.#address, this.#bytes);
    this.#address = this.#bytes = 0;
  }

  /** What the call that failed with `error` gets. If memory failed, pages of the buffer may be lost. */
  failed(error: unknown): unknown {
    if (error instanceof MachError) this.giveUp();
    return unixError(error);
  }
}

/** EIO if a pager could not serve a fault, of the file or of the process; ENOMEM if there is no memory left and no room in swap space, or none in the address space; EFAULT if the process has overwritten where its window is. */
function unixError(error: unknown): unknown {
  if (!(error instanceof MachError)) return error;
  if (error.code === "KERN_MEMORY_ERROR") return new UnixError("EIO");
  if (error.code === "KERN_RESOURCE_SHORTAGE" || error.code === "KERN_NO_SPACE") return new UnixError("ENOMEM");
  return error.code === "KERN_INVALID_ADDRESS" || error.code === "KERN_PROTECTION_FAILURE" ? new UnixError("EFAULT") : error;
}
