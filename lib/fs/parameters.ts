/**
 * The parameters of a file system, and the superblock that follows from them.
 *
 * Which file system the paper's disks carried is not known. The defaults are those
 * of newfs in 4.3BSD, with blocks of 4096 bytes as CMU used them.
 */
import { InputError } from "../schema/index.ts";
import { ceilDivide, dataStart, groupBase, groupBlocks, headerBytes, reservedBlocks, roundUp } from "./geometry.ts";
import { BOOT_BYTES, INODE_BYTES, SECTOR_BYTES, SUMMARY_BYTES, SUPERBLOCK_MAGIC } from "./layout.ts";
import type { Superblock } from "./layout.ts";

export interface DiskGeometry {
  cylinders: number;
  heads: number;
  sectorsPerTrack: number;
  rpm: number;
}

export interface FsParameters {
  /** Bytes of a block: 4096 or 8192. */
  blockBytes: number;
  /** Time that the system needs between two blocks of a file, in ms: it becomes a gap on the track. */
  rotdelayMs: number;
  /** Blocks laid one after the other before a gap. */
  maxcontig: number;
  /** Blocks of one file in a cylinder group before it moves on; by default as many as one indirect block points to. */
  maxbpg?: number;
  /** Cylinders of a group; rounded up so that a group has whole blocks. */
  cylindersPerGroup: number;
  /** One inode is made for so many bytes. */
  bytesPerInode: number;
  /** Part of the data blocks that no file can have. */
  minfreePercent: number;
}

export const defaultFsParameters: FsParameters = {
  blockBytes: 4096,
  rotdelayMs: 4,
  maxcontig: 1,
  cylindersPerGroup: 16,
  bytesPerInode: 2048,
  minfreePercent: 10,
};

const allowed: Record<keyof DiskGeometry | keyof FsParameters, [min: number, max: number]> = {
  cylinders: [1, 65_535],
  heads: [1, 255],
  sectorsPerTrack: [1, 65_535],
  rpm: [1, 10_000_000],
  blockBytes: [4096, 8192],
  rotdelayMs: [0, 1000],
  maxcontig: [1, 1 << 20],
  maxbpg: [1, 1 << 24],
  cylindersPerGroup: [1, 65_535],
  bytesPerInode: [INODE_BYTES, 1 << 30],
  minfreePercent: [0, 99],
};

/**
 * The superblock of an empty file system on a disk of that geometry; its counters are 0.
 * @throws InputError for a parameter out of range and for a disk that is too small.
 */
export function planFileSystem(geometry: DiskGeometry, parameters: FsParameters): Superblock {
  const { cylinders, heads, sectorsPerTrack, rpm } = geometry;
  const { blockBytes, bytesPerInode, rotdelayMs, maxcontig, minfreePercent, maxbpg = blockBytes / 4 } = parameters;
  checkNumbers({ cylinders, heads, sectorsPerTrack, rpm, ...parameters, maxbpg });

  const sectorsInBlock = blockBytes / SECTOR_BYTES;
  const sectorsPerCylinder = heads * sectorsPerTrack;
  const cylindersWithWholeBlocks = sectorsInBlock / greatestCommonDivisor(sectorsInBlock, sectorsPerCylinder);
  const cylindersPerGroup = roundUp(Math.min(parameters.cylindersPerGroup, cylinders), cylindersWithWholeBlocks);
  const blocksPerGroup = (cylindersPerGroup * sectorsPerCylinder) / sectorsInBlock;
  const inodesInBlock = blockBytes / INODE_BYTES;
  const inodesPerGroup = roundUp(ceilDivide(blocksPerGroup * blockBytes, bytesPerInode), inodesInBlock);
  const superblockOffset = BOOT_BYTES / blockBytes;
  const inodeOffset = superblockOffset + 2; // after superblock and header
  const dataOffset = inodeOffset + inodesPerGroup / inodesInBlock;
  const groupShift = ceilDivide(sectorsPerTrack, sectorsInBlock);
  const roomToShift = Math.max(0, Math.floor((blocksPerGroup - dataOffset - 1) / groupShift));
  const blocks = Math.floor((cylinders * sectorsPerCylinder) / sectorsInBlock);

  const sb: Superblock = {
    magic: SUPERBLOCK_MAGIC,
    blockBytes,
    blocks,
    dataBlocks: 0,
    groups: ceilDivide(blocks, blocksPerGroup),
    cylindersPerGroup,
    blocksPerGroup,
    inodesPerGroup,
    superblockOffset,
    headerOffset: superblockOffset + 1,
    inodeOffset,
    dataOffset,
    groupShift,
    groupCycle: Math.min(heads, roomToShift + 1),
    summaryBlock: dataOffset,
    summaryBlocks: 0,
    cylinders,
    heads,
    sectorsPerTrack,
    rpm,
    bytesPerInode,
    rotdelayMs,
    maxcontig,
    maxbpg,
    minfreePercent,
    directories: 0,
    freeBlocks: 0,
    freeInodes: 0,
  };
  if (headerBytes(sb) > blockBytes) {
    const found = `the header of a group of ${cylindersPerGroup} cylinders takes ${headerBytes(sb)} bytes, a block has ${blockBytes}`;
    throw new InputError(`file system: ${found}; lower cylindersPerGroup or raise bytesPerInode`);
  }
  // A last group with no room after its inodes is given up.
  const last = sb.groups - 1;
  if (last > 0 && dataStart(sb, last) >= groupBase(sb, last) + groupBlocks(sb, last)) {
    sb.blocks = groupBase(sb, last);
    sb.groups = last;
  }
  sb.summaryBlocks = ceilDivide(sb.groups * SUMMARY_BYTES, blockBytes);
  for (let group = 0; group < sb.groups; group++) {
    const [from, to] = reservedBlocks(sb, group);
    sb.dataBlocks += groupBlocks(sb, group) - (to - from);
  }
  const reserved = reservedBlocks(sb, 0)[1];
  const least = reserved + 2; // the root directory, and a block for a file
  if (blocks < least) throw new InputError(`file system: a disk of ${blocks} blocks is too small, with these parameters it needs ${least}`);
  if (groupBlocks(sb, 0) <= reserved) {
    throw new InputError(`file system: a group of ${cylindersPerGroup} cylinders has no room after its inodes; raise cylindersPerGroup`);
  }
  return sb;
}

function checkNumbers(values: { [name in keyof typeof allowed]: number }): void {
  for (const [name, [min, max]] of Object.entries(allowed)) {
    const value = values[name as keyof typeof allowed];
    if (!Number.isInteger(value) || value < min || value > max) {
      throw new InputError(`file system: ${name} is a whole number from ${min} to ${max}, found ${value}`);
    }
  }
  if (values.blockBytes !== 4096 && values.blockBytes !== 8192) {
    throw new InputError(`file system: blockBytes is 4096 or 8192, found ${values.blockBytes}`);
  }
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
