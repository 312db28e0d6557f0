import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SectorStore } from "../../lib/hardware/disk/sector-store.ts";

const SECTORS = 600;
const filled = (sectors: number, value: number) => new Uint8Array(sectors * 512).fill(value);

describe("SectorStore", () => {
  it("reads back what was written, by sector and by range, and zeros where nothing was", () => {
    const writes = fc.array(fc.tuple(fc.nat(SECTORS - 1), fc.integer({ min: 1, max: 300 }), fc.nat(255)), { maxLength: 20 });
    fc.assert(
      fc.property(writes, fc.nat(SECTORS - 1), fc.integer({ min: 1, max: 300 }), (writes, first, count) => {
        const store = new SectorStore(SECTORS);
        const model = new Uint8Array(SECTORS * 512);
        for (const [sector, n, value] of writes) {
          const bytes = filled(Math.min(n, SECTORS - sector), value);
          store.writeRange(sector, bytes);
          model.set(bytes, sector * 512);
        }
        const end = Math.min(first + count, SECTORS);
        expect(Buffer.compare(store.readRange(first, end - first), model.subarray(first * 512, end * 512))).toBe(0);
        expect(Buffer.compare(store.read(first), model.subarray(first * 512, (first + 1) * 512))).toBe(0);
      }),
    );
  });

  it("laid on an image reads as that one does until it is written, and leaves the image as it is", () => {
    const image = new SectorStore(SECTORS);
    image.writeRange(30, filled(20, 1));
    const [one, other] = [new SectorStore(SECTORS), new SectorStore(SECTORS)];
    for (const store of [one, other]) store.layOn(image);
    expect(Buffer.compare(one.readRange(30, 20), filled(20, 1))).toBe(0);
    one.write(40, filled(1, 2));
    one.write(100, filled(1, 3));
    expect([39, 40, 41, 100, 101].map((sector) => one.read(sector)[0])).toEqual([1, 2, 1, 3, 0]);
    for (const store of [other, image]) expect([39, 40, 41, 100].map((sector) => store.read(sector)[0])).toEqual([1, 1, 1, 0]);
    expect(() => one.layOn(image)).toThrow("not blank");
  });

  it("does not keep the array that was given to it", () => {
    const store = new SectorStore(1);
    const bytes = filled(1, 7);
    store.write(0, bytes);
    bytes.fill(8);
    expect(store.read(0)[0]).toBe(7);
  });

  it("refuses sectors that do not exist and bytes that are not whole sectors", () => {
    const store = new SectorStore(SECTORS);
    expect(() => store.read(SECTORS)).toThrow("disk: no 1 sectors from sector 600 on; the disk has sectors 0 to 599");
    expect(() => store.readRange(599, 2)).toThrow("0 to 599");
    expect(() => store.readRange(-1, 2)).toThrow("0 to 599");
    expect(() => store.write(0, filled(2, 1))).toThrow("a sector has 512 bytes, not 1024");
    expect(() => store.writeRange(599, filled(2, 1))).toThrow("0 to 599");
    expect(() => store.writeRange(0, new Uint8Array(100))).toThrow(RangeError);
  });
});
