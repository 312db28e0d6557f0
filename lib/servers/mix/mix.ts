/**
 * CHORUS/MiX V.4 on one site: the nucleus and its servers, put together.
 *
 * Layer: servers/mix; figure 3-2.
 */
import { usToNs } from "../../engine/index.ts";
import type { Simulation, Steps, Thread } from "../../engine/index.ts";
import { BufferCache } from "../../fs/buffer-cache.ts";
import { FileSystem } from "../../fs/file-system.ts";
import { mkfs } from "../../fs/mkfs.ts";
import { SECTOR_BYTES } from "../../fs/layout.ts";
import type { Machine } from "../../hardware/machine.ts";
import { PAGE_BYTES } from "../../hardware/memory.ts";
import { Terminal } from "../../hardware/terminal.ts";
import { newCounters, Nucleus } from "../../kernels/chorus/index.ts";
import type { Counters, NucleusOptions } from "../../kernels/chorus/index.ts";
import type { BlockRequest } from "../../fs/block-device.ts";
import { InputError } from "../../schema/index.ts";
import type { Program } from "../../unix/interface.ts";
import { Exit } from "../../unix/system-calls.ts";
import { Disk } from "./disk.ts";
import { ObjectManager } from "./object-manager.ts";
import { callNames, ProcessManager } from "./process-manager.ts";
import type { CallName } from "./process-manager.ts";
import type { MixProcess } from "./processes.ts";
import { RawDisk } from "./raw-disk.ts";
import { S5, S5_KEYS } from "./s5.ts";
import { S5Disk } from "./s5-disk.ts";
import { s5Image, s5Shape, S5_BLOCK_BYTES } from "./s5-layout.ts";
import type { ServerStructure } from "./server.ts";
import { nucleusCosts } from "./shape.ts";
import type { MixValues } from "./shape.ts";
import { StreamsManager } from "./streams-manager.ts";
import { SwapMapper } from "./swap.ts";
import { emulationLibraryTrap, processManagerTrap, relayTrap } from "./trap-entry.ts";
import { Ufs } from "./ufs.ts";
import { UnixLibrary, UNIX_TRAP } from "./unix-library.ts";

/** Where the S5 file system is mounted. */
export const S5_PATH = "/s5";

/** The tty, which leads to the site's terminal. */
export const TTY_PATH = "/dev/tty";

/** Frames of memory that processes and streams are likely to take from a file. */
const OTHER_FRAMES = 16;

export class Mix {
  readonly nucleus: Nucleus;
  readonly machine: Machine;
  /** All sites, from the first on. */
  readonly sites: readonly Mix[];
  readonly processManager: ProcessManager;
  readonly objectManager: ObjectManager;
  readonly streamsManager: StreamsManager;
  /** How the servers are loaded. */
  readonly structure: ServerStructure;
  readonly rawDevice = "/dev/rdisk";
  /** The site's terminal, which processes have as /dev/tty. */
  readonly terminal: Terminal;
  readonly cacheBytes: number;
  readonly #values: MixValues;
  readonly #device: Disk;
  readonly #cache: BufferCache;
  #fs: FileSystem | undefined = undefined;
  #s5: (() => S5) | undefined = undefined; // mounts the S5 partition, if there is one

  /** Makes an empty file system and swap space on the machine's disk. The files are those of the first of `sites`, which this one comes to, or its own if there is none. */
  constructor(machine: Machine, values: MixValues, options: Omit<NucleusOptions, "mostPushOuts">, sites: readonly Mix[]) {
    this.machine = machine;
    this.sites = sites;
    this.#values = values;
    const { om, stm, structure, fileSystem } = values;
    this.nucleus = new Nucleus(machine, nucleusCosts(machine, values), { mostPushOuts: om.asyncPushOut ? om.asyncPushOuts : Infinity, ...options });
    const servers = { mode: structure.servers, handlers: structure.messageHandlers, threads: structure.serverThreads };
    this.structure = servers;
    const driver = machine.driver(om.driverStartUs);
    this.#device = new Disk(this.nucleus, driver, structure.servers);
    this.#cache = new BufferCache({ sim: machine.sim, memory: machine.memory, device: this.#device, blockBytes: fileSystem.blockBytes, buffers: om.buffers, lookupNs: this.#ns(om.bufferHitUs) });
    const { heads, sectorsPerTrack, cylinders } = machine.spec.disk;
    const cylinderSectors = heads * sectorsPerTrack;
    const cylindersOf = (megabytes: number) => Math.ceil((megabytes * 1024 * 1024) / (cylinderSectors * SECTOR_BYTES));
    const swapCylinders = cylindersOf(om.swapMB);
    const s5Cylinders = cylindersOf(om.s5MB);
    const fileCylinders = cylinders - swapCylinders - s5Cylinders;
    if (fileCylinders < 1) throw new InputError(`mix: om.swapMB (${om.swapMB}) and om.s5MB (${om.s5MB}) leave no room for files on a disk of ${cylinders} cylinders`);
    mkfs(machine.controller.store, { ...machine.spec.disk, cylinders: fileCylinders }, fileSystem);
    if (s5Cylinders > 0) this.#s5 = this.#makeS5(fileCylinders * cylinderSectors, s5Cylinders * cylinderSectors);
    const swap = new SwapMapper(this.nucleus, this.#device, (cylinders - swapCylinders) * cylinderSectors, Math.floor((swapCylinders * cylinderSectors * SECTOR_BYTES) / PAGE_BYTES));
    const omCosts = { pullInNs: this.#ns(om.pullInUs), pushOutNs: this.#ns(om.pushOutUs), getAccessNs: this.#ns(om.getAccessUs), requestNs: this.#ns(om.requestUs) };
    this.objectManager = new ObjectManager(this.nucleus, servers, omCosts, swap, new RawDisk(this.nucleus, this.#device));
    if (structure.servers === "supervisor") this.#device.connect(this.objectManager.server.actor);
    this.nucleus.memory.pager.defaultMapper = this.objectManager.server.port.ui;
    this.terminal = new Terminal(machine.sim, usToNs(stm.lineUs));
    this.streamsManager = new StreamsManager(this.nucleus, servers, { requestNs: this.#ns(stm.requestUs), characterNs: this.#ns(stm.characterUs) }, stm.pipeBytes, this.terminal);
    this.objectManager.streamsManager = this.streamsManager.server.port.ui;
    this.processManager = new ProcessManager(
      this.nucleus,
      servers,
      this.#managerCosts(),
      {
        objectManager: (sites[0] ?? this).objectManager.server.port.ui,
        streamsManager: this.streamsManager.server.port.ui,
        tty: TTY_PATH,
        rawDevice: this.rawDevice,
        rawBytes: this.objectManager.raw.bytes,
        swapPages: this.objectManager.freeSwapPages,
      },
      (process, program) => void this.#start(process, program),
    );
    const entry = structure.emulationLibrary ? emulationLibraryTrap : structure.servers === "user" || !structure.messageHandlers ? relayTrap : processManagerTrap;
    const connector = structure.servers === "user" ? this.nucleus.own : this.processManager.server.actor;
    this.nucleus.traps.svTrapConnect(connector, UNIX_TRAP, entry(this.nucleus, this.processManager));
    this.cacheBytes = (machine.memory.freeFrames - OTHER_FRAMES) * PAGE_BYTES;
  }

  get sim(): Simulation {
    return this.machine.sim;
  }

  /** Blocks of the mounted file system that no file has. */
  get freeBlocks(): number {
    return this.#fs!.groups.superblock.freeBlocks;
  }

  /** The machines of all sites. */
  get machines(): readonly Machine[] {
    return this.sites.map(({ machine }) => machine);
  }

  /** What the nuclei of all sites have counted. */
  counters(): Counters {
    const sum = newCounters();
    for (const { nucleus } of this.sites) for (const name of Object.keys(sum) as (keyof Counters)[]) sum[name] += nucleus.counters[name];
    return sum;
  }

  /** Find the file system on the disk and use it. */
  mount(): Steps {
    return this.#inServer("mount", this.#mount());
  }

  /** Bring everything to the disk and forget it. */
  unmount(): Steps {
    return this.#inServer("unmount", this.#unmount());
  }

  /** Run `program` in a new process of site number `site`, child of none; its thread ends with what the program returns. */
  execute<T>(program: Program<T>, site = 1): Thread<T> {
    const mix = this.sites[site - 1]!;
    return mix.#start(mix.processManager.processes.create(undefined), program);
  }

  #start<T>(process: MixProcess, program: Program<T>): Thread<T> {
    return this.nucleus.threadCreate(process.actor, `process ${process.pid}`, this.#live(process, program));
  }

  /** A process from its first call to its end. */
  *#live<T>(process: MixProcess, program: Program<T>): Steps<T> {
    this.nucleus.running.software = process;
    let result: T | number;
    try {
      result = yield* program(new UnixLibrary(this.nucleus, process, (child) => this.processManager.register(child)));
    } catch (thrown) {
      if (!(thrown instanceof Exit)) throw thrown;
      result = thrown.status;
    }
    yield* this.nucleus.traps.trap(UNIX_TRAP, { call: "exit", numbers: [typeof result === "number" ? result : 0] });
    return result as T;
  }

  *#mount(): Steps {
    const { om } = this.#values;
    const { machine, nucleus } = this;
    const costs = { nameNs: this.#ns(om.lookupUs), bmapNs: this.#ns(om.bmapUs), allocateNs: this.#ns(om.allocUs) };
    const zero = (address: number, bytes: number) => machine.bzero(address, bytes);
    this.#fs = yield* FileSystem.mount({ sim: machine.sim, cache: this.#cache, costs, zero, forget: (inode) => ufs.forget(inode) });
    // Only a message handler sees the nucleus's own pages; a server's threads must be done with a page when they reply.
    const direct = this.structure.mode === "supervisor" && this.structure.handlers;
    const options = direct ? om : { readAhead: 0, clusterBytes: PAGE_BYTES, asyncPushOut: false };
    const ufs = new Ufs(nucleus, this.#device, this.#fs, options, (key) => this.objectManager.files.discardPages(key));
    this.objectManager.files.mounts.push({ prefix: "", firstKey: 0, ops: ufs });
    if (this.#s5 !== undefined) this.objectManager.files.mounts.push({ prefix: S5_PATH, firstKey: S5_KEYS, ops: this.#s5() });
  }

  /** Make an empty S5 file system on `sectors` sectors from `firstSector` on; how to mount it. */
  #makeS5(firstSector: number, sectors: number): () => S5 {
    const { machine, nucleus } = this;
    const perBlock = S5_BLOCK_BYTES / SECTOR_BYTES;
    const shape = s5Shape(Math.floor(sectors / perBlock));
    for (const [block, bytes] of s5Image(shape)) machine.controller.store.writeRange(firstSector + block * perBlock, bytes);
    const partition = { sectors, strategy: (request: BlockRequest) => this.#device.strategy({ ...request, sector: request.sector + firstSector }) };
    const { buffers, bufferHitUs } = this.#values.om;
    const cache = new BufferCache({ sim: machine.sim, memory: machine.memory, device: partition, blockBytes: S5_BLOCK_BYTES, buffers, lookupNs: this.#ns(bufferHitUs) });
    const disk = () => new S5Disk(cache, shape, (address, bytes) => machine.bzero(address, bytes));
    return () => new S5(nucleus, this.#device, firstSector, disk(), (key) => this.objectManager.files.discardPages(key));
  }

  *#unmount(): Steps {
    yield* this.objectManager.files.unmount();
    yield* this.#fs!.unmount();
    this.#fs = undefined;
  }

  /** Do `steps` in a thread of the Object Manager. */
  *#inServer(name: string, steps: Steps): Steps {
    yield* this.sim.join(this.nucleus.threadCreate(this.objectManager.server.actor, name, steps));
  }

  #managerCosts() {
    const { pm } = this.#values;
    const ns = (us: number) => this.#ns(us);
    const us: Record<CallName, number> = {
      open: pm.openUs, close: pm.closeUs, read: pm.readUs, write: pm.writeUs, lseek: pm.lseekUs, fsync: pm.fsyncUs, ftruncate: pm.ftruncateUs,
      unlink: pm.pathCallUs, mkdir: pm.pathCallUs, mkfifo: pm.pathCallUs, lockf: pm.lockfUs, stat: pm.pathCallUs, fork: pm.forkUs, exit: pm.exitUs, wait: pm.waitUs,
      getpid: pm.getpidUs, getuid: pm.getpidUs, getrlimit: pm.limitUs, sigblock: pm.signalMaskUs, sigsetmask: pm.signalMaskUs, pipe: pm.pipeUs,
    };
    const callNs = Object.fromEntries(callNames.map((call) => [call, ns(us[call])])) as Record<CallName, number>;
    return { contextNs: ns(pm.contextUs), frameCopyNs: ns(pm.frameCopyUs), synchronizeNs: ns(pm.synchronizeUs), callNs };
  }

  #ns(us: number): number {
    return Math.round(this.machine.netNs(us));
  }
}
