/**
 * The Unix interface of a process on Mach 3.0: each call is a trap that the kernel sends back into the Emulation Library, or to a handler of the server.
 *
 * Layer: servers/bsd43; section 3.1, figure 3-1.
 */
import type { Steps } from "../../engine/index.ts";
import { NULL_TRAP, taskSetEmulation, taskSetHandler, trap } from "../../kernels/mach3/index.ts";
import type { Task } from "../../kernels/mach3/index.ts";
import type { Limit, LockFunction, OpenOptions, Program, Resource, Stat, Unix, Whence } from "../../unix/interface.ts";
import { resourceNumber } from "../../unix/limits.ts";
import { Exit } from "../../unix/system-calls.ts";
import type { EmulationLibrary } from "./emulation-library.ts";

/** Numbers of the system calls. */
const SYSTEM_CALLS = [
  "exit", "fork", "read", "write", "open", "close", "wait", "unlink", "getpid", "getuid", "lseek", "stat", "mkdir", "mkfifo", "lockf", "pipe", "fsync", "ftruncate", "getrlimit", "sigblock", "sigsetmask",
] as const;
type Name = (typeof SYSTEM_CALLS)[number];

const numberOf = Object.fromEntries(SYSTEM_CALLS.map((name, i) => [name, i + 1])) as Record<Name, number>;

type Routine = (library: EmulationLibrary, args: never) => Steps<unknown>;

/** What the library does by itself, or not only by a message. */
const routines: Partial<Record<Name, Routine>> = {
  read: (library, [fd, count]: [number, number]) => library.read(fd, count),
  write: (library, [fd, bytes]: [number, Uint8Array]) => library.write(fd, bytes),
  lseek: (library, [fd, offset, whence]: [number, number, Whence]) => library.lseek(fd, offset, whence),
  getpid: (library) => library.identity("getpid"),
  getuid: (library) => library.identity("getuid"),
  getrlimit: (library, [resource]: [number]) => library.limit(resource),
  sigblock: (library, [mask]: [number]) => library.signalMask("sigblock", mask),
  sigsetmask: (library, [mask]: [number]) => library.signalMask("sigsetmask", mask),
  open: (library, args: readonly unknown[]) => library.open(args),
  close: (library, [fd]: [number]) => library.close(fd),
};

/** Load the library into `task`: from now on its system calls go there. Children inherit the routines. */
export function loadLibrary(task: Task, libraryOf: (task: Task) => EmulationLibrary): void {
  for (const name of SYSTEM_CALLS) {
    const routine = routines[name] ?? ((library, args) => library.call(name, args));
    taskSetEmulation(task, numberOf[name], (self, args) => routine(libraryOf(self), args as never));
  }
}

/** Let `server` handle the system calls of `task`, each with `routine` on the caller's thread. Children inherit this. */
export function connectHandler(task: Task, server: Task, routine: (self: Task, name: string, args: readonly unknown[]) => Steps<unknown>): void {
  for (const name of SYSTEM_CALLS) taskSetHandler(task, numberOf[name], server, (self, args) => routine(self, name, args));
}

export class EmulatedUnix implements Unix {
  readonly #task: Task;

  constructor(task: Task) {
    this.#task = task;
  }

  #trap(name: Name, ...args: unknown[]): Steps<never> {
    return trap(this.#task, numberOf[name], args) as Steps<never>;
  }

  open(path: string, options: OpenOptions = {}): Steps<number> {
    return this.#trap("open", path, options);
  }

  creat(path: string): Steps<number> {
    return this.open(path, { access: "write", create: true, truncate: true });
  }

  close(fd: number): Steps {
    return this.#trap("close", fd);
  }

  read(fd: number, count: number): Steps<Uint8Array> {
    return this.#trap("read", fd, count);
  }

  write(fd: number, bytes: Uint8Array): Steps<number> {
    return this.#trap("write", fd, bytes);
  }

  lseek(fd: number, offset: number, whence: Whence = "set"): Steps<number> {
    return this.#trap("lseek", fd, offset, whence);
  }

  fsync(fd: number): Steps {
    return this.#trap("fsync", fd);
  }

  ftruncate(fd: number, size: number): Steps {
    return this.#trap("ftruncate", fd, size);
  }

  unlink(path: string): Steps {
    return this.#trap("unlink", path);
  }

  mkdir(path: string): Steps {
    return this.#trap("mkdir", path);
  }

  lockf(fd: number, how: LockFunction, bytes = 0): Steps {
    return this.#trap("lockf", fd, how, bytes);
  }

  mkfifo(path: string): Steps {
    return this.#trap("mkfifo", path);
  }

  stat(path: string): Steps<Stat> {
    return this.#trap("stat", path);
  }

  fork(child: Program): Steps<number> {
    return this.#trap("fork", child);
  }

  *exit(status: number): Steps<never> {
    yield* this.#task.kernel.sim.settle();
    throw new Exit(status); // the process's thread sends the exit message, however the program ends
  }

  wait(): Steps<{ pid: number; status: number }> {
    return this.#trap("wait");
  }

  getpid(): Steps<number> {
    return this.#trap("getpid");
  }

  getuid(): Steps<number> {
    return this.#trap("getuid");
  }

  *getrlimit(resource: Resource): Steps<Limit> {
    return yield* this.#trap("getrlimit", resourceNumber(resource));
  }

  sigblock(mask: number): Steps<number> {
    return this.#trap("sigblock", mask);
  }

  sigsetmask(mask: number): Steps<number> {
    return this.#trap("sigsetmask", mask);
  }

  pipe(): Steps<[number, number]> {
    return this.#trap("pipe");
  }

  *nullTrap(): Steps {
    yield* trap(this.#task, NULL_TRAP);
  }
}

/** Tell the server that the process has ended with `status`. */
export function exitProcess(task: Task, status: number): Steps<unknown> {
  return trap(task, numberOf.exit, [status]);
}
