import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { VM_MAX_ADDRESS, VM_MIN_ADDRESS, VmMap } from "../../../lib/kernels/mach3/vm-map.ts";

const PAGE = 4096;

const step = fc.record({
  what: fc.constantFrom("enter", "enter", "place", "remove", "cut"),
  pages: fc.integer({ min: 1, max: 4 }),
  at: fc.nat(30),
});

describe("an address map", () => {
  it("finds the lowest address with room, whatever was entered, cut and removed before", () => {
    fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const map = new VmMap();
      const taken = new Set<number>(); // pages, counted from the first address
      const lowest = (pages: number): number => {
        for (let first = 0; ; first++) if (Array.from({ length: pages }, (_, i) => first + i).every((page) => !taken.has(page))) return first;
      };
      for (const { what, pages, at } of steps) {
        const entries = map.entries();
        if (what === "enter") {
          const { start } = map.enter(pages * PAGE, undefined);
          expect((start - VM_MIN_ADDRESS) / PAGE).toBe(lowest(pages));
          for (let i = 0; i < pages; i++) taken.add((start - VM_MIN_ADDRESS) / PAGE + i);
        } else if (what === "place") {
          const free = Array.from({ length: pages }, (_, i) => at + i).every((page) => !taken.has(page));
          const enter = () => map.enter(pages * PAGE, VM_MIN_ADDRESS + at * PAGE);
          if (!free) expect(enter).toThrow("KERN_NO_SPACE");
          else {
            enter();
            for (let i = 0; i < pages; i++) taken.add(at + i);
          }
        } else if (entries.length > 0 && what === "remove") {
          const entry = entries[at % entries.length]!;
          map.remove(entry);
          for (let page = (entry.start - VM_MIN_ADDRESS) / PAGE; page < (entry.end - VM_MIN_ADDRESS) / PAGE; page++) taken.delete(page);
        } else {
          const found = map.range(VM_MIN_ADDRESS + at * PAGE, VM_MIN_ADDRESS + (at + pages) * PAGE);
          expect(found.reduce((sum, { start, end }) => sum + (end - start) / PAGE, 0)).toBe(Array.from({ length: pages }, (_, i) => at + i).filter((page) => taken.has(page)).length);
        }
        for (let i = 1; i < map.entries().length; i++) expect(map.entries()[i]!.start).toBeGreaterThanOrEqual(map.entries()[i - 1]!.end);
      }
    }), { numRuns: 300 });
  });

  it("has no room beyond the addresses that user tasks have", () => {
    const map = new VmMap();
    map.enter(VM_MAX_ADDRESS - VM_MIN_ADDRESS - PAGE, undefined);
    expect(() => map.enter(2 * PAGE, undefined)).toThrow("KERN_NO_SPACE");
    expect(map.enter(PAGE, undefined).end).toBe(VM_MAX_ADDRESS);
  });
});
