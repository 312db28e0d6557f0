/**
 * The mounted file system: the five layers put together.
 *
 * Interface:
 *   namei, create, unlink, mkdir, rmdir, mkfifo  by path name
 *   bmap, itrunc, readi, writei, fsync, stat   on an inode; hold its lock (locked)
 *   iget, iput                                 using inodes by number
 *   sync, unmount                              the whole
 * What returns an inode adds a user to it, whom iput takes away; it is not locked.
 */
import type { Simulation, Steps } from "../engine/index.ts";
import { BlockMap } from "./block-map.ts";
import type { ClearTail, Mapping } from "./block-map.ts";
import type { BufferCache } from "./buffer-cache.ts";
import { CylinderGroups } from "./cylinder-groups.ts";
import { Directories } from "./directories.ts";
import { UnixError } from "./errno.ts";
import { FileIo } from "./file-io.ts";
import type { Move } from "./file-io.ts";
import type { Inode } from "./inode.ts";
import { Inodes } from "./inodes.ts";
import { BOOT_BYTES, ROOT_INODE } from "./layout.ts";
import { PathNames } from "./namei.ts";
import { Tree } from "./tree.ts";
import type { CreateOptions } from "./tree.ts";

/** What the steps of the file system cost, in ns; the buffer cache has its own. */
export interface FileSystemCosts {
  /** Looking up one component of a path. */
  nameNs: number;
  /** Translating one block of a file. */
  bmapNs: number;
  /** Giving out or taking back one block or inode. */
  allocateNs: number;
}

export interface MountOptions {
  sim: Simulation;
  /** Buffers over the disk, of the file system's block size. */
  cache: BufferCache;
  costs: FileSystemCosts;
  /** Clears memory and charges for it (bzero). */
  zero: (address: number, bytes: number) => void;
  /** Where file data are kept elsewhere than in the cache: forget those of `inode`, whose blocks will be free. */
  forget?: (inode: Inode) => Steps;
}

/** What stat tells of a file; times are simulated, in ns. */
export interface FileStatus {
  inode: number;
  mode: number;
  links: number;
  uid: number;
  gid: number;
  size: number;
  /** Sectors of 512 bytes that the file holds, indirect blocks included. */
  sectors: number;
  blockBytes: number;
  accessedNs: number;
  modifiedNs: number;
  changedNs: number;
}

export class FileSystem {
  readonly cache: BufferCache;
  readonly groups: CylinderGroups;
  readonly root: Inode;
  readonly #blockMap: BlockMap;
  readonly #inodes: Inodes;
  readonly #names: PathNames;
  readonly #tree: Tree;
  readonly #io: FileIo;

  private constructor({ sim, cache, costs, zero }: MountOptions, groups: CylinderGroups, blockMap: BlockMap, inodes: Inodes, root: Inode) {
    this.cache = cache;
    this.groups = groups;
    this.root = root;
    this.#blockMap = blockMap;
    this.#inodes = inodes;
    const directories = new Directories(sim, cache, blockMap, zero);
    this.#names = new PathNames(sim, inodes, directories, root, costs.nameNs);
    this.#tree = new Tree(sim, inodes, directories, this.#names);
    this.#io = new FileIo(sim, cache, blockMap, zero);
  }

  /** Mount the file system on the cache's disk. @throws UnixError EINVAL if there is none of the cache's block size, EIO. */
  static *mount(options: MountOptions): Steps<FileSystem> {
    const { sim, cache, costs, zero, forget = function* () {} } = options;
    const groups = yield* CylinderGroups.load(sim, cache, BOOT_BYTES / cache.blockBytes, costs.allocateNs);
    const blockMap = new BlockMap(sim, cache, groups, costs.bmapNs, zero);
    const inodes = new Inodes(sim, cache, groups, blockMap, forget);
    return new FileSystem(options, groups, blockMap, inodes, yield* inodes.iget(ROOT_INODE));
  }

  /** The largest size that a file can have, in bytes. */
  get maxFileBytes(): number {
    return this.#blockMap.maxFileBytes;
  }

  /** The inode that `path` leads to; a relative path starts at `from`, by default the root. @throws UnixError. */
  namei(path: string, from?: Inode): Steps<Inode> {
    return this.#names.namei(path, from);
  }

  /** The inode `number`. @throws UnixError EIO. */
  iget(number: number): Steps<Inode> {
    return this.#inodes.iget(number);
  }

  /** The caller uses `inode` no longer; a file without links is freed by its last user. @throws UnixError EIO. */
  iput(inode: Inode): Steps {
    return this.#inodes.iput(inode);
  }

  /** Where block `logical` of a file lies; see BlockMap.bmap. */
  bmap(inode: Inode, logical: number, options?: { allocate?: boolean }): Steps<Mapping> {
    return this.#blockMap.bmap(inode, logical, options);
  }

  /** Make a file `size` bytes long; see BlockMap.itrunc. */
  itrunc(inode: Inode, size: number, clearTail?: ClearTail): Steps {
    return this.#blockMap.itrunc(inode, size, clearTail);
  }

  /** Read through the buffer cache; see FileIo.readi. */
  readi(inode: Inode, offset: number, bytes: number, move: Move): Steps<number> {
    return this.#io.readi(inode, offset, bytes, move);
  }

  /** Write through the buffer cache; see FileIo.writei. */
  writei(inode: Inode, offset: number, bytes: number, move: Move): Steps<number> {
    return this.#io.writei(inode, offset, bytes, move);
  }

  /** The regular file `path`, made if it is not there. @throws UnixError. */
  create(path: string, options?: CreateOptions): Steps<Inode> {
    return this.#tree.create(path, options);
  }

  /** Make the directory `path`. @throws UnixError. */
  mkdir(path: string, options?: Omit<CreateOptions, "exclusive">): Steps {
    return this.#tree.mkdir(path, options);
  }

  /** Make the named pipe `path`, whose bytes are nowhere on the disk. @throws UnixError. */
  mkfifo(path: string, options?: Omit<CreateOptions, "exclusive">): Steps {
    return this.#tree.mkfifo(path, options);
  }

  /** Take away the name `path` of a file, and the file when its last user has gone too. @throws UnixError. */
  unlink(path: string, from?: Inode): Steps {
    return this.#tree.unlink(path, from);
  }

  /** Remove the empty directory `path`. @throws UnixError. */
  rmdir(path: string, from?: Inode): Steps {
    return this.#tree.rmdir(path, from);
  }

  /** What stat tells of `inode`. */
  stat({ number, mode, links, uid, gid, size, sectors, accessedNs, modifiedNs, changedNs }: Inode): FileStatus {
    return { inode: number, mode, links, uid, gid, size, sectors, blockBytes: this.cache.blockBytes, accessedNs, modifiedNs, changedNs };
  }

  /** Bring a file's blocks and its inode to the disk. @throws UnixError EIO. */
  *fsync(inode: Inode): Steps {
    yield* this.cache.flush(inode.number);
    yield* this.#inodes.iupdat(inode, { wait: true });
  }

  /** Bring everything to the disk. @throws UnixError EIO. */
  *sync(): Steps {
    yield* this.#inodes.update();
    yield* this.groups.store();
    yield* this.cache.flush();
  }

  /** Bring everything to the disk and forget it. @throws UnixError EBUSY while inodes are in use, EIO. */
  *unmount(): Steps {
    if (this.#inodes.inUse > 1 || this.root.references > 1) throw new UnixError("EBUSY");
    yield* this.#inodes.iput(this.root);
    yield* this.sync();
    yield* this.cache.purge();
  }
}
