/**
 * UFS as a file system type of the Object Manager: ufs_pullin, ufs_pushout and the rest.
 *
 * Layer: servers/mix; sections 4.3.3 and 4.4. A page offset becomes a disk block, and
 * the driver loads straight into the page that the nucleus provided. Only inodes,
 * directories and indirect blocks go through buffers. Blocks are allocated before
 * write permission is granted; until such a page is pushed out its place on the disk
 * holds old bytes, so it is "blank": whoever asks for it gets zeros.
 */
import { spanned } from "../../engine/index.ts";
import type { Steps } from "../../engine/index.ts";
import type { BlockDevice } from "../../fs/block-device.ts";
import { UnixError } from "../../fs/errno.ts";
import type { Errno } from "../../fs/errno.ts";
import type { FileSystem } from "../../fs/file-system.ts";
import type { Inode } from "../../fs/inode.ts";
import { locked } from "../../fs/inodes.ts";
import { HOLE, kindOf, SECTOR_BYTES } from "../../fs/layout.ts";
import type { FileKind } from "../../fs/layout.ts";
import { PAGE_BYTES } from "../../hardware/memory.ts";
import type { Access, Area, Nucleus, PageRequest } from "../../kernels/chorus/index.ts";
import { transfer } from "../../unix/transfer.ts";
import { framesOf } from "./disk.ts";
import { ReadAhead } from "./read-ahead.ts";
import type { Vnode, VnodeOps } from "./vnode.ts";

const INODES = 2 ** 32; // a key is a generation and the number of an inode
const PAGE_SECTORS = PAGE_BYTES / SECTOR_BYTES;

export interface UfsOptions {
  /** Pages to read ahead, and the most bytes that one request brings. */
  readAhead: number;
  clusterBytes: number;
  /** Answer pushOut before the page is on the disk. */
  asyncPushOut: boolean;
}

export class UfsVnode implements Vnode {
  readonly key: number;
  readonly inodeInUse: Inode;
  /** Pages whose blocks hold old bytes. */
  readonly blank: Set<number>;
  /** The page after the last one that was asked for. */
  next = 0;

  constructor(inode: Inode, blank: Set<number>) {
    this.key = keyOf(inode);
    this.inodeInUse = inode;
    this.blank = blank;
  }

  get inode(): number {
    return this.inodeInUse.number;
  }
  get kind(): FileKind {
    return kindOf(this.inodeInUse);
  }
  get links(): number {
    return this.inodeInUse.links;
  }
  get accessedNs(): number {
    return this.inodeInUse.accessedNs;
  }
  get modifiedNs(): number {
    return this.inodeInUse.modifiedNs;
  }
  touch(accessedNs: number, modifiedNs: number): void {
    if (accessedNs > this.accessedNs) this.inodeInUse.markAccessed(accessedNs);
    if (modifiedNs > this.modifiedNs) this.inodeInUse.markChanged(modifiedNs);
  }

  get size(): number {
    return this.inodeInUse.size;
  }
  set size(bytes: number) {
    if (bytes === this.inodeInUse.size) return;
    this.inodeInUse.size = bytes;
    this.inodeInUse.dirty = true;
  }
}

export class Ufs implements VnodeOps {
  readonly #nucleus: Nucleus;
  readonly #device: BlockDevice;
  readonly #fs: FileSystem;
  readonly #options: UfsOptions;
  readonly #discardPages: (key: number) => Steps;
  readonly #readAhead: ReadAhead;
  readonly #perBlock: number; // pages of a block
  readonly #blank = new Map<number, Set<number>>(); // by key

  /** `discardPages` has all sites forget the pages of a file, by its key; `fs` must call forget(). */
  constructor(nucleus: Nucleus, device: BlockDevice, fs: FileSystem, options: UfsOptions, discardPages: (key: number) => Steps) {
    this.#nucleus = nucleus;
    this.#device = device;
    this.#fs = fs;
    this.#options = options;
    this.#discardPages = discardPages;
    this.#perBlock = fs.cache.blockBytes / PAGE_BYTES;
    this.#readAhead = new ReadAhead(nucleus, device, options, (vnode, page) => this.sectorOf(vnode, page));
  }

  *open(path: string, { create, exclusive }: { create: boolean; exclusive: boolean }): Steps<UfsVnode> {
    return this.#vnode(yield* create ? this.#fs.create(path, { exclusive }) : this.#fs.namei(path));
  }

  *activate(key: number): Steps<UfsVnode> {
    const inode = yield* this.#fs.iget(key % INODES);
    if (inode.generation === Math.floor(key / INODES)) return this.#vnode(inode);
    yield* this.#fs.iput(inode);
    throw new UnixError("EIO");
  }

  inodeOf(key: number): number {
    return key % INODES;
  }

  *release(vnode: UfsVnode): Steps {
    yield* this.#fs.iput(vnode.inodeInUse);
  }

  unlink(path: string): Steps {
    return this.#fs.unlink(path);
  }

  mkdir(path: string): Steps {
    return this.#fs.mkdir(path);
  }

  mkfifo(path: string): Steps {
    return this.#fs.mkfifo(path);
  }

  *truncate(vnode: UfsVnode, size: number): Steps {
    const inode = vnode.inodeInUse;
    yield* locked(inode, this.#truncate(vnode, inode, size));
  }

  *trim(vnode: UfsVnode): Steps {
    yield* this.truncate(vnode, vnode.size);
  }

  *sync(vnode: UfsVnode): Steps {
    for (const page of [...vnode.blank].filter((one) => one * PAGE_BYTES < vnode.size).sort((a, b) => a - b)) yield* this.#clearOnDisk(vnode, page);
    yield* this.#fs.fsync(vnode.inodeInUse);
  }

  *allocate(vnode: UfsVnode, offset: number): Steps {
    const logical = Math.floor(offset / this.#fs.cache.blockBytes);
    const { fresh } = yield* locked(vnode.inodeInUse, this.#fs.bmap(vnode.inodeInUse, logical, { allocate: true }));
    if (!fresh) return;
    for (let page = logical * this.#perBlock; page < (logical + 1) * this.#perBlock; page++) vnode.blank.add(page);
  }

  /** ufs_pullin(): load the page from its block, with those after it as the options say. */
  pullIn(vnode: UfsVnode, request: PageRequest, page: Area, ahead?: number): Steps<Access> {
    return spanned(this.#nucleus.machine.sim, "ufs_pullin", this.#pullIn(vnode, request, page, ahead));
  }

  *#pullIn(vnode: UfsVnode, request: PageRequest, page: Area, ahead: number | undefined): Steps<Access> {
    const index = request.offset / PAGE_BYTES;
    const sequential = index === vnode.next;
    vnode.next = index + 1;
    const sector = yield* this.sectorOf(vnode, index);
    if (sector === undefined || vnode.blank.has(index)) {
      this.#nucleus.machine.bzero(page.locate(0, "write"), PAGE_BYTES);
      return sector === undefined ? "read" : "write";
    }
    const plan = ahead === undefined ? undefined : yield* this.#readAhead.plan(vnode, request, sector, sequential);
    if (plan !== undefined) yield* this.#readAhead.load(page, plan, ahead!);
    else yield* transfer(this.#nucleus.machine.sim, this.#device, { op: "read", sector, sectors: PAGE_SECTORS, ...framesOf(page) });
    this.#nucleus.machine.sim.probe?.instant("disk to page");
    return "write";
  }

  /** ufs_pushout(): store the page in its block. A page of a file that was cut short meanwhile has none. */
  pushOut(vnode: UfsVnode, request: PageRequest, page: Area, saved: (error?: Errno) => void): Steps<boolean> {
    return spanned(this.#nucleus.machine.sim, "ufs_pushout", this.#pushOut(vnode, request, page, saved));
  }

  *#pushOut(vnode: UfsVnode, request: PageRequest, page: Area, saved: (error?: Errno) => void): Steps<boolean> {
    const index = request.offset / PAGE_BYTES;
    const sector = yield* this.sectorOf(vnode, index);
    if (sector === undefined) return true;
    const { machine, memory } = this.#nucleus;
    const { sim } = machine;
    const where = { op: "write" as const, sector, sectors: PAGE_SECTORS, ...framesOf(page) };
    if (!this.#options.asyncPushOut || request.cache.port !== memory.port.ui) {
      yield* transfer(sim, this.#device, where);
      vnode.blank.delete(index);
      return true;
    }
    yield* sim.settle();
    this.#device.strategy({
      done: (error) => {
        if (error === undefined) vnode.blank.delete(index);
        saved(error);
      },
      ...where,
    });
    return false;
  }

  *unmount(): Steps {
    for (const [key, blank] of this.#blank) {
      if (blank.size === 0) continue;
      const vnode = yield* this.activate(key);
      for (const page of [...blank].sort((a, b) => a - b)) yield* this.#clearOnDisk(vnode, page);
      yield* this.release(vnode);
    }
  }

  /** The first sector of page `index`; undefined in a hole. */
  *sectorOf(vnode: UfsVnode, index: number): Steps<number | undefined> {
    const { block } = yield* locked(vnode.inodeInUse, this.#fs.bmap(vnode.inodeInUse, Math.floor(index / this.#perBlock)));
    return block === HOLE ? undefined : (block * this.#perBlock + (index % this.#perBlock)) * PAGE_SECTORS;
  }

  /** The blocks of the file will be free. */
  *forget(inode: Inode): Steps {
    yield* this.#discardPages(keyOf(inode));
    this.#blank.delete(keyOf(inode));
  }

  #vnode(inode: Inode): UfsVnode {
    const key = keyOf(inode);
    let blank = this.#blank.get(key);
    if (blank === undefined) this.#blank.set(key, (blank = new Set()));
    return new UfsVnode(inode, blank);
  }

  /** The rest of the last block is cleared on the disk, through the one buffer that it takes, and forgotten. */
  *#truncate(vnode: UfsVnode, inode: Inode, size: number): Steps {
    const { blockBytes } = this.#fs.cache;
    const cut = size < inode.size && size % blockBytes !== 0;
    yield* this.#fs.itrunc(inode, size);
    const end = Math.ceil(size / blockBytes) * this.#perBlock;
    for (const page of vnode.blank) if (page >= end || (cut && page * PAGE_BYTES >= size)) vnode.blank.delete(page);
    if (!cut) return;
    yield* this.#fs.cache.flush(inode.number);
    const { block } = yield* this.#fs.bmap(inode, Math.floor(size / blockBytes));
    if (block !== HOLE) yield* this.#fs.cache.invalidate(block);
  }

  /** Zeros for a page inside the file that nobody wrote and whose block holds old bytes. */
  *#clearOnDisk(vnode: UfsVnode, index: number): Steps {
    const { machine } = this.#nucleus;
    const sector = yield* this.sectorOf(vnode, index);
    const buffer = yield* this.#fs.cache.geteblk();
    try {
      machine.bzero(buffer.address, PAGE_BYTES);
      if (sector !== undefined) yield* transfer(machine.sim, this.#device, { op: "write", sector, sectors: PAGE_SECTORS, frames: buffer.frames, offset: buffer.offset });
    } finally {
      this.#fs.cache.brelse(buffer);
    }
    vnode.blank.delete(index);
  }
}

const keyOf = (inode: Inode): number => inode.generation * INODES + inode.number;
