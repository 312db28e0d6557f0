import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { DiskSpec } from "../../lib/hardware/disk/spec.ts";
import { replayDisk } from "../../lib/hardware/replay.ts";
import type { TraceRow } from "../../lib/hardware/replay.ts";

const reference = (file: string) => readFileSync(new URL(`../data/disksim/${file}`, import.meta.url), "utf8");
const spec = JSON.parse(reference("disk-A.json")) as DiskSpec;

function rows(name: string): (TraceRow & { responseMs: number })[] {
  const [, ...lines] = reference(name).trim().split("\n");
  return lines.map((line) => {
    const [thinkMs, lbn, sectors, op, responseMs] = line.split(",");
    return { thinkMs: Number(thinkMs), lbn: Number(lbn), sectors: Number(sectors), op: op as "R" | "W", responseMs: Number(responseMs) };
  });
}

describe("replayDisk", () => {
  for (const name of ["disk-A-seq.csv", "disk-A-rand.csv", "disk-A-mixed.csv"]) {
    it(`gives every response of DiskSim 4.0 within 1 µs (${name})`, () => {
      const expected = rows(name);
      const simulated = replayDisk(spec, expected);
      expect(simulated).toHaveLength(2000);
      const far = expected.filter((row, i) => !(Math.abs(simulated[i]! - row.responseMs) <= 0.001));
      expect(far).toEqual([]);
    });
  }

  it("loses no revolution when requests follow each other without a pause", () => {
    const sequential = Array.from({ length: 4 }, (_, i): TraceRow => ({ thinkMs: 0, lbn: 8 * i, sectors: 8, op: "R" }));
    const sectorMs = 60_000 / spec.rpm / spec.sectorsPerTrack;
    for (const ms of replayDisk(spec, sequential)) expect(ms).toBeCloseTo(8 * sectorMs, 6);
  });

  it("names what is wrong with a spec", () => {
    const { heads: _, ...headless } = spec;
    expect(() => replayDisk(headless as DiskSpec, [])).toThrow(/^disk spec: heads: missing/);
    expect(() => replayDisk({ ...spec, rpm: -3600 }, [])).toThrow(/^disk spec: rpm: .*>0, found -3600$/);
    expect(() => replayDisk({ ...spec, cylinders: "1224" as unknown as number }, [])).toThrow(/^disk spec: cylinders: expected number/);
    expect(() => replayDisk({ ...spec, seekMs: { ...spec.seekMs, a: -1 } }, [])).toThrow(/^disk spec: seekMs\.a: /);
    expect(() => replayDisk({ ...spec, head: 3 } as DiskSpec, [])).toThrow(/unknown name "head"; nearest is "heads"/);
  });

  it("names what is wrong with a trace", () => {
    const row: TraceRow = { thinkMs: 0, lbn: 0, sectors: 1, op: "R" };
    expect(() => replayDisk(spec, [row, { ...row, op: "X" as "R" }])).toThrow(/^trace: \[1\]\.op: "X" is not allowed/);
    expect(() => replayDisk(spec, [{ ...row, thinkMs: -1 }])).toThrow(/^trace: \[0\]\.thinkMs: /);
    expect(() => replayDisk(spec, [{ ...row, lbn: 642_599, sectors: 2 }])).toThrow("disk: no 2 sectors from sector 642599 on; the disk has sectors 0 to 642599");
  });
});
