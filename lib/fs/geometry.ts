/**
 * Where things are: the arithmetic of cylinder groups.
 *
 * A group's superblock copy, header and inodes lie a track further on in each
 * group than in the one before, so that no single platter holds all the copies.
 */
import { BOOT_BYTES, DIRECT_POINTERS, INDIRECT_LEVELS, INODE_BYTES, INODE_MAP, POINTER_BYTES, SECTOR_BYTES } from "./layout.ts";
import type { Superblock } from "./layout.ts";

/** Divide and round up. */
export const ceilDivide = (a: number, b: number): number => Math.ceil(a / b);
/** The multiple of `unit` that is not less than `n`. */
export const roundUp = (n: number, unit: number): number => ceilDivide(n, unit) * unit;

export const sectorsPerBlock = (sb: Superblock): number => sb.blockBytes / SECTOR_BYTES;
export const inodesPerBlock = (sb: Superblock): number => sb.blockBytes / INODE_BYTES;
export const pointersPerBlock = (sb: Superblock): number => sb.blockBytes / POINTER_BYTES;

/** First block of `group`. */
export const groupBase = (sb: Superblock, group: number): number => group * sb.blocksPerGroup;
/** How many blocks `group` has. */
export const groupBlocks = (sb: Superblock, group: number): number => Math.min(sb.blocksPerGroup, sb.blocks - groupBase(sb, group));
/** The block from which the four offsets of the superblock count in `group`. */
const groupStart = (sb: Superblock, group: number): number => groupBase(sb, group) + sb.groupShift * (group % sb.groupCycle);
/** The block of the superblock (group 0) or of its copy. */
export const superblockBlock = (sb: Superblock, group: number): number => groupStart(sb, group) + sb.superblockOffset;
export const headerBlock = (sb: Superblock, group: number): number => groupStart(sb, group) + sb.headerOffset;
/** First block of `group` after its inodes. */
export const dataStart = (sb: Superblock, group: number): number => groupStart(sb, group) + sb.dataOffset;
/** The blocks that `group` keeps for itself, from the first to before the last: nothing of them can go to a file. */
export function reservedBlocks(sb: Superblock, group: number): [from: number, to: number] {
  return group === 0 ? [0, dataStart(sb, 0) + sb.summaryBlocks] : [superblockBlock(sb, group), dataStart(sb, group)];
}

export const groupOfBlock = (sb: Superblock, block: number): number => Math.floor(block / sb.blocksPerGroup);
export const groupOfInode = (sb: Superblock, inode: number): number => Math.floor(inode / sb.inodesPerGroup);
/** The block that holds `inode`. */
export function inodeBlock(sb: Superblock, inode: number): number {
  const inGroup = inode % sb.inodesPerGroup;
  return groupStart(sb, groupOfInode(sb, inode)) + sb.inodeOffset + Math.floor(inGroup / inodesPerBlock(sb));
}
/** Where `inode` lies in that block, in bytes. */
export const inodeOffset = (sb: Superblock, inode: number): number => (inode % inodesPerBlock(sb)) * INODE_BYTES;

/** Where the block map begins in a group's header, in bytes: a bit for each block, set if free (cg_free). */
export const blockMapOffset = (sb: Superblock): number => INODE_MAP + ceilDivide(sb.inodesPerGroup, 8);
/** Bytes of a group's header with both maps. */
export const headerBytes = (sb: Superblock): number => blockMapOffset(sb) + ceilDivide(sb.blocksPerGroup, 8);

/** The cylinder on which `block` begins. */
export const cylinderOfBlock = (sb: Superblock, block: number): number => Math.floor((block * sectorsPerBlock(sb)) / (sb.heads * sb.sectorsPerTrack));
/** The sector under which `block` begins, on its track. */
export const angleOfBlock = (sb: Superblock, block: number): number => (block * sectorsPerBlock(sb)) % sb.sectorsPerTrack;

/** Blocks to skip after a run of maxcontig: the whole sectors that pass in rotdelayMs, rounded up to blocks. */
export function gapBlocks(sb: Superblock): number {
  const sectors = Math.floor((sb.rotdelayMs * sb.rpm * sb.sectorsPerTrack) / 60_000);
  return ceilDivide(sectors, sectorsPerBlock(sb));
}

/** The largest file that the pointers of an inode reach, in blocks. */
export function maxFileBlocks(sb: Superblock): number {
  let blocks = DIRECT_POINTERS;
  for (let level = 1; level <= INDIRECT_LEVELS; level++) blocks += pointersPerBlock(sb) ** level;
  return blocks;
}

/** Blocks that must stay free. */
export const reserveBlocks = (sb: Superblock): number => Math.floor((sb.dataBlocks * sb.minfreePercent) / 100);

/** The sector at which the superblock itself begins. */
export const SUPERBLOCK_SECTOR = BOOT_BYTES / SECTOR_BYTES;
