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

/** An open raw disk in the library. */
export class RawDisk {
  readonly #device: PortName;
  readonly #bytes: number;
  #pointer = 0;

  private constructor(device: PortName, bytes: number) {
    this.#device = device;
    this.#bytes = bytes;
  }

  /** Open the disk, of `sectors` sectors, from `task`. */
  static *open(task: Task, sectors: number): Steps<RawDisk> {
    return new RawDisk(yield* deviceOpen(task, "disk"), sectors * SECTOR_BYTES);
  }

  *read(task: Task, count: number): Steps<Uint8Array> {
    const bytes = this.#check(count);
    const result = new Uint8Array(bytes);
    if (bytes === 0) return result;
    const { memory } = task.kernel.machine;
    const address = yield* inputErrors(deviceRead(task, this.#device, this.#pointer / SECTOR_BYTES, bytes));
    residentFrames(task, address, bytes).forEach((frame, i) => result.set(memory.page(frame).subarray(0, Math.min(PAGE_BYTES, bytes - i * PAGE_BYTES)), i * PAGE_BYTES));
    vmDeallocate(task, address, bytes);
    yield* task.kernel.sim.settle();
    this.#pointer += bytes;
    return result;
  }

  *write(task: Task, data: Uint8Array): Steps<number> {
    const bytes = this.#check(data.length);
    if (bytes === 0 && data.length > 0) throw new UnixError("ENXIO");
    if (bytes === 0) return 0;
    const address = vmAllocate(task, bytes);
    yield* userWrite(task, address, data.subarray(0, bytes));
    yield* inputErrors(deviceWrite(task, this.#device, this.#pointer / SECTOR_BYTES, { address, bytes, deallocate: true }));
    this.#pointer += bytes;
    return bytes;
  }

  seek(offset: number, whence: Whence): number {
    const target = (whence === "set" ? 0 : whence === "current" ? this.#pointer : this.#bytes) + offset;
    if (!Number.isSafeInteger(target) || target < 0) throw new UnixError("EINVAL");
    return (this.#pointer = target);
  }

  /** How many of `count` bytes there are from the file pointer on. @throws EINVAL unless all is whole sectors */
  #check(count: number): number {
    if (this.#pointer % SECTOR_BYTES !== 0 || count % SECTOR_BYTES !== 0 || count < 0) throw new UnixError("EINVAL");
    return Math.min(count, Math.max(0, this.#bytes - this.#pointer));
  }
}

function* inputErrors<T>(steps: Steps<T>): Steps<T> {
  try {
    return yield* steps;
  } catch (error) {
    throw error instanceof MachError && error.code === "D_IO_ERROR" ? new UnixError("EIO") : error;
  }
}
