/**
 * Where to put things: the policies of the fast file system, which see only the
 * counters of the groups. They propose; cylinder-groups.ts takes what is free.
 *
 * Directories are spread over the groups, files stay with their directory, and
 * the blocks of a file lie rotdelay apart, in the inode's group as long as they
 * are direct ones and then in groups with room, maxbpg blocks in each.
 */
import { gapBlocks, groupBase, groupOfBlock, groupOfInode } from "./geometry.ts";
import { DIRECT_POINTERS, HOLE } from "./layout.ts";
import type { Summary, Superblock } from "./layout.ts";

/** The group for a new directory: of those with at least the average of free inodes the one with fewest directories. */
export function groupForDirectory(sb: Superblock, groups: readonly Summary[]): number {
  let best: number | undefined;
  groups.forEach(({ freeInodes, directories }, group) => {
    if (freeInodes * sb.groups < sb.freeInodes) return;
    if (best === undefined || directories < groups[best]!.directories) best = group;
  });
  return best ?? 0;
}

/**
 * The block that a file would like for its block `logical`.
 * @param index where the pointer to it will stand in the inode or an indirect block, and
 * @param pointer reads the others there; both are left out for an indirect block itself.
 */
export function preferredBlock(
  sb: Superblock,
  groups: readonly Summary[],
  inode: number,
  logical: number,
  index = 0,
  pointer: (index: number) => number = () => HOLE,
): number {
  const previous = index === 0 ? HOLE : pointer(index - 1);
  if (previous === HOLE || index % sb.maxbpg === 0) {
    if (logical < DIRECT_POINTERS) return groupBase(sb, groupOfInode(sb, inode)) + 1;
    const start = previous === HOLE ? groupOfInode(sb, inode) + Math.floor(logical / sb.maxbpg) : groupOfBlock(sb, previous) + 1;
    return groupBase(sb, roomyGroup(sb, groups, start)) + 1;
  }
  const next = previous + 1;
  const runMayGoOn = index < sb.maxcontig || pointer(index - sb.maxcontig) + sb.maxcontig !== next;
  return runMayGoOn ? next : next + gapBlocks(sb);
}

/** The first group from `start` on with at least the average of free blocks. */
function roomyGroup(sb: Superblock, groups: readonly Summary[], start: number): number {
  for (let i = 0; i < sb.groups; i++) {
    const group = (start + i) % sb.groups;
    if (groups[group]!.freeBlocks * sb.groups >= sb.freeBlocks) return group;
  }
  return start % sb.groups;
}

/** The groups in the order in which to look for room: `first`, then in doubling steps from it, then all. */
export function* searchOrder(first: number, groups: number): Generator<number> {
  yield first;
  let group = first;
  for (let step = 1; step < groups; step *= 2) yield (group = (group + step) % groups);
  for (let i = 1; i < groups; i++) yield (first + i) % groups;
}
