/**
 * Open files that the server reads and writes for its clients, in a handler.
 *
 * Layer: servers/bsd43; section 6.2. The window on the file is the server's, one for
 * each open file, so no Token has to go round: whoever uses the file keeps others
 * from it meanwhile. The kernel copies between the window and the user's buffer,
 * which is in another address space.
 */
import type { Steps } from "../../engine/index.ts";
import { UnixError } from "../../fs/errno.ts";
import { SECTOR_BYTES } from "../../hardware/disk/sectors.ts";
import { PAGE_BYTES } from "../../hardware/memory.ts";
import { MachError, userAddress, VM_PROT_READ, VM_PROT_WRITE } from "../../kernels/mach3/index.ts";
import type { Task } from "../../kernels/mach3/index.ts";
import type { OpenObject } from "../../unix/open-file.ts";
import type { UserBuffer } from "../../unix/user-buffer.ts";
import { MappedObject } from "./files.ts";
import type { MappedFile, Viewer } from "./mapped-file.ts";
import { RawDisk } from "./raw-disk.ts";
import type { Bsd43Server } from "./server.ts";

/** A regular file, mapped into the server. */
export class HandledObject extends MappedObject {
  readonly #server: Bsd43Server;
  readonly #viewer: Viewer;
  /** What stopped the last write after some of its bytes: the next one fails with it. */
  #failure: UnixError | undefined = undefined;

  constructor(server: Bsd43Server, file: MappedFile) {
    super(server, file);
    this.#server = server;
    this.#viewer = { task: server.task, window: { address: 0, bytes: 0, start: 0 }, descriptor: { windowAddress: 0, windowBytes: 0, windowStart: 0, written: 0, size: 0 } };
  }

  override read(buffer: UserBuffer, offset: number, count: number): Steps<number> {
    return this.#server.withToken(this.file, () => this.#read(buffer, offset, count));
  }

  override write(buffer: UserBuffer, offset: number | "end", count: number): Steps<number> {
    return this.#server.withToken(this.file, () => this.#write(buffer, offset === "end" ? this.file.size : offset, count));
  }

  override *fsync(): Steps {
    yield* this.#server.withToken(this.file, () => this.#writeBack());
    yield* super.fsync();
  }

  override *close(): Steps {
    yield* this.#server.withToken(this.file, () => this.#writeBack());
    this.file.dropWindow(this.#viewer);
    yield* super.close();
  }

  *#read(buffer: UserBuffer, offset: number, count: number): Steps<number> {
    const bytes = Math.max(0, Math.min(count, this.file.size - offset));
    buffer.reserve(bytes);
    yield* this.#copy(buffer, offset, bytes, VM_PROT_READ);
    return bytes;
  }

  *#write(buffer: UserBuffer, offset: number, count: number): Steps<number> {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure;
    const { maxFileBytes } = this.#server.fs;
    if (count > 0 && offset >= maxFileBytes) throw new UnixError("EFBIG");
    let done = 0;
    try {
      yield* this.#copy(buffer, offset, Math.min(count, maxFileBytes - offset), VM_PROT_WRITE, (bytes) => {
        done += bytes;
        this.file.grow(offset + done);
      });
    } catch (error) {
      if (done === 0 || !(error instanceof UnixError)) throw error;
      this.#failure = error; // what was written counts
    }
    return done;
  }

  /** The kernel copies between the window and the buffer's beginning; `moved` is told of each piece. @throws UnixError */
  *#copy(buffer: UserBuffer, offset: number, count: number, access: typeof VM_PROT_READ | typeof VM_PROT_WRITE, moved: (bytes: number) => void = () => {}): Steps {
    const { machine, task } = this.#server;
    for (let done = 0; done < count; ) {
      const { address, room } = yield* this.#window(offset + done, access);
      const physical = yield* this.#touch(task, address, access);
      const piece = Math.min(count - done, room, PAGE_BYTES - (physical % PAGE_BYTES));
      if (access === VM_PROT_WRITE) this.#viewer.descriptor.written = 1;
      buffer.pieces(done, piece, (user, part, bytes) => {
        if (access === VM_PROT_READ) machine.bcopy(physical + part, user, bytes);
        else machine.bcopy(user, physical + part, bytes);
      });
      moved(piece);
      done += piece;
    }
  }

  *#touch(task: Task, address: number, access: typeof VM_PROT_READ | typeof VM_PROT_WRITE): Steps<number> {
    try {
      return yield* userAddress(task, address, access);
    } catch (error) {
      if (error instanceof MachError && error.code === "KERN_RESOURCE_SHORTAGE") throw new UnixError("ENOMEM");
      throw error instanceof MachError && error.code === "KERN_MEMORY_ERROR" ? new UnixError("EIO") : error;
    }
  }

  /** Where byte `offset` is in the window, which is moved if it is elsewhere, and how much follows. */
  *#window(offset: number, access: typeof VM_PROT_READ | typeof VM_PROT_WRITE): Steps<{ address: number; room: number }> {
    const { descriptor: d, window } = this.#viewer;
    if (window.bytes === 0 || offset < window.start || offset >= window.start + window.bytes) {
      const { costs, task, values } = this.#server;
      const { windowBytes } = values.mapping;
      task.charge(costs.remapNs, "remap");
      d.size = this.file.size;
      yield* this.file.moveWindow(this.#viewer, offset - (offset % windowBytes), windowBytes);
      if (access === VM_PROT_WRITE) this.file.report(); // a page of the old window, or one before, found the disk full
    }
    return { address: window.address + offset - window.start, room: window.start + window.bytes - offset };
  }

  *#writeBack(): Steps {
    const { descriptor } = this.#viewer;
    if (descriptor.written === 0) return;
    descriptor.size = this.file.size;
    yield* this.file.writeBack(this.#viewer);
  }
}

/** The raw disk: the server reads and writes it, and hands the pages over. */
export class HandledRawDisk implements OpenObject {
  readonly #task: Task;
  readonly #disk: RawDisk;
  readonly #bytes: number;

  /** The disk, of `sectors` sectors, opened by the server's `task`. */
  constructor(task: Task, sectors: number) {
    this.#task = task;
    this.#bytes = sectors * SECTOR_BYTES;
    this.#disk = new RawDisk(task, { bytes: this.#bytes, readable: true, writable: true });
  }

  *read(buffer: UserBuffer, offset: number, count: number): Steps<number> {
    this.#disk.seek(offset, "set");
    const bytes = yield* this.#disk.read(count);
    this.#handOver(bytes.length);
    buffer.fill(bytes, "page");
    return bytes.length;
  }

  *write(buffer: UserBuffer, offset: number | "end", count: number): Steps<number> {
    this.#disk.seek(offset === "end" ? this.#bytes : offset, "set");
    const moved = yield* this.#disk.write(buffer.take(count));
    this.#handOver(moved);
    return moved;
  }

  size(): number {
    return this.#bytes;
  }

  *fsync(): Steps {}

  *truncate(): Steps {
    throw new UnixError("EINVAL");
  }

  *close(): Steps {
    this.#disk.close();
  }

  /** Pages go between the server and the user, and none is copied. */
  #handOver(bytes: number): void {
    const { kernel } = this.#task;
    kernel.charge(kernel.costs.outOfLineNs + Math.ceil(bytes / PAGE_BYTES) * kernel.costs.pageListPageNs, "pages handed over");
  }
}
