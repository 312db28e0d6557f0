/**
 * Processes: a program in execution, its descriptors, its parent and its children.
 *
 * Layer: unix. Kernels and servers keep one table of them; what a process costs to
 * make or to switch to is theirs to say.
 */
import { WaitQueue } from "../engine/index.ts";
import type { Simulation, Steps } from "../engine/index.ts";
import { UnixError } from "../fs/errno.ts";
import type { OpenFile } from "./open-file.ts";
import type { UserBuffer } from "./user-buffer.ts";

/** Descriptors of a process: NOFILE of 4.3BSD. */
export const MAX_DESCRIPTORS = 64;
/** Processes of a system: NPROC for 16 users. */
export const MAX_PROCESSES = 276;

/** What a descriptor stands for; a process and its children share it. */
export interface Shared {
  references: number;
  /** One descriptor less. */
  release(): Steps;
}

/** What every process has, whatever its system keeps of it besides; its descriptors stand for files of type F. */
export class ProcessWith<F extends Shared> {
  readonly pid: number;
  readonly uid = 0;
  readonly descriptors: (F | undefined)[] = [];
  /** The signals that it holds back. */
  signalMask: number;
  parent: ProcessWith<F> | undefined;
  readonly children = new Set<ProcessWith<F>>();
  /** Set when the process has ended and its parent has not yet asked. */
  status: number | undefined = undefined;
  /** Where the process sleeps in wait(). */
  readonly childEnds: WaitQueue;

  /** A process that shares its parent's open files. */
  constructor(sim: Simulation, pid: number, parent: ProcessWith<F> | undefined) {
    this.pid = pid;
    this.parent = parent;
    this.signalMask = parent?.signalMask ?? 0;
    this.childEnds = new WaitQueue(sim, `a child of process ${pid}`);
    parent?.children.add(this);
    for (const [fd, file] of (parent?.descriptors ?? []).entries()) {
      if (file !== undefined) file.references++;
      this.descriptors[fd] = file;
    }
  }

  /** The open file behind descriptor `fd`. @throws EBADF */
  file(fd: number): F {
    const file = this.descriptors[fd];
    if (file === undefined) throw new UnixError("EBADF");
    return file;
  }

  /** The lowest free descriptor. @throws EMFILE */
  freeDescriptor(except = -1): number {
    let fd = 0;
    while (this.descriptors[fd] !== undefined || fd === except) fd++;
    if (fd >= MAX_DESCRIPTORS) throw new UnixError("EMFILE");
    return fd;
  }

  /** Close every descriptor. */
  *closeAll(): Steps {
    for (const file of this.descriptors.splice(0)) if (file !== undefined) yield* file.release();
  }
}

/** A process whose calls pass their data through a buffer. */
export class Process extends ProcessWith<OpenFile> {
  readonly buffer: UserBuffer;

  constructor(sim: Simulation, pid: number, parent: Process | undefined, buffer: UserBuffer) {
    super(sim, pid, parent);
    this.buffer = buffer;
  }
}

/** The processes of a system. */
export class ProcessesOf<P extends ProcessWith<Shared>> {
  readonly sim: Simulation;
  readonly #processes = new Map<number, ProcessWith<Shared>>();
  #lastPid: number;

  /** `init` is the process that orphans belong to; the others have the numbers after it. */
  constructor(sim: Simulation, init = 1) {
    this.sim = sim;
    this.#lastPid = init;
  }

  /** The process `pid`. @throws ESRCH */
  find(pid: number): P {
    const process = this.#processes.get(pid);
    if (process === undefined) throw new UnixError("ESRCH");
    return process as P;
  }

  /** A new process, as `make` makes it with its pid. @throws EAGAIN when the table is full */
  add(make: (pid: number) => P): P {
    if (this.#processes.size >= MAX_PROCESSES) throw new UnixError("EAGAIN");
    const process = make(++this.#lastPid);
    this.#processes.set(process.pid, process);
    return process;
  }

  /** `process` has ended with `status`: its parent may collect it, its children become init's. */
  end(process: P, status: number): void {
    for (const child of process.children) {
      child.parent = undefined;
      if (child.status !== undefined) this.#processes.delete(child.pid);
    }
    process.status = status & 0xff; // wait() has room for no more
    if (process.parent === undefined) this.#processes.delete(process.pid);
    else process.parent.childEnds.wakeAll();
  }

  /** Wait for a child of `process` to end and collect it. @throws ECHILD */
  *collect(process: P): Steps<{ pid: number; status: number }> {
    for (;;) {
      if (process.children.size === 0) throw new UnixError("ECHILD");
      for (const child of process.children) {
        if (child.status === undefined) continue;
        process.children.delete(child);
        this.#processes.delete(child.pid);
        return { pid: child.pid, status: child.status };
      }
      yield* process.childEnds.wait();
    }
  }
}

export class ProcessTable extends ProcessesOf<Process> {
  /** A new process, sharing its parent's open files. @throws EAGAIN when the table is full */
  create(parent: Process | undefined, buffer: UserBuffer): Process {
    return this.add((pid) => new Process(this.sim, pid, parent, buffer));
  }
}
