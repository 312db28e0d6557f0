/** The buffer cache: who gets which buffer, what is written when, and who waits. */
import { describe, expect, it } from "vitest";
import { DeadlockError } from "../../lib/engine/index.ts";
import type { Steps } from "../../lib/engine/index.ts";
import type { BlockDevice, BlockRequest, BufferCache } from "../../lib/fs/index.ts";
import { BufferCache as Cache, instantDevice } from "../../lib/fs/index.ts";
import { Memory } from "../../lib/hardware/memory.ts";
import { SectorStore } from "../../lib/hardware/disk/sector-store.ts";
import { errorOf, pattern, Rig } from "./rig.ts";

const MS = 1_000_000;
const rig = (options: { buffers?: number; requestNs?: number } = {}) => new Rig({ store: new SectorStore(8 * 100), buffers: 4, ...options });

/** What is on the disk in `block`. */
const onDisk = ({ store }: Rig, block: number) => Buffer.from(store.readRange(block * 8, 8));

/** Write `bytes` into `block` with a delay. */
function* change(cache: BufferCache, block: number, bytes: Uint8Array): Steps {
  const buffer = yield* cache.bread(block);
  buffer.bytes.set(bytes);
  cache.bdwrite(buffer);
}

/** Read `block` and let go of it. */
function* touch(cache: BufferCache, block: number): Steps {
  cache.brelse(yield* cache.bread(block));
}

describe("reading", () => {
  it("brings a block from the disk once, and finds it then", () => {
    const r = rig({ requestNs: 10 * MS });
    r.store.writeRange(5 * 8, pattern(4096));
    r.run(
      (function* () {
        const buffer = yield* r.cache.bread(5);
        expect(Buffer.from(buffer.bytes).equals(pattern(4096))).toBe(true);
        expect(r.sim.now).toBe(10 * MS);
        r.cache.brelse(buffer);
        yield* touch(r.cache, 5);
        expect(r.sim.now).toBe(10 * MS);
      })(),
    );
    expect(r.cache.statistics).toEqual({ hits: 1, misses: 1, reads: 1, writes: 0, readAheads: 0 });
  });

  it("starts to read the next block and does not wait for it", () => {
    const r = rig({ requestNs: 10 * MS });
    r.run(
      (function* () {
        r.cache.brelse(yield* r.cache.breada(5, 6));
        expect(r.sim.now).toBe(10 * MS);
        expect(r.cache.incore(6)).toBe(true);
        yield* touch(r.cache, 6);
        expect(r.sim.now).toBe(20 * MS); // the second request was queued behind the first
      })(),
    );
    expect(r.cache.statistics).toEqual({ hits: 1, misses: 1, reads: 2, writes: 0, readAheads: 1 });
  });

  it("reads ahead only when a buffer is free", () => {
    const r = rig({ buffers: 1, requestNs: 10 * MS });
    r.run(
      (function* () {
        r.cache.brelse(yield* r.cache.breada(5, 6));
      })(),
    );
    expect(r.cache.statistics).toMatchObject({ reads: 1, readAheads: 0 });
  });

  it("charges every lookup", () => {
    const r = rig();
    const memory = new Memory(16 * 4096);
    const cache = new Cache({ sim: r.sim, memory, device: instantDevice(r.store, memory), blockBytes: 4096, buffers: 4, lookupNs: 7000 });
    r.run(
      (function* () {
        yield* touch(cache, 1);
        yield* touch(cache, 1);
        yield* r.sim.settle();
      })(),
    );
    expect(r.sim.now).toBe(14_000);
  });
});

describe("the pool", () => {
  it("gives away the buffer that was released longest ago", () => {
    const r = rig();
    r.run(
      (function* () {
        for (const block of [1, 2, 3, 4, 1, 5]) yield* touch(r.cache, block);
      })(),
    );
    expect([1, 2, 3, 4, 5].map((block) => r.cache.incore(block))).toEqual([true, false, true, true, true]);
  });

  it("makes the next user of a held block wait for its release", () => {
    const r = rig();
    const seen: string[] = [];
    function* user(name: string, holdNs: number): Steps {
      const buffer = yield* r.cache.bread(7);
      seen.push(`${name} at ${r.sim.now}`);
      yield* r.sim.sleep(holdNs);
      r.cache.brelse(buffer);
    }
    for (const name of ["a", "b", "c"]) r.sim.spawn(name, user(name, 100));
    r.sim.run();
    expect(seen).toEqual(["a at 0", "b at 100", "c at 200"]);
    expect(r.cache.statistics.reads).toBe(1);
  });

  it("makes the caller wait while all buffers are held", () => {
    const r = rig({ buffers: 2 });
    function* hold(block: number, ns: number): Steps<number> {
      const buffer = yield* r.cache.bread(block);
      const start = r.sim.now;
      yield* r.sim.sleep(ns);
      r.cache.brelse(buffer);
      return start;
    }
    const threads = [1, 2, 3, 4].map((block) => r.sim.spawn(`user ${block}`, hold(block, block * 100)));
    r.sim.run();
    expect(threads.map((thread) => thread.result)).toEqual([0, 0, 100, 200]);
  });

  it("lets many users share few buffers without losing a change", () => {
    const r = rig({ buffers: 2, requestNs: 1000 });
    function* increment(times: number, blocks: number, start: number): Steps {
      for (let i = 0; i < times; i++) {
        const buffer = yield* r.cache.bread((start + i) % blocks);
        const count = buffer.view.getUint32(0, true);
        yield* r.sim.sleep(10);
        buffer.view.setUint32(0, count + 1, true);
        if (i % 3 === 0) yield* r.cache.bwrite(buffer);
        else if (i % 3 === 1) yield* r.cache.bawrite(buffer);
        else r.cache.bdwrite(buffer);
      }
    }
    for (let user = 0; user < 6; user++) r.sim.spawn(`user ${user}`, increment(70, 7, user));
    r.sim.run();
    r.run(r.cache.flush());
    const counts = Array.from({ length: 7 }, (_, block) => onDisk(r, block).readUInt32LE(0));
    expect(counts).toEqual(new Array(7).fill(60));
  });

  it("that nobody gives back is reported as a deadlock", () => {
    const r = rig({ buffers: 1 });
    r.sim.spawn(
      "careless",
      (function* () {
        yield* r.cache.bread(1);
        yield* r.cache.bread(2);
      })(),
    );
    expect(() => r.sim.run()).toThrow(DeadlockError);
    expect(() => r.sim.run()).toThrow("careless waits for a free disk buffer");
  });

  it("needs memory", () => {
    const r = rig();
    const memory = new Memory(4 * 4096);
    expect(() => new Cache({ sim: r.sim, memory, device: instantDevice(r.store, memory), blockBytes: 4096, buffers: 5, lookupNs: 0 })).toThrow("no room for 5 buffers of 4096 bytes");
  });

  it.each([1024, 2048, 4096, 8192])("holds blocks of %i bytes side by side in the page frames", (blockBytes) => {
    const store = new SectorStore(800);
    store.writeRange(0, pattern(20 * blockBytes));
    const r = new Rig({ store, buffers: 8, blockBytes });
    r.run(
      (function* () {
        for (let block = 0; block < 20; block++) {
          const buffer = yield* r.cache.bread(block);
          expect(buffer.address % blockBytes).toBe(0);
          expect(buffer.frames.length).toBe(Math.max(1, blockBytes / 4096));
          expect(Buffer.from(buffer.bytes).equals(pattern(20 * blockBytes).subarray(block * blockBytes, (block + 1) * blockBytes))).toBe(true);
          r.cache.brelse(buffer);
        }
      })(),
    );
  });
});

describe("writing", () => {
  it("waits with bwrite, not with bawrite, and not at all with bdwrite", () => {
    const r = rig({ requestNs: 10 * MS });
    const bytes = pattern(4096);
    r.run(
      (function* () {
        for (const block of [1, 2, 3]) {
          const buffer = yield* r.cache.getblk(block);
          buffer.bytes.set(bytes);
          if (block === 1) yield* r.cache.bwrite(buffer);
          else if (block === 2) yield* r.cache.bawrite(buffer);
          else r.cache.bdwrite(buffer);
          expect(r.sim.now).toBe(10 * MS);
        }
        yield* r.sim.sleep(10 * MS);
        expect([1, 2, 3].map((block) => onDisk(r, block).equals(bytes))).toEqual([true, true, false]);
        yield* r.cache.flush();
        expect(r.sim.now).toBe(30 * MS);
        expect(onDisk(r, 3).equals(bytes)).toBe(true);
      })(),
    );
  });

  it("of a delayed block happens when its buffer is wanted", () => {
    const r = rig();
    r.run(
      (function* () {
        yield* change(r.cache, 1, pattern(4096));
        for (const block of [2, 3, 4]) yield* touch(r.cache, block);
        expect(r.cache.statistics.writes).toBe(0);
        yield* touch(r.cache, 5);
        expect(r.cache.statistics.writes).toBe(1);
        expect(onDisk(r, 1).equals(pattern(4096))).toBe(true);
      })(),
    );
  });

  it("at a flush waits for those who hold a changed block", () => {
    const r = rig();
    r.sim.spawn(
      "slow",
      (function* () {
        yield* change(r.cache, 1, pattern(4096));
        const buffer = yield* r.cache.bread(1);
        yield* r.sim.sleep(1000);
        buffer.bytes.set(pattern(4096, 2));
        r.cache.bdwrite(buffer);
      })(),
    );
    r.run(
      (function* () {
        yield* r.sim.sleep(10);
        yield* r.cache.flush();
        expect(r.sim.now).toBe(1000);
        expect(onDisk(r, 1).equals(pattern(4096, 2))).toBe(true);
      })(),
    );
  });

  it("can be asked for one owner alone", () => {
    const r = rig();
    r.run(
      (function* () {
        for (const block of [1, 2]) {
          const buffer = yield* r.cache.getblk(block);
          buffer.owner = block;
          r.cache.bdwrite(buffer);
        }
        yield* r.cache.flush(2);
        expect(r.cache.statistics.writes).toBe(1);
      })(),
    );
  });

  it("does not happen to a block that was invalidated, and happens to all at a purge", () => {
    const r = rig();
    r.run(
      (function* () {
        yield* change(r.cache, 1, pattern(4096));
        yield* r.cache.invalidate(1);
        yield* change(r.cache, 2, pattern(4096));
        yield* r.cache.purge();
        expect(onDisk(r, 1).equals(Buffer.alloc(4096))).toBe(true);
        expect(onDisk(r, 2).equals(pattern(4096))).toBe(true);
        expect(r.cache.incore(2)).toBe(false);
      })(),
    );
  });
});

describe("a device that fails", () => {
  /** Fails for odd blocks. */
  function failing(r: Rig): { cache: BufferCache; requests: BlockRequest[] } {
    const requests: BlockRequest[] = [];
    const memory = new Memory(8 * 4096);
    const good = instantDevice(r.store, memory);
    const device: BlockDevice = {
      sectors: r.store.sectors,
      strategy(request) {
        requests.push(request);
        if ((request.sector / 8) % 2 === 0) good.strategy(request);
        else r.sim.after(1000, () => request.done("EIO"));
      },
    };
    return { cache: new Cache({ sim: r.sim, memory, device, blockBytes: 4096, buffers: 2, lookupNs: 0 }), requests };
  }

  it("makes bread fail with EIO, and leaves nothing in the cache", () => {
    const r = rig();
    const { cache } = failing(r);
    r.run(
      (function* () {
        for (let i = 0; i < 3; i++) expect(yield* errorOf(cache.bread(1))).toBe("EIO");
        expect(cache.incore(1)).toBe(false);
        yield* touch(cache, 2);
      })(),
    );
  });

  it("makes bwrite fail with EIO", () => {
    const r = rig();
    const { cache } = failing(r);
    r.run(
      (function* () {
        expect(yield* errorOf(cache.bwrite(yield* cache.getblk(1)))).toBe("EIO");
      })(),
    );
  });

  it("shows a write that nobody waited for at the next flush, once", () => {
    const r = rig();
    const { cache } = failing(r);
    r.run(
      (function* () {
        yield* cache.bawrite(yield* cache.getblk(1));
        expect(yield* errorOf(cache.flush())).toBe("EIO");
        expect(yield* errorOf(cache.flush())).toBe(undefined);
      })(),
    );
  });

  it("is forgiven a read ahead", () => {
    const r = rig();
    const { cache } = failing(r);
    r.run(
      (function* () {
        cache.brelse(yield* cache.breada(2, 3));
        yield* r.sim.sleep(2000);
        expect(cache.incore(3)).toBe(false);
        expect(yield* errorOf(cache.flush())).toBe(undefined);
      })(),
    );
  });
});
