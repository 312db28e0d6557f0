/**
 * The Inode Pager: the external pager behind Unix files (sections 3.1.1, 4.1.2, 4.2).
 *
 * Layer: servers/bsd43. One thread that receives what the kernel says about the
 * memory objects of all files. Data come from the disk through the buffer cache
 * (cache-reads.ts), "for historical reasons", or straight from the disk as a what-if
 * (disk-reads.ts). Blocks are allocated when pages are written out, so a full disk
 * shows only then.
 */
import { spanned } from "../../engine/index.ts";
import type { Steps } from "../../engine/index.ts";
import { UnixError } from "../../fs/errno.ts";
import type { BufferCache } from "../../fs/buffer-cache.ts";
import type { FileSystem } from "../../fs/file-system.ts";
import { locked } from "../../fs/inodes.ts";
import { PAGE_BYTES } from "../../hardware/memory.ts";
import {
  MEMORY_OBJECT_DATA_REQUEST, MEMORY_OBJECT_DATA_WRITE, MEMORY_OBJECT_INIT, MEMORY_OBJECT_LOCK_COMPLETED, MEMORY_OBJECT_TERMINATE,
  machMsgReceive, memoryObjectDataError, memoryObjectDataProvided, memoryObjectDataSupply, memoryObjectDataUnavailable, memoryObjectSetAttributes,
  VM_PROT_READ, threadWire, userAddress, vmDeallocate,
} from "../../kernels/mach3/index.ts";
import type { MemoryObjectDataRequest, MemoryObjectDataWrite, OutOfLineItem, PortName, Received, Task } from "../../kernels/mach3/index.ts";
import type { BufferMemory } from "./buffer-memory.ts";
import { CacheReads } from "./cache-reads.ts";
import { DiskReads } from "./disk-reads.ts";
import type { MappedFile } from "./mapped-file.ts";
import { isFailure, isLost } from "./pager-failures.ts";
import type { ServerDisk } from "./server-disk.ts";
import type { Mach3Values } from "./shape.ts";

/** What the pager needs of its server. */
export interface PagerHost {
  readonly task: Task;
  readonly fs: FileSystem;
  readonly memory: BufferMemory;
  readonly cache: BufferCache;
  readonly disk: ServerDisk;
  /** In ns: the pager's own work for a page. */
  readonly pagerNs: number;
  /** The kernel has no pages of `file` any more. */
  terminated(file: MappedFile): Steps;
}

export class InodePager {
  readonly #host: PagerHost;
  readonly #options: Mach3Values["pager"];
  readonly #files = new Map<PortName, MappedFile>();
  readonly #set: PortName;
  readonly #cached: CacheReads;
  readonly #reads: DiskReads;

  constructor(host: PagerHost, options: Mach3Values["pager"]) {
    this.#host = host;
    this.#options = options;
    this.#set = host.task.names.allocateSet("memory objects");
    this.#cached = new CacheReads(host, options, (control, offset, memory) => this.#provide(control, offset, memory));
    this.#reads = new DiskReads(host, options);
  }

  /** A port for a memory object. */
  port(): PortName {
    const { names } = this.#host.task;
    const port = names.allocatePort("memory object", 16);
    names.copyout(names.copyin(port, "make-send"));
    names.moveMember(port, this.#set);
    return port;
  }

  /** Serve `file`. */
  add(file: MappedFile): void {
    this.#files.set(file.port, file);
  }

  /** Nobody has `file` open: what was read ahead of its readers is given up. */
  closed(file: MappedFile): void {
    this.#reads.drop(file);
  }

  /** Serve `file` no longer. */
  remove(file: MappedFile): void {
    this.#files.delete(file.port);
    this.#host.task.names.destroy(file.port);
  }

  /** The Inode Pager Thread. */
  *thread(): Steps {
    const { task } = this.#host;
    threadWire(task);
    for (;;) {
      const message = yield* machMsgReceive(task, this.#set);
      const file = this.#files.get(message.local);
      if (file !== undefined) yield* spanned(task.kernel.sim, "Inode Pager", this.#serve(file, message), task);
    }
  }

  /** What the kernel says about the memory object of `file`. */
  *#serve(file: MappedFile, message: Received): Steps {
    const { task } = this.#host;
    const [control] = message.ports;
    if (message.id === MEMORY_OBJECT_INIT) {
      file.control = control;
      yield* memoryObjectSetAttributes(task, control!, { ready: true, mayCache: true, copyStrategy: "delay" });
    } else if (message.id === MEMORY_OBJECT_LOCK_COMPLETED) {
      this.#reads.drop(file);
      file.lockCompleted();
    } else if (message.id === MEMORY_OBJECT_TERMINATE) {
      file.control = undefined;
      this.#reads.drop(file);
      task.names.destroy(control!);
      yield* this.#host.terminated(file);
    } else {
      if (message.id === MEMORY_OBJECT_DATA_REQUEST) yield* this.#request(file, control!, message.data as MemoryObjectDataRequest);
      else if (message.id === MEMORY_OBJECT_DATA_WRITE) yield* this.#write(file, message);
      task.names.deallocate(control!);
    }
  }

  /** The kernel needs a page: give it, and what readBytes adds to it. */
  *#request(file: MappedFile, control: PortName, { offset, length }: MemoryObjectDataRequest): Steps {
    const { task, pagerNs } = this.#host;
    const { readBytes, throughBufferCache } = this.#options;
    task.charge(pagerNs, "Inode Pager");
    try {
      const there = throughBufferCache ? yield* this.#cached.provide(file, control, offset, Math.max(length, readBytes)) : yield* this.#provideFromDisk(file, control, offset);
      if (!there) yield* memoryObjectDataUnavailable(task, control, offset, PAGE_BYTES);
    } catch (error) {
      if (!isFailure(error)) throw error;
      yield* memoryObjectDataError(task, control, offset, length);
    }
  }

  /** As many pages as lie together on the disk, straight from there; the first by way of the cache if it is in that, or has no memory of its own. False for a hole. */
  *#provideFromDisk(file: MappedFile, control: PortName, offset: number): Steps<boolean> {
    const { task } = this.#host;
    const found = yield* this.#reads.read(file, offset);
    if (found === "hole") return false;
    if (found === "elsewhere") return yield* this.#cached.provide(file, control, offset, PAGE_BYTES);
    try {
      yield* this.#provide(control, offset, { deallocate: true, ...found });
    } catch (error) {
      if (!isLost(error)) throw error;
      vmDeallocate(task, found.address, found.bytes); // it waited so long that it had to leave memory, and the swap device has lost it
      return yield* this.#cached.provide(file, control, offset, PAGE_BYTES);
    }
    return true;
  }

  /** Give the kernel data with the message that the options say. */
  *#provide(control: PortName, offset: number, memory: OutOfLineItem): Steps {
    const { task } = this.#host;
    if (this.#options.interface === "data_supply") yield* memoryObjectDataSupply(task, control, offset, memory);
    else yield* memoryObjectDataProvided(task, control, offset, memory);
  }

  /** The kernel gives dirty pages: allocate their blocks now, and write them. */
  *#write(file: MappedFile, message: Received): Steps {
    const { task, pagerNs } = this.#host;
    const { offset } = message.data as MemoryObjectDataWrite;
    const { address, bytes } = message.memory[0]!;
    this.#reads.drop(file, offset, offset + bytes);
    const { inode, size } = file; // the size may be that of a holder in the middle of a write
    if (size > inode.size) {
      inode.size = size;
      inode.markChanged(task.kernel.sim.now);
    }
    for (let done = 0; done < bytes; done += PAGE_BYTES) {
      task.charge(pagerNs, "Inode Pager");
      if (offset + done >= size) {
        if (file.holder === undefined) continue; // nobody can be about to tell of it
        file.pastEnd = true;
      }
      try {
        yield* this.#writePage(file, address + done, offset + done);
      } catch (error) {
        if (!isFailure(error)) throw error;
        file.failed(error instanceof UnixError ? error.code : "EIO");
      }
    }
    vmDeallocate(task, address, bytes);
  }

  *#writePage({ inode }: MappedFile, address: number, offset: number): Steps {
    const { task, fs, fs: { cache } } = this.#host;
    const from = offset % cache.blockBytes;
    const { block, fresh } = yield* locked(inode, fs.bmap(inode, Math.floor(offset / cache.blockBytes), { allocate: true }));
    const buffer = yield* fresh || cache.blockBytes === PAGE_BYTES ? cache.getblk(block) : cache.bread(block);
    if (fresh && cache.blockBytes > PAGE_BYTES) task.kernel.machine.bzero(buffer.address, cache.blockBytes);
    buffer.owner = inode.number;
    task.kernel.machine.bcopy(yield* userAddress(task, address, VM_PROT_READ), buffer.address + from, PAGE_BYTES);
    if (from + PAGE_BYTES === cache.blockBytes && offset + PAGE_BYTES <= inode.size) yield* cache.bawrite(buffer);
    else cache.bdwrite(buffer);
  }
}
