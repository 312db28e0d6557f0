import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Disk, HOME } from "../../lib/hardware/disk/disk.ts";
import type { DiskState } from "../../lib/hardware/disk/disk.ts";
import { seekMs } from "../../lib/hardware/disk/spec.ts";
import { MS, toyDisk } from "./disk-rig.ts";

const toy = new Disk(toyDisk);
const drive = new Disk({ ...toyDisk, cylinders: 100, heads: 3, sectorsPerTrack: 35, rpm: 3600, trackSkewSectors: 4, cylinderSkewSectors: 9, seekMs: { a: 3, b: 0.45, knee: 40, e: 0.0105, c: 5.4 } });

const request = fc
  .record({ lbn: fc.nat(drive.sectors - 1), sectors: fc.integer({ min: 1, max: 150 }), write: fc.boolean() })
  .map((r) => ({ ...r, sectors: Math.min(r.sectors, drive.sectors - r.lbn) }));
const state = fc.record({ cylinder: fc.nat(99), head: fc.nat(2) });
const startNs = fc.nat(1e11);

function toyAccess(lbn: number, sectors: number, write: boolean, startMs = 0, from: DiskState = HOME) {
  const { seekNs, rotationNs, transferNs, state } = toy.access(from, { lbn, sectors, write }, startMs * MS);
  return [seekNs / MS, rotationNs / MS, transferNs / MS, state.cylinder, state.head];
}

describe("Disk", () => {
  it("times the toy disk as worked out by hand: seek, rotation, transfer, cylinder, head", () => {
    expect(toyAccess(0, 1, false)).toEqual([0, 0, 1, 0, 0]);
    expect(toyAccess(2, 1, false)).toEqual([0, 2, 1, 0, 0]);
    expect(toyAccess(0, 1, false, 1)).toEqual([0, 3, 1, 0, 0]); // just missed
    expect(toyAccess(0, 8, false)).toEqual([0.5, 0.5, 8, 0, 1]); // over the end of a track
    expect(toyAccess(4, 8, false)).toEqual([2, 1, 8, 1, 0]); // over the end of a cylinder
    expect(toyAccess(8, 1, false)).toEqual([1.5, 1.5, 1, 1, 0]); // seek
    expect(toyAccess(12, 1, false)).toEqual([1.5, 2.5, 1, 1, 1]); // seek and head switch at once: the longer counts
  });

  it("adds write settle when the arm or the head has moved, and only then", () => {
    expect(toyAccess(0, 1, true)).toEqual([0, 0, 1, 0, 0]);
    expect(toyAccess(8, 1, true)).toEqual([1.75, 1.25, 1, 1, 0]);
    expect(toyAccess(4, 1, true)).toEqual([0.75, 0.25, 1, 0, 1]);
  });

  it("takes the angle from absolute time: whole revolutions earlier or later change nothing", () => {
    fc.assert(
      fc.property(fc.nat(15), fc.integer({ min: 1, max: 4 }), fc.nat(8 * MS), fc.nat(1e6), (lbn, sectors, start, revolutions) => {
        const r = { lbn, sectors: Math.min(sectors, 16 - lbn), write: false };
        expect(toy.access(HOME, r, start + revolutions * 4 * MS)).toEqual(toy.access(HOME, r, start));
      }),
    );
  });

  it("waits less than a revolution for the first sector, and transfers at the speed of the platter", () => {
    fc.assert(
      fc.property(state, request, startNs, (from, r, start) => {
        const oneTrack = { ...r, sectors: Math.min(r.sectors, drive.nextTrack(r.lbn) - r.lbn) };
        const { rotationNs, transferNs } = drive.access(from, oneTrack, start);
        expect(rotationNs).toBeGreaterThanOrEqual(0);
        expect(rotationNs).toBeLessThan(drive.revolutionNs);
        expect(Math.abs(transferNs - oneTrack.sectors * drive.sectorNs)).toBeLessThan(3);
      }),
    );
  });

  it("takes as long for a request as for its parts one right after the other, at whole ns", () => {
    fc.assert(
      fc.property(state, request, startNs, fc.integer({ min: 1, max: 40 }), (from, r, start, part) => {
        const whole = drive.access(from, r, start);
        let now = start;
        let at: DiskState = from;
        for (let done = 0; done < r.sectors; done += part) {
          const access = drive.access(at, { lbn: r.lbn + done, sectors: Math.min(part, r.sectors - done), write: r.write }, now);
          now = Math.ceil(now + access.seekNs + access.rotationNs + access.transferNs);
          at = access.state;
        }
        expect(Math.abs(now - start - (whole.seekNs + whole.rotationNs + whole.transferNs))).toBeLessThan(10);
        expect(at).toEqual(whole.state);
      }),
    );
  });

  it("leaves the state that it was given alone, and answers the same twice", () => {
    fc.assert(
      fc.property(state, request, startNs, (from, r, start) => {
        const before = { ...from };
        expect(drive.access(from, r, start)).toEqual(drive.access(from, r, start));
        expect(from).toEqual(before);
      }),
    );
  });

  it("follows the seek curve on both sides of the knee, rounded to five decimals of a millisecond", () => {
    const curve = { a: 3, b: 0.45, knee: 400, e: 0.0105, c: 7.8 };
    expect([0, 1, 2, 399, 400, 1223].map((d) => seekMs(curve, d))).toEqual([0, 3.45, 3.6364, 11.98874, 12, 20.6415]);
  });

  it("refuses what lies beyond its end", () => {
    for (const [lbn, sectors] of [[16, 1], [15, 2], [-1, 1], [0, 0], [0.5, 1]] as const) {
      expect(() => toy.access(HOME, { lbn, sectors, write: false }, 0)).toThrow("the disk has sectors 0 to 15");
    }
  });
});
