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
import { MachError, call, userCopy, userRead, userWrite } from "../../kernels/mach3/index.ts";
import type { PortName, Received, Task } from "../../kernels/mach3/index.ts";
import type { Limit, Whence } from "../../unix/interface.ts";
import type { LibraryCosts } from "./costs.ts";
import { DataPath } from "./data-path.ts";
import type { MessageParts } from "./data-path.ts";
import type { Point, Protocol } from "./protocol.ts";
import type { SharedDescriptor, SharedPages } from "./shared-pages.ts";
import { RawDisk } from "./raw-disk.ts";
import { UNIX_CALL, UNIX_CALL_REPLY } from "./server-call.ts";
import type { MappedMode, Opened, ServerAnswer, ServerCall } from "./server-call.ts";
import { leaveToken, takeToken } from "./token.ts";
import { UserMemory } from "./user-memory.ts";

/** What the library knows of a descriptor of a mapped file. */
interface Mapped extends MappedMode {
  descriptor: SharedDescriptor;
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
  /** Where the bounce buffer is in the task, if there is one. */
  bounceAddress: number | undefined;
  /** Data that go over the bounce buffer or in line, at most; more go out of line. */
  shortBytes: number;
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
  readonly #data: DataPath;
  readonly #buffer: UserMemory;

  /** The library in `task`; `parent` is that of the process that forked it, whose memory it has a copy of. */
  constructor(task: Task, options: LibraryOptions, parent?: EmulationLibrary) {
    this.task = task;
    this.pages = options.pages;
    this.#server = options.server;
    this.#costs = options.costs;
    this.#options = options;
    this.#buffer = new UserMemory(task, parent === undefined ? undefined : parent.#buffer);
    this.#data = new DataPath(task, options, (name, args, parts) => this.#answer(name, args, parts), this.#buffer);
    if (parent !== undefined) {
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
    if (mapped === undefined) return yield* this.raw[fd]?.read(count) ?? this.#data.read(fd, count);
    if (!mapped.readable) throw new UnixError("EBADF");
    if (!Number.isSafeInteger(count) || count < 0) throw new UnixError("EINVAL");
    this.task.charge(this.#costs.readNs, "Misc Costs");
    const d = mapped.descriptor;
    let done = 0;
    yield* this.#protocol(takeToken(d), fd);
    try {
      const bytes = Math.max(0, Math.min(count, d.size - d.pointer));
      this.#buffer.reserve(bytes);
      while (done < bytes) {
        if (!inWindow(d)) yield* this.call("remap", [fd, d.pointer, "read"]);
        const at = d.pointer - d.windowStart;
        const piece = Math.min(bytes - done, d.windowBytes - at);
        yield* userCopy(this.task, d.windowAddress + at, this.#buffer.address + done, piece);
        d.pointer += piece;
        done += piece;
      }
    } catch (error) {
      throw this.#buffer.failed(error);
    } finally {
      yield* this.#protocol(leaveToken(d, this.#options.tokenPassive), fd);
    }
    yield* kernel.sim.settle();
    try {
      return yield* userRead(this.task, this.#buffer.address, done);
    } catch (error) {
      throw this.#buffer.failed(error);
    }
  }

  *write(fd: number, bytes: Uint8Array): Steps<number> {
    const { kernel } = this.task;
    const mapped = this.mapped[fd];
    if (mapped === undefined) return yield* this.raw[fd]?.write(bytes) ?? this.#data.write(fd, bytes);
    if (!mapped.writable) throw new UnixError("EBADF");
    this.task.charge(this.#costs.writeNs, "Misc Costs");
    const { descriptor: d, failure } = mapped;
    mapped.failure = undefined;
    if (failure !== undefined) throw failure;
    let done = 0;
    this.#buffer.reserve(bytes.length);
    try {
      yield* userWrite(this.task, this.#buffer.address, bytes);
    } catch (error) {
      throw this.#buffer.failed(error);
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
      if (done === 0 || !(error instanceof UnixError)) throw this.#buffer.failed(error);
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

  /** A call that the server carries out. @throws UnixError as the server says. */
  *call(name: string, args: readonly unknown[] = []): Steps<unknown> {
    return (yield* this.#answer(name, args)).data.result;
  }

  /** The answer to a call, sent with `parts` beside its arguments. @throws UnixError as the server says. */
  #answer(name: string, args: readonly unknown[], parts: MessageParts = {}): Steps<Received<ServerAnswer>> {
    return spanned(this.task.kernel.sim, SPANS[name] ?? `call ${name}`, this.#ask(name, args, parts));
  }

  *#ask(name: string, args: readonly unknown[], parts: MessageParts): Steps<Received<ServerAnswer>> {
    const { kernel } = this.task;
    this.task.charge(this.#costs.stubNs, "stub");
    const data: ServerCall = { name, args };
    const answer = (yield* toServer(call(this.task, { id: UNIX_CALL, remote: this.#server, data, ...parts }))) as Received<ServerAnswer>;
    yield* kernel.sim.settle();
    if (answer.id !== UNIX_CALL_REPLY) throw new UnixError("ESRCH"); // that the request is lost: so has the process's port
    const { errno } = answer.data;
    if (errno !== undefined) throw new UnixError(errno);
    return answer;
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

/** Take `steps` that send to the server, which has taken the port back if it has ended the process. @throws ESRCH */
function* toServer<T>(steps: Steps<T>): Steps<T> {
  try {
    return yield* steps;
  } catch (error) {
    throw error instanceof MachError && error.code === "MACH_SEND_INVALID_DEST" ? new UnixError("ESRCH") : error;
  }
}
