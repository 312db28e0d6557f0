/** The buffer cache: what is written when, and what becomes of errors. */
import { describe, expect, it } from "vitest";
import type { BlockDevice, BlockRequest, BufferCache } from "../../lib/fs/index.ts";
import { BufferCache as Cache, instantDevice } from "../../lib/fs/index.ts";
import { Memory } from "../../lib/hardware/memory.ts";
import { change, MS, onDisk, rig, touch } from "./cache-rig.ts";
import { errorOf, pattern } from "./rig.ts";
import type { Rig } from "./rig.ts";

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
        cache.brelse(yield* cache.breada(2, [3]));
        yield* r.sim.sleep(2000);
        expect(cache.incore(3)).toBe(false);
        expect(yield* errorOf(cache.flush())).toBe(undefined);
      })(),
    );
  });
});
