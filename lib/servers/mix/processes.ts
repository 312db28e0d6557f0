/**
 * Processes as the Process Manager keeps them: section 3.2.1.
 *
 * Layer: servers/mix. A process is an actor in user space, one thread, and memory
 * through which read() and write() pass data.
 */
import type { Steps } from "../../engine/index.ts";
import type { Actor, Nucleus } from "../../kernels/chorus/index.ts";
import { ProcessesOf, ProcessWith } from "../../unix/process.ts";
import type { OpenFile } from "./open-file.ts";
import { ProcessMemory } from "./process-memory.ts";
import type { SwapAccount } from "./process-memory.ts";

/** A pid is one process on all sites. */
const PIDS_PER_SITE = 65536;

export class MixProcess extends ProcessWith<OpenFile> {
  readonly actor: Actor;
  readonly memory: ProcessMemory;

  constructor(nucleus: Nucleus, pid: number, parent: MixProcess | undefined, swap: SwapAccount) {
    super(nucleus.machine.sim, pid, parent);
    this.actor = nucleus.actorCreate(`process ${pid}`, "user");
    this.memory = new ProcessMemory(nucleus, this.actor, swap);
  }
}

export class MixProcesses extends ProcessesOf<MixProcess> {
  readonly #nucleus: Nucleus;
  readonly #swap: SwapAccount;

  constructor(nucleus: Nucleus, swap: SwapAccount) {
    super(nucleus.machine.sim, (nucleus.site - 1) * PIDS_PER_SITE + 1);
    this.#nucleus = nucleus;
    this.#swap = swap;
  }

  /** A new process that shares its parent's open files. @throws UnixError EAGAIN */
  create(parent: MixProcess | undefined): MixProcess {
    return this.add((pid) => new MixProcess(this.#nucleus, pid, parent, this.#swap));
  }

  /** `process` exits with `status`: its files are closed, its actor goes, its parent may collect it. */
  *exit(process: MixProcess, status: number): Steps {
    for (const file of process.descriptors) if (file !== undefined) yield* file.unlock(process.pid);
    yield* process.closeAll();
    yield* process.memory.free();
    yield* this.#nucleus.actorDelete(process.actor);
    this.end(process, status);
  }
}
