/** Phase 3 of the checker: the tree of directories, and who is in it how often. */
import { readBlock } from "./check-survey.ts";
import type { Survey } from "./check-survey.ts";
import { CHUNK_BYTES, ENTRY, entryBytesFor, HOLE, isDirectory, NAME_BYTES_MAX, ROOT_INODE } from "./layout.ts";

interface Entry {
  inode: number;
  name: string;
}

export function checkDirectories(survey: Survey): void {
  const { inodes, report } = survey;
  const root = inodes.get(ROOT_INODE);
  if (root === undefined || !isDirectory(root)) return report("directory", "the root is not a directory");
  const parents = new Map([[ROOT_INODE, ROOT_INODE]]);
  for (const [directory, parent] of parents) {
    const [self, above, ...entries] = readEntries(survey, directory);
    if (self?.name !== "." || self.inode !== directory) report("directory", `directory ${directory} does not begin with "." for itself`);
    if (above?.name !== ".." || above.inode !== parent) report("directory", `the second entry of directory ${directory} is not ".." for ${parent}`);
    const names = new Set<string>();
    for (const { name, inode } of entries) {
      const place = `directory ${directory}, entry "${name}"`;
      if (name === "." || name === ".." || names.has(name)) report("directory", `${place}: the name is there already`);
      names.add(name);
      const target = inodes.get(inode);
      if (target === undefined) report("directory", `${place}: inode ${inode} is not in use`);
      else if (isDirectory(target) && parents.has(inode)) report("directory", `${place}: directory ${inode} has a place already`);
      else if (isDirectory(target)) parents.set(inode, directory); // the loop comes to it
    }
  }
}

/** Compare the link counts of the inodes with the entries found. */
export function checkLinks({ inodes, links, report }: Survey): void {
  for (const [number, inode] of inodes) {
    const found = links.get(number) ?? 0;
    if (found === 0) report("unreachable", `inode ${number} is in use, but no directory leads to it`);
    else if (found !== inode.links) report("links", `inode ${number} has a link count of ${inode.links}, ${found} entries name it`);
  }
}

/** The entries of `directory` as far as they can be read; each counts as a link. */
function readEntries(survey: Survey, directory: number): Entry[] {
  const { sb, inodes, directoryBlocks, links, report } = survey;
  const { size } = inodes.get(directory)!;
  const blocks = directoryBlocks.get(directory)!;
  const entries: Entry[] = [];
  for (let index = 0; index * sb.blockBytes < size; index++) {
    const block = blocks[index] ?? HOLE;
    if (block === HOLE) {
      report("directory", `directory ${directory} has a hole at block ${index}`);
      if (index >= blocks.length) return entries; // the rest is one hole, however large the size claims to be
      continue;
    }
    const view = readBlock(survey, block);
    const end = Math.min(sb.blockBytes, size - index * sb.blockBytes);
    for (let chunk = 0; chunk + CHUNK_BYTES <= end; chunk += CHUNK_BYTES) {
      const fault = readChunk(view, chunk, entries);
      if (fault !== undefined) report("directory", `directory ${directory}, byte ${index * sb.blockBytes + chunk}: ${fault}`);
    }
  }
  for (const { inode } of entries) links.set(inode, (links.get(inode) ?? 0) + 1);
  return entries;
}

/** Add the entries of the chunk at `start` to `entries`; what is wrong with the chunk, if anything is. */
function readChunk(view: DataView, start: number, entries: Entry[]): string | undefined {
  const end = start + CHUNK_BYTES;
  for (let at = start; at < end; ) {
    if (at + ENTRY.name > end) return "an entry crosses into the next chunk";
    const inode = view.getUint32(at + ENTRY.inode, true);
    const entryBytes = view.getUint16(at + ENTRY.entryBytes, true);
    const nameBytes = view.getUint16(at + ENTRY.nameBytes, true);
    if (entryBytes === 0 || entryBytes % 4 !== 0 || at + entryBytes > end) return `an entry has the impossible length ${entryBytes}`;
    if (inode !== 0) {
      if (nameBytes === 0 || nameBytes > NAME_BYTES_MAX || entryBytesFor(nameBytes) > entryBytes) return `a name has the impossible length ${nameBytes}`;
      const bytes = new Uint8Array(view.buffer, view.byteOffset + at + ENTRY.name, nameBytes + 1);
      if (bytes[nameBytes] !== 0) return "a name does not end with 0";
      const name = new TextDecoder().decode(bytes.subarray(0, nameBytes));
      if (/[/\0]/.test(name)) return `a name contains ${name.includes("/") ? "a slash" : "a 0"}`;
      entries.push({ inode, name });
    }
    at += entryBytes;
  }
  return undefined;
}
