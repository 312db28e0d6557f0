/** The page cache and its clock hand, without a kernel around them. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { Simulation } from "../../../lib/engine/index.ts";
import { Memory, PAGE_BYTES } from "../../../lib/hardware/memory.ts";
import { PageCache } from "../../../lib/kernels/pages/page-cache.ts";
import type { Page } from "../../../lib/kernels/pages/page-cache.ts";

/** A cache over `frames` frames, with `count` clean pages of file 3 that nobody holds or has used. */
function cacheOf(frames: number, count: number): { cache: PageCache; memory: Memory; pages: Page[] } {
  const memory = new Memory(frames * PAGE_BYTES);
  const cache = new PageCache(new Simulation(), memory);
  const pages = Array.from({ length: count }, (_, index) => {
    const page = cache.enter(3, index)!;
    page.valid = true;
    page.referenced = false;
    cache.drop(page);
    return page;
  });
  return { cache, memory, pages };
}

test("pages are found by file and index until they are removed, and give their frames back", () => {
  const { cache, memory, pages } = cacheOf(4, 3);
  expect(cache.find(3, 1)).toBe(pages[1]);
  expect(cache.find(4, 1)).toBeUndefined();
  expect([cache.size, memory.freeFrames]).toEqual([3, 1]);
  cache.remove(pages[1]!);
  expect(cache.find(3, 1)).toBeUndefined();
  expect(pages[1]!.gone).toBe(true);
  expect([cache.size, memory.freeFrames]).toEqual([2, 2]);
  expect(cache.pagesOf(3)).toEqual([pages[0], pages[2]]);
});

test("without a free frame nothing is entered", () => {
  const { cache } = cacheOf(2, 2);
  expect(cache.enter(9, 0)).toBeUndefined();
  expect(cache.size).toBe(2);
});

test("the hand takes the pages in turn", () => {
  const { cache, pages } = cacheOf(8, 4);
  expect([cache.victim(), cache.victim(), cache.victim(), cache.victim(), cache.victim()]).toEqual([...pages, pages[0]]);
});

test("a page that was used gets another round", () => {
  const { cache, pages } = cacheOf(8, 3);
  pages[0]!.referenced = true;
  expect(cache.victim()).toBe(pages[1]);
  expect(cache.victim()).toBe(pages[2]);
  expect(cache.victim()).toBe(pages[0]);
});

test("when all were used the second round finds one", () => {
  const { cache, pages } = cacheOf(8, 3);
  for (const page of pages) page.referenced = true;
  expect(cache.victim()).toBe(pages[0]);
});

test("held pages are passed over, dirty ones too if only a clean one will do", () => {
  const { cache, pages } = cacheOf(8, 3);
  pages[0]!.holds = 1;
  pages[1]!.dirty = true;
  expect(cache.victim(true)).toBe(pages[2]);
  expect(cache.victim()).toBe(pages[1]);
  pages[2]!.holds = 1;
  expect(cache.victim(true)).toBeUndefined();
  expect(cache.held()).toBe(pages[0]);
});

test("no page, no victim", () => {
  const { cache } = cacheOf(2, 0);
  expect([cache.victim(), cache.held()]).toEqual([undefined, undefined]);
});

test("however pages come and go, the victim is a page that is here, that nobody holds, and that was not used since the hand passed", () => {
  const step = fc.oneof(
    fc.record({ do: fc.constantFrom("enter" as const, "use", "hold", "drop", "remove", "clean", "soil"), index: fc.nat(9) }),
    fc.record({ do: fc.constant("victim" as const), index: fc.nat(1) }),
  );
  const property = fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const { cache, memory } = cacheOf(7, 0);
    for (const one of steps) {
      const page = cache.find(1, one.index);
      if (one.do === "victim") {
        const cleanOnly = one.index === 1;
        const candidates = cache.all().filter(({ holds, dirty }) => holds === 0 && !(cleanOnly && dirty));
        const unused = candidates.filter(({ referenced }) => !referenced);
        const victim = cache.victim(cleanOnly);
        if (candidates.length === 0) expect(victim).toBeUndefined();
        else expect(unused.length > 0 ? unused : candidates).toContain(victim);
      } else if (page === undefined) {
        if (one.do === "enter" && memory.freeFrames > 0) cache.drop(cache.enter(1, one.index)!);
      } else if (one.do === "use") page.referenced = true;
      else if (one.do === "hold") page.holds++;
      else if (one.do === "drop" && page.holds > 0) cache.drop(page);
      else if (one.do === "remove" && page.holds === 0) cache.remove(page);
      else if (one.do === "clean" || one.do === "soil") page.dirty = one.do === "soil";
      expect(cache.size + memory.freeFrames).toBe(7);
    }
  });
  fc.assert(property, { seed: 1992, numRuns: 500 });
});
