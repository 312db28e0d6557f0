/**
 * The library part of system calls, in the process: section 4.3.1.
 *
 * Layer: servers/mix. "As in any Unix system, the library part of a system call runs in
 * user space and builds a stack frame with the system call arguments and then traps."
 */
import type { Steps } from "../../engine/index.ts";
import type { Nucleus } from "../../kernels/chorus/index.ts";
import type { Limit, LockFunction, OpenOptions, Program, Resource, Stat, Unix, Whence } from "../../unix/interface.ts";
import { resourceNumber } from "../../unix/limits.ts";
import { Exit } from "../../unix/system-calls.ts";
import type { CallName, Frame } from "./process-manager.ts";
import type { MixProcess } from "./processes.ts";
import { ACCESSES, KINDS, LOCKS, WHENCES } from "./protocol.ts";

/** The trap of Unix system calls, and one that nobody is connected to. */
export const UNIX_TRAP = 7;
export const NULL_TRAP = 0;

export class UnixLibrary implements Unix {
  readonly #nucleus: Nucleus;
  readonly #process: MixProcess;
  readonly #register: (program: Program) => number;

  /** `register` keeps a child's program until fork() has made its process. */
  constructor(nucleus: Nucleus, process: MixProcess, register: (program: Program) => number) {
    this.#nucleus = nucleus;
    this.#process = process;
    this.#register = register;
  }

  *open(path: string, options: OpenOptions = {}): Steps<number> {
    const { access = "both", create = false, exclusive = false, truncate = false, append = false } = options;
    return (yield* this.#trap({ call: "open", numbers: [ACCESSES.indexOf(access), +create, +exclusive, +truncate, +append], text: path }))[0]!;
  }

  creat(path: string): Steps<number> {
    return this.open(path, { access: "write", create: true, truncate: true });
  }

  *close(fd: number): Steps {
    yield* this.#call("close", fd);
  }

  *read(fd: number, count: number): Steps<Uint8Array> {
    const { memory } = this.#process;
    const area = memory.lend(Number.isSafeInteger(count) && count > 0 ? count : 0);
    try {
      const [moved] = yield* this.#trap({ call: "read", numbers: [fd, count], area });
      return yield* memory.take(moved!);
    } finally {
      if (memory.lent) yield* memory.takeBack();
    }
  }

  *write(fd: number, bytes: Uint8Array): Steps<number> {
    const area = yield* this.#process.memory.fill(bytes);
    return (yield* this.#trap({ call: "write", numbers: [fd, bytes.length], area }))[0]!;
  }

  *lseek(fd: number, offset: number, whence: Whence = "set"): Steps<number> {
    return (yield* this.#call("lseek", fd, offset, WHENCES.indexOf(whence)))[0]!;
  }

  *fsync(fd: number): Steps {
    yield* this.#call("fsync", fd);
  }

  *ftruncate(fd: number, size: number): Steps {
    yield* this.#call("ftruncate", fd, size);
  }

  *unlink(path: string): Steps {
    yield* this.#trap({ call: "unlink", numbers: [], text: path });
  }

  *mkdir(path: string): Steps {
    yield* this.#trap({ call: "mkdir", numbers: [], text: path });
  }

  *lockf(fd: number, how: LockFunction, bytes = 0): Steps {
    yield* this.#call("lockf", fd, LOCKS.indexOf(how), bytes);
  }

  *mkfifo(path: string): Steps {
    yield* this.#trap({ call: "mkfifo", numbers: [], text: path });
  }

  *stat(path: string): Steps<Stat> {
    const [inode, kind, size, links, accessedNs, modifiedNs] = yield* this.#trap({ call: "stat", numbers: [], text: path });
    return { inode: inode!, kind: KINDS[kind!]!, size: size!, links: links!, accessedNs: accessedNs!, modifiedNs: modifiedNs! };
  }

  *fork(child: Program): Steps<number> {
    return (yield* this.#call("fork", this.#register(child)))[0]!;
  }

  *exit(status: number): Steps<never> {
    throw new Exit(status); // the process's thread makes the call when the program has been left
  }

  *wait(): Steps<{ pid: number; status: number }> {
    const [pid, status] = yield* this.#call("wait");
    return { pid: pid!, status: status! };
  }

  *getpid(): Steps<number> {
    return (yield* this.#call("getpid"))[0]!;
  }

  *getuid(): Steps<number> {
    return (yield* this.#call("getuid"))[0]!;
  }

  *getrlimit(resource: Resource): Steps<Limit> {
    const [current, maximum] = yield* this.#call("getrlimit", resourceNumber(resource));
    return { current: current!, maximum: maximum! };
  }

  *sigblock(mask: number): Steps<number> {
    return (yield* this.#call("sigblock", mask))[0]!;
  }

  *sigsetmask(mask: number): Steps<number> {
    return (yield* this.#call("sigsetmask", mask))[0]!;
  }

  *pipe(): Steps<[number, number]> {
    const [readFd, writeFd] = yield* this.#call("pipe");
    return [readFd!, writeFd!];
  }

  *nullTrap(): Steps {
    yield* this.#nucleus.traps.trap(NULL_TRAP, undefined);
    yield* this.#nucleus.machine.sim.settle();
  }

  #call(call: CallName, ...numbers: number[]): Steps<readonly number[]> {
    return this.#trap({ call, numbers });
  }

  *#trap(frame: Frame): Steps<readonly number[]> {
    const results = yield* this.#nucleus.traps.trap<Frame, readonly number[]>(UNIX_TRAP, frame);
    yield* this.#nucleus.machine.sim.settle();
    return results!;
  }
}
