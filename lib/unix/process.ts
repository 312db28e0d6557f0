/**
 * Processes: a program in execution, its descriptors, its parent and its children.
 *
 * Layer: unix. Kernels and servers keep one ProcessTable; what a process costs to
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

export class Process {
  readonly pid: number;
  readonly uid = 0;
  readonly buffer: UserBuffer;
  readonly descriptors: (OpenFile | undefined)[] = [];
  parent: Process | undefined;
  readonly children = new Set<Process>();
  /** Set when the process has ended and its parent has not yet asked. */
  status: number | undefined = undefined;
  /** Where the process sleeps in wait(). */
  readonly childEnds: WaitQueue;

  constructor(sim: Simulation, pid: number, parent: Process | undefined, buffer: UserBuffer) {
    this.pid = pid;
    this.parent = parent;
    this.buffer = buffer;
    this.childEnds = new WaitQueue(sim, `a child of process ${pid}`);
  }

  /** The open file behind descriptor `fd`. @throws EBADF */
  file(fd: number): OpenFile {
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

export class ProcessTable {
  readonly #sim: Simulation;
  readonly #processes = new Map<number, Process>();
  #lastPid = 1; // 1 is init, the parent of orphans

  constructor(sim: Simulation) {
    this.#sim = sim;
  }

  /** A new process, sharing its parent's open files. @throws EAGAIN when the table is full */
  create(parent: Process | undefined, buffer: UserBuffer): Process {
    if (this.#processes.size >= MAX_PROCESSES) throw new UnixError("EAGAIN");
    const process = new Process(this.#sim, ++this.#lastPid, parent, buffer);
    this.#processes.set(process.pid, process);
    parent?.children.add(process);
    for (const [fd, file] of (parent?.descriptors ?? []).entries()) {
      if (file !== undefined) file.references++;
      process.descriptors[fd] = file;
    }
    return process;
  }

  /** `process` has ended with `status`: its parent may collect it, its children become init's. */
  end(process: Process, status: number): void {
    for (const child of process.children) {
      child.parent = undefined;
      if (child.status !== undefined) this.#processes.delete(child.pid);
    }
    process.status = status & 0xff; // wait() has room for no more
    if (process.parent === undefined) this.#processes.delete(process.pid);
    else process.parent.childEnds.wakeAll();
  }

  /** Wait for a child of `process` to end and collect it. @throws ECHILD */
  *collect(process: Process): Steps<{ pid: number; status: number }> {
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
