/**
 * Putting files on an image before the simulation begins.
 *
 * The blocks are found by the very code that the systems run, over a disk that
 * takes no time and in a simulation of its own, so a file lies exactly where the
 * systems themselves would have laid it.
 */
import { Simulation } from "../engine/index.ts";
import type { Steps } from "../engine/index.ts";
import { Memory, PAGE_BYTES } from "../hardware/memory.ts";
import type { BlockDevice, SectorStore } from "./block-device.ts";
import { BufferCache } from "./buffer-cache.ts";
import { UnixError } from "./errno.ts";
import { FileSystem } from "./file-system.ts";
import { sectorsPerBlock, SUPERBLOCK_SECTOR } from "./geometry.ts";
import type { Inode } from "./inode.ts";
import { SECTOR_BYTES, SUPERBLOCK, viewOf } from "./layout.ts";

const BUFFERS = 32;

/** A disk that does at once what it is asked. */
export function instantDevice(store: SectorStore, memory: Pick<Memory, "view">): BlockDevice {
  return {
    sectors: store.sectors,
    strategy({ op, sector, sectors, frames, offset, done }) {
      const bytes = memory.view(frames[0]! * PAGE_BYTES + offset, sectors * SECTOR_BYTES);
      if (op === "read") bytes.set(store.readRange(sector, sectors));
      else store.writeRange(sector, bytes);
      done();
    },
  };
}

/**
 * Put a file on the image: its bytes, or its size and it holds zeros. Directories on
 * the way are made; a file that is there already is replaced.
 * @throws UnixError ENOSPC (the image is then without the file), EISDIR and the like.
 */
export function populate(store: SectorStore, path: string, content: Uint8Array | number): void {
  const sim = new Simulation();
  sim.spawn("populate", mountAndPut(sim, store, path, content));
  sim.run();
}

function* mountAndPut(sim: Simulation, store: SectorStore, path: string, content: Uint8Array | number): Steps {
  const blockBytes = viewOf(store.readRange(SUPERBLOCK_SECTOR, 1)).getUint32(SUPERBLOCK.blockBytes, true);
  const memory = new Memory(BUFFERS * blockBytes + PAGE_BYTES);
  const cache = new BufferCache({ sim, memory, device: instantDevice(store, memory), blockBytes, buffers: BUFFERS, lookupNs: 0 });
  const zero = (address: number, bytes: number) => void memory.view(address, bytes).fill(0);
  const fs = yield* FileSystem.mount({ sim, cache, zero, costs: { nameNs: 0, bmapNs: 0, allocateNs: 0 } });
  try {
    yield* makeDirectories(fs, path);
    const inode = yield* fs.create(path);
    try {
      yield* fs.itrunc(inode, 0);
      if (typeof content === "number") yield* allocate(fs, store, inode, content);
      else yield* write(fs, memory, inode, content);
    } catch (error) {
      yield* fs.unlink(path);
      throw error;
    } finally {
      yield* fs.iput(inode);
    }
  } finally {
    yield* fs.unmount();
  }
}

function* makeDirectories(fs: FileSystem, path: string): Steps {
  for (let end = path.indexOf("/", 1); end > 0; end = path.indexOf("/", end + 1)) {
    try {
      yield* fs.mkdir(path.slice(0, end));
    } catch (error) {
      if (!(error instanceof UnixError) || error.code !== "EEXIST") throw error;
    }
  }
}

function* write(fs: FileSystem, memory: Memory, inode: Inode, content: Uint8Array): Steps {
  let done = 0;
  function* move(address: number, bytes: number): Steps {
    memory.view(address, bytes).set(content.subarray(done, done + bytes));
    done += bytes;
  }
  if ((yield* fs.writei(inode, 0, content.length, move)) < content.length) throw new UnixError("ENOSPC");
}

/** Give the file blocks for `size` bytes. They hold zeros on a blank disk; what other files left is cleared. */
function* allocate(fs: FileSystem, store: SectorStore, inode: Inode, size: number): Steps {
  const sectors = sectorsPerBlock(fs.groups.superblock);
  const zeros = Buffer.alloc(fs.cache.blockBytes);
  for (let logical = 0; logical * zeros.length < size; logical++) {
    const { block } = yield* fs.bmap(inode, logical, { allocate: true });
    if (!zeros.equals(store.readRange(block * sectors, sectors))) store.writeRange(block * sectors, zeros);
  }
  inode.size = size;
  inode.dirty = true;
}
