/**
 * What the two monolithic systems have in common: processes that trap into one
 * kernel, which holds the file system and drives the disk.
 *
 * Layer: unix. Mach 2.6 and System V R4.0 differ in how they keep file data in
 * memory and read raw disks; each gives its own regularFile() and frame().
 */
import { spanned, usToNs } from "../engine/index.ts";
import type { Simulation, Space, Steps, Thread } from "../engine/index.ts";
import { UnixError } from "../fs/errno.ts";
import { BufferCache } from "../fs/buffer-cache.ts";
import { FileSystem } from "../fs/file-system.ts";
import type { Inode } from "../fs/inode.ts";
import { isDirectory, isFifo } from "../fs/layout.ts";
import { mkfs } from "../fs/mkfs.ts";
import type { Driver } from "../hardware/driver.ts";
import type { Machine } from "../hardware/machine.ts";
import { PAGE_BYTES } from "../hardware/memory.ts";
import type { Frame } from "../hardware/memory.ts";
import { InputError } from "../schema/index.ts";
import { Directory } from "./directory.ts";
import type { OpenOptions, Program, Stat, Unix } from "./interface.ts";
import type { MonolithicValues } from "./monolithic-shape.ts";
import { aroundCalls } from "./observed.ts";
import type { OpenFile, OpenObject } from "./open-file.ts";
import { NamedPipes } from "./pipe.ts";
import { ProcessTable } from "./process.ts";
import type { Process } from "./process.ts";
import { Exit, SystemCalls } from "./system-calls.ts";
import type { CallName, UnixKernel } from "./system-calls.ts";
import { statOf } from "./stat.ts";
import { RawDevice } from "./transfer.ts";
import { UserBuffer } from "./user-buffer.ts";

/** Where all system calls are carried out. */
const KERNEL: Space = { name: "kernel", mode: "supervisor" };

export abstract class MonolithicKernel implements UnixKernel {
  readonly sim: Simulation;
  readonly machine: Machine;
  readonly device: Driver;
  readonly cache: BufferCache;
  readonly processes: ProcessTable;
  readonly rawDevice = "/dev/rdisk";
  readonly lockfNs: number | undefined = undefined;
  readonly physioNs: number;
  readonly rawTransferBytes: number;
  readonly #counters = { traps: 0, messages: 0, addressSpaceSwitches: 0 };
  readonly #trapNs: number;
  readonly #callNs: Record<CallName, number>;
  readonly #path: { address: number; bytes: number };
  readonly #fsCosts: { nameNs: number; bmapNs: number; allocateNs: number };
  readonly #pipes: NamedPipes;
  #mounted: FileSystem | undefined = undefined;
  #loaded: Thread | undefined = undefined; // whose address space the processor has

  /** Makes an empty file system on the machine's disk. */
  constructor(machine: Machine, { costs, kernel, fileSystem }: MonolithicValues) {
    const ns = (us: number) => Math.round(machine.netNs(us));
    this.sim = machine.sim;
    this.machine = machine;
    this.#trapNs = ns(costs.trapUs);
    this.#callNs = {
      open: ns(costs.openUs),
      close: ns(costs.closeUs),
      read: ns(costs.readUs),
      write: ns(costs.writeUs),
      lseek: ns(costs.lseekUs),
      fsync: ns(costs.fsyncUs),
      ftruncate: ns(costs.ftruncateUs),
      unlink: ns(costs.unlinkUs),
      mkdir: ns(costs.mkdirUs),
      stat: ns(costs.statUs),
      fork: ns(costs.forkUs),
      exit: ns(costs.exitUs),
      wait: ns(costs.waitUs),
      getpid: ns(costs.getpidUs),
      getuid: ns(costs.getuidUs),
      getrlimit: ns(costs.limitUs),
      sigblock: ns(costs.signalMaskUs),
      sigsetmask: ns(costs.signalMaskUs),
      pipe: ns(costs.pipeUs),
    };
    const freeBytes = machine.memory.freeFrames * PAGE_BYTES;
    const path = machine.memory.allocateRun("kernel", Math.ceil(kernel.pathBytes / PAGE_BYTES));
    if (path === undefined) throw new InputError(`kernel.pathBytes: expected ${freeBytes} at most, the memory of the machine, found ${kernel.pathBytes}`);
    this.#path = { address: path[0]! * PAGE_BYTES, bytes: kernel.pathBytes };
    this.physioNs = ns(costs.physioUs);
    this.rawTransferBytes = kernel.rawTransferBytes;
    this.#fsCosts = { nameNs: ns(costs.lookupUs), bmapNs: ns(costs.bmapUs), allocateNs: ns(costs.allocUs) };
    const switchNs = usToNs(costs.switchUs / machine.spec.processor.speed);
    machine.processor.switchCost = (_from, to) => {
      this.#switchTo(to);
      return switchNs;
    };
    this.device = machine.driver(costs.driverStartUs);
    this.cache = new BufferCache({
      sim: this.sim,
      memory: machine.memory,
      device: this.device,
      blockBytes: fileSystem.blockBytes,
      buffers: Math.max(8, Math.floor((machine.memory.bytes.length * kernel.bufferCachePercent) / 100 / fileSystem.blockBytes)),
      lookupNs: ns(costs.bufferHitUs),
    });
    this.processes = new ProcessTable(this.sim);
    this.#pipes = new NamedPipes(this);
    mkfs(machine.controller.store, machine.spec.disk, fileSystem);
  }

  /** A regular file as this system keeps it. */
  protected abstract regularFile(inode: Inode): OpenObject;
  abstract frame(owner: string): Frame;
  abstract cacheBytes: number;

  /** open() is about to cut the file to nothing. @throws what keeps it from that */
  protected checkCut(_inode: Inode): void {}

  /** The blocks of `inode` will be free: nothing of it may stay where this system keeps file data besides the buffer cache. */
  protected *forget(_inode: Inode): Steps {}

  /** Each process has an address space of its own; the kernel's threads run in any. */
  #switchTo(to: Thread): void {
    if (to.daemon || to === this.#loaded) return;
    this.#loaded = to;
    this.#counters.addressSpaceSwitches++;
  }

  /** The mounted file system. */
  get fs(): FileSystem {
    if (this.#mounted === undefined) throw new UnixError("ENODEV");
    return this.#mounted;
  }

  *mount(): Steps {
    const zero = (address: number, bytes: number) => this.machine.bzero(address, bytes);
    this.#mounted = yield* FileSystem.mount({ sim: this.sim, cache: this.cache, costs: this.#fsCosts, zero, forget: (inode) => this.forget(inode) });
  }

  *unmount(): Steps {
    yield* this.fs.unmount();
    this.#mounted = undefined;
  }

  /** Everything is one program here, which sends no messages. */
  counters(): { traps: number; messages: number; addressSpaceSwitches: number } {
    return { ...this.#counters };
  }

  enter(call?: CallName, _file?: OpenFile): void {
    this.#counters.traps++;
    this.charge(this.#trapNs, "Trap to Unix");
    if (call !== undefined) this.charge(this.#callNs[call], "Misc Costs");
    this.machine.runThrough(this.#path.address, this.#path.bytes);
  }

  charge(ns: number, what: string): void {
    this.machine.processor.charge(ns, what);
  }

  settle(): Steps {
    return this.sim.settle();
  }

  bcopy(from: number, to: number, count: number): void {
    this.machine.bcopy(from, to, count);
  }

  free(frame: Frame): void {
    this.machine.memory.free(frame);
  }

  newBuffer(): UserBuffer {
    return new UserBuffer(this.sim, this.machine.memory, () => this.frame("process"));
  }

  execute<T>(program: Program<T>): Thread<T> {
    return this.start(this.processes.create(undefined, this.newBuffer()), program);
  }

  start<T>(process: Process, program: Program<T>): Thread<T> {
    return this.sim.spawn(`process ${process.pid}`, this.#live(process, program), { processor: this.machine.processor });
  }

  /** The system calls of `process`; in a trace each is a span in the kernel. */
  #calls(process: Process): Unix {
    const calls = new SystemCalls(this, process);
    if (this.sim.probe === undefined) return calls;
    return aroundCalls(calls, (name, call, args) => spanned(this.sim, `${name}()`, call(args), KERNEL));
  }

  /** A process from its first call to its end. */
  *#live<T>(process: Process, program: Program<T>): Steps<T> {
    let result: T | number;
    try {
      result = yield* program(this.#calls(process));
    } catch (thrown) {
      if (!(thrown instanceof Exit)) throw thrown;
      result = thrown.status;
    }
    for (const file of process.descriptors) if (file !== undefined) yield* file.unlock(process.buffer);
    yield* process.closeAll();
    process.buffer.release();
    this.processes.end(process, typeof result === "number" ? result : 0);
    return result as T;
  }

  *open(path: string, options: OpenOptions): Steps<OpenObject> {
    if (path === this.rawDevice) return new RawDevice(this, this.device);
    const { access = "both", create = false, exclusive = false, truncate = false } = options;
    const inode = yield* create ? this.fs.create(path, { exclusive }) : this.fs.namei(path);
    if (isDirectory(inode)) {
      if (access === "read" && !truncate) return new Directory(this.fs, inode);
      yield* this.fs.iput(inode);
      throw new UnixError("EISDIR");
    }
    if (isFifo(inode)) return yield* this.#pipes.open(this.fs, inode, access);
    const file = this.regularFile(inode);
    try {
      if (truncate) {
        this.checkCut(inode);
        yield* file.truncate(0);
      }
      return file;
    } catch (error) {
      yield* file.close();
      throw error;
    }
  }

  unlink(path: string): Steps {
    return this.fs.unlink(path);
  }

  mkdir(path: string): Steps {
    return this.fs.mkdir(path);
  }

  mkfifo(path: string): Steps {
    return this.fs.mkfifo(path);
  }

  *stat(path: string): Steps<Stat> {
    const inode = yield* this.fs.namei(path);
    const stat = statOf(inode);
    yield* this.fs.iput(inode);
    return stat;
  }
}
