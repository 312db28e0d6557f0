/**
 * A file that the server maps into its clients (section 3.1.2).
 *
 * Layer: servers/bsd43. The memory object behind the file's windows, its Token, and
 * what happens when a window moves or the Token leaves a writer: first the size is
 * taken from the writer's descriptor, then the kernel is made to clean the pages
 * that were written (section 4.2).
 */
import { WaitQueue } from "../../engine/index.ts";
import type { Steps } from "../../engine/index.ts";
import { UnixError } from "../../fs/errno.ts";
import type { Errno } from "../../fs/errno.ts";
import type { Inode } from "../../fs/inode.ts";
import { MachError, memoryObjectLockRequest, memoryObjectSetAttributes, vmDeallocate, vmMap } from "../../kernels/mach3/index.ts";
import type { PortName, Task } from "../../kernels/mach3/index.ts";
import type { MappedObject } from "./files.ts";
import type { SharedDescriptor } from "./shared-pages.ts";
import type { Token } from "./token.ts";

/** Where a window is in its task, how long it is, and the byte of the file at which it begins; no length, no window. */
export interface Window {
  address: number;
  bytes: number;
  start: number;
}

/** A descriptor of a client, and what stands behind it in the server. */
export interface Client extends Viewer {
  readonly pid: number;
  readonly descriptor: SharedDescriptor;
  readonly open: MappedObject;
  readonly file: MappedFile;
}

/** A window on a file, and the task that has it. The descriptor is for the library, which may write anything there; the window is the server's. */
export interface Viewer {
  readonly task: Task;
  readonly window: Window;
  readonly descriptor: Pick<SharedDescriptor, "windowAddress" | "windowBytes" | "windowStart" | "written" | "size">;
}

export class MappedFile implements Token<SharedDescriptor> {
  readonly inode: Inode;
  /** The memory object: the receive right is the Inode Pager's, the send right goes to vm_map. */
  readonly port: PortName;
  /** Where the kernel takes answers about the object, while it knows it. */
  control: PortName | undefined = undefined;
  /** Opens of the file. */
  users = 0;
  holder: SharedDescriptor | undefined = undefined;
  moving = false;
  leaving = false;
  readonly changed: WaitQueue;
  readonly released: WaitQueue;
  /** Lock requests sent, and those that the kernel and the pager have done with. */
  #asked = 0;
  #done = 0;
  readonly #cleaned: WaitQueue;
  /** A page could not be written: the disk was full when it was its turn. */
  #writeError: Errno | undefined = undefined;
  /** Pages have been written that lie behind the end as it was known then: those of a write under way, or of a holder who says too little. */
  pastEnd = false;
  /** Where the Inode Pager expects the next request of a sequential reader. */
  nextPage = 0;
  /** The block of the file up to which it has read ahead through the buffer cache. */
  aheadTo = 0;
  readonly #task: Task;
  readonly #maxBytes: number;

  /** The file of `inode`, which may have so many bytes, and whose memory object is `port` of the server's `task`. */
  constructor(task: Task, inode: Inode, port: PortName, maxBytes: number) {
    const { sim } = task.kernel;
    this.#task = task;
    this.inode = inode;
    this.port = port;
    this.#maxBytes = maxBytes;
    this.changed = new WaitQueue(sim, `the Token of inode ${inode.number}`);
    this.released = new WaitQueue(sim, `a share lock of inode ${inode.number}`);
    this.#cleaned = new WaitQueue(sim, `pages of inode ${inode.number} to be cleaned`);
  }

  /** The size as its last writer knows it, read without taking the Token (section 4.2). */
  get size(): number {
    const size = this.holder?.size ?? 0;
    return this.#valid(size) ? Math.max(this.inode.size, size) : this.inode.size;
  }

  /** Whether a file can have `size` bytes. What is in a writable page can be anything (section 4.1.1). */
  #valid(size: number): boolean {
    return Number.isSafeInteger(size) && size >= 0 && size <= this.#maxBytes;
  }

  /** Put a window on the file, beginning at `start`, into the client; the old one is cleaned if it was written, and goes. @throws EINVAL when the descriptor holds nonsense */
  *moveWindow(viewer: Viewer, start: number, bytes: number): Steps {
    const { descriptor: d, task, window } = viewer;
    if (!(yield* this.writeBack(viewer))) throw new UnixError("EINVAL");
    const address = vmMap(this.#task, task, { bytes, memoryObject: this.port, offset: start, inheritance: "none" });
    if (window.bytes > 0) vmDeallocate(task, window.address, window.bytes);
    [window.address, window.start, window.bytes] = [address, start, bytes];
    [d.windowAddress, d.windowStart, d.windowBytes] = [address, start, bytes];
  }

  /** The window of a client goes. */
  dropWindow({ descriptor: d, task, window }: Viewer): void {
    if (window.bytes > 0 && !task.terminated) vmDeallocate(task, window.address, window.bytes);
    window.bytes = d.windowBytes = 0;
  }

  /** What a client may have done: its size, then the pages that it wrote. False, and the size is left, when there is no such size. */
  *writeBack({ descriptor: d, window }: Viewer): Steps<boolean> {
    const valid = this.#valid(d.size);
    if (valid) this.grow(d.size);
    if (d.written !== 0) {
      d.written = 0;
      yield* this.clean(window.start, window.bytes);
    }
    return valid;
  }

  /** The Token leaves `client`: take over what it protects. False when that cannot be true, and is not believed. */
  *absorb(client: Client): Steps<boolean> {
    const { descriptor: d, open } = client;
    const valid = Number.isSafeInteger(d.pointer) && d.pointer >= 0;
    if (valid) open.pointer = d.pointer;
    return (yield* this.writeBack(client)) && valid;
  }

  /** The Token goes to `client`. */
  grant({ descriptor: d, open }: Client): void {
    d.pointer = open.pointer;
    d.size = this.inode.size;
  }

  /** Have the kernel send what was written in a range to the Inode Pager, and wait until that has dealt with it; with `flush` nothing stays in memory. */
  *clean(offset: number, length: number, { flush = false, discard = false } = {}): Steps {
    if (this.control === undefined || length === 0) return;
    const ticket = ++this.#asked;
    // The answer comes to the memory object's port, behind the pages, and so after the Inode Pager has written them.
    yield* memoryObjectLockRequest(this.#task, this.control, { offset, length, clean: !discard, flush }, this.port);
    while (this.#done < ticket) yield* this.#cleaned.wait();
  }

  /** The Inode Pager has got the answer to a lock request. */
  lockCompleted(): void {
    this.#done++;
    this.#cleaned.wakeAll();
  }

  /** The pages could not be written. */
  failed(error: Errno): void {
    this.#writeError = error;
  }

  /** What went wrong with pages written since it was last asked. @throws ENOSPC, EFBIG, EIO */
  report(): void {
    const error = this.#writeError;
    this.#writeError = undefined;
    if (error !== undefined) throw new UnixError(error);
  }

  /** The kernel need not keep the object's pages when nobody has it mapped. */
  *forget(): Steps {
    if (this.control === undefined) return;
    try {
      yield* memoryObjectSetAttributes(this.#task, this.control, { ready: true, mayCache: false, copyStrategy: "delay" });
    } catch (error) {
      if (!(error instanceof MachError)) throw error; // the kernel has forgotten it already
    }
  }

  /** The file has been written up to byte `size`. */
  grow(size: number): void {
    if (size <= this.inode.size) return;
    this.inode.size = size;
    this.inode.markChanged(this.#task.kernel.sim.now);
  }
}
