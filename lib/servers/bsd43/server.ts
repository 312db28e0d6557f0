/**
 * The BSD4.3 Single Server: Unix as one task on the Mach 3.0 kernel (section 3.1.1).
 *
 * Layer: servers/bsd43. A pool of C threads carries out what the Emulation
 * Libraries ask for; the Device Reply Thread, the Softclock Thread, the Net Input
 * Thread and the Inode Pager Thread have a service each.
 */
import type { Simulation, Steps, Thread } from "../../engine/index.ts";
import { WaitQueue } from "../../engine/index.ts";
import { UnixError } from "../../fs/errno.ts";
import { BufferCache } from "../../fs/buffer-cache.ts";
import { FileSystem } from "../../fs/file-system.ts";
import type { Inode } from "../../fs/inode.ts";
import { mkfs } from "../../fs/mkfs.ts";
import type { Machine } from "../../hardware/machine.ts";
import { PAGE_BYTES } from "../../hardware/memory.ts";
import { DefaultPager, Kernel, Task, inNs, threadCreate } from "../../kernels/mach3/index.ts";
import type { Counters, PortName } from "../../kernels/mach3/index.ts";
import type { Program } from "../../unix/interface.ts";
import { NamedPipes } from "../../unix/pipe.ts";
import type { PipeHost } from "../../unix/pipe.ts";
import { BufferMemory } from "./buffer-memory.ts";
import type { LibraryCosts, ServerCosts } from "./costs.ts";
import { MappedObject, UnmappedObject, discardPages, flushPages } from "./files.ts";
import { HandledObject } from "./handled-object.ts";
import { InodePager } from "./inode-pager.ts";
import { MappedFile } from "./mapped-file.ts";
import { NetInput } from "./net-input.ts";
import { Processes } from "./processes.ts";
import { ServerDisk } from "./server-disk.ts";
import type { Mach3Values } from "./shape.ts";
import { Softclock } from "./softclock.ts";
import { ThreadPool } from "./thread-pool.ts";
import { TokenServer } from "./token-server.ts";

export class Bsd43Server {
  readonly sim: Simulation;
  readonly machine: Machine;
  readonly kernel: Kernel;
  readonly defaultPager: DefaultPager;
  readonly task: Task;
  readonly values: Mach3Values;
  readonly costs: ServerCosts;
  /** What the Emulation Library charges. */
  readonly libraryCosts: LibraryCosts;
  readonly rawDevice = "/dev/rdisk";
  /** The port set of the ports that libraries send to. */
  readonly requests: PortName;
  readonly processes: Processes;
  readonly tokens: TokenServer;
  readonly memory: BufferMemory;
  readonly disk: ServerDisk;
  readonly cache: BufferCache;
  readonly pager: InodePager;
  readonly softclock: Softclock;
  readonly net: NetInput;
  readonly pagerNs: number;
  /** What pipes need, and those with a name that are open. */
  readonly pipeHost: PipeHost;
  readonly pipes: NamedPipes;
  readonly #files = new Map<number, MappedFile>(); // by inode number
  #ending = 0; // files whose inodes are being given back
  readonly #gone: WaitQueue;
  #mounted: FileSystem | undefined = undefined;

  /** Boots the kernel and the server, and makes an empty file system on the machine's disk. */
  constructor(machine: Machine, values: Mach3Values) {
    const { server, fileSystem, mapping } = values;
    const { sim, memory } = machine;
    this.sim = sim;
    this.machine = machine;
    this.values = values;
    this.costs = inNs(server, (us) => machine.netNs(us)) as ServerCosts;
    this.libraryCosts = inNs(values.library, (us) => machine.netNs(us));
    this.pagerNs = this.costs.pagerNs;
    const driver = machine.driver(server.driverStartUs);
    this.kernel = new Kernel(machine, values, { disk: driver });
    this.task = new Task(this.kernel, "BSD4.3 server");
    this.requests = this.task.names.allocateSet("requests");
    for (let i = 0; i < Math.floor((memory.frames * server.serverPercent) / 100); i++) memory.allocate("BSD4.3 server");
    this.memory = new BufferMemory(this.task);
    const own = mapping.deviceDriver === "server";
    this.disk = new ServerDisk(this.task, driver.sectors, (frame) => this.memory.addressOf(frame), own ? driver : undefined);
    if (own) machine.controller.deliveryNs = this.kernel.costs.userInterruptNs;
    this.cache = new BufferCache({
      sim, memory: this.memory,
      device: this.disk,
      blockBytes: fileSystem.blockBytes,
      buffers: Math.max(8, Math.floor((memory.bytes.length * server.bufferCachePercent) / 100 / fileSystem.blockBytes)),
      lookupNs: this.costs.bufferHitNs,
    });
    this.pager = new InodePager(this, values.pager);
    this.softclock = new Softclock(sim);
    this.net = new NetInput(this.task, this.costs.packetNs);
    this.processes = new Processes(this);
    this.tokens = new TokenServer(this);
    this.pipeHost = {
      sim,
      bcopy: (from, to, count) => machine.bcopy(from, to, count),
      frame: (owner) => {
        const frame = this.kernel.pages.allocateFrame(owner);
        if (frame === undefined) throw new UnixError("ENOMEM");
        return frame;
      },
      free: (frame) => this.kernel.pages.freeFrame(frame),
    };
    this.pipes = new NamedPipes(this.pipeHost);
    this.#gone = new WaitQueue(sim, "memory objects to end");
    const { disk } = machine.spec;
    const cylinders = disk.cylinders - Math.ceil((disk.cylinders * server.swapPercent) / 100); // those of the file system
    mkfs(machine.controller.store, { ...disk, cylinders }, fileSystem);
    const sector = cylinders * disk.heads * disk.sectorsPerTrack;
    this.defaultPager = new DefaultPager(this.kernel, { device: "disk", sector, sectors: driver.sectors - sector });
    if (own) this.#service("driver", this.disk.driverThread());
    else {
      this.#service("device requests", this.disk.requestThread());
      this.#service("Device Reply Thread", this.disk.replyThread());
    }
    this.#service("Softclock Thread", this.softclock.thread());
    this.#service("Net Input Thread", this.net.thread());
    this.#service("Inode Pager Thread", this.pager.thread());
    new ThreadPool(this);
  }

  /** Bytes of file data that stay in memory at most. */
  get cacheBytes(): number {
    return (this.machine.memory.freeFrames - 2 * this.kernel.pages.freeTarget) * PAGE_BYTES;
  }

  counters(): Counters {
    return { ...this.kernel.counters };
  }

  /** The mounted file system. */
  get fs(): FileSystem {
    if (this.#mounted === undefined) throw new UnixError("ENODEV");
    return this.#mounted;
  }

  *mount(): Steps {
    const { lookupNs, bmapNs, allocNs } = this.costs;
    this.#mounted = yield* FileSystem.mount({
      sim: this.sim, cache: this.cache,
      costs: { nameNs: lookupNs, bmapNs, allocateNs: allocNs },
      zero: (address, bytes) => this.machine.bzero(address, bytes),
    });
  }

  *unmount(): Steps {
    for (const file of [...this.#files.values()]) yield* this.#endFile(file);
    while (this.#files.size + this.#ending > 0) yield* this.#gone.wait();
    yield* this.fs.unmount();
    this.#mounted = undefined;
  }

  execute<T>(program: Program<T>): Thread<T> {
    return this.processes.execute(program);
  }

  /** The open file object of `inode`, whose user the caller gives up. */
  *regularFile(inode: Inode): Steps<MappedObject | UnmappedObject> {
    if (!this.values.mapping.mappedFiles) return new UnmappedObject(this, inode);
    let file = this.#files.get(inode.number);
    if (file !== undefined) {
      const object = this.#opened(file);
      yield* this.fs.iput(inode); // the file has a user of its own
      return object;
    }
    file = new MappedFile(this.task, inode, this.pager.port(), this.fs.maxFileBytes);
    this.#files.set(inode.number, file);
    this.pager.add(file);
    return this.#opened(file);
  }

  #opened(file: MappedFile): MappedObject {
    return this.values.structure.calls === "handler" ? new HandledObject(this, file) : new MappedObject(this, file);
  }

  /** The mapped file of inode `number`, if it is known. */
  mappedFile(number: number): MappedFile | undefined {
    return this.#files.get(number);
  }

  withToken<T>(file: MappedFile, steps: () => Steps<T>): Steps<T> {
    return this.tokens.withToken(file, steps);
  }

  *closed(file: MappedFile): Steps {
    if (file.users > 0) return;
    this.pager.closed(file);
    if (file.inode.links === 0) yield* this.#endFile(file);
  }

  /** A name of a file was removed: files that nobody can reach any more end. */
  *unlinked(): Steps {
    for (const file of [...this.#files.values()]) yield* this.closed(file);
  }

  /** The kernel has forgotten the memory object of `file`. */
  *terminated(file: MappedFile): Steps {
    if (file.users > 0 || this.#files.get(file.inode.number) !== file) return;
    this.#files.delete(file.inode.number);
    this.pager.remove(file);
    this.#ending++;
    yield* this.fs.iput(file.inode);
    this.#ending--;
    this.#gone.wakeAll();
  }

  /** Let the memory object of a file without users go, with its pages. */
  *#endFile(file: MappedFile): Steps {
    if (file.control === undefined) return yield* this.terminated(file);
    yield* file.inode.links === 0 ? discardPages(file) : flushPages(file);
    yield* file.forget();
  }

  #service(name: string, steps: Steps): void {
    threadCreate(this.task, name, steps, { daemon: true });
  }
}
