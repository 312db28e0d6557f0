/**
 * Mach 2.6 MSD(BSD4.3): a monolithic kernel with the buffer cache of 4.3BSD.
 *
 * Layer: kernel; the system that the paper sets beside Mach 3.0. All file data goes
 * through a fixed tenth of memory; raw transfers go in pieces of 4096 bytes, which
 * is why its row of Table 5-6 is flat.
 */
import { UnixError } from "../../fs/errno.ts";
import type { Inode } from "../../fs/inode.ts";
import type { Machine } from "../../hardware/machine.ts";
import type { Frame } from "../../hardware/memory.ts";
import { MonolithicKernel } from "../../unix/monolithic.ts";
import type { MonolithicValues } from "../../unix/monolithic-shape.ts";
import type { OpenObject } from "../../unix/open-file.ts";
import { Mach26File } from "./file.ts";

/** Blocks of the buffer cache that inodes, maps and indirect blocks are likely to take from a file. */
const OTHER_BLOCKS = 12;

export class Mach26 extends MonolithicKernel {
  readonly cacheBytes: number;

  constructor(machine: Machine, values: MonolithicValues) {
    super(machine, values);
    this.cacheBytes = Math.max(1, this.cache.size - OTHER_BLOCKS) * this.cache.blockBytes;
  }

  protected regularFile(inode: Inode): OpenObject {
    return new Mach26File(this, inode);
  }

  frame(owner: string): Frame {
    const frame = this.machine.memory.allocate(owner);
    if (frame === undefined) throw new UnixError("ENOMEM");
    return frame;
  }
}
