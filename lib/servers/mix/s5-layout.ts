/**
 * The S5 file system on the disk: superblock, inodes, directory entries, free list.
 *
 * Layer: servers/mix; section 3.2.1. The old file system of System V: blocks of 1024
 * bytes, inodes of 64, names of 14, and a chain of free blocks without any regard to
 * where they lie. Numbers are little-endian.
 */
export const S5_BLOCK_BYTES = 1024;
export const S5_NAME_BYTES = 14;
export const S5_ENTRY_BYTES = 16;
export const S5_ROOT = 2;
export const S5_INODE_BYTES = 64;
export const S5_INODES_PER_BLOCK = S5_BLOCK_BYTES / S5_INODE_BYTES;
export const S5_ADDRESSES = 13;
export const S5_DIRECT = 10;
export const S5_POINTERS = S5_BLOCK_BYTES / 4;
/** Free blocks that one block of the chain names, the next block of the chain among them. */
export const S5_CHAIN = 50;
export const S5_MODE = { none: 0, file: 0o100644, directory: 0o040755, fifo: 0o010644 } as const;

const SUPERBLOCK = 1;
const SECOND_NS = 1_000_000_000;
const ILIST = 2;

/** Where things are on a partition of `blocks` blocks. */
export interface S5Shape {
  readonly blocks: number;
  readonly inodes: number;
  readonly firstData: number;
}

export function s5Shape(blocks: number): S5Shape {
  const inodeBlocks = Math.max(1, Math.ceil(blocks / 4 / S5_INODES_PER_BLOCK));
  return { blocks, inodes: inodeBlocks * S5_INODES_PER_BLOCK, firstData: ILIST + inodeBlocks };
}

export const s5Superblock = SUPERBLOCK;

/** The block and the byte in it where inode `number`, from 1, lies. */
export function s5InodePlace(number: number): { block: number; offset: number } {
  return { block: ILIST + Math.floor((number - 1) / S5_INODES_PER_BLOCK), offset: ((number - 1) % S5_INODES_PER_BLOCK) * S5_INODE_BYTES };
}

export interface S5DiskInode {
  mode: number;
  links: number;
  size: number;
  generation: number;
  /** Whole seconds on the disk, where times are what the system's clock says, from its start. */
  accessedNs: number;
  modifiedNs: number;
  /** Ten blocks, then one each to reach blocks over one, two and three others; 0 is a hole. */
  readonly addresses: number[];
}

/** An address takes 3 bytes, so that 13 of them and all the rest fit into 64. */
export function decodeS5Inode(view: DataView, at: number): S5DiskInode {
  const addresses = Array.from({ length: S5_ADDRESSES }, (_, i) => view.getUint16(at + 12 + 3 * i, true) + view.getUint8(at + 14 + 3 * i) * 65536);
  return {
    mode: view.getUint16(at, true),
    links: view.getUint16(at + 2, true),
    size: view.getUint32(at + 8, true),
    generation: view.getUint8(at + 51),
    accessedNs: view.getUint32(at + 52, true) * SECOND_NS,
    modifiedNs: view.getUint32(at + 56, true) * SECOND_NS,
    addresses,
  };
}

export function encodeS5Inode(inode: S5DiskInode, view: DataView, at: number): void {
  view.setUint16(at, inode.mode, true);
  view.setUint16(at + 2, inode.links, true);
  view.setUint32(at + 8, inode.size, true);
  for (const [i, address] of inode.addresses.entries()) {
    view.setUint16(at + 12 + 3 * i, address % 65536, true);
    view.setUint8(at + 14 + 3 * i, Math.floor(address / 65536));
  }
  view.setUint8(at + 51, inode.generation % 256);
  view.setUint32(at + 52, Math.floor(inode.accessedNs / SECOND_NS), true);
  view.setUint32(at + 56, Math.floor(inode.modifiedNs / SECOND_NS), true);
}

/** What `store` gets to make an empty S5 file system: each block with its contents. */
export function s5Image(shape: S5Shape): Map<number, Uint8Array> {
  const image = new Map<number, Uint8Array>();
  const blockAt = (block: number): DataView => {
    let bytes = image.get(block);
    if (bytes === undefined) image.set(block, (bytes = new Uint8Array(S5_BLOCK_BYTES)));
    return new DataView(bytes.buffer);
  };
  const root = blockAt(shape.firstData);
  writeS5Entry(root, 0, S5_ROOT, ".");
  writeS5Entry(root, S5_ENTRY_BYTES, S5_ROOT, "..");
  const { block, offset } = s5InodePlace(S5_ROOT);
  const addresses = [shape.firstData, ...new Array<number>(S5_ADDRESSES - 1).fill(0)];
  encodeS5Inode({ mode: S5_MODE.directory, links: 2, size: 2 * S5_ENTRY_BYTES, generation: 1, accessedNs: 0, modifiedNs: 0, addresses }, blockAt(block), offset);
  // The chain: each array of free blocks names, first, the block that holds the next array.
  let free: number[] = [0];
  for (let data = shape.blocks - 1; data > shape.firstData; data--) {
    if (free.length === S5_CHAIN) {
      writeS5Chain(blockAt(data), 0, free);
      free = [data];
    } else free.push(data);
  }
  writeS5Chain(blockAt(SUPERBLOCK), 0, free);
  return image;
}

export function writeS5Chain(view: DataView, at: number, free: readonly number[]): void {
  view.setUint32(at, free.length, true);
  for (const [i, block] of free.entries()) view.setUint32(at + 4 + 4 * i, block, true);
}

export function readS5Chain(view: DataView, at: number): number[] {
  return Array.from({ length: view.getUint32(at, true) }, (_, i) => view.getUint32(at + 4 + 4 * i, true));
}

export function writeS5Entry(view: DataView, at: number, inode: number, name: string): void {
  view.setUint16(at, inode, true);
  const bytes = new TextEncoder().encode(name);
  for (let i = 0; i < S5_NAME_BYTES; i++) view.setUint8(at + 2 + i, bytes[i] ?? 0);
}

export function readS5Entry(view: DataView, at: number): { inode: number; name: string } {
  const bytes = new Uint8Array(view.buffer, view.byteOffset + at + 2, S5_NAME_BYTES);
  const end = bytes.indexOf(0);
  return { inode: view.getUint16(at, true), name: new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end)) };
}
