/**
 * Layer 4 of 5, second half: inodes in use, at most one in memory for each number.
 *
 * Interface:
 *   iget   an inode by its number; iput when it is no longer used
 *   ialloc a new one
 *   iupdat write it to its block
 *   locked do something while holding its lock
 * A file without links lives on until its last user's iput.
 */
import type { Simulation, Steps } from "../engine/index.ts";
import type { BlockMap } from "./block-map.ts";
import type { BufferCache } from "./buffer-cache.ts";
import type { CylinderGroups } from "./cylinder-groups.ts";
import { UnixError } from "./errno.ts";
import { inodeBlock, inodeOffset } from "./geometry.ts";
import { Inode } from "./inode.ts";
import { decodeInode, encodeInode, HOLE, isDirectory, MODE_DIRECTORY, MODE_TYPE, POINTERS } from "./layout.ts";

export class Inodes {
  readonly #sim: Simulation;
  readonly #cache: BufferCache;
  readonly #groups: CylinderGroups;
  readonly #blockMap: BlockMap;
  readonly #forget: (inode: Inode) => Steps;
  readonly #table = new Map<number, Inode>();

  /** `forget` is done before a file's blocks go; it can be done more than once. */
  constructor(sim: Simulation, cache: BufferCache, groups: CylinderGroups, blockMap: BlockMap, forget: (inode: Inode) => Steps) {
    this.#sim = sim;
    this.#cache = cache;
    this.#groups = groups;
    this.#blockMap = blockMap;
    this.#forget = forget;
  }

  /** Inodes that somebody uses. */
  get inUse(): number {
    return this.#table.size;
  }

  /** The inode `number`, one more user. @throws UnixError EIO if it cannot be read or is free. */
  *iget(number: number): Steps<Inode> {
    let inode = this.#table.get(number);
    if (inode === undefined) {
      inode = new Inode(this.#sim, number);
      this.#table.set(number, inode);
    }
    inode.references++;
    if (inode.mode === 0) {
      try {
        yield* locked(inode, this.#load(inode));
      } catch (error) {
        if (--inode.references === 0) this.#table.delete(number);
        throw error;
      }
    }
    return inode;
  }

  /** A new inode of type and permissions `mode`, near the directory `parent`; it has a user, but no link. @throws UnixError ENOSPC, EIO. */
  *ialloc(parent: number, mode: number): Steps<Inode> {
    const number = yield* this.#groups.allocateInode(parent, (mode & MODE_TYPE) === MODE_DIRECTORY);
    const buffer = yield* this.#cache.bread(inodeBlock(this.#groups.superblock, number));
    const { generation } = decodeInode(buffer.view, inodeOffset(this.#groups.superblock, number));
    this.#cache.brelse(buffer);
    const inode = new Inode(this.#sim, number);
    inode.references = 1;
    inode.mode = mode;
    inode.pointers = new Array<number>(POINTERS).fill(HOLE);
    inode.generation = generation + 1;
    inode.markChanged(this.#sim.now);
    inode.markAccessed(this.#sim.now);
    this.#table.set(number, inode);
    return inode;
  }

  /** One user less. The last one writes the inode back, or frees the file if it has no link left. */
  *iput(inode: Inode): Steps {
    // While this takes time others may come, and change the inode, and go.
    while (inode.references === 1 && (inode.dirty || inode.links === 0)) {
      if (inode.links > 0) yield* this.iupdat(inode);
      else {
        yield* this.#forget(inode);
        if (inode.references === 1) return yield* this.#free(inode);
      }
    }
    if (--inode.references === 0) this.#table.delete(inode.number);
  }

  /** Write a changed inode to its block; with `wait` to the disk. @throws UnixError EIO. */
  *iupdat(inode: Inode, { wait = false } = {}): Steps {
    const sb = this.#groups.superblock;
    const buffer = yield* this.#cache.bread(inodeBlock(sb, inode.number));
    if (inode.dirty) encodeInode(inode, buffer.view, inodeOffset(sb, inode.number));
    else if (!wait) return this.#cache.brelse(buffer); // somebody else did it while the block was read
    inode.dirty = false;
    if (wait) yield* this.#cache.bwrite(buffer);
    else this.#cache.bdwrite(buffer);
  }

  /** Write all changed inodes to their blocks. */
  *update(): Steps {
    for (const inode of [...this.#table.values()]) if (inode.dirty) yield* this.iupdat(inode);
  }

  *#load(inode: Inode): Steps {
    if (inode.mode !== 0) return; // somebody else did it while this one waited
    const sb = this.#groups.superblock;
    const buffer = yield* this.#cache.bread(inodeBlock(sb, inode.number));
    const disk = decodeInode(buffer.view, inodeOffset(sb, inode.number));
    this.#cache.brelse(buffer);
    if (disk.mode === 0) throw new UnixError("EIO");
    inode.load(disk);
  }

  /** Give back the blocks and the number of a file without links and with one user. */
  *#free(inode: Inode): Steps {
    yield* this.#blockMap.itrunc(inode, 0);
    const directory = isDirectory(inode);
    inode.mode = 0;
    inode.dirty = true;
    yield* this.iupdat(inode);
    this.#table.delete(inode.number);
    yield* this.#groups.freeInode(inode.number, directory);
  }
}

/** Take `steps` while holding the lock of `inode`. */
export function* locked<T>(inode: Inode, steps: Steps<T>): Steps<T> {
  yield* inode.lock.acquire();
  try {
    return yield* steps;
  } finally {
    inode.lock.release();
  }
}
