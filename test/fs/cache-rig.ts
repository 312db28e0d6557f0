/** A buffer cache over a blank disk of 100 blocks. */
import type { Steps } from "../../lib/engine/index.ts";
import type { BufferCache } from "../../lib/fs/index.ts";
import { SectorStore } from "../../lib/hardware/disk/sector-store.ts";
import { Rig } from "./rig.ts";
import type { RigOptions } from "./rig.ts";

export const MS = 1_000_000;
/** Four buffers, if no other number is given. */
export const rig = (options: Omit<RigOptions, "store"> = {}) => new Rig({ store: new SectorStore(8 * 100), buffers: 4, ...options });

/** What is on the disk in `block`. */
export const onDisk = ({ store }: Rig, block: number) => Buffer.from(store.readRange(block * 8, 8));

/** Write `bytes` into `block` with a delay. */
export function* change(cache: BufferCache, block: number, bytes: Uint8Array): Steps {
  const buffer = yield* cache.bread(block);
  buffer.bytes.set(bytes);
  cache.bdwrite(buffer);
}

/** Read `block` and let go of it. */
export function* touch(cache: BufferCache, block: number): Steps {
  cache.brelse(yield* cache.bread(block));
}
