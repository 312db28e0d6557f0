/**
 * Processes as the Process Manager keeps them: section 3.2.1.
 *
 * Layer: servers/mix. A process is an actor in user space, one thread, and a region of
 * its memory through which read() and write() pass data.
 */
import { WaitQueue } from "../../engine/index.ts";
import type { Steps } from "../../engine/index.ts";
import { UnixError } from "../../fs/errno.ts";
import { PAGE_BYTES } from "../../hardware/memory.ts";
import type { Actor, Area, Nucleus } from "../../kernels/chorus/index.ts";
import { MAX_DESCRIPTORS, MAX_PROCESSES } from "../../unix/process.ts";
import type { OpenFile } from "./open-file.ts";

const MEMORY_ADDRESS = 0x0100_0000;
const GROWTH_BYTES = 16 * PAGE_BYTES;

export class MixProcess {
  readonly pid: number;
  readonly actor: Actor;
  readonly descriptors: (OpenFile | undefined)[] = [];
  parent: MixProcess | undefined;
  readonly children = new Set<MixProcess>();
  status: number | undefined = undefined;
  readonly childEnds: WaitQueue;
  readonly #nucleus: Nucleus;
  #memoryBytes = 0;

  constructor(nucleus: Nucleus, pid: number, parent: MixProcess | undefined) {
    this.#nucleus = nucleus;
    this.pid = pid;
    this.parent = parent;
    this.actor = nucleus.actorCreate(`process ${pid}`, "user");
    this.childEnds = new WaitQueue(nucleus.machine.sim, `a child of process ${pid}`);
  }

  /** The first `bytes` bytes of the memory through which data pass; it grows as needed. */
  memory(bytes: number): Area {
    while (this.#memoryBytes < bytes) {
      const growth = Math.max(GROWTH_BYTES, Math.ceil((bytes - this.#memoryBytes) / PAGE_BYTES) * PAGE_BYTES);
      this.#nucleus.memory.rgnAllocate(this.actor, MEMORY_ADDRESS + this.#memoryBytes, growth);
      this.#memoryBytes += growth;
    }
    return this.#nucleus.memory.area(this.actor, MEMORY_ADDRESS, bytes);
  }

  /** The program puts `bytes` at the start of its memory. */
  *fill(bytes: Uint8Array): Steps<Area> {
    const area = this.memory(bytes.length);
    yield* this.#nucleus.memory.store(this.actor, MEMORY_ADDRESS, bytes);
    return area;
  }

  /** The first `count` bytes of the memory, a copy for the program to keep. */
  take(count: number): Steps<Uint8Array> {
    return this.#nucleus.memory.load(this.actor, MEMORY_ADDRESS, count);
  }

  /** @throws UnixError EBADF */
  file(fd: number): OpenFile {
    const file = this.descriptors[fd];
    if (file === undefined) throw new UnixError("EBADF");
    return file;
  }

  /** The lowest free descriptor. @throws UnixError EMFILE */
  freeDescriptor(except = -1): number {
    let fd = 0;
    while (this.descriptors[fd] !== undefined || fd === except) fd++;
    if (fd >= MAX_DESCRIPTORS) throw new UnixError("EMFILE");
    return fd;
  }
}

export class Processes {
  readonly #nucleus: Nucleus;
  readonly #processes = new Map<number, MixProcess>();
  #lastPid = 1; // 1 is init, the parent of orphans

  constructor(nucleus: Nucleus) {
    this.#nucleus = nucleus;
  }

  find(pid: number): MixProcess {
    return this.#processes.get(pid)!;
  }

  /** A new process that shares its parent's open files. @throws UnixError EAGAIN */
  create(parent: MixProcess | undefined): MixProcess {
    if (this.#processes.size >= MAX_PROCESSES) throw new UnixError("EAGAIN");
    const process = new MixProcess(this.#nucleus, ++this.#lastPid, parent);
    this.#processes.set(process.pid, process);
    parent?.children.add(process);
    for (const [fd, file] of (parent?.descriptors ?? []).entries()) {
      if (file !== undefined) file.references++;
      process.descriptors[fd] = file;
    }
    return process;
  }

  /** `process` ends with `status`: its files are closed, its actor goes, its parent may collect it. */
  *end(process: MixProcess, status: number): Steps {
    for (const file of process.descriptors.splice(0)) if (file !== undefined) yield* file.release();
    yield* this.#nucleus.actorDelete(process.actor);
    for (const child of process.children) {
      child.parent = undefined;
      if (child.status !== undefined) this.#processes.delete(child.pid);
    }
    process.status = status & 0xff;
    if (process.parent === undefined) this.#processes.delete(process.pid);
    else process.parent.childEnds.wakeAll();
  }

  /** Wait for a child of `process` to end. @throws UnixError ECHILD */
  *collect(process: MixProcess): Steps<{ pid: number; status: number }> {
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
