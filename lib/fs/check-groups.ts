/** Phase 4 of the checker: what the groups say about their inodes and blocks, against what was found. */
import { setBits, testBit } from "./bits.ts";
import { bytesOf, readBlock } from "./check-survey.ts";
import type { Survey } from "./check-survey.ts";
import { blockMapOffset, groupBase, groupBlocks, groupOfInode, headerBlock } from "./geometry.ts";
import { decode, GROUP, GROUP_MAGIC, INODE_MAP, isDirectory, ROOT_INODE, SUMMARY, SUMMARY_BYTES } from "./layout.ts";
import type { Summary } from "./layout.ts";

export function checkGroups(survey: Survey): void {
  const { sb, report } = survey;
  const used: number[][] = Array.from({ length: sb.groups }, () => []);
  for (let number = 0; number < ROOT_INODE; number++) used[0]!.push(number); // never given out
  for (const number of survey.inodes.keys()) used[groupOfInode(sb, number)]!.push(number);
  const totals: Summary = { directories: 0, freeBlocks: 0, freeInodes: 0 };
  for (let group = 0; group < sb.groups; group++) {
    const view = readBlock(survey, headerBlock(sb, group));
    const header = decode(GROUP, view);
    if (header.magic !== GROUP_MAGIC || header.index !== group || header.blocks !== groupBlocks(sb, group)) {
      report("group", `the header of group ${group} is not one: ${JSON.stringify(header)}`);
      continue;
    }
    if (header.blockRotor >= header.blocks || header.inodeRotor >= sb.inodesPerGroup) report("group", `a rotor of group ${group} is out of range`);
    const bytes = bytesOf(view);
    const counted = {
      ...checkInodeMap(survey, group, used[group]!, bytes.subarray(INODE_MAP)),
      freeBlocks: checkBlockMap(survey, group, bytes.subarray(blockMapOffset(sb))),
    };
    compare(survey, `group ${group}, header`, header, counted);
    compare(survey, `group ${group}, summary`, readSummary(survey, group), counted);
    for (const name of Object.keys(SUMMARY) as (keyof Summary)[]) totals[name] += counted[name];
  }
  compare(survey, "superblock", sb, totals);
}

/** Compare the inode map of `group` with the inodes in use there; counts of directories and free inodes. */
function checkInodeMap({ sb, inodes, report }: Survey, group: number, usedHere: readonly number[], map: Uint8Array): Omit<Summary, "freeBlocks"> {
  const used = new Uint8Array(Math.ceil(sb.inodesPerGroup / 8));
  const first = group * sb.inodesPerGroup;
  for (const number of usedHere) setBits(used, number - first, number - first + 1);
  for (const bit of differences(map, used)) {
    report("map", `inode ${first + bit} is ${testBit(used, bit) ? "in use" : "free"}, the map says that it is not`);
  }
  const directories = usedHere.filter((number) => number >= ROOT_INODE && isDirectory(inodes.get(number)!));
  return { directories: directories.length, freeInodes: sb.inodesPerGroup - usedHere.length };
}

/** Compare the block map of `group` with the blocks claimed there; how many are free. */
function checkBlockMap({ sb, owners, report }: Survey, group: number, map: Uint8Array): number {
  const free = new Uint8Array(Math.ceil(sb.blocksPerGroup / 8));
  const base = groupBase(sb, group);
  let freeBlocks = 0;
  for (let i = 0; i < groupBlocks(sb, group); i++) {
    if (owners[base + i] !== 0) continue;
    free[i >> 3]! |= 1 << (i & 7);
    freeBlocks++;
  }
  for (const bit of differences(map, free)) {
    report("map", `block ${base + bit} is ${testBit(free, bit) ? "free" : "in use or not there"}, the map says that it is not`);
  }
  return freeBlocks;
}

/** The bits in which `found` differs from `expected`. */
function* differences(found: Uint8Array, expected: Uint8Array): Generator<number> {
  for (let i = 0; i < expected.length; i++) {
    if (found[i] === expected[i]) continue;
    for (let bit = i * 8; bit < i * 8 + 8; bit++) if (testBit(found, bit) !== testBit(expected, bit)) yield bit;
  }
}

function readSummary(survey: Survey, group: number): Summary {
  const offset = group * SUMMARY_BYTES;
  const { summaryBlock, blockBytes } = survey.sb;
  return decode(SUMMARY, readBlock(survey, summaryBlock + Math.floor(offset / blockBytes)), offset % blockBytes);
}

function compare({ report }: Survey, place: string, found: Summary, counted: Summary): void {
  for (const name of Object.keys(SUMMARY) as (keyof Summary)[]) {
    if (found[name] !== counted[name]) report("counter", `${place}: ${name} is ${found[name]}, ${counted[name]} were counted`);
  }
}
