/**
 * The top half of a monolithic Unix: from the trap to the object behind a descriptor.
 *
 * Layer: unix; sections 4 and 5 for the costs. One SystemCalls object serves one
 * process. Each call charges the trap and its own work, acts, and lets the charged
 * time pass before it returns to the program.
 */
import type { Steps } from "../engine/index.ts";
import { UnixError } from "../fs/errno.ts";
import type { Limit, LockFunction, OpenOptions, Program, Resource, Stat, Unix, Whence } from "./interface.ts";
import { limitOn, newSignalMask, resourceNumber } from "./limits.ts";
import { OpenFile } from "./open-file.ts";
import type { OpenObject } from "./open-file.ts";
import { Pipe } from "./pipe.ts";
import type { PipeHost } from "./pipe.ts";
import type { Process, ProcessTable } from "./process.ts";
import { UserBuffer } from "./user-buffer.ts";

/** The calls that have a cost of their own besides the trap. */
export const callNames = [
  "open", "close", "read", "write", "lseek", "fsync", "ftruncate", "unlink", "mkdir", "stat", "fork", "exit", "wait", "getpid", "getuid", "getrlimit", "sigblock", "sigsetmask", "pipe",
] as const;
export type CallName = (typeof callNames)[number];

/** What the calls need of their kernel. */
export interface UnixKernel extends PipeHost {
  processes: ProcessTable;
  /** Charge the trap into the kernel and out again, and what `call`, on `file` if on one, does besides; a null trap does nothing. */
  enter(call?: CallName, file?: OpenFile): void;
  settle(): Steps;
  charge(ns: number, what: string): void;
  /** What lockf() costs besides the trap; undefined where there is no such call. */
  lockfNs: number | undefined;
  newBuffer(): UserBuffer;
  /** Run `program` as `process` in a thread of its own. */
  start(process: Process, program: Program): void;
  open(path: string, options: OpenOptions): Steps<OpenObject>;
  unlink(path: string): Steps;
  mkdir(path: string): Steps;
  mkfifo(path: string): Steps;
  stat(path: string): Steps<Stat>;
}

/** Thrown by exit() to leave the program; nobody but the process's thread catches it. */
export class Exit {
  readonly status: number;

  constructor(status: number) {
    this.status = status;
  }
}

export class SystemCalls implements Unix {
  readonly #kernel: UnixKernel;
  readonly #process: Process;

  constructor(kernel: UnixKernel, process: Process) {
    this.#kernel = kernel;
    this.#process = process;
  }

  *open(path: string, options: OpenOptions = {}): Steps<number> {
    this.#kernel.enter("open");
    const fd = this.#process.freeDescriptor();
    const object = yield* this.#kernel.open(path, options);
    this.#process.descriptors[fd] = new OpenFile(this.#kernel.sim, object, options.access, options.append);
    yield* this.#kernel.settle();
    return fd;
  }

  creat(path: string): Steps<number> {
    return this.open(path, { access: "write", create: true, truncate: true });
  }

  *close(fd: number): Steps {
    this.#kernel.enter("close");
    const file = this.#process.file(fd);
    this.#process.descriptors[fd] = undefined;
    yield* file.unlock(this.#process.buffer);
    yield* file.release();
    yield* this.#kernel.settle();
  }

  *read(fd: number, count: number): Steps<Uint8Array> {
    const process = this.#process;
    this.#kernel.enter("read", process.descriptors[fd]);
    const moved = yield* process.file(fd).read(process.buffer, count);
    yield* this.#kernel.settle();
    return process.buffer.take(moved);
  }

  *write(fd: number, bytes: Uint8Array): Steps<number> {
    const process = this.#process;
    this.#kernel.enter("write", process.descriptors[fd]);
    const file = process.file(fd);
    process.buffer.fill(bytes);
    const moved = yield* file.write(process.buffer, bytes.length);
    yield* this.#kernel.settle();
    return moved;
  }

  *lseek(fd: number, offset: number, whence: Whence = "set"): Steps<number> {
    this.#kernel.enter("lseek", this.#process.descriptors[fd]);
    const at = yield* this.#process.file(fd).seek(offset, whence);
    yield* this.#kernel.settle();
    return at;
  }

  *fsync(fd: number): Steps {
    this.#kernel.enter("fsync");
    yield* this.#process.file(fd).object.fsync();
    yield* this.#kernel.settle();
  }

  *ftruncate(fd: number, size: number): Steps {
    this.#kernel.enter("ftruncate");
    if (!Number.isSafeInteger(size) || size < 0) throw new UnixError("EINVAL"); // before EBADF, as on the host
    yield* this.#process.file(fd).truncate(this.#process.buffer, size);
    yield* this.#kernel.settle();
  }

  *lockf(fd: number, how: LockFunction, bytes = 0): Steps {
    this.#kernel.enter();
    const { lockfNs } = this.#kernel;
    if (lockfNs === undefined) throw new UnixError("ENOSYS");
    this.#kernel.charge(lockfNs, "lockf");
    yield* this.#process.file(fd).lockf(this.#process.buffer, how, bytes);
    yield* this.#kernel.settle();
  }

  *unlink(path: string): Steps {
    this.#kernel.enter("unlink");
    yield* this.#kernel.unlink(path);
    yield* this.#kernel.settle();
  }

  *mkdir(path: string): Steps {
    this.#kernel.enter("mkdir");
    yield* this.#kernel.mkdir(path);
    yield* this.#kernel.settle();
  }

  *mkfifo(path: string): Steps {
    this.#kernel.enter("mkdir"); // both are an inode and an entry
    yield* this.#kernel.mkfifo(path);
    yield* this.#kernel.settle();
  }

  *stat(path: string): Steps<Stat> {
    this.#kernel.enter("stat");
    const stat = yield* this.#kernel.stat(path);
    yield* this.#kernel.settle();
    return stat;
  }

  *fork(child: Program): Steps<number> {
    this.#kernel.enter("fork");
    const process = this.#kernel.processes.create(this.#process, this.#kernel.newBuffer());
    this.#kernel.start(process, child);
    yield* this.#kernel.settle();
    return process.pid;
  }

  *exit(status: number): Steps<never> {
    this.#kernel.enter("exit");
    yield* this.#kernel.settle();
    throw new Exit(status);
  }

  *wait(): Steps<{ pid: number; status: number }> {
    this.#kernel.enter("wait");
    const ended = yield* this.#kernel.processes.collect(this.#process);
    yield* this.#kernel.settle();
    return ended;
  }

  *getpid(): Steps<number> {
    this.#kernel.enter("getpid");
    yield* this.#kernel.settle();
    return this.#process.pid;
  }

  *getuid(): Steps<number> {
    this.#kernel.enter("getuid");
    yield* this.#kernel.settle();
    return this.#process.uid;
  }

  *getrlimit(resource: Resource): Steps<Limit> {
    this.#kernel.enter("getrlimit");
    yield* this.#kernel.settle();
    return limitOn(resourceNumber(resource));
  }

  sigblock(mask: number): Steps<number> {
    return this.#signalMask("sigblock", mask);
  }

  sigsetmask(mask: number): Steps<number> {
    return this.#signalMask("sigsetmask", mask);
  }

  *#signalMask(call: "sigblock" | "sigsetmask", mask: number): Steps<number> {
    this.#kernel.enter(call);
    const old = this.#process.signalMask;
    this.#process.signalMask = newSignalMask(call, old, mask);
    yield* this.#kernel.settle();
    return old;
  }

  *pipe(): Steps<[number, number]> {
    this.#kernel.enter("pipe");
    const process = this.#process;
    const readFd = process.freeDescriptor();
    const writeFd = process.freeDescriptor(readFd);
    const pipe = new Pipe(this.#kernel);
    process.descriptors[readFd] = new OpenFile(this.#kernel.sim, pipe.end(["read"]), "read");
    process.descriptors[writeFd] = new OpenFile(this.#kernel.sim, pipe.end(["write"]), "write");
    yield* this.#kernel.settle();
    return [readFd, writeFd];
  }

  *nullTrap(): Steps {
    this.#kernel.enter();
    yield* this.#kernel.settle();
  }
}
