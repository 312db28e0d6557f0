/**
 * The Emulation Library: the part of Unix that lives in the address space of each process (sections 3.1.1, 4.1.1).
 *
 * Layer: servers/bsd43. Entered by the kernel's trap emulation. It answers what the
 * shared pages tell by itself, reads and writes mapped files in their windows
 * (mapped-descriptor.ts), and sends everything else to the server as a message.
 */
import { spanned } from "../../engine/index.ts";
import type { Steps } from "../../engine/index.ts";
import { UnixError } from "../../fs/errno.ts";
import { MachError, call } from "../../kernels/mach3/index.ts";
import type { PortName, Received, Task } from "../../kernels/mach3/index.ts";
import type { Limit, Whence } from "../../unix/interface.ts";
import type { LibraryCosts } from "./costs.ts";
import { DataPath } from "./data-path.ts";
import type { MessageParts } from "./data-path.ts";
import { MappedDescriptor } from "./mapped-descriptor.ts";
import type { MappedHost } from "./mapped-descriptor.ts";
import { RawDisk } from "./raw-disk.ts";
import { UNIX_CALL, UNIX_CALL_REPLY } from "./server-call.ts";
import type { Opened, ServerAnswer, ServerCall } from "./server-call.ts";
import type { SharedPages } from "./shared-pages.ts";
import { UserMemory } from "./user-memory.ts";

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
  readonly mapped: (MappedDescriptor | undefined)[] = [];
  readonly raw: (RawDisk | undefined)[] = [];
  readonly #server: PortName;
  readonly #costs: LibraryCosts;
  readonly #options: LibraryOptions;
  readonly #data: DataPath;
  readonly #buffer: UserMemory;
  readonly #files: MappedHost;

  /** The library in `task`; `parent` is that of the process that forked it, whose memory it has a copy of. */
  constructor(task: Task, options: LibraryOptions, parent?: EmulationLibrary) {
    this.task = task;
    this.pages = options.pages;
    this.#server = options.server;
    this.#costs = options.costs;
    this.#options = options;
    this.#buffer = new UserMemory(task, parent === undefined ? undefined : parent.#buffer);
    this.#data = new DataPath(task, options, (name, args, parts) => this.#answer(name, args, parts), this.#buffer);
    this.#files = { ...options, task, buffer: this.#buffer, call: (name, args) => this.call(name, args) };
    if (parent !== undefined) {
      parent.mapped.forEach((mapped, fd) => void (this.mapped[fd] = mapped?.inherit(this.#files)));
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

  read(fd: number, count: number): Steps<Uint8Array> {
    return this.mapped[fd]?.read(count) ?? this.raw[fd]?.read(count) ?? this.#data.read(fd, count);
  }

  write(fd: number, bytes: Uint8Array): Steps<number> {
    return this.mapped[fd]?.write(bytes) ?? this.raw[fd]?.write(bytes) ?? this.#data.write(fd, bytes);
  }

  *lseek(fd: number, offset: number, whence: Whence): Steps<number> {
    const mapped = this.mapped[fd];
    if (mapped !== undefined) return yield* mapped.seek(offset, whence);
    const raw = this.raw[fd];
    if (raw === undefined) return (yield* this.call("lseek", [fd, offset, whence])) as number;
    this.task.charge(this.#costs.lseekNs, "Misc Costs");
    yield* this.task.kernel.sim.settle();
    return raw.seek(offset, whence);
  }

  /** open(): what the server answers says how the descriptor is served from now on. */
  *open(args: readonly unknown[]): Steps<number> {
    const { fd, mapped, raw } = (yield* this.call("open", args)) as Opened;
    if (mapped !== undefined) this.mapped[fd] = new MappedDescriptor(this.#files, fd, mapped);
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
}

/** Take `steps` that send to the server, which has taken the port back if it has ended the process. @throws ESRCH */
function* toServer<T>(steps: Steps<T>): Steps<T> {
  try {
    return yield* steps;
  } catch (error) {
    throw error instanceof MachError && error.code === "MACH_SEND_INVALID_DEST" ? new UnixError("ESRCH") : error;
  }
}
