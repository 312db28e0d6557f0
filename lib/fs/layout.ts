/**
 * What lies on the disk: every structure of the file system with its fields and
 * their offsets.
 *
 * The design is the Berkeley fast file system's, the UFS of 4.3BSD and System V
 * R4.0. Its fragments are left out: a fragment is a block, so a small file takes a
 * whole one. Numbers are little-endian; 32 bits unless the table says otherwise.
 * Blocks are counted from the start of the disk, inodes from 0 in group 0.
 *
 *   boot area (8192 bytes) | group 0 | group 1 | ...
 *   group: data | superblock (copy) | header | inodes | data
 *
 * Group 0 begins with the boot area, and after its inodes comes the summary of all
 * groups. See geometry.ts for where each of these begins.
 */

/** A sector, the disk's unit. */
export const SECTOR_BYTES = 512;
/** The superblock follows the boot area, whatever the size of a block. */
export const BOOT_BYTES = 8192;
/** The pointer that points nowhere, and the block number of a hole. */
export const HOLE = 0;

/** Offsets of the superblock's fields. In brackets the names of 4.3BSD. */
export const SUPERBLOCK = {
  magic: 0, //                SUPERBLOCK_MAGIC
  blockBytes: 4, //           bytes of a block (fs_bsize)
  blocks: 8, //               blocks of the file system, boot area included (fs_size)
  dataBlocks: 12, //          blocks that can hold files (fs_dsize)
  groups: 16, //              cylinder groups (fs_ncg)
  cylindersPerGroup: 20, //   (fs_cpg)
  blocksPerGroup: 24, //      the last group may have fewer (fs_fpg)
  inodesPerGroup: 28, //      (fs_ipg)
  superblockOffset: 32, //    of the superblock's copy in a group, in blocks (fs_sblkno)
  headerOffset: 36, //        of the group's header (fs_cblkno)
  inodeOffset: 40, //         of the group's inodes (fs_iblkno)
  dataOffset: 44, //          of the data after them (fs_dblkno)
  groupShift: 48, //          blocks by which these four lie further on in the next group (fs_cgoffset)
  groupCycle: 52, //          groups after which the shift starts again (fs_cgmask)
  summaryBlock: 56, //        where the summary begins (fs_csaddr)
  summaryBlocks: 60, //       and how long it is (fs_cssize)
  cylinders: 64, //           of the disk (fs_ncyl)
  heads: 68, //               (fs_ntrak)
  sectorsPerTrack: 72, //     (fs_nsect)
  rpm: 76, //                 revolutions a minute (fs_rps, which is a second)
  bytesPerInode: 80, //       density of inodes that was asked for
  rotdelayMs: 84, //          time the system needs between two blocks (fs_rotdelay)
  maxcontig: 88, //           blocks laid without a gap (fs_maxcontig)
  maxbpg: 92, //              blocks of one file before it moves to another group (fs_maxbpg)
  minfreePercent: 96, //      part of the data blocks that is kept free (fs_minfree)
  directories: 100, //        totals, brought up to date by sync (fs_cstotal)
  freeBlocks: 104,
  freeInodes: 108,
} as const;
export const SUPERBLOCK_MAGIC = 0x011954;

/** Offsets of a group's header; the inode map follows it, then the block map. */
export const GROUP = {
  magic: 0, //       GROUP_MAGIC
  index: 4, //       which group this is (cg_cgx)
  blocks: 8, //      how many blocks it has (cg_ndblk)
  directories: 12, // counters (cg_cs)
  freeBlocks: 16,
  freeInodes: 20,
  blockRotor: 24, // where the last block was taken, from the group's start (cg_rotor)
  inodeRotor: 28, // and the last inode (cg_irotor)
} as const;
export const GROUP_MAGIC = 0x090255;
/** The inode map: a bit for each inode of the group, set if in use (cg_iused). */
export const INODE_MAP = 32;

/** Offsets of one group's entry in the summary (struct csum). */
export const SUMMARY = { directories: 0, freeBlocks: 4, freeInodes: 8 } as const;
export const SUMMARY_BYTES = 16;

/** Offsets of an inode's fields (struct dinode). */
export const INODE = {
  mode: 0, //        16 bits: type and permissions; 0 if the inode is free
  links: 2, //       16 bits: directory entries that name it
  uid: 4, //         16 bits
  gid: 6, //         16 bits
  size: 8, //        64 bits: bytes
  accessed: 16, //   seconds, nanoseconds
  modified: 24, //   seconds, nanoseconds
  changed: 32, //    seconds, nanoseconds
  pointers: 40, //   12 direct blocks, then the single, double and triple indirect one
  sectors: 104, //   held by the file, indirect blocks included (di_blocks)
  generation: 108, // times the inode was given to a new file
} as const;
export const INODE_BYTES = 128;
export const DIRECT_POINTERS = 12;
export const INDIRECT_LEVELS = 3;
export const POINTERS = DIRECT_POINTERS + INDIRECT_LEVELS;
export const POINTER_BYTES = 4;
/** The root directory. Inode 0 means none, inode 1 is not used; both count as taken. */
export const ROOT_INODE = 2;

/** The most entries that can name one inode (LINK_MAX). */
export const LINKS_MAX = 32767;

/** The type in an inode's mode. */
export const MODE_TYPE = 0o170000;
export const MODE_DIRECTORY = 0o040000;
export const MODE_REGULAR = 0o100000;
export const MODE_FIFO = 0o010000;

/** Offsets of a directory entry; the name follows, with a 0 at its end, and room up to the next entry. */
export const ENTRY = {
  inode: 0, //       0 if the entry is free
  entryBytes: 4, //  16 bits: to the next entry (d_reclen)
  nameBytes: 6, //   16 bits: of the name, without its 0 (d_namlen)
  name: 8,
} as const;
/** Entries fill a chunk exactly and none crosses into the next (DIRBLKSIZ). */
export const CHUNK_BYTES = 512;
/** Longest name (MAXNAMLEN). */
export const NAME_BYTES_MAX = 255;

type Fields = Record<string, number>;
export type Superblock = { -readonly [K in keyof typeof SUPERBLOCK]: number };
export type Summary = { -readonly [K in keyof typeof SUMMARY]: number };

/** The record of 32-bit `fields` at `offset`. */
export function decode<F extends Fields>(fields: F, view: DataView, offset = 0): { -readonly [K in keyof F]: number } {
  const record: Fields = {};
  for (const name in fields) record[name] = view.getUint32(offset + fields[name]!, true);
  return record as { -readonly [K in keyof F]: number };
}

/** Put the record of 32-bit `fields` at `offset`. */
export function encode<F extends Fields>(fields: F, record: { readonly [K in keyof F]: number }, view: DataView, offset = 0): void {
  for (const name in fields) view.setUint32(offset + fields[name]!, record[name], true);
}

/** An inode as the disk holds it; times are simulated, in ns. */
export interface DiskInode {
  mode: number;
  links: number;
  uid: number;
  gid: number;
  size: number;
  accessedNs: number;
  modifiedNs: number;
  changedNs: number;
  pointers: number[];
  sectors: number;
  generation: number;
}

const HIGH = 2 ** 32;
const SECOND = 1_000_000_000;

/** The inode at `offset`. */
export function decodeInode(view: DataView, offset: number): DiskInode {
  const time = (at: number) => view.getUint32(offset + at, true) * SECOND + view.getUint32(offset + at + 4, true);
  return {
    mode: view.getUint16(offset + INODE.mode, true),
    links: view.getUint16(offset + INODE.links, true),
    uid: view.getUint16(offset + INODE.uid, true),
    gid: view.getUint16(offset + INODE.gid, true),
    size: view.getUint32(offset + INODE.size, true) + view.getUint32(offset + INODE.size + 4, true) * HIGH,
    accessedNs: time(INODE.accessed),
    modifiedNs: time(INODE.modified),
    changedNs: time(INODE.changed),
    pointers: Array.from({ length: POINTERS }, (_, i) => view.getUint32(offset + INODE.pointers + i * POINTER_BYTES, true)),
    sectors: view.getUint32(offset + INODE.sectors, true),
    generation: view.getUint32(offset + INODE.generation, true),
  };
}

/** Put `inode` at `offset`. */
export function encodeInode(inode: DiskInode, view: DataView, offset: number): void {
  const time = (at: number, ns: number) => {
    view.setUint32(offset + at, Math.floor(ns / SECOND), true);
    view.setUint32(offset + at + 4, ns % SECOND, true);
  };
  view.setUint16(offset + INODE.mode, inode.mode, true);
  view.setUint16(offset + INODE.links, inode.links, true);
  view.setUint16(offset + INODE.uid, inode.uid, true);
  view.setUint16(offset + INODE.gid, inode.gid, true);
  view.setUint32(offset + INODE.size, inode.size % HIGH, true);
  view.setUint32(offset + INODE.size + 4, Math.floor(inode.size / HIGH), true);
  time(INODE.accessed, inode.accessedNs);
  time(INODE.modified, inode.modifiedNs);
  time(INODE.changed, inode.changedNs);
  inode.pointers.forEach((pointer, i) => view.setUint32(offset + INODE.pointers + i * POINTER_BYTES, pointer, true));
  view.setUint32(offset + INODE.sectors, inode.sectors, true);
  view.setUint32(offset + INODE.generation, inode.generation, true);
}

export const isDirectory = (inode: { mode: number }): boolean => (inode.mode & MODE_TYPE) === MODE_DIRECTORY;
export const isFifo = (inode: { mode: number }): boolean => (inode.mode & MODE_TYPE) === MODE_FIFO;

/** What an inode can be. */
export type FileKind = "file" | "directory" | "fifo";
export const kindOf = (inode: { mode: number }): FileKind => (isDirectory(inode) ? "directory" : isFifo(inode) ? "fifo" : "file");

/** Bytes that an entry with a name of `nameBytes` needs: up to the next multiple of 4. */
export const entryBytesFor = (nameBytes: number): number => (ENTRY.name + nameBytes + 1 + 3) & ~3;

/** A view of the same bytes that reads numbers. */
export const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
