/**
 * The entries of a directory, in the bytes of one of its blocks.
 *
 * Entries have variable length and fill chunks of 512 bytes exactly. What is free
 * belongs to the entry before it, or to an entry with inode 0 at a chunk's start.
 */
import { CHUNK_BYTES, ENTRY, entryBytesFor } from "./layout.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The bytes of a name. */
export const encodeName = (name: string): Uint8Array => encoder.encode(name);

/** Make the chunk at `at` one free entry. */
export function formatChunk(view: DataView, at: number): void {
  view.setUint32(at + ENTRY.inode, 0, true);
  view.setUint16(at + ENTRY.entryBytes, CHUNK_BYTES, true);
}

/** Make the chunk at `at` the start of directory `self` in `parent`: "." and "..". */
export function formatFirstChunk(bytes: Uint8Array, view: DataView, at: number, self: number, parent: number): void {
  const dotBytes = entryBytesFor(1);
  writeEntry(bytes, view, at, self, dotBytes, encodeName("."));
  writeEntry(bytes, view, at + dotBytes, parent, CHUNK_BYTES - dotBytes, encodeName(".."));
}

/** Where the entry called `name` lies among the first `length` bytes; -1 if there is none. */
export function findEntry(bytes: Uint8Array, view: DataView, length: number, name: Uint8Array): number {
  for (let at = 0; at < length; at = nextEntry(view, at)) {
    if (view.getUint16(at + ENTRY.nameBytes, true) === name.length && inodeOfEntry(view, at) !== 0 && sameName(bytes, at + ENTRY.name, name)) return at;
  }
  return -1;
}

export const inodeOfEntry = (view: DataView, at: number): number => view.getUint32(at + ENTRY.inode, true);

/** Put an entry where there is room in the chunks from `from` to before `to`; false if there is none. */
export function insertEntry(bytes: Uint8Array, view: DataView, from: number, to: number, name: Uint8Array, inode: number): boolean {
  const needed = entryBytesFor(name.length);
  for (let at = from; at < to; at = nextEntry(view, at)) {
    const entryBytes = nextEntry(view, at) - at;
    const used = inodeOfEntry(view, at) === 0 ? 0 : entryBytesFor(view.getUint16(at + ENTRY.nameBytes, true));
    if (entryBytes - used >= needed) {
      if (used > 0) view.setUint16(at + ENTRY.entryBytes, used, true);
      writeEntry(bytes, view, at + used, inode, entryBytes - used, name);
      return true;
    }
  }
  return false;
}

/** Take away the entry at `at`: its room goes to the entry before it in the chunk. */
export function removeEntry(view: DataView, at: number): void {
  const start = at - (at % CHUNK_BYTES);
  if (at === start) {
    view.setUint32(at + ENTRY.inode, 0, true);
    return;
  }
  let before = start;
  while (nextEntry(view, before) < at) before = nextEntry(view, before);
  view.setUint16(before + ENTRY.entryBytes, nextEntry(view, at) - before, true);
}

/** The entries among the first `length` bytes. */
export function* listEntries(bytes: Uint8Array, view: DataView, length: number): Generator<{ name: string; inode: number }> {
  for (let at = 0; at < length; at = nextEntry(view, at)) {
    const inode = inodeOfEntry(view, at);
    if (inode === 0) continue;
    const from = at + ENTRY.name;
    yield { name: decoder.decode(bytes.subarray(from, from + view.getUint16(at + ENTRY.nameBytes, true))), inode };
  }
}

/** Where the entry after the one at `at` begins; one without length, which only a damaged disk has, ends its chunk. */
function nextEntry(view: DataView, at: number): number {
  const entryBytes = view.getUint16(at + ENTRY.entryBytes, true);
  return at + (entryBytes > 0 ? entryBytes : CHUNK_BYTES - (at % CHUNK_BYTES));
}

function writeEntry(bytes: Uint8Array, view: DataView, at: number, inode: number, entryBytes: number, name: Uint8Array): void {
  view.setUint32(at + ENTRY.inode, inode, true);
  view.setUint16(at + ENTRY.entryBytes, entryBytes, true);
  view.setUint16(at + ENTRY.nameBytes, name.length, true);
  bytes.set(name, at + ENTRY.name);
  bytes[at + ENTRY.name + name.length] = 0;
}

function sameName(bytes: Uint8Array, at: number, name: Uint8Array): boolean {
  for (let i = 0; i < name.length; i++) if (bytes[at + i] !== name[i]) return false;
  return true;
}
