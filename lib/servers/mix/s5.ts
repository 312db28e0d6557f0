/**
 * S5 as a file system type of the Object Manager: s5_pullin, s5_pushout and the rest.
 *
 * Layer: servers/mix; sections 3.2.1 and 4.3.3. A page is four blocks, which lie where
 * the free list happened to have some: neighbours move in one request, the others one
 * by one. The same vnode_ops as UFS has, on a partition of its own.
 */
import { Lock } from "../../engine/index.ts";
import type { Steps } from "../../engine/index.ts";
import type { BlockDevice } from "../../fs/block-device.ts";
import { UnixError } from "../../fs/errno.ts";
import { kindOf, SECTOR_BYTES } from "../../fs/layout.ts";
import type { FileKind } from "../../fs/layout.ts";
import { PAGE_BYTES } from "../../hardware/memory.ts";
import type { Access, Area, Nucleus, PageRequest } from "../../kernels/chorus/index.ts";
import { transfer } from "../../unix/transfer.ts";
import { framesOf } from "./disk.ts";
import { S5Directories } from "./s5-directories.ts";
import type { S5Disk, S5Inode } from "./s5-disk.ts";
import { S5_BLOCK_BYTES, S5_MODE, S5_ROOT } from "./s5-layout.ts";
import type { Vnode, VnodeOps } from "./vnode.ts";

/** Keys of S5 files begin here; those of UFS are smaller. */
export const S5_KEYS = 2 ** 51;
const INODES = 65536;
const PER_PAGE = PAGE_BYTES / S5_BLOCK_BYTES;
const BLOCK_SECTORS = S5_BLOCK_BYTES / SECTOR_BYTES;

class S5Vnode implements Vnode {
  readonly node: S5Inode;
  /** Blocks of the file that hold old bytes. */
  readonly blank: Set<number>;

  constructor(node: S5Inode, blank: Set<number>) {
    this.node = node;
    this.blank = blank;
  }

  get key(): number {
    return keyOf(this.node);
  }
  get inode(): number {
    return this.node.number;
  }
  get kind(): FileKind {
    return kindOf(this.node);
  }
  get links(): number {
    return this.node.links;
  }
  get accessedNs(): number {
    return this.node.accessedNs;
  }
  get modifiedNs(): number {
    return this.node.modifiedNs;
  }
  touch(accessedNs: number, modifiedNs: number): void {
    this.node.accessedNs = Math.max(this.node.accessedNs, accessedNs);
    this.node.modifiedNs = Math.max(this.node.modifiedNs, modifiedNs);
  }

  get size(): number {
    return this.node.size;
  }
  set size(bytes: number) {
    this.node.size = bytes;
  }
}

const keyOf = ({ generation, number }: S5Inode): number => S5_KEYS + generation * INODES + number;

export class S5 implements VnodeOps {
  readonly #nucleus: Nucleus;
  readonly #device: BlockDevice;
  readonly #disk: S5Disk;
  readonly #directories: S5Directories;
  readonly #firstSector: number;
  readonly #discardPages: (key: number) => Steps;
  readonly #lock: Lock;
  readonly #blank = new Map<number, Set<number>>();

  /** On the partition of `device` that begins at `firstSector`, whose blocks `disk` manages. `discardPages` has all sites forget the pages of a file, by its key. */
  constructor(nucleus: Nucleus, device: BlockDevice, firstSector: number, disk: S5Disk, discardPages: (key: number) => Steps) {
    this.#nucleus = nucleus;
    this.#device = device;
    this.#firstSector = firstSector;
    this.#discardPages = discardPages;
    this.#disk = disk;
    this.#directories = new S5Directories(disk);
    this.#lock = new Lock(nucleus.machine.sim, "the S5 file system");
  }

  open(path: string, options: { create: boolean; exclusive: boolean }): Steps<S5Vnode> {
    return this.#alone(this.#open(path, options));
  }

  *activate(key: number): Steps<S5Vnode> {
    return this.#vnode(yield* this.#alone(this.#disk.iget(this.inodeOf(key))));
  }

  inodeOf(key: number): number {
    return (key - S5_KEYS) % INODES;
  }

  *release(vnode: S5Vnode): Steps {
    if (vnode.links === 0 && vnode.node.users === 1) {
      yield* this.#discardPages(vnode.key); // before the lock is taken, for which pages on their way to the disk may be waiting
      this.#blank.delete(vnode.key);
    }
    yield* this.#alone(this.#disk.iput(vnode.node));
  }

  *unlink(path: string): Steps {
    yield* this.release(yield* this.#alone(this.#unlink(path)));
  }

  mkdir(path: string): Steps {
    return this.#alone(this.#makeNew(path, S5_MODE.directory));
  }

  mkfifo(path: string): Steps {
    return this.#alone(this.#makeNew(path, S5_MODE.fifo));
  }

  /** What the last block holds behind the new end is cleared on the disk, so that nobody sees it when the file grows again. */
  *truncate(vnode: S5Vnode, size: number): Steps {
    const logical = Math.floor(size / S5_BLOCK_BYTES);
    if (size !== vnode.size) vnode.touch(0, this.#nucleus.machine.sim.now);
    const cut = size < vnode.size && size % S5_BLOCK_BYTES !== 0 && !vnode.blank.has(logical);
    yield* this.#alone(this.#disk.truncate(vnode.node, size));
    for (const block of vnode.blank) if (block * S5_BLOCK_BYTES >= size) vnode.blank.delete(block);
    if (cut) yield* this.#clearBlock(vnode, logical, size % S5_BLOCK_BYTES);
  }

  trim(vnode: S5Vnode): Steps {
    return this.truncate(vnode, vnode.size);
  }

  *sync(vnode: S5Vnode): Steps {
    for (const block of [...vnode.blank]) yield* this.#clearBlock(vnode, block, 0);
    yield* this.#alone(this.#disk.iupdate(vnode.node));
    yield* this.#disk.cache.flush();
  }

  *unmount(): Steps {
    for (const [key, blank] of this.#blank) {
      if (blank.size === 0) continue;
      const vnode = yield* this.activate(key);
      yield* this.sync(vnode);
      yield* this.release(vnode);
    }
    yield* this.#disk.cache.purge();
  }

  *allocate(vnode: S5Vnode, offset: number): Steps {
    const first = Math.floor(offset / PAGE_BYTES) * PER_PAGE;
    for (let block = first; block < first + PER_PAGE; block++) {
      if ((yield* this.#alone(this.#disk.bmap(vnode.node, block, true))).fresh) vnode.blank.add(block);
    }
  }

  /** s5_pullin() */
  *pullIn(vnode: S5Vnode, request: PageRequest, page: Area): Steps<Access> {
    const sectors = yield* this.#sectors(vnode, request.offset / PAGE_BYTES, true);
    for (const [i, sector] of sectors.entries()) {
      if (sector === undefined) this.#nucleus.machine.bzero(page.locate(i * S5_BLOCK_BYTES, "write"), S5_BLOCK_BYTES);
    }
    yield* this.#move("read", sectors, page);
    const holes = (yield* this.#sectors(vnode, request.offset / PAGE_BYTES, false)).includes(undefined);
    return holes ? "read" : "write";
  }

  /** s5_pushout() */
  *pushOut(vnode: S5Vnode, request: PageRequest, page: Area): Steps<boolean> {
    const index = request.offset / PAGE_BYTES;
    yield* this.#move("write", yield* this.#sectors(vnode, index, false), page);
    for (let block = index * PER_PAGE; block < (index + 1) * PER_PAGE; block++) vnode.blank.delete(block);
    return true;
  }

  /** The first sector of each block of page `index`; undefined for a hole, and with `skipBlank` for old bytes. */
  *#sectors(vnode: S5Vnode, index: number, skipBlank: boolean): Steps<(number | undefined)[]> {
    const sectors: (number | undefined)[] = [];
    for (let logical = index * PER_PAGE; logical < (index + 1) * PER_PAGE; logical++) {
      const { block } = yield* this.#alone(this.#disk.bmap(vnode.node, logical));
      sectors.push(block === 0 || (skipBlank && vnode.blank.has(logical)) ? undefined : this.#firstSector + block * BLOCK_SECTORS);
    }
    return sectors;
  }

  /** Move the blocks of `page` that have sectors, neighbours together. */
  *#move(op: "read" | "write", sectors: readonly (number | undefined)[], page: Area): Steps {
    const { frames, offset } = framesOf(page);
    for (let i = 0; i < sectors.length; ) {
      const sector = sectors[i];
      let end = i + 1;
      if (sector !== undefined) {
        while (sectors[end] === sector + (end - i) * BLOCK_SECTORS) end++;
        yield* transfer(this.#nucleus.machine.sim, this.#device, { op, sector, sectors: (end - i) * BLOCK_SECTORS, frames, offset: offset + i * S5_BLOCK_BYTES });
      }
      i = end;
    }
  }

  /** Put zeros into block `logical` of the file from byte `from` on, on the disk. */
  *#clearBlock(vnode: S5Vnode, logical: number, from: number): Steps {
    const { cache } = this.#disk;
    const { block } = yield* this.#alone(this.#disk.bmap(vnode.node, logical));
    if (block !== 0) {
      const buffer = yield* from === 0 ? cache.getblk(block) : cache.bread(block);
      this.#nucleus.machine.bzero(buffer.address + from, S5_BLOCK_BYTES - from);
      yield* cache.bwrite(buffer);
      yield* cache.invalidate(block);
    }
    vnode.blank.delete(logical);
  }

  *#open(path: string, { create, exclusive }: { create: boolean; exclusive: boolean }): Steps<S5Vnode> {
    const { directory, name } = yield* this.#directories.parent(path);
    try {
      const found = name === "" ? S5_ROOT : yield* this.#directories.lookup(directory, name);
      if (found !== 0) {
        if (create && exclusive) throw new UnixError("EEXIST");
        const inode = yield* this.#disk.iget(found);
        const isDirectory = inode.mode === S5_MODE.directory;
        if (!(create && isDirectory) && !(path.endsWith("/") && !isDirectory)) return this.#vnode(inode);
        yield* this.#disk.iput(inode);
        throw new UnixError(create && isDirectory ? "EISDIR" : "ENOTDIR");
      }
      if (!create) throw new UnixError("ENOENT");
      if (path.endsWith("/")) throw new UnixError("EISDIR");
      return this.#vnode(yield* this.#make(directory, name, S5_MODE.file));
    } finally {
      yield* this.#disk.iput(directory);
    }
  }

  /** A new directory or named pipe. */
  *#makeNew(path: string, mode: number): Steps {
    const { directory, name } = yield* this.#directories.parent(path);
    try {
      if (name === "" || (yield* this.#directories.lookup(directory, name)) !== 0) throw new UnixError("EEXIST");
      const inode = yield* this.#make(directory, name, mode);
      if (mode === S5_MODE.directory) {
        yield* this.#directories.enter(inode, ".", inode.number);
        yield* this.#directories.enter(inode, "..", directory.number);
        inode.links = 2;
        directory.links++;
      }
      yield* this.#disk.iput(inode);
    } finally {
      yield* this.#disk.iput(directory);
    }
  }

  *#make(directory: S5Inode, name: string, mode: number): Steps<S5Inode> {
    const inode = yield* this.#directories.make(directory, name, mode);
    inode.accessedNs = inode.modifiedNs = this.#nucleus.machine.sim.now;
    return inode;
  }

  /** Take the name away; the file that had it, one more use. */
  *#unlink(path: string): Steps<S5Vnode> {
    const { directory, name } = yield* this.#directories.parent(path);
    try {
      const found = name === "" ? S5_ROOT : yield* this.#directories.lookup(directory, name);
      if (found === 0) throw new UnixError("ENOENT");
      const inode = yield* this.#disk.iget(found);
      const failure = inode.mode === S5_MODE.directory ? "EISDIR" : path.endsWith("/") ? "ENOTDIR" : undefined;
      if (failure !== undefined) {
        yield* this.#disk.iput(inode);
        throw new UnixError(failure);
      }
      yield* this.#directories.remove(directory, name);
      inode.links--;
      return this.#vnode(inode);
    } finally {
      yield* this.#disk.iput(directory);
    }
  }

  #vnode(node: S5Inode): S5Vnode {
    let blank = this.#blank.get(keyOf(node));
    if (blank === undefined) this.#blank.set(keyOf(node), (blank = new Set()));
    return new S5Vnode(node, blank);
  }

  *#alone<T>(steps: Steps<T>): Steps<T> {
    yield* this.#lock.acquire();
    try {
      return yield* steps;
    } finally {
      this.#lock.release();
    }
  }
}
