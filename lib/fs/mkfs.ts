/**
 * Making an empty file system, as newfs does, straight on the platter.
 *
 * Takes no simulated time: the disk comes so to the benchmark. Only what is not
 * zero is written, so the disk has to be blank. Disks of the same geometry and
 * parameters share one image, of which each keeps what is changed on it.
 */
import { InputError } from "../schema/index.ts";
import { SectorStore } from "../hardware/disk/sector-store.ts";
import { clearBits, setBits } from "./bits.ts";
import { formatFirstChunk } from "./directory-chunk.ts";
import {
  blockMapOffset,
  dataStart,
  groupBase,
  groupBlocks,
  headerBlock,
  headerBytes,
  inodeBlock,
  inodeOffset,
  reservedBlocks,
  roundUp,
  sectorsPerBlock,
  SUPERBLOCK_SECTOR,
  superblockBlock,
} from "./geometry.ts";
import {
  CHUNK_BYTES,
  encode,
  encodeInode,
  GROUP,
  GROUP_MAGIC,
  HOLE,
  INODE_MAP,
  MODE_DIRECTORY,
  POINTERS,
  ROOT_INODE,
  SECTOR_BYTES,
  SUMMARY,
  SUMMARY_BYTES,
  SUPERBLOCK,
  SUPERBLOCK_MAGIC,
  viewOf,
} from "./layout.ts";
import type { DiskInode, Summary, Superblock } from "./layout.ts";
import { defaultFsParameters, planFileSystem } from "./parameters.ts";
import type { DiskGeometry, FsParameters } from "./parameters.ts";

/**
 * Write an empty file system with its root directory on a blank disk.
 * @throws InputError if the parameters do not fit the disk or the disk is not blank.
 */
export function mkfs(store: SectorStore, geometry: DiskGeometry, parameters: Partial<FsParameters> = {}): void {
  const sb = planFileSystem(geometry, { ...defaultFsParameters, ...parameters });
  const sectors = sb.blocks * sectorsPerBlock(sb);
  if (sectors > store.sectors) throw new InputError(`mkfs: the geometry has ${sectors} sectors, the disk only ${store.sectors}`);
  if (viewOf(store.readRange(SUPERBLOCK_SECTOR, 1)).getUint32(SUPERBLOCK.magic, true) === SUPERBLOCK_MAGIC) {
    throw new InputError("mkfs: the disk carries a file system already, a blank one is needed");
  }

  store.layOn(imageOf(sb, store.sectors));
}

/** The last images that were made, by what they were made of. */
const images = new Map<string, SectorStore>();
const IMAGES = 16;

function imageOf(sb: Superblock, sectors: number): SectorStore {
  const key = JSON.stringify([sb, sectors]);
  let image = images.get(key);
  if (image === undefined) {
    if (images.size === IMAGES) images.delete(images.keys().next().value!);
    images.set(key, (image = makeImage(sb, sectors)));
  }
  return image;
}

function makeImage(sb: Superblock, sectors: number): SectorStore {
  const store = new SectorStore(sectors);
  const rootBlock = dataStart(sb, 0) + sb.summaryBlocks;
  const summary = new DataView(new ArrayBuffer(sb.summaryBlocks * sb.blockBytes));
  for (let group = 0; group < sb.groups; group++) {
    const counters = writeHeader(store, sb, group, rootBlock);
    encode(SUMMARY, counters, summary, group * SUMMARY_BYTES);
    sb.directories += counters.directories;
    sb.freeBlocks += counters.freeBlocks;
    sb.freeInodes += counters.freeInodes;
  }
  writeBytes(store, sb, sb.summaryBlock, 0, new Uint8Array(summary.buffer, 0, roundUp(sb.groups * SUMMARY_BYTES, SECTOR_BYTES)));
  writeRoot(store, sb, rootBlock);
  const superblock = new Uint8Array(SECTOR_BYTES);
  encode(SUPERBLOCK, sb, viewOf(superblock));
  for (let group = 0; group < sb.groups; group++) writeBytes(store, sb, superblockBlock(sb, group), 0, superblock);
  return store;
}

/** Write the header of `group` with its maps; the group's counters. */
function writeHeader(store: SectorStore, sb: Superblock, group: number, rootBlock: number): Summary {
  const bytes = new Uint8Array(roundUp(headerBytes(sb), SECTOR_BYTES));
  const blocks = groupBlocks(sb, group);
  const base = groupBase(sb, group);
  const [from, to] = reservedBlocks(sb, group);
  const map = bytes.subarray(blockMapOffset(sb));
  setBits(map, 0, blocks);
  clearBits(map, from - base, to - base);

  const counters = { directories: 0, freeBlocks: blocks - (to - from), freeInodes: sb.inodesPerGroup };
  if (group === 0) {
    clearBits(map, rootBlock, rootBlock + 1);
    setBits(bytes.subarray(INODE_MAP), 0, ROOT_INODE + 1); // 0 and 1 are never used
    counters.directories = 1;
    counters.freeBlocks -= 1;
    counters.freeInodes -= ROOT_INODE + 1;
  }
  encode(GROUP, { magic: GROUP_MAGIC, index: group, blocks, ...counters, blockRotor: 0, inodeRotor: 0 }, viewOf(bytes));
  writeBytes(store, sb, headerBlock(sb, group), 0, bytes);
  return counters;
}

/** Write the root directory: its inode, and a chunk with "." and "..". */
function writeRoot(store: SectorStore, sb: Superblock, block: number): void {
  const root: DiskInode = {
    mode: MODE_DIRECTORY | 0o755,
    links: 2,
    uid: 0,
    gid: 0,
    size: CHUNK_BYTES,
    accessedNs: 0,
    modifiedNs: 0,
    changedNs: 0,
    pointers: [block, ...new Array<number>(POINTERS - 1).fill(HOLE)],
    sectors: sectorsPerBlock(sb),
    generation: 1,
  };
  const inodes = new Uint8Array(SECTOR_BYTES);
  const offset = inodeOffset(sb, ROOT_INODE);
  encodeInode(root, viewOf(inodes), offset % SECTOR_BYTES);
  writeBytes(store, sb, inodeBlock(sb, ROOT_INODE), offset - (offset % SECTOR_BYTES), inodes);
  const chunk = new Uint8Array(CHUNK_BYTES);
  formatFirstChunk(chunk, viewOf(chunk), 0, ROOT_INODE, ROOT_INODE);
  writeBytes(store, sb, block, 0, chunk);
}

/** Put `bytes`, whole sectors, `offset` bytes into `block`. */
function writeBytes(store: SectorStore, sb: Superblock, block: number, offset: number, bytes: Uint8Array): void {
  store.writeRange(block * sectorsPerBlock(sb) + offset / SECTOR_BYTES, bytes);
}
