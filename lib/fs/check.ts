/**
 * Checking an image, as fsck does: is everything that the disk says about itself
 * true, and said only once?
 *
 * It reads the platter alone and shares no code with the mounted file system. It
 * repairs nothing. An image is clean after sync or unmount, provided that no file
 * that was unlinked is still open. The phases:
 *   1. the superblock and its copies (here)
 *   2. inodes and the blocks that they claim (check-inodes.ts)
 *   3. directories, reachability and link counts (check-directories.ts)
 *   4. maps and counters of the groups (check-groups.ts)
 */
import { InputError } from "../schema/index.ts";
import type { SectorStore } from "./block-device.ts";
import { checkDirectories, checkLinks } from "./check-directories.ts";
import { checkGroups } from "./check-groups.ts";
import { checkInodes } from "./check-inodes.ts";
import { RESERVED } from "./check-survey.ts";
import type { Problem, ProblemKind, Survey } from "./check-survey.ts";
import { reservedBlocks, sectorsPerBlock, SUPERBLOCK_SECTOR, superblockBlock } from "./geometry.ts";
import { decode, SUPERBLOCK, SUPERBLOCK_MAGIC, viewOf } from "./layout.ts";
import type { Superblock } from "./layout.ts";
import { planFileSystem } from "./parameters.ts";

/** Counters of the superblock, which only sync brings up to date and only in the first copy. */
const COUNTERS = new Set(["directories", "freeBlocks", "freeInodes"]);

/** All that is wrong with the file system on `store`; empty for a clean one. */
export function check(store: SectorStore): Problem[] {
  const problems: Problem[] = [];
  const report = (kind: ProblemKind, message: string) => void problems.push({ kind, message });
  const sb = checkSuperblock(store, report);
  if (sb === undefined) return problems; // nothing else can be found
  const survey: Survey = { store, sb, owners: reservedOwners(sb), inodes: new Map(), directoryBlocks: new Map(), links: new Map(), report };
  checkCopies(survey);
  checkInodes(survey);
  checkDirectories(survey);
  checkLinks(survey);
  checkGroups(survey);
  return problems;
}

/** The superblock, if what it says follows from the parameters that it names. */
function checkSuperblock(store: SectorStore, report: Survey["report"]): Superblock | undefined {
  const sb = decode(SUPERBLOCK, viewOf(store.readRange(SUPERBLOCK_SECTOR, 1)));
  if (sb.magic !== SUPERBLOCK_MAGIC) {
    report("superblock", `magic number is ${sb.magic}, not ${SUPERBLOCK_MAGIC}: no file system here`);
    return undefined;
  }
  try {
    const expected = planFileSystem(sb, sb);
    const wrong = staticFields().filter((field) => sb[field] !== expected[field]);
    for (const field of wrong) report("superblock", `${field} is ${sb[field]}, its parameters give ${expected[field]}`);
    const sectors = sb.blocks * sectorsPerBlock(sb);
    if (wrong.length === 0 && sectors <= store.sectors) return sb;
    if (sectors > store.sectors) report("superblock", `it speaks of ${sectors} sectors, the disk has ${store.sectors}`);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    report("superblock", error.message);
  }
  return undefined;
}

function checkCopies({ store, sb, report }: Survey): void {
  for (let group = 1; group < sb.groups; group++) {
    const copy = decode(SUPERBLOCK, viewOf(store.readRange(superblockBlock(sb, group) * sectorsPerBlock(sb), 1)));
    for (const field of staticFields()) {
      if (copy[field] !== sb[field]) report("superblock", `its copy in group ${group} has ${field} ${copy[field]} instead of ${sb[field]}`);
    }
  }
}

function staticFields(): (keyof Superblock)[] {
  return (Object.keys(SUPERBLOCK) as (keyof Superblock)[]).filter((field) => !COUNTERS.has(field));
}

function reservedOwners(sb: Superblock): Uint32Array {
  const owners = new Uint32Array(sb.blocks);
  for (let group = 0; group < sb.groups; group++) owners.fill(RESERVED, ...reservedBlocks(sb, group));
  return owners;
}
