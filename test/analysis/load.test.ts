/** The load of several clients beside the queueing network: where they agree, and what their differences are made of. */
import { describe, expect, it } from "vitest";
import { estimate } from "../../lib/analysis/confidence.ts";
import { disadvantage, load, showsAt } from "../../lib/analysis/load.ts";

const QUICK = { reads: 120, seeds: [1] };

describe("random reads", () => {
  const rows = load({ ...QUICK, clients: [1, 16] });
  const of = (system: string, clients: number) => rows.find((row) => row.system === system && row.clients === clients)!;

  it("of one client take what the network says: its demands were measured there", () => {
    for (const system of ["mach26", "mach3"]) expect(of(system, 1).networkReadsPerSec / of(system, 1).readsPerSec).toBeCloseTo(1, 9);
    expect(of("mach3", 1).processorMs).toBeGreaterThan(1.8 * of("mach26", 1).processorMs);
  });

  it("of many are faster than the network on Mach 2.6: the driver's elevator shortens the seeks", () => {
    const loaded = of("mach26", 16);
    expect(loaded.diskMs).toBeLessThan(0.95 * of("mach26", 1).diskMs);
    expect(loaded.differencePercent).toBeGreaterThan(4);
    expect(Math.abs(loaded.orderPercent)).toBeLessThan(2);
  });

  it("of many are slower than the network on Mach 3.0: one pager thread lets the disk idle while it computes", () => {
    const loaded = of("mach3", 16);
    expect(loaded.diskPercent).toBeLessThan(95);
    expect(loaded.orderPercent).toBeLessThan(-5);
    expect(loaded.readsPerSec).toBeLessThan(0.9 * of("mach26", 16).readsPerSec);
  });
});

describe("sequential reads", () => {
  it("of several clients lose the place on the disk on Mach 3.0; Mach 2.6's elevator serves one client until its file ends", () => {
    const [mach26, mach3] = load({ ...QUICK, pattern: "sequential", clients: [8] }) as [ReturnType<typeof load>[0], ReturnType<typeof load>[0]];
    expect(mach3.demandPercent).toBeLessThan(-25);
    expect(mach26.demandPercent).toBeGreaterThan(-18);
    expect(mach3.readsPerSec / mach26.readsPerSec).toBeLessThan(0.85);
  });

  it("of one client show the disadvantage when the disk is many times as fast", () => {
    const rows = disadvantage({ ...QUICK, pattern: "sequential", clients: 1, diskSpeeds: [1, 4, 16] });
    const [now, faster, fastest] = rows.map(({ lossPercent }) => lossPercent) as [number, number, number];
    expect(now).toBeLessThan(2);
    expect(faster).toBeLessThan(fastest);
    expect(fastest).toBeGreaterThan(30);
    expect(rows[2]!.networkLossPercent).toBeGreaterThan(30);
    expect(rows[2]!.mach3ProcessorPercent).toBeGreaterThan(95);
    expect(showsAt(rows, 20)).toBeGreaterThan(4);
    expect(showsAt(rows, 99)).toBeUndefined();
  });
});

it("the confidence interval of a mean is Student's", () => {
  expect(estimate([10, 12, 14])).toEqual({ mean: 12, error: expect.closeTo((4.303 * 2) / Math.sqrt(3), 9) as number });
  expect(estimate([7])).toEqual({ mean: 7, error: Infinity });
});

it("a system that does not exist is named with its nearest", () => {
  expect(() => load({ systems: ["mach2" as never] })).toThrow(/^load: systems\[0\]: "mach2" is not allowed; nearest is "mach/);
});
