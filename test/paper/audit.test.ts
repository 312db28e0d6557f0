import { describe, expect, test } from "vitest";
import { audit, oddities } from "../../lib/paper/audit.ts";
import type { Finding } from "../../lib/paper/audit.ts";
import { claims } from "../../lib/paper/claims.ts";
import { paperCells, paperTable } from "../../lib/paper/tables.ts";
import { convert, isThroughput } from "../../lib/paper/units.ts";

const findings = audit();
const of = (id: string) => findings.filter((finding) => finding.of === id);

describe("the audit", () => {
  test("compares throughput and time in every cell that has both", () => {
    const pairs = findings.filter(({ how }) => how.startsWith("4096 bytes / "));
    expect(pairs).toHaveLength(paperCells.filter(({ unit }) => isThroughput(unit)).length);
    expect(pairs).toHaveLength(40);
    for (const { of, recomputed, printed } of pairs) {
      const off = Math.abs(recomputed / (printed as number) - 1);
      expect(off, of).toBeLessThan(0.08);
    }
  });

  test("what differs or proves nothing is explained, and what is explained is remarkable", () => {
    const odd = findings.filter(({ verdict, byConstruction }) => verdict === "differs" || byConstruction).map(({ of }) => of);
    const explained = oddities.flatMap(({ of }) => of);
    for (const id of odd) expect(explained).toContain(id);
    const remarkable = ({ verdict, corrected, byConstruction, leftOpen }: Finding) => verdict !== "agrees" || corrected !== undefined || byConstruction || leftOpen;
    for (const id of explained) expect(of(id).some(remarkable), id).toBe(true);
  });

  test("finds exactly these places where the paper does not agree with itself", () => {
    const odd = findings.filter(({ verdict }) => verdict === "differs").map(({ of, how }) => `${of}: ${how}`);
    expect(odd).toEqual([
      "5-1 | UnCached | HP Vectra | µs: 4096 bytes / 10.4 MB/s",
      "5-4 | Cached Read | CHORUS/MiX V.4 | µs: 4096 bytes / 3.3 MB/s",
      "5-6 | Mach 3.0 device_read() | 8KB | ms: 4096 bytes / 410 KB/s",
      "5-7 | Same Block read | 8KB | ms: 4096 bytes / 952 KB/s",
      "5-7 | Same Block read | 32KB | ms: 4096 bytes / 990 KB/s",
      "5-8 | Data_Supply | 8KB | ms: 4096 bytes / 410 KB/s",
      "5-4 | Cached Read | Mach 2.6 | µs: (390 − 79) + 379",
      "5-4 | Cached Read | CHORUS/MiX V.4 | µs: (710 − 155) + 615",
      "5-4 | Cached Read | SVR4.0 | µs: (630 − 121) + 615",
      "memory-ratio: UnCached: 10.4 / 6.4 − 1",
      "raw-page: 380 KB/s × 10.5 ms",
      "end-result-same: Write: Mach 3.0 / Mach 2.6",
      "never-below: CHORUS, Write of one byte: (420 − 121) / (720 − 155)",
    ]);
  });

  test("recomputes every part and sum of Table 5-9 as printed", () => {
    for (const { id, paper } of paperTable("5-9").cells) {
      expect(of(id)).toHaveLength(1);
      expect(of(id)[0]).toMatchObject({ verdict: "agrees" });
      expect(of(id)[0].recomputed).toBeCloseTo(paper, 6);
    }
  });

  test("recomputes every claim that follows from cells, and no other", () => {
    for (const { id, checkedBy } of claims) expect(of(id).length > 0).toBe(checkedBy.includes("cells"));
  });

  test.each([
    ["page-fault", 316],
    ["map-operation", 1440],
    ["one-byte-read-call", 115],
    ["om-overhead", 427],
    ["total-over-measured", 4],
    ["write-slower", 6.25],
    ["processing-increase", 262.3],
    ["cached-overhead", 53.8],
    ["tuned-improvement", 87.5],
  ])("%s comes to %d, by the authors' own working", (id, value) => {
    expect(of(id)[0].recomputed).toBeCloseTo(value, 1);
  });

  test("mends the chain of 316 and 1440 µs: then 16 cached pages add up", () => {
    const [fault, map] = ["page-fault", "map-operation"].map((id) => of(id)[0].corrected!.value);
    expect(fault).toBeCloseTo(322.33, 2);
    expect(map).toBeCloseTo(1338.67, 2);
    expect(map + 16 * (115 + 379 + fault)).toBeCloseTo(16 * 900, 6);
    expect(of("cached-overhead")[0].corrected!.value).toBeCloseTo(36.98, 2);
  });

  test("the range of a recomputed value spans what rounding of its inputs allows", () => {
    for (const { recomputed, range } of findings) {
      expect(range[0]).toBeLessThanOrEqual(recomputed);
      expect(range[1]).toBeGreaterThanOrEqual(recomputed);
    }
    const [read] = of("5-3 | Read | Mach 3.0 | ms");
    expect(read.range).toEqual([convert(325, "KB/s", "ms"), convert(315, "KB/s", "ms")]);
  });
});

describe("what a number rests on", () => {
  const first = (id: string) => of(id)[0]!;

  test("the total of Table 5-9 is the 12.1 ms of Table 5-8 and the 0.9 ms of Table 5-4: the rest cancels out", () => {
    const { restsOn, cancels } = first("5-9 | Total | Mach 3.0 | µs");
    expect(restsOn.toSorted()).toEqual(["5-4 | Cached Read | Mach 3.0 | µs", "5-8 | Data_Provided | 4KB | ms"]);
    expect(cancels).toContain("5-6 | Mach 3.0 device_read() | 4KB | ms");
    expect(first("5-9 | Total | Mach 2.6 | µs").restsOn).toEqual(["5-3 | Read | Mach 2.6 | ms"]);
  });

  test("the mapping operation rests on two measurements: (2250 − 900) × 16/15", () => {
    expect(first("map-operation").restsOn.toSorted()).toEqual(["5-4 | Cached Read | Mach 3.0 | µs", "remap-read"]);
    expect(((2250 - 900) * 16) / 15).toBe(first("map-operation").recomputed);
  });

  test("what agrees whatever was measured is found", () => {
    expect(findings.filter(({ byConstruction }) => byConstruction).map(({ of }) => of)).toEqual(["5-4 | Cached Read | Mach 3.0 | µs", "mach26-totals-identical"]);
  });

  test("what rounding leaves open shows when the working is followed down to the measurements", () => {
    const { range, measuredRange, leftOpen } = first("om-overhead");
    expect(range[1] - range[0]).toBeCloseTo(11, 6); // 510 less 83, each to its last digit
    expect(measuredRange[0]).toBeLessThan(0);
    expect(measuredRange[1]).toBeGreaterThan(900);
    expect(leftOpen).toBe(true);
    expect(first("processing-increase").leftOpen).toBe(false);
  });

  test("a fault that was counted twice is taken off", () => {
    expect(first("5-9 | Total | Mach 3.0 | µs").corrected!.value).toBeCloseTo(12684, 6);
    expect(first("total-over-measured").corrected!.value).toBeCloseTo(1.472, 3);
  });
});
