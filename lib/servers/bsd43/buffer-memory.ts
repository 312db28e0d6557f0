/**
 * The memory of the server's buffer cache: wired, and in the server's address space.
 *
 * Layer: servers/bsd43; section 4.1.2. A buffer has a physical address, where the
 * file system works on it, and one of the server's, from which its pages go into
 * messages to the kernel.
 */
import { PAGE_BYTES } from "../../hardware/memory.ts";
import type { Frame } from "../../hardware/memory.ts";
import { vmWire } from "../../kernels/mach3/index.ts";
import type { Task } from "../../kernels/mach3/index.ts";

export class BufferMemory {
  readonly #task: Task;
  readonly #addresses = new Map<Frame, number>();

  constructor(task: Task) {
    this.#task = task;
  }

  /** `count` frames side by side; undefined when there is no such run. */
  allocateRun(owner: string, count: number): Frame[] | undefined {
    const frames = this.#task.kernel.machine.memory.allocateRun(owner, count);
    if (frames === undefined) return undefined;
    const { address } = vmWire(this.#task, frames);
    frames.forEach((frame, i) => this.#addresses.set(frame, address + i * PAGE_BYTES));
    return frames;
  }

  view(address: number, count: number): Uint8Array {
    return this.#task.kernel.machine.memory.view(address, count);
  }

  /** Where `frame` is in the server's address space. */
  addressOf(frame: Frame): number {
    return this.#addresses.get(frame)!;
  }
}
