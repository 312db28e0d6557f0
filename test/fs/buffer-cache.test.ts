/** The buffer cache: who gets which buffer, what is written when, and who waits. */
import { describe, expect, it } from "vitest";
import { DeadlockError } from "../../lib/engine/index.ts";
import type { Steps } from "../../lib/engine/index.ts";
import { BufferCache, instantDevice } from "../../lib/fs/index.ts";
import { Memory } from "../../lib/hardware/memory.ts";
import { SectorStore } from "../../lib/hardware/disk/sector-store.ts";
import { change, MS, onDisk, rig, touch } from "./cache-rig.ts";
import { pattern, Rig } from "./rig.ts";

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
        r.cache.brelse(yield* r.cache.breada(5, [6]));
        expect(r.sim.now).toBe(10 * MS);
        expect(r.cache.incore(6)).toBe(true);
        yield* touch(r.cache, 6);
        expect(r.sim.now).toBe(20 * MS); // the second request was queued behind the first
      })(),
    );
    expect(r.cache.statistics).toEqual({ hits: 1, misses: 1, reads: 2, writes: 0, readAheads: 1 });
  });

  it("asks for the next block before it waits for one that is on its way", () => {
    const r = rig({ requestNs: 10 * MS });
    r.sim.at(15 * MS, () => expect([r.cache.incore(6), r.cache.incore(7)]).toEqual([true, true]));
    r.run(
      (function* () {
        r.cache.brelse(yield* r.cache.breada(5, [6])); // until 10 ms; block 6 is read until 20 ms
        r.cache.brelse(yield* r.cache.breada(6, [7]));
        expect(r.sim.now).toBe(20 * MS);
      })(),
    );
    expect(r.cache.statistics).toMatchObject({ hits: 1, misses: 1, reads: 3, readAheads: 2 });
  });

  it("starts to read as many blocks ahead as it is told, in their order, but for those that are here", () => {
    const r = rig({ buffers: 8, requestNs: 10 * MS });
    r.run(
      (function* () {
        yield* touch(r.cache, 7);
        r.cache.brelse(yield* r.cache.breada(5, [6, 7, 8])); // 5 until 20 ms
        expect(r.sim.now).toBe(20 * MS);
        yield* touch(r.cache, 8);
        expect(r.sim.now).toBe(40 * MS);
      })(),
    );
    expect(r.cache.statistics).toMatchObject({ reads: 4, readAheads: 2 });
  });

  it("reads ahead only when a buffer is free", () => {
    const r = rig({ buffers: 1, requestNs: 10 * MS });
    r.run(
      (function* () {
        r.cache.brelse(yield* r.cache.breada(5, [6]));
      })(),
    );
    expect(r.cache.statistics).toMatchObject({ reads: 1, readAheads: 0 });
  });

  it("charges every lookup", () => {
    const r = rig({ costNs: 7000 });
    r.run(
      (function* () {
        yield* touch(r.cache, 1);
        yield* touch(r.cache, 1);
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

  it("has one buffer for a block that two want while room is made for it", () => {
    const r = rig({ costNs: 10 });
    function* increment(): Steps {
      const buffer = yield* r.cache.bread(50);
      buffer.view.setUint32(0, buffer.view.getUint32(0, true) + 1, true);
      yield* r.sim.sleep(100);
      r.cache.bdwrite(buffer);
    }
    r.run(
      (function* () {
        for (const block of [1, 2, 3, 4]) yield* change(r.cache, block, pattern(4096)); // the pool is full of delayed writes
        const threads = [r.sim.spawn("one", increment()), r.sim.spawn("other", increment())];
        for (const thread of threads) yield* r.sim.join(thread);
        yield* r.cache.flush();
      })(),
    );
    expect(onDisk(r, 50).readUInt32LE(0)).toBe(2);
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
    expect(() => new BufferCache({ sim: r.sim, memory, device: instantDevice(r.store, memory), blockBytes: 4096, buffers: 5, lookupNs: 0 })).toThrow("no room for 5 buffers of 4096 bytes");
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
