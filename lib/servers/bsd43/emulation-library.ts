/**
 * The Emulation Library: the part of Unix that lives in the address space of each process (sections 3.1.1, 4.1.1).
 *
 * Layer: servers/bsd43. Entered by the kernel's trap emulation. It answers what the
 * shared pages tell by itself, moves the data of mapped files between the window
 * and the user's buffer, and sends everything else to the server as a message.
 */
import { spanned } from "../../engine/index.ts";
import type { Steps } from "../../engine/index.ts";
import { UnixError } from "../../fs/errno.ts";
import type { Errno } from "../../fs/errno.ts";
import { PAGE_BYTES } from "../../hardware/memory.ts";
import { MachError, call, userCopy, userRead, userWrite, vmAllocate, vmDeallocate } from "../../kernels/mach3/index.ts";
import type { PortName, Task } from "../../kernels/mach3/index.ts";
import type { Limit, Whence } from "../../unix/interface.ts";
import type { LibraryCosts } from "./costs.ts";
import type { Point, Protocol } from "./protocol.ts";
import type { SharedDescriptor, SharedPages } from "./shared-pages.ts";
import { RawDisk } from "./raw-disk.ts";
import type { OpenedDisk } from "./raw-disk.ts";
import { leaveToken, takeToken } from "./token.ts";

/** In-line data of a call to the server: which process calls what. */
export interface ServerCall {
  pid: number;
  name: string;
  args: readonly unknown[];
}

/** In-line data of its answer. */
export interface ServerAnswer {
  result: unknown;
  errno: Errno | undefined;
}

/** What the server answers to open(). */
export interface Opened {
  fd: number;
  /** A mapped file, and what may be done with it. */
  mapped: Omit<Mapped, "descriptor"> | undefined;
  /** A raw disk. */
  raw: OpenedDisk | undefined;
}

/** What the library knows of a descriptor of a mapped file. */
interface Mapped {
  descriptor: SharedDescriptor;
  readable: boolean;
  writable: boolean;
  append: boolean;
  /** What stopped the last write after some of its bytes: the next one fails with it. */
  failure?: UnixError | undefined;
}

export interface LibraryOptions {
  pages: SharedPages;
  server: PortName;
  costs: LibraryCosts;
  maxFileBytes: number;
  /** The passive state is in use. */
  tokenPassive: boolean;
  /** Off: nothing is done without a message. */
  sharedPages: boolean;
}

/** What calls of the library's own are called in a trace. */
const SPANS: Readonly<Record<string, string>> = { remap: "Remap Window", token_request: "Token request", token_release: "Token release" };

export class EmulationLibrary {
  readonly task: Task;
  readonly pages: SharedPages;
  readonly mapped: (Mapped | undefined)[] = [];
  readonly raw: (RawDisk | undefined)[] = [];
  readonly #server: PortName;
  readonly #costs: LibraryCosts;
  readonly #options: LibraryOptions;
  #buffer = { address: 0, bytes: 0 };
  readonly #pid: number;

  /** The library in `task`; `parent` is that of the process that forked it, whose memory it has a copy of. */
  constructor(task: Task, options: LibraryOptions, parent?: EmulationLibrary) {
    this.task = task;
    this.pages = options.pages;
    this.#pid = options.pages.pid;
    this.#server = options.server;
    this.#costs = options.costs;
    this.#options = options;
    if (parent !== undefined) {
      this.#buffer = { ...parent.#buffer };
      parent.mapped.forEach((mapped, fd) => {
        if (mapped === undefined) return;
        this.mapped[fd] = { ...mapped };
        this.mapped[fd].descriptor = this.pages.descriptor(fd);
      });
      parent.raw.forEach((raw, fd) => void (this.raw[fd] = raw?.inherit(task)));
    }
  }

  /** getpid() and getuid(): read from the read-only page. */
  *identity(name: "getpid" | "getuid"): Steps<number> {
    if (!this.#options.sharedPages) return (yield* this.call(name)) as number;
    yield* this.task.kernel.sim.settle();
    return name === "getpid" ? this.pages.pid : this.pages.uid;
  }

  /** getrlimit(): read from the read-only page. */
  *limit(resource: number): Steps<Limit> {
    if (!this.#options.sharedPages) return (yield* this.call("getrlimit", [resource])) as Limit;
    this.task.kernel.charge(this.#costs.limitNs, "Misc Costs");
    yield* this.task.kernel.sim.settle();
    return this.pages.limit(resource);
  }

  /** sigblock() and sigsetmask(): written into the writable page; the old mask. */
  *signalMask(name: "sigblock" | "sigsetmask", mask: number): Steps<number> {
    if (!this.#options.sharedPages) return (yield* this.call(name, [mask])) as number;
    this.task.kernel.charge(this.#costs.signalMaskNs, "Misc Costs");
    yield* this.task.kernel.sim.settle();
    return this.pages.changeSignalMask(name, mask);
  }

  *read(fd: number, count: number): Steps<Uint8Array> {
    const { kernel } = this.task;
    const mapped = this.mapped[fd];
    if (mapped === undefined) return yield* this.raw[fd]?.read(count) ?? (this.call("read", [fd, count]) as Steps<Uint8Array>);
    if (!mapped.readable) throw new UnixError("EBADF");
    if (!Number.isSafeInteger(count) || count < 0) throw new UnixError("EINVAL");
    this.task.charge(this.#costs.readNs, "Misc Costs");
    const d = mapped.descriptor;
    let done = 0;
    yield* this.#protocol(takeToken(d), fd);
    try {
      const bytes = Math.max(0, Math.min(count, d.size - d.pointer));
      this.#reserve(bytes);
      while (done < bytes) {
        if (!inWindow(d)) yield* this.call("remap", [fd, d.pointer, "read"]);
        const at = d.pointer - d.windowStart;
        const piece = Math.min(bytes - done, d.windowBytes - at);
        yield* userCopy(this.task, d.windowAddress + at, this.#buffer.address + done, piece);
        d.pointer += piece;
        done += piece;
      }
    } catch (error) {
      throw this.#failed(error);
    } finally {
      yield* this.#protocol(leaveToken(d, this.#options.tokenPassive), fd);
    }
    yield* kernel.sim.settle();
    try {
      return yield* userRead(this.task, this.#buffer.address, done);
    } catch (error) {
      throw this.#failed(error);
    }
  }

  *write(fd: number, bytes: Uint8Array): Steps<number> {
    const { kernel } = this.task;
    const mapped = this.mapped[fd];
    if (mapped === undefined) return yield* this.raw[fd]?.write(bytes) ?? (this.call("write", [fd, bytes], bytes) as Steps<number>);
    if (!mapped.writable) throw new UnixError("EBADF");
    this.task.charge(this.#costs.writeNs, "Misc Costs");
    const { descriptor: d, failure } = mapped;
    mapped.failure = undefined;
    if (failure !== undefined) throw failure;
    let done = 0;
    this.#reserve(bytes.length);
    try {
      yield* userWrite(this.task, this.#buffer.address, bytes);
    } catch (error) {
      throw this.#failed(error);
    }
    yield* this.#protocol(takeToken(d), fd);
    try {
      if (mapped.append && bytes.length > 0) d.pointer = d.size;
      if (bytes.length > 0 && d.pointer >= this.#options.maxFileBytes) throw new UnixError("EFBIG");
      const wanted = Math.min(bytes.length, this.#options.maxFileBytes - d.pointer);
      while (done < wanted) {
        if (!inWindow(d)) yield* this.call("remap", [fd, d.pointer, "write"]);
        const at = d.pointer - d.windowStart;
        const piece = Math.min(wanted - done, d.windowBytes - at);
        d.written = 1;
        yield* userCopy(this.task, this.#buffer.address + done, d.windowAddress + at, piece);
        d.pointer += piece;
        done += piece;
        if (d.pointer > d.size) d.size = d.pointer;
      }
    } catch (error) {
      if (done === 0 || !(error instanceof UnixError)) throw this.#failed(error);
      mapped.failure = error; // what was written counts
    } finally {
      yield* this.#protocol(leaveToken(d, this.#options.tokenPassive), fd);
    }
    yield* kernel.sim.settle();
    return done;
  }

  *lseek(fd: number, offset: number, whence: Whence): Steps<number> {
    const { kernel } = this.task;
    const mapped = this.mapped[fd];
    const raw = this.raw[fd];
    if (mapped === undefined && raw === undefined) return (yield* this.call("lseek", [fd, offset, whence])) as number;
    this.task.charge(this.#costs.lseekNs, "Misc Costs");
    if (mapped === undefined) {
      yield* kernel.sim.settle();
      return raw!.seek(offset, whence);
    }
    const d = mapped.descriptor;
    yield* this.#protocol(takeToken(d), fd);
    const target = (whence === "set" ? 0 : whence === "current" ? d.pointer : d.size) + offset;
    const valid = Number.isSafeInteger(target) && target >= 0;
    if (valid) d.pointer = target;
    yield* this.#protocol(leaveToken(d, this.#options.tokenPassive), fd);
    yield* kernel.sim.settle();
    if (!valid) throw new UnixError("EINVAL");
    return target;
  }

  /** open(): what the server answers says how the descriptor is served from now on. */
  *open(args: readonly unknown[]): Steps<number> {
    const { fd, mapped, raw } = (yield* this.call("open", args)) as Opened;
    if (mapped !== undefined) this.mapped[fd] = { descriptor: this.pages.descriptor(fd), ...mapped };
    if (raw !== undefined) yield* (this.raw[fd] = new RawDisk(this.task, raw)).open();
    return fd;
  }

  *close(fd: number): Steps {
    this.raw[fd]?.close();
    this.mapped[fd] = this.raw[fd] = undefined;
    yield* this.call("close", [fd]);
  }

  /** A call that the server carries out; `inLine` are the bytes among its arguments. @throws UnixError as the server says. */
  call(name: string, args: readonly unknown[] = [], inLine?: Uint8Array): Steps<unknown> {
    return spanned(this.task.kernel.sim, SPANS[name] ?? `call ${name}`, this.#call(name, args, inLine));
  }

  *#call(name: string, args: readonly unknown[], inLine: Uint8Array | undefined): Steps<unknown> {
    const { kernel } = this.task;
    this.task.charge(this.#costs.stubNs, "stub");
    const data: ServerCall = { pid: this.#pid, name, args };
    const answer = yield* call(this.task, { id: "unix_call", remote: this.#server, data, ...(inLine && { inLine }) });
    yield* kernel.sim.settle();
    const { result, errno } = answer.data as ServerAnswer;
    if (errno !== undefined) throw new UnixError(errno);
    return result;
  }

  /** Make the user's buffer `bytes` bytes long at least. @throws ENOMEM for more than there is memory */
  #reserve(bytes: number): void {
    if (bytes <= this.#buffer.bytes) return;
    if (bytes > this.task.kernel.machine.memory.bytes.length) throw new UnixError("ENOMEM");
    this.#giveUpBuffer();
    const rounded = Math.ceil(bytes / PAGE_BYTES) * PAGE_BYTES;
    this.#buffer = { address: vmAllocate(this.task, rounded), bytes: rounded };
  }

  #giveUpBuffer(): void {
    if (this.#buffer.bytes > 0) vmDeallocate(this.task, this.#buffer.address, this.#buffer.bytes);
    this.#buffer = { address: 0, bytes: 0 };
  }

  /** What the call that failed with `error` gets. If memory failed, pages of the user's buffer may be lost: the next call makes a new one. */
  #failed(error: unknown): unknown {
    if (error instanceof MachError) this.#giveUpBuffer();
    return unixError(error);
  }

  /** Drive a protocol on descriptor `fd`: its messages go to the server. */
  #protocol(protocol: Protocol<SharedDescriptor>, fd: number): Steps {
    return spanned(this.task.kernel.sim, "share lock", this.#drive(protocol, fd));
  }

  *#drive(protocol: Protocol<SharedDescriptor>, fd: number): Steps {
    for (;;) {
      const { done, value } = protocol.next(true);
      if (done === true) return;
      const point = value as Point<SharedDescriptor>;
      if (point.kind === "step" && this.#costs.stepNs > 0) yield* this.task.kernel.pass(this.#costs.stepNs, "share lock");
      else if (point.kind === "spin") yield* this.task.kernel.sim.sleep(this.#costs.spinNs);
      else if (point.kind === "call") yield* this.call(point.at, [fd]);
    }
  }
}

/** Whether the file pointer is in the window; else the server has to move that. */
function inWindow(d: SharedDescriptor): boolean {
  const at = d.pointer - d.windowStart;
  return at >= 0 && at < d.windowBytes;
}

/** What the call that faulted gets: EIO if a pager could not serve it, of the file or, when swap space is full, of the process; EFAULT if the process has overwritten where its window is. */
function unixError(error: unknown): unknown {
  if (!(error instanceof MachError)) return error;
  if (error.code === "KERN_MEMORY_ERROR") return new UnixError("EIO");
  return error.code === "KERN_INVALID_ADDRESS" || error.code === "KERN_PROTECTION_FAILURE" ? new UnixError("EFAULT") : error;
}
