/**
 * The values that describe CHORUS/MiX V.4: data/systems/mix.json.
 *
 * Layer: servers/mix.
 */
import { SECTOR_BYTES } from "../../hardware/disk/sectors.ts";
import type { Machine } from "../../hardware/machine.ts";
import { PAGE_BYTES } from "../../hardware/memory.ts";
import type { NucleusCosts } from "../../kernels/chorus/index.ts";
import { amount, choice, flag, whole } from "../../schema/index.ts";
import type { Shape, Values } from "../../schema/index.ts";

export const mixShape = {
  nucleus: {
    /** Into the nucleus from user mode and out again. */
    trapUs: amount("us"),
    /** Handing a trap to the handler that an actor connected. */
    trapRedirectUs: amount("us"),
    /** The null RPC: sending, running the message handler, replying. */
    ipcSendUs: amount("us"),
    handlerUs: amount("us"),
    ipcReplyUs: amount("us"),
    /** What a message to a thread takes besides: queueing it, copying its parameters. */
    ipcQueueUs: amount("us"),
    annexCopyUs: amount("us"),
    threadSwitchUs: amount("us"),
    addressSpaceSwitchUs: amount("us"),
    sgReadUs: amount("us"),
    sgWriteUs: amount("us"),
    pageAcquireUs: amount("us"),
    pageReplaceUs: amount("us"),
    pageFaultUs: amount("us"),
    mapUs: amount("us"),
    interruptUs: amount("us"),
  },
  network: {
    packetUs: amount("us"),
    /** Moving 4096 bytes between memory and the network board, and over the wire. */
    boardPageUs: amount("us"),
    wirePageUs: amount("us"),
    latencyUs: amount("us"),
    packetBytes: whole("bytes", 64),
    headerBytes: whole("bytes"),
    findTimeoutMs: amount("ms"),
  },
  pm: {
    /** Finding the thread's and the process's context with the software registers. */
    contextUs: amount("us"),
    /** Copying the user's stack frame. */
    frameCopyUs: amount("us"),
    /** Synchronisation for several threads and processors, and the check for signals. */
    synchronizeUs: amount("us"),
    openUs: amount("us"),
    closeUs: amount("us"),
    readUs: amount("us"),
    writeUs: amount("us"),
    lseekUs: amount("us"),
    fsyncUs: amount("us"),
    ftruncateUs: amount("us"),
    pathCallUs: amount("us"),
    lockfUs: amount("us"),
    forkUs: amount("us"),
    exitUs: amount("us"),
    waitUs: amount("us"),
    getpidUs: amount("us"),
    /** getrlimit(), and sigblock() or sigsetmask(). */
    limitUs: amount("us"),
    signalMaskUs: amount("us"),
    pipeUs: amount("us"),
  },
  om: {
    pullInUs: amount("us"),
    pushOutUs: amount("us"),
    getAccessUs: amount("us"),
    /** Any other request, besides what the file system does for it. */
    requestUs: amount("us"),
    bufferHitUs: amount("us"),
    bmapUs: amount("us"),
    lookupUs: amount("us"),
    allocUs: amount("us"),
    driverStartUs: amount("us"),
    buffers: whole("count", 8),
    swapMB: amount("MB"),
    /** Size of the partition with an S5 file system; 0 for none. */
    s5MB: amount("MB"),
    /** Pages read ahead of a sequential reader, and the most that one disk request brings. */
    readAhead: whole("pages", 0, 1, 16),
    clusterBytes: whole("bytes", PAGE_BYTES),
    /** Pages may be on their way to the disk while others are chosen. */
    asyncPushOut: flag,
    asyncPushOuts: whole("count", 1),
  },
  stm: {
    requestUs: amount("us"),
    pipeBytes: whole("bytes", 4096),
    /** A character of a tty: the driver's and the line discipline's work, and its time on the serial line. */
    characterUs: amount("us"),
    lineUs: amount("us"),
  },
  structure: {
    /** The space in which the servers run. */
    servers: choice("supervisor", "user"),
    messageHandlers: flag,
    /** Section 6.2: the trap handler hosts an Emulation Library instead of the Process Manager. */
    emulationLibrary: flag,
    /** Threads with which a server without handlers starts. */
    serverThreads: whole("count", 1),
    /** Machines, each with a nucleus and servers of its own, on one wire; the files are those of the first. */
    sites: whole("count", 1),
  },
  fileSystem: {
    blockBytes: whole("bytes", SECTOR_BYTES),
    rotdelayMs: whole("ms"),
    maxcontig: whole("blocks", 1),
  },
} satisfies Shape;

export type MixValues = Values<typeof mixShape>;

/** The nucleus's costs on `machine`, in ns. */
export function nucleusCosts(machine: Machine, { nucleus, network }: MixValues): NucleusCosts {
  const ns = (us: number) => Math.round(machine.netNs(us));
  return {
    trapNs: ns(nucleus.trapUs),
    trapRedirectNs: ns(nucleus.trapRedirectUs),
    ipcSendNs: ns(nucleus.ipcSendUs),
    handlerNs: ns(nucleus.handlerUs),
    ipcReplyNs: ns(nucleus.ipcReplyUs),
    ipcQueueNs: ns(nucleus.ipcQueueUs),
    annexCopyNs: ns(nucleus.annexCopyUs),
    threadSwitchNs: ns(nucleus.threadSwitchUs),
    addressSpaceSwitchNs: ns(nucleus.addressSpaceSwitchUs),
    sgReadNs: ns(nucleus.sgReadUs),
    sgWriteNs: ns(nucleus.sgWriteUs),
    pageAcquireNs: ns(nucleus.pageAcquireUs),
    pageReplaceNs: ns(nucleus.pageReplaceUs),
    pageFaultNs: ns(nucleus.pageFaultUs),
    mapNs: ns(nucleus.mapUs),
    interruptNs: ns(nucleus.interruptUs),
    packetNs: ns(network.packetUs),
    boardNsPer32Bytes: Math.round(machine.busNs(network.boardPageUs)) / (PAGE_BYTES / 32),
  };
}
