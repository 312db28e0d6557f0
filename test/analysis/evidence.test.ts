import { describe, expect, test } from "vitest";
import { cites, evidenceOf, evidenceOfClaim, evidences } from "../../lib/analysis/evidence.ts";
import { claims, paperCell, paperCells } from "../../lib/paper/index.ts";
import { machineNames, machineParameters, systemNames, systemParameters } from "../../lib/systems/boot.ts";

const provenances = [...machineNames.map((name) => machineParameters(name)), ...systemNames.map((name) => systemParameters(name))].flatMap(({ provenance }) => [
  ...provenance.values(),
]);

describe("evidence is worked out from where the parameters come from", () => {
  test.each([
    ["5-1", "UnCached", "Compaq", "µs"],
    ["5-2", "Trap to Unix", "SVR4.0", "µs"],
  ])("a cell that is a cost is input: Table %s, %s, %s", (...place) => {
    expect(evidenceOf(paperCell(...place))).toBe("input");
  });

  test.each([
    ["5-5", "Write", "Mach 2.6", "µs"],
    ["5-2", "Null RPC", "CHORUS/MiX V.4", "µs"],
    ["5-9", "Trap to Unix", "Mach 3.0", "µs"],
  ])("a cell from which a cost was worked out, or that is worked out from costs, is derived: Table %s, %s, %s", (...place) => {
    expect(evidenceOf(paperCell(...place))).toBe("derived");
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
    ["5-4", "Cached Read", "Mach 2.6", "MB/s"],
    ["5-6", "Mach 2.6 read()", "4KB", "KB/s"],
  ])("a cell that nothing was taken from is predicted: Table %s, %s, %s", (...place) => {
    expect(evidenceOf(paperCell(...place))).toBe("predicted");
  });

  test("a cell that is worked out from others is predicted as soon as one of them is", () => {
    expect(evidenceOf(paperCell("5-9", "Total w/o Disk Read", "Mach 2.6", "µs"))).toBe("derived");
    expect(evidenceOf(paperCell("5-9", "Read from Disk", "Mach 2.6", "µs"))).toBe("predicted");
  });
});

test("every claim has its evidence", () => {
  const of = (id: string) => evidenceOfClaim(id);
  expect(of("hp-clock")).toBe("input"); // the setup
  expect(of("mach26-totals-identical")).toBe("derived"); // from printed numbers alone
  expect(of("pull-in")).toBe("derived");
  expect(of("remap-read")).toBe("derived");
  expect(of("raw-increment-one")).toBe("fitted");
  expect(of("mach26-raw-slower")).toBe("predicted");
  expect(of("svr4-raw-read")).toBe("predicted");
  for (const { id } of claims) expect(evidences).toContain(of(id));
});

test("every cell that a parameter cites is in the paper", () => {
  const cited = new Set(provenances.flatMap(({ cells }) => cells));
  expect(cited.size).toBeGreaterThan(10);
  expect([...cited].filter((id) => ![...paperCells, ...claims].some((one) => cites(id, one)))).toEqual([]);
});

test("a citation means whole headings, not their beginnings", () => {
  const cell = paperCell("5-3", "Read", "Mach 2.6", "KB/s");
  expect(cites("5-3 | Read", cell)).toBe(true);
  expect(cites("5-3 | Read | Mach 2.6 | KB/s", cell)).toBe(true);
  expect(cites("5-3 | Rea", cell)).toBe(false);
  expect(cites("5-3 | Read | Mach 2", cell)).toBe(false);
});
