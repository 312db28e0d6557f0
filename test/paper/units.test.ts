import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { convert, pageTimeUs, paperUnits, throughputKBPerSec } from "../../lib/paper/units.ts";

describe("throughput and time per page", () => {
  test("a page is 4096 bytes and KB is 1024 bytes", () => {
    expect(pageTimeUs(320)).toBe(12_500);
    expect(throughputKBPerSec(5000)).toBe(800);
    expect(convert(320, "KB/s", "ms")).toBe(12.5);
    expect(convert(1, "MB/s", "KB/s")).toBe(1024);
    expect(convert(21.2, "MB/s", "µs")).toBeCloseTo((4096 / (21.2 * 2 ** 20)) * 1e6, 9);
  });

  test("converting there and back gives the value again, between any two units", () => {
    const unit = fc.constantFrom(...paperUnits);
    fc.assert(
      fc.property(fc.double({ min: 1e-3, max: 1e6, noNaN: true }), unit, unit, (value, from, to) => {
        expect(convert(convert(value, from, to), to, from) / value).toBeCloseTo(1, 12);
      }),
    );
  });
});
