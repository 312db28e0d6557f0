/** An inode in memory: part of layer 4. */
import { Lock } from "../engine/index.ts";
import type { Simulation } from "../engine/index.ts";
import type { DiskInode } from "./layout.ts";

/** An inode that somebody uses; Inodes.iget gives it out, one for each number. */
export class Inode {
  readonly number: number;
  /** Held while the file's size, blocks or entries are read or changed: one process at a time. */
  readonly lock: Lock;
  /** Users; the last one's iput writes the inode back. */
  references = 0;
  /** Changed since it was last written to its block. */
  dirty = false;
  /** The block read last: a read of the next one is sequential (i_lastr). */
  lastRead = 0;
  /** What the disk holds of it. */
  mode = 0;
  links = 0;
  uid = 0;
  gid = 0;
  size = 0;
  accessedNs = 0;
  modifiedNs = 0;
  changedNs = 0;
  pointers: number[] = [];
  sectors = 0;
  generation = 0;

  constructor(sim: Simulation, number: number) {
    this.number = number;
    this.lock = new Lock(sim, `inode ${number}`);
  }

  /** Take over what the disk holds. */
  load(disk: DiskInode): void {
    Object.assign(this, disk);
  }

  /** The file was read. */
  markAccessed(nowNs: number): void {
    this.accessedNs = nowNs;
    this.dirty = true;
  }

  /** So many directory entries name it from now on. */
  setLinks(links: number, nowNs: number): void {
    this.links = links;
    this.markChanged(nowNs, false);
  }

  /** The inode was changed; so was the file's content if `content`. */
  markChanged(nowNs: number, content = true): void {
    this.changedNs = nowNs;
    if (content) this.modifiedNs = nowNs;
    this.dirty = true;
  }
}
