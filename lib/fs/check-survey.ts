/** What the phases of the check (check.ts) have in common: what they know of an image, and the problems that they find. */
import type { SectorStore } from "./block-device.ts";
import { sectorsPerBlock } from "./geometry.ts";
import { viewOf } from "./layout.ts";
import type { DiskInode, Superblock } from "./layout.ts";

export type ProblemKind =
  | "superblock" // it contradicts itself, the disk or its copies
  | "group" //      a group's header is not one
  | "inode" //      type, size or count of sectors is wrong
  | "block" //      a pointer leads out of the data, or lies past the end of the file
  | "duplicate" //  a block is claimed twice
  | "directory" //  the entries of a directory are damaged
  | "unreachable" // an inode is in use, but no directory leads to it
  | "links" //      a link count differs from the entries found
  | "map" //        a map of inodes or blocks is wrong
  | "counter"; //   a counter differs from what it counts

/** Something wrong with an image, in words that name the place. */
export interface Problem {
  kind: ProblemKind;
  message: string;
}

/** What the phases know of an image. */
export interface Survey {
  store: SectorStore;
  sb: Superblock;
  /** For each block the inode that claims it, 0 for none, RESERVED for the groups' own. */
  owners: Uint32Array;
  /** The inodes in use. */
  inodes: Map<number, DiskInode>;
  /** The blocks of each directory, in order; HOLE where none can be read. */
  directoryBlocks: Map<number, number[]>;
  /** Entries found for each inode. */
  links: Map<number, number>;
  report(kind: ProblemKind, message: string): void;
}

/** The owner of a group's own blocks. */
export const RESERVED = 0xffff_ffff;

/** The bytes of `block`, to be read only. */
export function readBlock({ store, sb }: Survey, block: number): DataView {
  return viewOf(store.readRange(block * sectorsPerBlock(sb), sectorsPerBlock(sb)));
}

/** The bytes behind `view`. */
export const bytesOf = (view: DataView): Uint8Array => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
