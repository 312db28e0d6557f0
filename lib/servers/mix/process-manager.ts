/**
 * The Process Manager: the Unix interface of its site, section 4.3.1.
 *
 * Layer: servers/mix. The nucleus redirects a process's trap to the handler that the
 * Process Manager connected, which runs on the process's own thread (arrow 0 of figure
 * 4-2). It finds the process by the software registers, copies the user's stack frame
 * (arrow 1), checks, and calls the nucleus or the other servers.
 */
import { NOWHERE } from "../../engine/index.ts";
import type { Steps } from "../../engine/index.ts";
import { UnixError } from "../../fs/errno.ts";
import { annexNumbers, annexText } from "../../kernels/chorus/index.ts";
import type { Area, Invocation, Nucleus, UniqueIdentifier } from "../../kernels/chorus/index.ts";
import type { LockFunction, Program } from "../../unix/interface.ts";
import { limitOn, newSignalMask } from "../../unix/limits.ts";
import { DescriptorTable } from "./descriptor-table.ts";
import { OpenDirectory, RawFile, RegularFile, StreamEnd } from "./file-object.ts";
import type { FileObject } from "./file-object.ts";
import type { ObjectDescriptor } from "./object-descriptor.ts";
import { OpenFile } from "./open-file.ts";
import { SwapAccount } from "./process-memory.ts";
import { MixProcesses } from "./processes.ts";
import type { MixProcess } from "./processes.ts";
import { ACCESSES, ask, LOCKS, OM, operations, PM, STM, SYSTEM_CALL, unpackLocks, WHENCES } from "./protocol.ts";
import { Server } from "./server.ts";
import type { ServerStructure } from "./server.ts";

export const callNames = [
  "open", "close", "read", "write", "lseek", "fsync", "ftruncate", "unlink", "mkdir", "mkfifo", "lockf", "stat", "fork", "exit", "wait", "getpid", "getuid", "getrlimit", "sigblock", "sigsetmask", "pipe",
] as const;
export type CallName = (typeof callNames)[number];

/** What a process passes with its trap. */
export interface Frame {
  readonly call: CallName;
  readonly numbers: readonly number[];
  readonly text?: string;
  /** The process's memory that the call reads or fills. */
  readonly area?: Area;
}

/** A frame as the Process Manager copies it. */
export const FRAME_BYTES = 64;

export interface ProcessManagerCosts {
  contextNs: number;
  frameCopyNs: number;
  synchronizeNs: number;
  callNs: Record<CallName, number>;
}

/** The other servers, by their ports. */
export interface Servers {
  readonly objectManager: UniqueIdentifier;
  readonly streamsManager: UniqueIdentifier;
  /** Paths of the tty, and of the raw disk, which has so many bytes. */
  readonly tty: string;
  readonly rawDevice: string;
  readonly rawBytes: number;
  /** What the default mapper can hold. */
  readonly swapPages: number;
}

export class ProcessManager {
  readonly server: Server;
  readonly processes: MixProcesses;
  readonly #nucleus: Nucleus;
  readonly #costs: ProcessManagerCosts;
  readonly #servers: Servers;
  readonly #launch: (process: MixProcess, program: Program) => void;
  readonly #descriptors: DescriptorTable;
  readonly #programs = new Map<number, Program>(); // of processes about to be made
  #nextProgram = 1;

  /** `launch` runs a program in the thread of a new process. */
  constructor(nucleus: Nucleus, structure: ServerStructure, costs: ProcessManagerCosts, servers: Servers, launch: (process: MixProcess, program: Program) => void) {
    this.#nucleus = nucleus;
    this.#costs = costs;
    this.#servers = servers;
    this.#launch = launch;
    this.processes = new MixProcesses(nucleus, new SwapAccount(servers.swapPages));
    const table = { [PM.recallSize]: this.#recallSize.bind(this), [PM.postLocks]: this.#postLocks.bind(this), [SYSTEM_CALL]: this.#message.bind(this) };
    this.server = new Server(nucleus, "Process Manager", structure, operations(table));
    this.#descriptors = new DescriptorTable(nucleus, this.server.port.ui, servers.objectManager);
  }

  /** Keep a child's program until fork() wants it; its number. */
  register(program: Program): number {
    this.#programs.set(this.#nextProgram, program);
    return this.#nextProgram++;
  }

  /** Serve the trap of `process`: find its context, copy its frame, perform the call; in the process itself both are at hand. @throws UnixError */
  serve(process: MixProcess, frame: Frame, inside = false): Steps<readonly number[]> {
    const { machine, counters } = this.#nucleus;
    const { contextNs, frameCopyNs, synchronizeNs } = this.#costs;
    machine.processor.charge(synchronizeNs + (inside ? 0 : contextNs + frameCopyNs), "Trap to Unix");
    if (inside) return this.perform(process, frame);
    counters.copies++;
    counters.copiedBytes += FRAME_BYTES;
    machine.sim.probe?.move("message", NOWHERE, NOWHERE, FRAME_BYTES, frameCopyNs);
    machine.sim.probe?.instant(`frame of ${frame.call}() copied`);
    return this.perform(process, frame);
  }

  /** Perform a call for `process`. @throws UnixError */
  perform(process: MixProcess, { call, numbers, text = "", area }: Frame): Steps<readonly number[]> {
    this.#nucleus.machine.processor.charge(this.#costs.callNs[call], "Misc Costs");
    switch (call) {
      case "read":
        return one(process.file(numbers[0]!).read(process.pid, numbers[1]!, area!));
      case "write":
        return one(process.file(numbers[0]!).write(process.pid, numbers[1]!, area!));
      case "lseek":
        return one(process.file(numbers[0]!).seek(numbers[1]!, WHENCES[numbers[2]!]!));
      case "open":
        return this.#open(process, numbers, text);
      case "close":
        return this.#close(process, numbers[0]!);
      case "fsync":
        return none(process.file(numbers[0]!).object.fsync());
      case "ftruncate":
        return this.#ftruncate(process, numbers[0]!, numbers[1]!);
      case "unlink":
        return none(ask(this.#nucleus, this.#servers.objectManager, [OM.unlink], { text }));
      case "mkdir":
        return none(ask(this.#nucleus, this.#servers.objectManager, [OM.mkdir], { text }));
      case "lockf":
        return none(process.file(numbers[0]!).lockf(process.pid, LOCKS[numbers[1]!] as LockFunction, numbers[2]!));
      case "mkfifo":
        return none(ask(this.#nucleus, this.#servers.objectManager, [OM.mkfifo], { text }));
      case "stat":
        return this.#stat(text);
      case "fork":
        return this.#fork(process, numbers[0]!);
      case "exit":
        return none(this.processes.exit(process, numbers[0]!));
      case "wait":
        return this.#wait(process);
      case "pipe":
        return this.#pipe(process);
      case "getpid":
        return only(process.pid);
      case "getrlimit":
        return limit(numbers[0]!);
      case "sigblock":
      case "sigsetmask":
        return signalMask(process, call, numbers[0]!);
      default:
        return only(0);
    }
  }

  *#open(process: MixProcess, [access, create, exclusive, truncate, append]: readonly number[], path: string): Steps<readonly number[]> {
    const fd = process.freeDescriptor();
    const object = (yield* this.#device(path, access!)) ?? (yield* this.#file(path, ACCESSES[access!]!, create!, exclusive!, truncate === 1));
    process.descriptors[fd] = new OpenFile(this.#nucleus.machine.sim, object, ACCESSES[access!]!, append === 1);
    return [fd];
  }

  /** The tty or the raw disk, if `path` is one of them. */
  *#device(path: string, access: number): Steps<FileObject | undefined> {
    const { objectManager, rawBytes, rawDevice, streamsManager, tty } = this.#servers;
    if (path === rawDevice) return new RawFile(this.#nucleus, objectManager, rawBytes);
    if (path !== tty) return undefined;
    const { numbers } = yield* ask(this.#nucleus, streamsManager, [STM.tty, access]);
    return new StreamEnd(this.#nucleus, streamsManager, numbers[0]!);
  }

  *#file(path: string, access: (typeof ACCESSES)[number], create: number, exclusive: number, truncate: boolean): Steps<FileObject> {
    const { port } = this.server;
    const { numbers } = yield* ask(this.#nucleus, this.#servers.objectManager, [OM.open, port.ui, create, exclusive], { text: path });
    const descriptor = yield* this.#descriptors.obtain([...numbers]);
    const put = () => this.#descriptors.put(descriptor);
    try {
      if (descriptor.kind === "fifo") return yield* this.#namedPipe(numbers[4]!, descriptor, access);
      if (descriptor.kind === "directory") {
        if (access === "read" && !truncate) return new OpenDirectory(this.#nucleus, descriptor, put);
        throw new UnixError("EISDIR");
      }
      const file = new RegularFile(this.#nucleus, descriptor, put);
      if (truncate) yield* file.truncate(0);
      return file;
    } catch (error) {
      yield* put();
      throw error;
    }
  }

  /** Open a named pipe with the Streams Manager behind `port`, which waits for its other end. */
  *#namedPipe(port: UniqueIdentifier, descriptor: ObjectDescriptor, access: (typeof ACCESSES)[number]): Steps<FileObject> {
    const { capability } = descriptor;
    const { numbers } = yield* ask(this.#nucleus, port, [STM.open, capability.port, capability.key, ACCESSES.indexOf(access)]);
    return new StreamEnd(this.#nucleus, port, numbers[0]!, () => this.#descriptors.put(descriptor));
  }

  *#close(process: MixProcess, fd: number): Steps<readonly number[]> {
    const file = process.file(fd);
    process.descriptors[fd] = undefined;
    yield* file.unlock(process.pid);
    yield* file.release();
    return [];
  }

  *#ftruncate(process: MixProcess, fd: number, size: number): Steps<readonly number[]> {
    if (!Number.isSafeInteger(size) || size < 0) throw new UnixError("EINVAL");
    yield* process.file(fd).truncate(process.pid, size);
    return [];
  }

  *#stat(path: string): Steps<readonly number[]> {
    return [...(yield* ask(this.#nucleus, this.#servers.objectManager, [OM.stat], { text: path })).numbers];
  }

  *#fork(parent: MixProcess, program: number): Steps<readonly number[]> {
    const child = this.processes.create(parent);
    this.#launch(child, this.#programs.get(program)!);
    this.#programs.delete(program);
    return [child.pid];
  }

  *#wait(process: MixProcess): Steps<readonly number[]> {
    const { pid, status } = yield* this.processes.collect(process);
    return [pid, status];
  }

  *#pipe(process: MixProcess): Steps<readonly number[]> {
    const readFd = process.freeDescriptor();
    const writeFd = process.freeDescriptor(readFd);
    const { streamsManager } = this.#servers;
    const { numbers } = yield* ask(this.#nucleus, streamsManager, [STM.pipe]);
    process.descriptors[readFd] = new OpenFile(this.#nucleus.machine.sim, new StreamEnd(this.#nucleus, streamsManager, numbers[0]!), "read");
    process.descriptors[writeFd] = new OpenFile(this.#nucleus.machine.sim, new StreamEnd(this.#nucleus, streamsManager, numbers[1]!), "write");
    return [readFd, writeFd];
  }

  *#recallSize([key, keep]: Float64Array) {
    return { numbers: yield* this.#descriptors.recall(key!, keep === 1) };
  }

  *#postLocks([key, ...locks]: Float64Array) {
    this.#descriptors.post(key!, unpackLocks(locks));
    return {};
  }

  /** A system call that came as a message: the Process Manager is in user space, or an Emulation Library sent it. */
  *#message(_numbers: Float64Array, _text: string, { annex, body, response }: Invocation) {
    const [, pid, call, ...numbers] = annexNumbers(annex);
    const frame = { call: callNames[call!]!, numbers, text: annexText(annex), area: callNames[call!] === "read" ? response : body };
    const results = yield* this.serve(this.processes.find(pid!), frame);
    return { numbers: results, bytes: frame.call === "read" ? results[0]! : 0 };
  }
}

function* one(steps: Steps<number>): Steps<readonly number[]> {
  return [yield* steps];
}

function* only(number: number): Steps<readonly number[]> {
  return [number];
}

function* limit(resource: number): Steps<readonly number[]> {
  const { current, maximum } = limitOn(resource);
  return [current, maximum];
}

function* signalMask(process: MixProcess, call: "sigblock" | "sigsetmask", mask: number): Steps<readonly number[]> {
  const old = process.signalMask;
  process.signalMask = newSignalMask(call, old, mask);
  return [old];
}

function* none(steps: Steps<unknown>): Steps<readonly number[]> {
  yield* steps;
  return [];
}
