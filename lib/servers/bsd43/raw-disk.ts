/**
 * The raw disk: device_read and device_write by the process itself (section 2, Table 5-6).
 *
 * Layer: servers/bsd43. The server only opens it; the data go between the kernel
 * and the process out of line, and the file pointer is kept in the library.
 */
import type { Steps } from "../../engine/index.ts";
import { UnixError } from "../../fs/errno.ts";
import { SECTOR_BYTES } from "../../hardware/disk/sectors.ts";
import { PAGE_BYTES } from "../../hardware/memory.ts";
import { MachError, deviceOpen, deviceRead, deviceWrite, residentFrames, userWrite, vmAllocate, vmDeallocate } from "../../kernels/mach3/index.ts";
import type { PortName, Task } from "../../kernels/mach3/index.ts";
import type { Whence } from "../../unix/interface.ts";
import type { OpenObject } from "../../unix/open-file.ts";

/** What the server keeps of an open raw disk: nothing that could be read. */
export const rawDisk: OpenObject = {
  *read() {
    throw new UnixError("EINVAL");
  },
  *write() {
    throw new UnixError("EINVAL");
  },
  size: () => undefined,
  *fsync() {},
  *truncate() {
    throw new UnixError("EINVAL");
  },
  *close() {},
};

/** What the server says of a raw disk that was opened. */
export interface OpenedDisk {
  readonly bytes: number;
  readonly readable: boolean;
  readonly writable: boolean;
}

/** An open raw disk in the library. Its file pointer is in memory that a process shares with its children. */
export class RawDisk {
  readonly #task: Task;
  readonly #mode: OpenedDisk;
  readonly #shared: { pointer: number };
  #device: PortName | undefined = undefined;

  /** The disk as `task` has opened it, or has it from the `parent` that forked it. */
  constructor(task: Task, mode: OpenedDisk, parent?: RawDisk) {
    this.#task = task;
    this.#mode = mode;
    this.#shared = parent === undefined ? { pointer: 0 } : parent.#shared;
  }

  /** The same disk in a child that runs in `task`. */
  inherit(task: Task): RawDisk {
    return new RawDisk(task, this.#mode, this);
  }

  /** Get the port of the device, which every task has under a name of its own. */
  *open(): Steps<PortName> {
    return (this.#device ??= yield* deviceOpen(this.#task, "disk"));
  }

  close(): void {
    if (this.#device !== undefined) this.#task.names.deallocate(this.#device);
  }

  *read(count: number): Steps<Uint8Array> {
    if (!this.#mode.readable) throw new UnixError("EBADF");
    const { kernel } = this.#task;
    const { memory } = kernel.machine;
    const bytes = this.#check(count);
    if (bytes === 0) return memory.room(0);
    const device = yield* this.open();
    const address = yield* asUnixErrors(deviceRead(this.#task, device, this.#shared.pointer / SECTOR_BYTES, bytes));
    const result = memory.room(bytes);
    residentFrames(this.#task, address, bytes).forEach((frame, i) => {
      const piece = memory.page(frame).subarray(0, Math.min(PAGE_BYTES, bytes - i * PAGE_BYTES));
      result.set(piece, i * PAGE_BYTES);
      kernel.sim.probe?.move("load", frame * PAGE_BYTES, result.subarray(i * PAGE_BYTES), piece.length, 0);
    });
    vmDeallocate(this.#task, address, bytes);
    yield* kernel.sim.settle();
    this.#shared.pointer += bytes;
    return result;
  }

  *write(data: Uint8Array): Steps<number> {
    if (!this.#mode.writable) throw new UnixError("EBADF");
    const bytes = this.#check(data.length);
    if (bytes === 0 && data.length > 0) throw new UnixError("ENXIO");
    if (bytes === 0) return 0;
    const device = yield* this.open();
    const address = vmAllocate(this.#task, bytes);
    yield* asUnixErrors(userWrite(this.#task, address, data.subarray(0, bytes)));
    yield* asUnixErrors(deviceWrite(this.#task, device, this.#shared.pointer / SECTOR_BYTES, { address, bytes, deallocate: true }));
    this.#shared.pointer += bytes;
    return bytes;
  }

  seek(offset: number, whence: Whence): number {
    const target = (whence === "set" ? 0 : whence === "current" ? this.#shared.pointer : this.#mode.bytes) + offset;
    if (!Number.isSafeInteger(target) || target < 0) throw new UnixError("EINVAL");
    return (this.#shared.pointer = target);
  }

  /** How many of `count` bytes there are from the file pointer on. @throws EINVAL unless all is whole sectors */
  #check(count: number): number {
    if (this.#shared.pointer % SECTOR_BYTES !== 0 || count % SECTOR_BYTES !== 0 || count < 0) throw new UnixError("EINVAL");
    return Math.min(count, Math.max(0, this.#mode.bytes - this.#shared.pointer));
  }
}

function* asUnixErrors<T>(steps: Steps<T>): Steps<T> {
  try {
    return yield* steps;
  } catch (error) {
    if (error instanceof MachError && (error.code === "D_IO_ERROR" || error.code === "KERN_MEMORY_ERROR")) throw new UnixError("EIO");
    throw error instanceof MachError && (error.code === "D_NO_MEMORY" || error.code === "KERN_RESOURCE_SHORTAGE") ? new UnixError("ENOMEM") : error;
  }
}
