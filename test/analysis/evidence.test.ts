import { describe, expect, test } from "vitest";
import { cites, evidenceOf } from "../../lib/analysis/evidence.ts";
import { paperCell, paperCells } from "../../lib/paper/index.ts";
import { machineNames, machineParameters, systemNames, systemParameters } from "../../lib/systems/boot.ts";

const provenances = [...machineNames.map((name) => machineParameters(name)), ...systemNames.map((name) => systemParameters(name))].flatMap(({ provenance }) => [
  ...provenance.values(),
]);

describe("evidence is worked out from where the parameters come from", () => {
  test.each([
    ["5-1", "UnCached", "Compaq", "µs"],
    ["5-2", "Trap to Unix", "SVR4.0", "µs"],
    ["5-5", "Write", "Mach 2.6", "µs"],
  ])("a cell that is a cost is input: Table %s, %s, %s", (...place) => {
    expect(evidenceOf(paperCell(...place))).toBe("input");
  });

  test.each([
    ["5-6", "Mach 3.0 device_read()", "16KB", "KB/s"],
    ["5-7", "Sequential read", "8KB", "ms"],
  ])("a cell that a disk was fitted on is fitted: Table %s, %s, %s", (...place) => {
    expect(evidenceOf(paperCell(...place))).toBe("fitted");
  });

  test.each([
    ["5-3", "Read", "Mach 2.6", "KB/s"],
    ["5-3", "Read", "SVR4.0", "ms"],
    ["5-4", "Cached Read", "SVR4.0", "MB/s"],
    ["5-6", "Mach 2.6 read()", "4KB", "KB/s"],
  ])("a cell that nothing was taken from is predicted: Table %s, %s, %s", (...place) => {
    expect(evidenceOf(paperCell(...place))).toBe("predicted");
  });

  test("a cell that is worked out from others is predicted as soon as one of them is", () => {
    expect(evidenceOf(paperCell("5-9", "Total w/o Disk Read", "Mach 2.6", "µs"))).toBe("input");
    expect(evidenceOf(paperCell("5-9", "Read from Disk", "Mach 2.6", "µs"))).toBe("predicted");
  });
});

test("every cell that a parameter cites is in the paper", () => {
  const cited = new Set(provenances.flatMap(({ cells }) => cells));
  expect(cited.size).toBeGreaterThan(10);
  expect([...cited].filter((id) => !paperCells.some((cell) => cites(id, cell)))).toEqual([]);
});

test("a citation means whole headings, not their beginnings", () => {
  const cell = paperCell("5-3", "Read", "Mach 2.6", "KB/s");
  expect(cites("5-3 | Read", cell)).toBe(true);
  expect(cites("5-3 | Read | Mach 2.6 | KB/s", cell)).toBe(true);
  expect(cites("5-3 | Rea", cell)).toBe(false);
  expect(cites("5-3 | Read | Mach 2", cell)).toBe(false);
});
