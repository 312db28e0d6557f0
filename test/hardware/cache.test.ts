/** The cache: what was read lately is a hit, unless something 32 KB apart was read since. */
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { Cache, LINE_BYTES } from "../../lib/hardware/cache.ts";

const KB = 1024;
const PAGE_LINES = 4096 / LINE_BYTES;

describe("a cache of 32 KB", () => {
  it("holds a page that is read again and again: all hits after the first time", () => {
    const cache = new Cache(32 * KB);
    const misses = Array.from({ length: 5 }, () => cache.read(8192, 4096));
    expect(misses).toEqual([PAGE_LINES, 0, 0, 0, 0]);
  });

  it.each([256, 512, 1024])("holds nothing of %d KB read in turn: all misses, each time", (kb) => {
    const cache = new Cache(32 * KB);
    for (let round = 0; round < 3; round++) {
      for (let page = 0; page < kb / 4; page++) expect(cache.read(page * 4096, 4096)).toBe(PAGE_LINES);
    }
  });

  it("holds exactly 32 KB, wherever they lie, as long as they lie together", () => {
    const cache = new Cache(32 * KB);
    for (const at of [0, 5 * 4096, 7 * 32 * KB + 4096]) {
      cache.read(at, 32 * KB);
      expect(cache.read(at, 32 * KB)).toBe(0);
    }
  });

  it("has but one place for two pages that are 32 KB apart, and room for others beside each other", () => {
    const cache = new Cache(32 * KB);
    const again = (first: number, second: number) => {
      cache.read(first, 4096);
      cache.read(second, 4096);
      return [cache.read(first, 4096), cache.read(second, 4096)];
    };
    expect(again(0, 32 * KB)).toEqual([PAGE_LINES, PAGE_LINES]);
    expect(again(0, 96 * KB)).toEqual([PAGE_LINES, PAGE_LINES]);
    expect(again(0, 28 * KB)).toEqual([0, 0]);
    expect(again(0, 36 * KB)).toEqual([0, 0]);
  });

  it("loads whole lines", () => {
    const cache = new Cache(32 * KB);
    expect([cache.read(100, 1), cache.read(96, 32), cache.read(96, 33), cache.read(127, 2)]).toEqual([1, 0, 1, 0]);
    expect([cache.read(1_000, 0), cache.read(1_000, 1)]).toEqual([0, 1]);
  });
});

test("whatever is read, the misses are those of a table of the line last read in each place", () => {
  const reads = fc.array(fc.record({ address: fc.nat(8 * KB), count: fc.nat(600) }), { maxLength: 60 });
  fc.assert(
    fc.property(reads, (all) => {
      const cache = new Cache(KB);
      const held = new Map<number, number>();
      for (const { address, count } of all) {
        const missed = new Set<number>();
        for (let byte = address; byte < address + count; byte++) {
          const line = Math.floor(byte / LINE_BYTES), place = line % (KB / LINE_BYTES);
          if (held.get(place) !== line) missed.add(line);
          held.set(place, line);
        }
        expect(cache.read(address, count)).toBe(missed.size);
      }
    }),
    { numRuns: 300 },
  );
});
