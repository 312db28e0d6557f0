/** Phase 2 of the checker: every inode in use, and every block that it claims. */
import { bytesOf, readBlock, RESERVED } from "./check-survey.ts";
import type { Survey } from "./check-survey.ts";
import { inodeBlock, inodeOffset, inodesPerBlock, maxFileBlocks, pointersPerBlock, sectorsPerBlock } from "./geometry.ts";
import {
  CHUNK_BYTES,
  decodeInode,
  DIRECT_POINTERS,
  HOLE,
  INDIRECT_LEVELS,
  INODE,
  isDirectory,
  MODE_DIRECTORY,
  MODE_FIFO,
  MODE_REGULAR,
  MODE_TYPE,
  POINTER_BYTES,
  ROOT_INODE,
} from "./layout.ts";
import type { DiskInode } from "./layout.ts";

export function checkInodes(survey: Survey): void {
  const { sb } = survey;
  const blank = Buffer.alloc(sb.blockBytes);
  for (let first = 0; first < sb.groups * sb.inodesPerGroup; first += inodesPerBlock(sb)) {
    const view = readBlock(survey, inodeBlock(sb, first));
    if (blank.equals(bytesOf(view))) continue; // most are
    for (let number = first; number < first + inodesPerBlock(sb); number++) {
      const offset = inodeOffset(sb, number);
      if (view.getUint16(offset + INODE.mode, true) === 0) continue;
      checkInode(survey, number, decodeInode(view, offset));
    }
  }
}

function checkInode(survey: Survey, number: number, inode: DiskInode): void {
  const { sb, report } = survey;
  const type = inode.mode & MODE_TYPE;
  if (number < ROOT_INODE) return report("inode", `inode ${number} is in use, but it is never given out`);
  if (type !== MODE_REGULAR && type !== MODE_DIRECTORY && type !== MODE_FIFO) return report("inode", `inode ${number} has the unknown mode 0${inode.mode.toString(8)}`);
  survey.inodes.set(number, inode);
  if (inode.size > maxFileBlocks(sb) * sb.blockBytes) report("inode", `inode ${number} has the impossible size ${inode.size}`);
  if (type === MODE_FIFO && inode.size > 0) report("inode", `named pipe ${number} has ${inode.size} bytes on the disk`);
  if (type === MODE_DIRECTORY && (inode.size === 0 || inode.size % CHUNK_BYTES !== 0)) {
    report("inode", `directory ${number} has ${inode.size} bytes, not whole chunks of ${CHUNK_BYTES}`);
  }
  const claimed = new Claims(survey, number, inode).claim();
  if (claimed * sectorsPerBlock(sb) !== inode.sectors) {
    report("inode", `inode ${number} says that it holds ${inode.sectors} sectors, its pointers claim ${claimed * sectorsPerBlock(sb)}`);
  }
}

/** The blocks that one inode claims. */
class Claims {
  readonly #survey: Survey;
  readonly #number: number;
  readonly #inode: DiskInode;
  /** The first block past the end of the file, counted in the file. */
  readonly #end: number;
  /** For directories, their blocks in order. */
  readonly #directory: number[] | undefined;
  #claimed = 0;

  constructor(survey: Survey, number: number, inode: DiskInode) {
    this.#survey = survey;
    this.#number = number;
    this.#inode = inode;
    this.#end = Math.ceil(inode.size / survey.sb.blockBytes);
    if (isDirectory(inode)) survey.directoryBlocks.set(number, (this.#directory = []));
  }

  /** Follow all pointers; how many blocks they claim. */
  claim(): number {
    const { pointers } = this.#inode;
    for (let slot = 0; slot < DIRECT_POINTERS; slot++) this.#follow(pointers[slot]!, 0, slot);
    let first = DIRECT_POINTERS;
    for (let level = 1; level <= INDIRECT_LEVELS; level++) {
      this.#follow(pointers[DIRECT_POINTERS + level - 1]!, level, first);
      first += pointersPerBlock(this.#survey.sb) ** level;
    }
    return this.#claimed;
  }

  /** Follow a pointer to `block`, through which the file's blocks from `first` on are reached over `level` indirect blocks. */
  #follow(block: number, level: number, first: number): void {
    if (block === HOLE) return;
    const { owners, report, sb } = this.#survey;
    const place = `inode ${this.#number}, ${level === 0 ? `block ${first}` : `${level}-fold indirect block for ${first}`}`;
    if (block >= sb.blocks || owners[block] === RESERVED) return report("block", `${place}: ${block} is not a data block`);
    this.#claimed++;
    if (owners[block] !== 0) return report("duplicate", `${place}: ${block} is claimed by inode ${owners[block]} too`);
    owners[block] = this.#number;
    if (first >= this.#end) report("block", `${place}: ${block} lies past the end of the file`);
    if (level === 0) {
      if (this.#directory !== undefined) this.#directory[first] = block;
      return;
    }
    const view = readBlock(this.#survey, block);
    const count = pointersPerBlock(sb);
    for (let i = 0; i < count; i++) this.#follow(view.getUint32(i * POINTER_BYTES, true), level - 1, first + i * count ** (level - 1));
  }
}
