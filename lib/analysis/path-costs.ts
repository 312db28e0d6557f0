/**
 * The costs along a path added up, beside the simulation of the same path.
 *
 * Layer: analysis; section 5, Table 5-9. Where one client computes and nothing overlaps,
 * a sum of costs from the data is enough, and it shares nothing with the kernels and
 * servers that the simulation runs through: both must agree. Clock interrupts are left
 * out on both sides. Where the disk turns while the processor computes, no sum can tell.
 */
import { PAGE_BYTES } from "../hardware/memory.ts";
import { boot, machineOf, machineParameters, systemNames, systemParameters } from "../systems/boot.ts";
import type { BootOptions, SystemName } from "../systems/boot.ts";
import type { System } from "../systems/system.ts";
import { cachedRead, getpid, lseek, nullMachRpc, nullRpc, nullTrap, objectManagerSameBlockRead, pullInLoop, readOneByte, windowChanges, writeOneByte } from "../workloads/index.ts";
import type { Measurement } from "../workloads/index.ts";

/** One step of a path and what it costs, in µs. */
export interface PathStep {
  step: string;
  us: number;
}

export interface PathCost {
  system: SystemName;
  path: string;
  steps: PathStep[];
  /** The sum of the steps, what the simulation gives, and their relative difference. */
  addedUs: number;
  simulatedUs: number;
  difference: number;
}

type Values = Record<string, Record<string, number>>;
type Steps = Record<string, number>;

interface Path {
  path: string;
  steps: Steps;
  options?: object;
  measure(system: System): Measurement;
}

const TURNS = 100;
/** Pages of the file that is read from memory, and of these the ones that an inode points at without an indirect block. */
const PAGES = 256;
const DIRECT = 12;

/** A file read from memory, page by page; the last call finds its end, so each page bears its share of `atEnd`. */
const cachedPages = (steps: Steps, atEnd: Steps): Path => ({
  path: "read() of a page in memory",
  steps: { ...steps, "end of the file found, its share": sum(atEnd) / PAGES },
  measure: (system) => cachedRead(system, { fileBytes: PAGES * PAGE_BYTES }),
});

const sum = (steps: Steps): number => Object.values(steps).reduce((total, us) => total + us, 0);

/** What of the machine every path needs: copies, what they push out of the cache, and a transfer from the controller's buffer. */
function machineCosts(values: Values) {
  const { cache, controller } = values as { cache: Record<string, number>; controller: Record<string, number> };
  const { copyCachedUs, copyUncachedUs, sizeKB } = cache as { copyCachedUs: number; copyUncachedUs: number; sizeKB: number };
  return {
    copyByteUs: copyCachedUs! / PAGE_BYTES,
    copyPageUs: copyUncachedUs!,
    /** A page that is copied takes the cache from as much of a path of `bytes` as the path has of the cache; it is loaded again. */
    reloadUs: (bytes: number) => (bytes / (sizeKB! * 1024)) * (copyUncachedUs! - copyCachedUs!),
    fromBufferUs: (sectors: number) => controller.commandUs! + sectors * (controller.sectorOverheadUs! + controller.interruptUs! + controller.pioSectorUs!),
  };
}
type MachineCosts = ReturnType<typeof machineCosts>;

/** Calls on either monolithic system; `found` is how it finds the data, `beyond` what a page far into the file needs besides. */
function monolithic(costs: Record<string, number>, pathBytes: number, found: Steps, beyond: Steps, { copyByteUs, copyPageUs, reloadUs }: MachineCosts): Path[] {
  const seek = { "trap (lseek)": costs.trapUs!, lseek: costs.lseekUs! };
  const options = { kernel: { pathBytes: PAGE_BYTES } }; // so short that no line of it contends with the byte's
  return [
    { path: "null trap", steps: { trap: costs.trapUs! }, measure: (system) => nullTrap(system, TURNS) },
    { path: "getpid()", steps: { trap: costs.trapUs!, getpid: costs.getpidUs! }, measure: (system) => getpid(system, TURNS) },
    { path: "lseek()", steps: seek, measure: (system) => lseek(system, TURNS) },
    { path: "lseek() and read() of a byte", steps: { ...seek, trap: costs.trapUs!, read: costs.readUs!, ...found, copy: copyByteUs }, options, measure: (system) => readOneByte(system, TURNS) },
    { path: "lseek() and write() of a byte", steps: { ...seek, trap: costs.trapUs!, write: costs.writeUs!, ...found, copy: copyByteUs }, options, measure: (system) => writeOneByte(system, TURNS) },
    cachedPages(
      { trap: costs.trapUs!, read: costs.readUs!, ...found, ...beyond, copy: copyPageUs, "path reloaded into the cache": reloadUs(pathBytes) },
      { trap: costs.trapUs!, read: costs.readUs! },
    ),
  ];
}

const paths: Record<SystemName, (values: Values, machine: MachineCosts) => Path[]> = {
  mach3: ({ kernel, library, server, mapping }, { copyByteUs, copyPageUs }) => {
    const entry = { trap: kernel!.trapUs!, redirection: kernel!.trapRedirectUs! };
    const seek = { "trap (lseek)": kernel!.trapUs!, "redirection (lseek)": kernel!.trapRedirectUs!, lseek: library!.lseekUs! };
    const page = { ...entry, read: library!.readUs!, copy: copyPageUs, "page fault": kernel!.pageFaultUs! };
    const windowChange: Steps = {
      RPC: kernel!.nullRpcUs!, stub: library!.stubUs!, "server call": server!.callUs!, "Token taken and given": 2 * server!.tokenUs!,
      vm_map: kernel!.vmMapUs!, vm_deallocate: kernel!.vmDeallocateUs!, remap: server!.remapUs!,
    };
    const share = PAGE_BYTES / mapping!.windowBytes!;
    return [
      { path: "null trap", steps: { trap: kernel!.trapUs! }, measure: (system) => nullTrap(system, TURNS) },
      { path: "getpid()", steps: entry, measure: (system) => getpid(system, TURNS) },
      { path: "null RPC", steps: { RPC: kernel!.nullRpcUs! }, measure: (system) => nullMachRpc(system, TURNS) },
      { path: "lseek()", steps: seek, measure: (system) => lseek(system, TURNS) },
      { path: "lseek() and read() of a byte", steps: { ...seek, ...entry, read: library!.readUs!, copy: copyByteUs }, measure: (system) => readOneByte(system, TURNS) },
      { path: "lseek() and write() of a byte", steps: { ...seek, ...entry, write: library!.writeUs!, copy: copyByteUs }, measure: (system) => writeOneByte(system, TURNS) },
      { path: "lseek() and read() of a page in another window", steps: { ...seek, ...page, ...windowChange }, measure: (system) => windowChanges(system) },
      cachedPages({ ...page, ...Object.fromEntries(Object.entries(windowChange).map(([step, us]) => [`${step}, its share`, us * share])) }, { ...entry, read: library!.readUs! }),
    ];
  },
  mach26: ({ costs, kernel }, machine) => monolithic(costs!, kernel!.pathBytes!, { bmap: costs!.bmapUs!, "buffer found": costs!.bufferHitUs! }, { "indirect block found": (costs!.bufferHitUs! * (PAGES - DIRECT)) / PAGES }, machine),
  svr4: ({ costs, kernel }, machine) => monolithic(costs!, kernel!.pathBytes!, { "window of segmap": costs!.segmapUs! }, {}, machine),
  mix: ({ nucleus, pm, om }, { copyByteUs, copyPageUs, fromBufferUs }) => {
    const entry = { trap: nucleus!.trapUs!, redirection: nucleus!.trapRedirectUs!, context: pm!.contextUs!, frame: pm!.frameCopyUs!, synchronization: pm!.synchronizeUs! };
    const seek = { ...Object.fromEntries(Object.entries(entry).map(([step, us]) => [`${step} (lseek)`, us])), lseek: pm!.lseekUs! };
    const rpc = { ipcSend: nucleus!.ipcSendUs!, handler: nucleus!.handlerUs!, ipcReply: nucleus!.ipcReplyUs! };
    const sameBlock = { "driver start": om!.driverStartUs!, "8 sectors from the controller": fromBufferUs(PAGE_BYTES / 512) };
    return [
      { path: "null trap", steps: { trap: nucleus!.trapUs! }, measure: (system) => nullTrap(system, TURNS) },
      { path: "getpid()", steps: { ...entry, getpid: pm!.getpidUs! }, measure: (system) => getpid(system, TURNS) },
      { path: "null RPC", steps: rpc, measure: (system) => nullRpc(system, TURNS) },
      { path: "lseek()", steps: seek, measure: (system) => lseek(system, TURNS) },
      { path: "lseek() and read() of a byte", steps: { ...seek, ...entry, read: pm!.readUs!, sgRead: nucleus!.sgReadUs!, copy: copyByteUs }, measure: (system) => readOneByte(system, TURNS) },
      { path: "lseek() and write() of a byte", steps: { ...seek, ...entry, write: pm!.writeUs!, sgWrite: nucleus!.sgWriteUs!, copy: copyByteUs }, measure: (system) => writeOneByte(system, TURNS) },
      cachedPages({ ...entry, read: pm!.readUs!, sgRead: nucleus!.sgReadUs!, copy: copyPageUs }, { ...entry, read: pm!.readUs! }),
      { path: "the same block from the raw disk", steps: sameBlock, measure: (system) => objectManagerSameBlockRead(system, PAGE_BYTES) },
      { path: "pullIn of the same block", steps: { ...rpc, pullIn: om!.pullInUs!, bmap: om!.bmapUs!, ...sameBlock }, measure: (system) => pullInLoop(system) },
    ];
  },
};

/** Every path that can be added up, on `systems` (by default all), beside its simulation. */
export function pathCosts(systems: readonly SystemName[] = systemNames): PathCost[] {
  return systems.flatMap((system) => {
    const machine = machineOf(system);
    const own = paths[system](systemParameters(system).values as Values, machineCosts(machineParameters(machine).values as unknown as Values));
    return own.map(({ path, steps, options, measure }) => {
      const simulatedUs = boot(system, { machine: { base: machine, processor: { tickUs: 0 } }, ...options } as BootOptions).use(measure).usPerOperation;
      const addedUs = sum(steps);
      return { system, path, steps: Object.entries(steps).map(([step, us]) => ({ step, us })), addedUs, simulatedUs, difference: simulatedUs / addedUs - 1 };
    });
  });
}
