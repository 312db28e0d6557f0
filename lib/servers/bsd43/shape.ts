/**
 * The BSD4.3 Single Server in numbers: data/systems/mach3.json.
 *
 * Layer: servers/bsd43; section 5 for the costs, sections 4 and 6 for the options.
 */
import { kernelShape } from "../../kernels/mach3/index.ts";
import { windowBytes } from "../../kernels/window-bytes.ts";
import { SECTOR_BYTES } from "../../hardware/disk/sectors.ts";
import { PAGE_BYTES } from "../../hardware/memory.ts";
import { amount, choice, flag, whole } from "../../schema/index.ts";
import type { Shape, Values } from "../../schema/index.ts";

export const mach3Shape = {
  ...kernelShape,
  /** The Emulation Library's own work in calls that it serves itself, beyond the redirected trap. */
  library: {
    readUs: amount("us"),
    writeUs: amount("us"),
    lseekUs: amount("us"),
    /** getrlimit(), and sigblock() or sigsetmask(). */
    limitUs: amount("us"),
    signalMaskUs: amount("us"),
    /** Sending a call to the server: arguments into a message, the answer out of it. */
    stubUs: amount("us"),
    /** From one step of the share lock and Token protocols to the next, in library and server, beyond the time of the calls. */
    stepUs: amount("us"),
    /** Between two tries of a share lock that is taken. */
    spinUs: amount("us"),
  },
  /** The server's own work in each call, besides messages, memory and files. */
  server: {
    callUs: amount("us"),
    openUs: amount("us"),
    closeUs: amount("us"),
    forkUs: amount("us"),
    exitUs: amount("us"),
    /** Moving a window, besides the RPC, vm_map and vm_deallocate. */
    remapUs: amount("us"),
    tokenUs: amount("us"),
    /** The Inode Pager, each page. */
    pagerUs: amount("us"),
    bufferHitUs: amount("us"),
    bmapUs: amount("us"),
    lookupUs: amount("us"),
    allocUs: amount("us"),
    driverStartUs: amount("us"),
    /** The Net Input Thread, each packet. */
    packetUs: amount("us"),
    /** How long a library may hold a share lock that the server wants. */
    lockTimeoutMs: amount("ms", { min: 0.001 }),
    /** C threads of the pool that there are from the start. */
    minThreads: whole("count", 1),
    /** C threads that wait for requests at once: when fewer do, one more is made. */
    minIdleThreads: whole("count", 1),
    /** C threads that wait for requests at once, at most; not fewer than minIdleThreads. */
    maxIdleThreads: whole("count", 1),
    /** C threads of the pool in all, at most; not fewer than minThreads. */
    maxThreads: whole("count", 2),
    /** Data that a message buffer of the server holds in line, at most; more travel out of line. Used where there is no bounce buffer. */
    messageBytes: whole("bytes", PAGE_BYTES),
    bufferCachePercent: amount("percent"),
    /** Memory that the server itself fills. */
    serverPercent: amount("percent"),
    /** Cylinders at the end of the disk for swap space. */
    swapPercent: amount("percent"),
  },
  /** The Inode Pager; without mapped files there are no memory objects of files, and it has nothing to do whatever these say. */
  pager: {
    /** How file data go to the kernel: copied by it, or as pages. */
    interface: choice("data_provided", "data_supply"),
    /** What is read for one data_request. */
    readBytes: whole("bytes", PAGE_BYTES, PAGE_BYTES, 65536),
    /** Reads kept under way ahead of a sequential reader: of readBytes each, or through the buffer cache of a block each. */
    readAhead: whole("count", 0, 1, 16),
    throughBufferCache: flag,
    /** Of the memory, or of the buffer cache, what may be filled with data read ahead. */
    aheadPercent: amount("percent", { max: 100 }),
  },
  mapping: {
    /** Off: files are read and written by the server, through its buffer cache, and the values of the pager, of windows and of the Token have no effect. */
    mappedFiles: flag,
    windowBytes,
    /** The passive state of the Token. */
    tokenPassive: flag,
    /** Off: what the library may do by itself goes by messages (section 6.1). */
    sharedPages: flag,
    /** Who has the disk driver (section 6.2). */
    deviceDriver: choice("kernel", "server"),
  },
  structure: {
    /** How system calls reach the server: from an Emulation Library by RPC, or in a handler on the caller's thread (section 6.2). */
    calls: choice("rpc", "handler"),
  },
  fileSystem: {
    blockBytes: whole("bytes", SECTOR_BYTES),
    rotdelayMs: whole("ms"),
    maxcontig: whole("blocks", 1),
  },
} satisfies Shape;

export type Mach3Values = Values<typeof mach3Shape>;
