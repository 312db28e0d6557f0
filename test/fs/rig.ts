/** A small disk with a file system, mounted in a simulation: what most tests of this room start from. */
import { expect } from "vitest";
import { Simulation } from "../../lib/engine/index.ts";
import type { Steps } from "../../lib/engine/index.ts";
import { BufferCache, check, FileSystem, instantDevice, mkfs, UnixError } from "../../lib/fs/index.ts";
import type { BlockDevice, DiskGeometry, Errno, FsParameters, Inode } from "../../lib/fs/index.ts";
import { SectorStore } from "../../lib/hardware/disk/sector-store.ts";
import { Memory } from "../../lib/hardware/memory.ts";

/** Bytes of a block, and pointers of an indirect one, on most disks here. */
export const BLOCK = 4096;
export const POINTERS = 1024;

/** 4 cylinder groups of 68 blocks. */
export const smallDisk: DiskGeometry = { cylinders: 64, heads: 2, sectorsPerTrack: 17, rpm: 3600 };
/** The 340 MB disk of the HP Vectra. */
export const vectraDisk: DiskGeometry = { cylinders: 1224, heads: 15, sectorsPerTrack: 35, rpm: 3600 };

/** A blank disk of that geometry. */
export const blankDisk = ({ cylinders, heads, sectorsPerTrack }: DiskGeometry): SectorStore => new SectorStore(cylinders * heads * sectorsPerTrack);

/** A disk with an empty file system. */
export function emptyDisk(geometry = smallDisk, parameters: Partial<FsParameters> = {}): SectorStore {
  const store = blankDisk(geometry);
  mkfs(store, geometry, parameters);
  return store;
}

/** A device over `store` that takes `ns` for each request and serves them in order. */
export function slowDevice(sim: Simulation, store: SectorStore, memory: Memory, ns: number): BlockDevice {
  const device = instantDevice(store, memory);
  let free = 0;
  return {
    sectors: store.sectors,
    strategy(request) {
      free = Math.max(free, sim.now) + ns;
      sim.at(free, () => device.strategy(request));
    },
  };
}

export interface RigOptions {
  store?: SectorStore;
  blockBytes?: number;
  buffers?: number;
  /** Time of a disk request; 0 for a device that answers at once. */
  requestNs?: number;
  /** What every step of the file system costs: with 0 a process goes on until it waits. */
  costNs?: number;
}

export class Rig {
  readonly sim = new Simulation();
  readonly store: SectorStore;
  readonly memory: Memory;
  readonly cache: BufferCache;
  /** What the file system has cleared. */
  zeroedBytes = 0;
  readonly #costNs: number;

  constructor({ store = emptyDisk(), blockBytes = 4096, buffers = 16, requestNs = 0, costNs = 0 }: RigOptions = {}) {
    this.store = store;
    this.#costNs = costNs;
    this.memory = new Memory(buffers * blockBytes + 4096);
    const device = requestNs === 0 ? instantDevice(store, this.memory) : slowDevice(this.sim, store, this.memory, requestNs);
    this.cache = new BufferCache({ sim: this.sim, memory: this.memory, device, blockBytes, buffers, lookupNs: costNs });
  }

  /** Mount. */
  mount(): Steps<FileSystem> {
    const zero = (address: number, bytes: number): void => {
      this.memory.view(address, bytes).fill(0);
      this.zeroedBytes += bytes;
    };
    const costs = { nameNs: this.#costNs, bmapNs: this.#costNs, allocateNs: this.#costNs };
    return FileSystem.mount({ sim: this.sim, cache: this.cache, zero, costs });
  }

  /** Run `steps` to their end, and what they started; their result. */
  run<T>(steps: Steps<T>): T {
    const thread = this.sim.spawn("test", steps);
    this.sim.run();
    return thread.result as T;
  }

  /** Mount, do `work`, unmount. */
  use<T>(work: (fs: FileSystem) => Steps<T>): T {
    const mount = this.mount();
    return this.run(
      (function* () {
        const fs = yield* mount;
        const result = yield* work(fs);
        yield* fs.unmount();
        return result;
      })(),
    );
  }

  /** Write `bytes` to the file from `offset` on; how many were written. */
  *write(fs: FileSystem, inode: Inode, offset: number, bytes: Uint8Array): Steps<number> {
    const { memory } = this;
    let done = 0;
    return yield* fs.writei(inode, offset, bytes.length, function* (address, count) {
      memory.view(address, count).set(bytes.subarray(done, (done += count)));
    });
  }

  /** Read up to `bytes` bytes of the file from `offset` on. */
  *read(fs: FileSystem, inode: Inode, offset: number, bytes: number): Steps<Uint8Array> {
    const { memory } = this;
    const parts: Uint8Array[] = [];
    yield* fs.readi(inode, offset, bytes, function* (address, count) {
      parts.push(memory.view(address, count).slice());
    });
    return Buffer.concat(parts);
  }

  /** Create the file `path` with those bytes. */
  *put(fs: FileSystem, path: string, bytes: Uint8Array): Steps {
    const inode = yield* fs.create(path);
    yield* this.write(fs, inode, 0, bytes);
    yield* fs.iput(inode);
  }
}

/** Run `work` on a new file system, which must be clean after it. */
export function onNewDisk<T>(work: (fs: FileSystem, rig: Rig) => Steps<T>, rig = new Rig()): T {
  const result = rig.use((fs) => work(fs, rig));
  expect(check(rig.store)).toEqual([]);
  return result;
}

/** The error that `steps` end with; undefined if they end well. */
export function* errorOf(steps: Steps<unknown>): Steps<Errno | undefined> {
  try {
    yield* steps;
    return undefined;
  } catch (error) {
    if (error instanceof UnixError) return error.code;
    throw error;
  }
}

/** `count` bytes that differ from place to place and from seed to seed. */
export function pattern(count: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(count);
  for (let i = 0, x = seed * 2654435761; i < count; i++) {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
    bytes[i] = x >>> 24;
  }
  return bytes;
}
