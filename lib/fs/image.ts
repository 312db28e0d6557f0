/**
 * Reading the files of an image without a simulation: what would another machine
 * find if the disk were carried there?
 */
import { InputError } from "../schema/index.ts";
import type { SectorStore } from "./block-device.ts";
import { listEntries } from "./directory-chunk.ts";
import { inodeBlock, inodeOffset, pointersPerBlock, sectorsPerBlock, SUPERBLOCK_SECTOR } from "./geometry.ts";
import {
  decode,
  decodeInode,
  DIRECT_POINTERS,
  HOLE,
  INDIRECT_LEVELS,
  isDirectory,
  kindOf,
  POINTER_BYTES,
  ROOT_INODE,
  SUPERBLOCK,
  SUPERBLOCK_MAGIC,
  viewOf,
} from "./layout.ts";
import type { DiskInode, Superblock } from "./layout.ts";

/** What lies under one path of an image. */
export interface ImageEntry {
  path: string;
  number: number;
  inode: DiskInode;
}

export class Image {
  readonly superblock: Superblock;
  /** Everything but the root by its absolute path, directories before what is in them. */
  readonly entries = new Map<string, ImageEntry>();
  readonly #store: SectorStore;

  /** @throws InputError if there is no file system on `store`. */
  constructor(store: SectorStore) {
    this.#store = store;
    this.superblock = decode(SUPERBLOCK, viewOf(store.readRange(SUPERBLOCK_SECTOR, 1)));
    if (this.superblock.magic !== SUPERBLOCK_MAGIC) throw new InputError("image: there is no file system on this disk");
    this.#enter("", this.#inode(ROOT_INODE));
  }

  /** Paths of the directories, without the root. */
  get directories(): string[] {
    return [...this.entries.values()].filter(({ inode }) => isDirectory(inode)).map(({ path }) => path);
  }

  /** Paths of the regular files. */
  get files(): string[] {
    return [...this.entries.values()].filter(({ inode }) => kindOf(inode) === "file").map(({ path }) => path);
  }

  /** The bytes of the file `path`, holes as zeros. @throws InputError if there is no such file. */
  read(path: string): Uint8Array {
    const entry = this.entries.get(path);
    if (entry === undefined) throw new InputError(`image: there is no file ${path}`);
    return this.#contents(entry.inode);
  }

  /** The disk blocks of the file `path` in the file's order, HOLE where there is none; how a file is laid out. */
  blocks(path: string): number[] {
    const entry = this.entries.get(path);
    if (entry === undefined) throw new InputError(`image: there is no file ${path}`);
    return this.#blocks(entry.inode);
  }

  #enter(path: string, directory: DiskInode): void {
    const bytes = this.#contents(directory);
    for (const { name, inode: number } of listEntries(bytes, viewOf(bytes), bytes.length)) {
      if (name === "." || name === "..") continue;
      const entry = { path: `${path}/${name}`, number, inode: this.#inode(number) };
      this.entries.set(entry.path, entry);
      if (isDirectory(entry.inode)) this.#enter(entry.path, entry.inode);
    }
  }

  #inode(number: number): DiskInode {
    return decodeInode(viewOf(this.#block(inodeBlock(this.superblock, number))), inodeOffset(this.superblock, number));
  }

  #contents(inode: DiskInode): Uint8Array {
    const { blockBytes } = this.superblock;
    const bytes = new Uint8Array(inode.size);
    this.#blocks(inode).forEach((block, i) => {
      if (block !== HOLE) bytes.set(this.#block(block).subarray(0, inode.size - i * blockBytes), i * blockBytes);
    });
    return bytes;
  }

  #blocks(inode: DiskInode): number[] {
    const count = Math.ceil(inode.size / this.superblock.blockBytes);
    const blocks = inode.pointers.slice(0, DIRECT_POINTERS);
    for (let level = 1; level <= INDIRECT_LEVELS && blocks.length < count; level++) {
      this.#append(blocks, inode.pointers[DIRECT_POINTERS + level - 1]!, level, count);
    }
    return blocks.slice(0, count);
  }

  /** Add to `blocks` what is reached from `block` over `level` indirect blocks, up to `count` in all. */
  #append(blocks: number[], block: number, level: number, count: number): void {
    if (blocks.length >= count) return;
    if (level === 0) {
      blocks.push(block);
      return;
    }
    const perBlock = pointersPerBlock(this.superblock);
    if (block === HOLE) {
      const holes = Math.min(perBlock ** level, count - blocks.length);
      for (let i = 0; i < holes; i++) blocks.push(HOLE);
      return;
    }
    const view = viewOf(this.#block(block));
    for (let i = 0; i < perBlock; i++) this.#append(blocks, view.getUint32(i * POINTER_BYTES, true), level - 1, count);
  }

  #block(block: number): Uint8Array {
    const sectors = sectorsPerBlock(this.superblock);
    return this.#store.readRange(block * sectors, sectors);
  }
}

/** The files of the image on `store`. */
export const readImage = (store: SectorStore): Image => new Image(store);
