/**
 * Processes of the server: a task, a thread and the shared pages for each (section 3.1.1).
 *
 * Layer: servers/bsd43.
 */
import type { Steps, Thread } from "../../engine/index.ts";
import { UnixError } from "../../fs/errno.ts";
import { PAGE_BYTES } from "../../hardware/memory.ts";
import { Task, taskCreate, taskTerminate, threadCreate } from "../../kernels/mach3/index.ts";
import type { OutOfLineItem, PortName, WiredMemory } from "../../kernels/mach3/index.ts";
import type { Program } from "../../unix/interface.ts";
import { ProcessTable } from "../../unix/process.ts";
import type { Process } from "../../unix/process.ts";
import { Exit } from "../../unix/system-calls.ts";
import { UserBuffer } from "../../unix/user-buffer.ts";
import { carryOut } from "./calls.ts";
import { BOUNCE_BYTES, dataWay } from "./data-path.ts";
import { connectHandler, EmulatedUnix, exitProcess, loadLibrary } from "./emulated-unix.ts";
import { EmulationLibrary } from "./emulation-library.ts";
import { MappedObject } from "./files.ts";
import { handle } from "./handler.ts";
import type { Client } from "./mapped-file.ts";
import type { Bsd43Server } from "./server.ts";
import type { ServerCall } from "./server-call.ts";
import { shareAreas, unshare } from "./shared-areas.ts";
import type { SharedAreas } from "./shared-areas.ts";
import { SharedPages } from "./shared-pages.ts";

/** What stands behind a process. */
export interface ServerProcess {
  readonly process: Process;
  readonly task: Task;
  readonly library: EmulationLibrary;
  /** The server's name of the port that the library sends to: what comes in on it is asked by this process. */
  readonly requests: PortName;
  /** By descriptor: the process as a client of a mapped file. */
  readonly clients: (Client | undefined)[];
  readonly areas: SharedAreas;
  /** The third of them, as the server has it. */
  readonly bounce: WiredMemory | undefined;
  /** What data of a call are in the process's buffer; more are in memory of their own. */
  readonly shortBytes: number;
  /** The thread of the server that carries out a call of the process, and whether it sleeps for so long as it may take. */
  caller: { readonly thread: Thread; interruptible: boolean } | undefined;
  /** It is to end as soon as it makes no call. */
  killed: boolean;
  /** It has begun to end. */
  ending: boolean;
}

/** Status of a process that the server has killed. */
const KILLED = 137;

export class Processes {
  readonly #server: Bsd43Server;
  readonly #table: ProcessTable;
  readonly #processes = new Map<number, ServerProcess>();
  readonly #byTask = new WeakMap<Task, ServerProcess>(); // the library is in a task as long as that lives
  readonly #byPort = new Map<PortName, ServerProcess>();
  readonly #callers = new Map<Thread, ServerProcess>();

  constructor(server: Bsd43Server) {
    this.#server = server;
    this.#table = new ProcessTable(server.sim);
  }

  /** The process `pid`. */
  get(pid: number): ServerProcess {
    const found = this.#processes.get(pid);
    if (found === undefined) throw new UnixError("ESRCH");
    return found;
  }

  /** Run `program` in a new process, child of none. */
  execute<T>(program: Program<T>): Thread<T> {
    const task = new Task(this.#server.kernel, "process");
    if (this.#server.values.structure.calls === "handler") connectHandler(task, this.#server.task, (self, name, args) => handle(this.#server, this.#byTask.get(self)!, name, args));
    else loadLibrary(task, (self) => this.#byTask.get(self)!.library);
    return this.#start(this.#add(undefined, task), program);
  }

  /** fork(): a process with a copy of the parent's memory and its open files. */
  *fork(parent: ServerProcess, program: Program): Steps<number> {
    this.#server.task.charge(this.#server.costs.forkNs, "fork");
    const task = yield* taskCreate(parent.task, "process");
    let child: ServerProcess;
    try {
      child = this.#add(parent, task);
    } catch (error) {
      taskTerminate(task);
      throw error;
    }
    this.#start(child, program);
    return child.process.pid;
  }

  /** wait(): a child that has ended. */
  collect(self: ServerProcess): Steps<{ pid: number; status: number }> {
    return this.#table.collect(self.process);
  }

  /**
   * Carry out the `call` that came in on `port`, if it is one, with the `memory` that came out of line. A process
   * that is killed meanwhile ends behind it. A library waits for each answer: one that does not is killed.
   * @throws UnixError
   */
  *serve(port: PortName, call: ServerCall | undefined, memory: OutOfLineItem | undefined): Steps<unknown> {
    const self = this.#byPort.get(port);
    if (self === undefined || self.killed || self.ending) throw new UnixError("ESRCH");
    if (self.caller !== undefined) {
      yield* this.kill(self.process.pid);
      throw new UnixError("EAGAIN");
    }
    if (call === undefined) throw new UnixError("ENOSYS");
    const thread = this.#server.sim.running();
    self.caller = { thread, interruptible: false };
    this.#callers.set(thread, self);
    try {
      return yield* carryOut(this.#server, self, call, memory);
    } finally {
      self.caller = undefined;
      this.#callers.delete(thread);
      if (self.killed) yield* this.#terminate(self);
    }
  }

  /**
   * Take `steps`, which wait for other processes and hold nothing while they sleep: a kill ends
   * them, like a slow call of 4.3BSD. @throws EINTR
   */
  *interruptible<T>(steps: Steps<T>): Steps<T> {
    const self = this.#callers.get(this.#server.sim.running());
    if (self === undefined) return yield* steps; // a handler's caller, which nobody kills
    if (self.killed) throw new UnixError("EINTR");
    const caller = self.caller!;
    caller.interruptible = true;
    try {
      let step = steps.next();
      while (step.done !== true) {
        yield step.value;
        step = self.killed ? steps.throw(new UnixError("EINTR")) : steps.next();
      }
      return step.value;
    } finally {
      caller.interruptible = false;
    }
  }

  /** The process ends: its files are closed, its parent is told. */
  *end(ended: ServerProcess, status: number): Steps {
    ended.ending = true;
    this.#server.task.charge(this.#server.costs.exitNs, "exit");
    for (const client of ended.clients.splice(0)) if (client !== undefined) yield* this.#server.tokens.remove(client);
    yield* ended.process.closeAll();
    if (ended.bounce === undefined) ended.process.buffer.release(); // else it is the bounce buffer
    unshare(this.#server, ended.areas);
    this.#processes.delete(ended.process.pid);
    this.#byPort.delete(ended.requests);
    this.#server.task.names.destroy(ended.requests);
    this.#table.end(ended.process, status);
  }

  /**
   * End a process whose library does not keep to the rules (section 4.1.1). If it makes a call it
   * does not run meanwhile, and ends when the thread that has its identity is through with that.
   */
  *kill(pid: number): Steps {
    const victim = this.#processes.get(pid);
    if (victim === undefined || victim.killed) return;
    victim.killed = true;
    const { caller } = victim;
    if (caller === undefined) yield* this.#terminate(victim);
    else if (caller.interruptible) caller.thread.queue?.wakeAll(); // the others there look, and sleep again
  }

  /** A killed process ends, unless it has done so itself. */
  *#terminate(victim: ServerProcess): Steps {
    taskTerminate(victim.task);
    if (!victim.ending) yield* this.end(victim, KILLED);
  }

  /** `self` has opened a mapped file as `fd`. */
  openMapped(self: ServerProcess, fd: number): Client | undefined {
    const open = self.process.descriptors[fd];
    if (open === undefined || !(open.object instanceof MappedObject) || this.#server.values.structure.calls === "handler") return undefined;
    const client: Client = {
      pid: self.process.pid, task: self.task, descriptor: self.library.pages.descriptor(fd), window: { address: 0, bytes: 0, start: 0 },
      open: open.object, file: open.object.file,
    };
    this.#server.tokens.add(client);
    self.clients[fd] = client;
    return client;
  }

  #add(parent: ServerProcess | undefined, task: Task): ServerProcess {
    const { machine, sim, values: { mapping, server: { messageBytes } } } = this.#server;
    const { frame } = this.#server.pipeHost;
    const way = dataWay(this.#server.values);
    const buffer = new UserBuffer(sim, machine.memory, () => frame(way === "direct" ? `memory of ${task.name}` : way));
    const areas = shareAreas(this.#server, task, { bounce: way === "bounce buffer" });
    let process: Process;
    try {
      process = this.#table.create(parent?.process, buffer);
    } catch (error) {
      unshare(this.#server, areas); // EAGAIN
      throw error;
    }
    const [readOnly, writable, bounce] = areas;
    const pages = new SharedPages(machine.memory, readOnly.memory.frames[0]! * PAGE_BYTES, writable.memory.frames[0]! * PAGE_BYTES);
    pages.identify(process.pid, process.uid, parent?.library.pages.signalMask ?? 0);
    buffer.frames.push(...(bounce?.memory.frames ?? []));
    const shortBytes = way === "direct" ? Infinity : way === "bounce buffer" ? BOUNCE_BYTES : messageBytes;
    const { names } = this.#server.task;
    const requests = names.allocatePort("requests", this.#server.kernel.limits.queueLimit);
    names.moveMember(requests, this.#server.requests);
    const library = new EmulationLibrary(task, {
      pages, server: task.names.copyout(names.copyin(requests, "make-send")),
      costs: this.#server.libraryCosts, maxFileBytes: this.#server.fs.maxFileBytes,
      tokenPassive: mapping.tokenPassive && mapping.sharedPages, sharedPages: mapping.sharedPages,
      bounceAddress: bounce?.address, shortBytes,
    }, parent?.library);
    const self: ServerProcess = {
      process, task, library, requests, clients: [], bounce: bounce?.memory, areas,
      shortBytes, caller: undefined, killed: false, ending: false,
    };
    this.#processes.set(process.pid, self);
    this.#byTask.set(task, self);
    this.#byPort.set(requests, self);
    process.descriptors.forEach((_, fd) => this.openMapped(self, fd));
    return self;
  }

  #start<T>(self: ServerProcess, program: Program<T>): Thread<T> {
    return threadCreate(self.task, `process ${self.process.pid}`, this.#live(self, program));
  }

  /** A process from its first call to its end. */
  *#live<T>(self: ServerProcess, program: Program<T>): Steps<T> {
    let result: T | number;
    try {
      result = yield* program(new EmulatedUnix(self.task));
    } catch (thrown) {
      if (!(thrown instanceof Exit)) throw thrown;
      result = thrown.status;
    }
    try {
      if (!self.ending) yield* exitProcess(self.task, typeof result === "number" ? result : 0);
    } catch (error) {
      if (self.ending) throw error; // else this is the answer to a message that the program has sent before
    }
    taskTerminate(self.task);
    return result as T;
  }
}
