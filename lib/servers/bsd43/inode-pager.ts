/**
 * The Inode Pager: the external pager behind Unix files (sections 3.1.1, 4.1.2, 4.2).
 *
 * Layer: servers/bsd43. One thread that receives what the kernel says about the
 * memory objects of all files. Data come from the disk through the buffer cache,
 * "for historical reasons", or straight from the disk as a what-if. The kernel is given
 * what lies at the beginning of a buffer; a page behind that, in a larger block, is first
 * copied to a page of the pager's own. Blocks are allocated when pages are written
 * out, so a full disk shows only then.
 */
import { spanned } from "../../engine/index.ts";
import type { Steps } from "../../engine/index.ts";
import { UnixError } from "../../fs/errno.ts";
import type { BufferCache } from "../../fs/buffer-cache.ts";
import type { Buffer } from "../../fs/buffer.ts";
import type { FileSystem } from "../../fs/file-system.ts";
import { locked } from "../../fs/inodes.ts";
import { HOLE } from "../../fs/layout.ts";
import { PAGE_BYTES } from "../../hardware/memory.ts";
import type { Frame } from "../../hardware/memory.ts";
import { InputError } from "../../schema/index.ts";
import {
  MachError, MEMORY_OBJECT_DATA_REQUEST, MEMORY_OBJECT_DATA_WRITE, MEMORY_OBJECT_INIT, MEMORY_OBJECT_LOCK_COMPLETED, MEMORY_OBJECT_TERMINATE,
  machMsgReceive, memoryObjectDataError, memoryObjectDataProvided, memoryObjectDataSupply, memoryObjectDataUnavailable, memoryObjectSetAttributes,
  VM_PROT_READ, threadWire, userAddress, vmDeallocate,
} from "../../kernels/mach3/index.ts";
import type { MemoryObjectDataRequest, MemoryObjectDataWrite, OutOfLineItem, PortName, Received, Task } from "../../kernels/mach3/index.ts";
import type { BufferMemory } from "./buffer-memory.ts";
import { CacheReads } from "./cache-reads.ts";
import { DiskReads } from "./disk-reads.ts";
import type { MappedFile } from "./mapped-file.ts";
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
  /** A page of its own, where blocks are larger. */
  readonly #page: Frame | undefined;

  constructor(host: PagerHost, options: Mach3Values["pager"]) {
    this.#host = host;
    this.#options = options;
    this.#set = host.task.names.allocateSet("memory objects");
    this.#cached = new CacheReads(host, options);
    this.#reads = new DiskReads(host, options);
    this.#page = host.cache.blockBytes > PAGE_BYTES ? ownPage(host.memory) : undefined;
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
    const { readBytes, readAhead, throughBufferCache } = this.#options;
    task.charge(pagerNs, "Inode Pager");
    try {
      if (throughBufferCache) yield* this.#provideThroughCache(file, control, offset, Math.max(length, readBytes));
      else yield* this.#provideFromDisk(file, control, offset, readBytes, readAhead);
    } catch (error) {
      if (!isFailure(error)) throw error;
      yield* memoryObjectDataError(task, control, offset, length);
    }
  }

  /** A page by way of the buffer cache, and those behind it, up to `bytes` in all, that have a block. */
  *#provideThroughCache(file: MappedFile, control: PortName, offset: number, bytes: number): Steps {
    const { task, fs } = this.#host;
    let wanted = yield* this.#cached.block(file, offset);
    if (wanted === undefined) return yield* memoryObjectDataUnavailable(task, control, offset, PAGE_BYTES);
    const end = Math.min(offset + bytes, file.size);
    if (offset + PAGE_BYTES < end) {
      // It comes last: who waits for it finds the others there, and does not ask for each.
      fs.cache.brelse(wanted);
      yield* this.#provideBehind(file, control, offset + PAGE_BYTES, end);
      wanted = yield* fs.cache.bread(wanted.block);
    }
    yield* this.#provideBuffer(control, offset, wanted);
  }

  /** Pages that nobody waits for: those that cannot be had are left out. */
  *#provideBehind(file: MappedFile, control: PortName, from: number, end: number): Steps {
    for (let at = from; at < end; at += PAGE_BYTES) {
      try {
        const buffer = yield* this.#cached.block(file, at);
        if (buffer !== undefined) yield* this.#provideBuffer(control, at, buffer);
      } catch (error) {
        if (!isFailure(error)) throw error;
      }
    }
  }

  /** Give the kernel the page at `offset` from its block's buffer, which is released. */
  *#provideBuffer(control: PortName, offset: number, buffer: Buffer): Steps {
    const { task, cache, memory } = this.#host;
    const from = offset % cache.blockBytes;
    try {
      if (from > 0) task.kernel.machine.bcopy(buffer.address + from, this.#page! * PAGE_BYTES, PAGE_BYTES);
      yield* this.#provide(control, offset, { address: memory.addressOf(from > 0 ? this.#page! : buffer.frames[0]!), bytes: PAGE_BYTES });
    } finally {
      cache.brelse(buffer);
    }
  }

  /** Give the kernel data with the message that the options say. */
  *#provide(control: PortName, offset: number, memory: OutOfLineItem): Steps {
    const { task } = this.#host;
    if (this.#options.interface === "data_supply") yield* memoryObjectDataSupply(task, control, offset, memory);
    else yield* memoryObjectDataProvided(task, control, offset, memory);
  }

  /** As many pages as lie together on the disk, up to `bytes`, straight from device_read. */
  *#provideFromDisk(file: MappedFile, control: PortName, offset: number, bytes: number, readAhead: number): Steps {
    const { task } = this.#host;
    const pages = yield* this.#together(file, offset, bytes);
    if (pages === 0) {
      yield* memoryObjectDataUnavailable(task, control, offset, PAGE_BYTES);
      return;
    }
    if (pages < 0) {
      yield* this.#provideThroughCache(file, control, offset, PAGE_BYTES);
      return;
    }
    const sequential = file.nextPage === offset / PAGE_BYTES;
    if (!sequential) this.#reads.drop(file, 0, Infinity, offset); // its reader has gone elsewhere
    const read = yield* this.#reads.demand(file, offset, pages);
    if (sequential) {
      for (let unit = 1, at = offset + pages * PAGE_BYTES; unit <= readAhead && at < file.inode.size; unit++) {
        const count = yield* this.#together(file, at, bytes);
        if (count <= 0 || !(yield* this.#reads.startAhead(file, at, count))) break;
        at += count * PAGE_BYTES;
      }
    }
    file.nextPage = offset / PAGE_BYTES + read.pages;
    const memory = yield* this.#reads.arrival(read);
    if (memory === undefined) return yield* this.#provideThroughCache(file, control, offset, PAGE_BYTES); // what there is no memory for, or is broken, as a whole
    try {
      yield* this.#provide(control, offset, { deallocate: true, ...memory });
    } catch (error) {
      if (!isLost(error)) throw error;
      vmDeallocate(task, memory.address, memory.bytes); // it waited so long that it had to leave memory, and the swap device has lost it
      yield* this.#provideThroughCache(file, control, offset, PAGE_BYTES);
    }
  }

  /** How many pages of the file from `offset` on, up to `bytes`, lie side by side on the disk and only there; -1 when the first is in the buffer cache. */
  *#together({ inode }: MappedFile, offset: number, bytes: number): Steps<number> {
    const { fs, fs: { cache: { blockBytes } } } = this.#host;
    const perBlock = blockBytes / PAGE_BYTES;
    let previous = HOLE;
    let pages = 0;
    for (let at = offset; at < offset + bytes; ) {
      const { block } = yield* locked(inode, fs.bmap(inode, Math.floor(at / blockBytes)));
      if (block === HOLE || (previous !== HOLE && block !== previous + 1)) break;
      if (fs.cache.incore(block)) return pages === 0 ? -1 : Math.min(pages, bytes / PAGE_BYTES);
      previous = block;
      const rest = perBlock - ((at / PAGE_BYTES) % perBlock);
      pages += rest;
      at += rest * PAGE_BYTES;
    }
    return Math.min(pages, bytes / PAGE_BYTES);
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

/** A page for the pager. @throws InputError */
function ownPage(memory: BufferMemory): Frame {
  const [frame] = memory.allocateRun("Inode Pager", 1) ?? [];
  if (frame === undefined) throw new InputError("Inode Pager: memory has no room for a page");
  return frame;
}

/** Whether memory cannot be reached any more: the swap device has lost its pages. */
const isLost = (error: unknown): boolean => error instanceof MachError && error.code === "KERN_MEMORY_ERROR";

/** Whether one page cannot be had or written, for want of a sound disk or of memory; the pager goes on. */
const isFailure = (error: unknown): boolean => error instanceof UnixError || isLost(error) || (error instanceof MachError && error.code === "KERN_RESOURCE_SHORTAGE");
