/** The steps of throughput under added processing, and what the platter's geometry says of them. */
import { describe, expect, it } from "vitest";
import { platterMsPerBlock } from "../../lib/analysis/platter.ts";
import { slack } from "../../lib/analysis/slack.ts";
import { machineParameters } from "../../lib/systems/boot.ts";

const { disk, controller } = machineParameters("hp-vectra").values;
const sectorMs = 60_000 / disk.rpm / disk.sectorsPerTrack;
const revolutionMs = disk.sectorsPerTrack * sectorMs;

describe("the platter alone", () => {
  const machine = machineParameters("hp-vectra").values;
  const layout = { blockSectors: 8, strideSectors: 16 };

  it("gives a stride a page, and its share of a skew at each track crossing", () => {
    const expected = 16 * sectorMs * (1 + disk.trackSkewSectors / disk.sectorsPerTrack);
    for (const ahead of [0, 1]) expect(platterMsPerBlock(machine, { ...layout, ahead, hostMs: 0.1 })).toBeCloseTo(expected, 1);
  });

  it("costs a revolution more for each block that is asked for when it has just gone by", () => {
    const track = { ...machine, disk: { ...disk, sectorsPerTrack: 32, trackSkewSectors: 0 } }; // two blocks a track, always the same
    const sector = 60_000 / disk.rpm / 32;
    const overhead = (controller.commandUs + controller.pioSectorUs + controller.interruptUs) / 1000;
    const at = (hostMs: number) => platterMsPerBlock(track, { ...layout, ahead: 0, hostMs });
    expect(at(8 * sector - overhead - 0.01)).toBeCloseTo(16 * sector, 1);
    expect(at(8 * sector - overhead + 0.01)).toBeCloseTo(48 * sector, 1);
    expect(at(40 * sector - overhead + 0.01)).toBeCloseTo(80 * sector, 1);
  });

  it("has a stride more of slack with one block ahead", () => {
    const late = (ahead: number, hostMs: number) => platterMsPerBlock(machine, { ...layout, ahead, hostMs }) > 14; // 12 ms a block when nothing is late
    expect([late(0, 3), late(0, 4), late(1, 4), late(1, 10.5), late(1, 12)]).toEqual([false, true, false, false, true]);
  });
});

describe("throughput", () => {
  it("is flat over milliseconds and then falls by a step, where the geometry says, on Mach 2.6", () => {
    const rows = slack({ system: "mach26", addedMs: [0, 2, 4, 6, 7.5, 9, 10] }); // the step is between 7.5 and 9
    for (const { msPerPage, platterMsPerPage } of rows) expect(msPerPage / platterMsPerPage).toBeCloseTo(1, 1.3);
    expect(rows[4]!.kbPerSec / rows[0]!.kbPerSec).toBeGreaterThan(0.95);
    expect(rows[5]!.kbPerSec / rows[0]!.kbPerSec).toBeLessThan(0.8);
    expect(rows[5]!.kbPerSec / rows[6]!.kbPerSec).toBeCloseTo(1, 1);
  });

  it("falls by a whole revolution for most pages on Mach 3.0 without read-ahead", () => {
    const [slow, slower] = slack({ system: "mach3", readAhead: 0, addedMs: [2, 7] });
    expect(slow!.msPerPage - 11.8).toBeGreaterThan(0.6 * revolutionMs);
    expect(slow!.msPerPage / slow!.platterMsPerPage).toBeCloseTo(1, 1.3);
    expect(slower!.msPerPage / slow!.msPerPage).toBeCloseTo(1, 1.5);
  });

  it("adds what was asked for to the processing, and nothing is added to a system that was not asked", () => {
    const [none, some] = slack({ system: "svr4", addedMs: [0, 3] });
    expect(some!.processingMs - none!.processingMs).toBeCloseTo(3, 1);
  });

  it("of a system that cannot be told how far to read ahead is not asked for", () => {
    expect(() => slack({ system: "mach26", readAhead: 0 })).toThrow(/^slack: readAhead: .*"mach3" and "mix"/);
    expect(() => slack({ system: "mach4" as never })).toThrow(/nearest is "mach3"/);
  });
});
