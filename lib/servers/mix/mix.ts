/**
 * CHORUS/MiX V.4 on one site: the nucleus and its servers, put together.
 *
 * Layer: servers/mix; figure 3-2.
 */
import type { Simulation, Steps, Thread } from "../../engine/index.ts";
import { BufferCache } from "../../fs/buffer-cache.ts";
import { FileSystem } from "../../fs/file-system.ts";
import { mkfs } from "../../fs/mkfs.ts";
import { SECTOR_BYTES } from "../../fs/layout.ts";
import { Driver } from "../../hardware/driver.ts";
import type { Machine } from "../../hardware/machine.ts";
import { PAGE_BYTES } from "../../hardware/memory.ts";
import { Nucleus } from "../../kernels/chorus/index.ts";
import type { NucleusOptions } from "../../kernels/chorus/index.ts";
import type { BlockDevice } from "../../fs/block-device.ts";
import type { Program } from "../../unix/interface.ts";
import { Exit } from "../../unix/system-calls.ts";
import { deviceFor } from "./disk.ts";
import { ObjectManager } from "./object-manager.ts";
import { callNames, ProcessManager } from "./process-manager.ts";
import type { CallName } from "./process-manager.ts";
import type { MixProcess } from "./processes.ts";
import { RawDisk } from "./raw-disk.ts";
import type { ServerStructure } from "./server.ts";
import { nucleusCosts } from "./shape.ts";
import type { MixValues } from "./shape.ts";
import { StreamsManager } from "./streams-manager.ts";
import { SwapMapper } from "./swap.ts";
import { emulationLibraryTrap, processManagerTrap, relayTrap } from "./trap-entry.ts";
import { Ufs } from "./ufs.ts";
import { UnixLibrary, UNIX_TRAP } from "./unix-library.ts";

/** Frames of memory that processes, streams and the nucleus need besides file pages. */
const OTHER_FRAMES = 256;

export class Mix {
  readonly nucleus: Nucleus;
  readonly machine: Machine;
  readonly processManager: ProcessManager;
  readonly objectManager: ObjectManager;
  readonly streamsManager: StreamsManager;
  /** How the servers are loaded. */
  readonly structure: ServerStructure;
  readonly rawDevice = "/dev/rdisk";
  readonly cacheBytes: number;
  readonly #values: MixValues;
  readonly #device: BlockDevice;
  readonly #cache: BufferCache;
  #fs: FileSystem | undefined = undefined;

  /** Makes an empty file system and swap space on the machine's disk. With `files`, another site's, this one has no files of its own. */
  constructor(machine: Machine, values: MixValues, options: NucleusOptions = {}, files?: Mix) {
    this.machine = machine;
    this.#values = values;
    const { om, stm, structure, fileSystem } = values;
    this.nucleus = new Nucleus(machine, nucleusCosts(machine, values), { ...options, mostPushOuts: om.asyncPushOut ? om.asyncPushOuts : Infinity });
    const servers = { mode: structure.servers, handlers: structure.messageHandlers, threads: structure.serverThreads };
    this.structure = servers;
    const driver = new Driver({ sim: machine.sim, processor: machine.processor, controller: machine.controller, spec: { startUs: om.driverStartUs } });
    this.#device = deviceFor(this.nucleus, driver, structure.servers);
    this.#cache = new BufferCache({ sim: machine.sim, memory: machine.memory, device: this.#device, blockBytes: fileSystem.blockBytes, buffers: om.buffers, lookupNs: this.#ns(om.bufferHitUs) });
    const { heads, sectorsPerTrack, cylinders } = machine.spec.disk;
    const cylinderBytes = heads * sectorsPerTrack * SECTOR_BYTES;
    const swapCylinders = Math.ceil((om.swapMB * 1024 * 1024) / cylinderBytes);
    const fileCylinders = cylinders - swapCylinders;
    mkfs(machine.controller.store, { ...machine.spec.disk, cylinders: fileCylinders }, fileSystem);
    const swap = new SwapMapper(this.nucleus, this.#device, fileCylinders * heads * sectorsPerTrack, Math.floor((swapCylinders * cylinderBytes) / PAGE_BYTES));
    const omCosts = { pullInNs: this.#ns(om.pullInUs), pushOutNs: this.#ns(om.pushOutUs), getAccessNs: this.#ns(om.getAccessUs), requestNs: this.#ns(om.requestUs) };
    this.objectManager = new ObjectManager(this.nucleus, servers, omCosts, swap, new RawDisk(this.nucleus, this.#device));
    this.nucleus.memory.pager.defaultMapper = this.objectManager.server.port.ui;
    this.streamsManager = new StreamsManager(this.nucleus, servers, this.#ns(stm.requestUs), stm.pipeBytes);
    this.processManager = new ProcessManager(
      this.nucleus,
      servers,
      this.#managerCosts(),
      {
        objectManager: (files ?? this).objectManager.server.port.ui,
        streamsManager: this.streamsManager.server.port.ui,
        rawDevice: this.rawDevice,
        rawBytes: this.objectManager.raw.bytes,
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

  /** Find the file system on the disk and use it. */
  mount(): Steps {
    return this.#inServer("mount", this.#mount());
  }

  /** Bring everything to the disk and forget it. */
  unmount(): Steps {
    return this.#inServer("unmount", this.#unmount());
  }

  /** Run `program` in a new process, child of none; its thread ends with what the program returns. */
  execute<T>(program: Program<T>): Thread<T> {
    return this.#start(this.processManager.processes.create(undefined), program);
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
    this.#fs = yield* FileSystem.mount({ sim: machine.sim, cache: this.#cache, costs, zero: (address, bytes) => machine.bzero(address, bytes) });
    // Only a message handler sees the nucleus's own pages; a server's threads must be done with a page when they reply.
    const direct = this.structure.mode === "supervisor" && this.structure.handlers;
    const options = direct ? om : { readAhead: 0, clusterBytes: PAGE_BYTES, asyncPushOut: false };
    this.objectManager.ops = new Ufs(nucleus, this.#device, this.#fs, options);
  }

  *#unmount(): Steps {
    yield* this.objectManager.unmount();
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
      unlink: pm.pathCallUs, mkdir: pm.pathCallUs, stat: pm.pathCallUs, fork: pm.forkUs, exit: pm.exitUs, wait: pm.waitUs,
      getpid: pm.getpidUs, getuid: pm.getpidUs, pipe: pm.pipeUs,
    };
    const callNs = Object.fromEntries(callNames.map((call) => [call, ns(us[call])])) as Record<CallName, number>;
    return { contextNs: ns(pm.contextUs), frameCopyNs: ns(pm.frameCopyUs), synchronizeNs: ns(pm.synchronizeUs), callNs };
  }

  #ns(us: number): number {
    return Math.round(this.machine.netNs(us));
  }
}
