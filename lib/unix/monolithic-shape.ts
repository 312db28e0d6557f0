/**
 * The values that describe the monolithic systems: data/systems/mach26.json and svr4.json.
 *
 * Layer: unix. Each of the two adds what only it has.
 */
import { SECTOR_BYTES } from "../hardware/disk/sectors.ts";
import { amount, whole } from "../schema/index.ts";
import type { Shape, Values } from "../schema/index.ts";

export const monolithicShape = {
  costs: {
    trapUs: amount("us"),
    openUs: amount("us"),
    closeUs: amount("us"),
    readUs: amount("us"),
    writeUs: amount("us"),
    lseekUs: amount("us"),
    fsyncUs: amount("us"),
    ftruncateUs: amount("us"),
    unlinkUs: amount("us"),
    mkdirUs: amount("us"),
    statUs: amount("us"),
    forkUs: amount("us"),
    exitUs: amount("us"),
    waitUs: amount("us"),
    getpidUs: amount("us"),
    getuidUs: amount("us"),
    /** getrlimit(), and sigblock() or sigsetmask(). */
    limitUs: amount("us"),
    signalMaskUs: amount("us"),
    pipeUs: amount("us"),
    /** Finding a block in the buffer cache and giving it back. */
    bufferHitUs: amount("us"),
    /** From a block of a file to the disk's. */
    bmapUs: amount("us"),
    /** One component of a path. */
    lookupUs: amount("us"),
    /** Giving out a block or an inode. */
    allocUs: amount("us"),
    /** Starting a command of the disk. */
    driverStartUs: amount("us"),
    /** From one process, or the idle loop, to another. */
    switchUs: amount("us"),
    /** Preparing one piece of a raw transfer. */
    physioUs: amount("us"),
  },
  kernel: {
    /** Code and data that the way through the kernel touches: what file data has pushed out of the cache comes back slowly. */
    pathBytes: whole("bytes", 1),
    /** Memory given to the buffer cache. */
    bufferCachePercent: amount("percent"),
    /** The most that one piece of a raw transfer moves. */
    rawTransferBytes: whole("bytes", SECTOR_BYTES, SECTOR_BYTES),
  },
  fileSystem: {
    blockBytes: whole("bytes", SECTOR_BYTES),
    rotdelayMs: whole("ms"),
    maxcontig: whole("blocks", 1),
  },
} satisfies Shape;

export type MonolithicValues = Values<typeof monolithicShape>;
