/** The benchmarks of single calls give the times that they were given, call by call. */
import { describe, expect, test } from "vitest";
import { paperCells } from "../../lib/paper/index.ts";
import { boot, machineOf, systemNames } from "../../lib/systems/boot.ts";
import type { SystemName } from "../../lib/systems/boot.ts";
import { getpid, lseek, nullTrap, readOneByte, writeOneByte } from "../../lib/workloads/calls.ts";

const workloads: Record<string, typeof getpid> = {
  "5-2, Null Trap": nullTrap,
  "5-2, Trap to Unix": getpid,
  "5-5, Lseek": lseek,
  "5-5, Read": readOneByte,
  "5-5, Write": writeOneByte,
};

const cells = paperCells.filter((cell) => `${cell.table}, ${cell.row}` in workloads && systemNames.includes(cell.system as SystemName));

describe("the cells of Tables 5-2 and 5-5, within the rounding of their digits", () => {
  test.each(cells.map((cell) => [cell.id, cell] as const))("%s", (_id, cell) => {
    const measured = workloads[`${cell.table}, ${cell.row}`]!(boot(cell.system as SystemName));
    expect(measured.operations).toBe(400);
    expect(measured.usPerOperation).toBeGreaterThanOrEqual(cell.interval[0]);
    expect(measured.usPerOperation).toBeLessThanOrEqual(cell.interval[1]);
  });
});

test("there is a cell for each of the five calls on all systems", () => {
  expect(cells).toHaveLength(20);
});

test.each(systemNames)("%s: the time of a call does not depend on how often it is made", (name) => {
  for (const workload of Object.values(workloads)) {
    const few = workload(boot(name), 200).usPerOperation;
    const many = workload(boot(name), 3000).usPerOperation;
    expect(Math.abs(few - many) / many).toBeLessThan(0.005);
  }
});

test("one byte is read and written without the disk", () => {
  for (const name of systemNames) {
    for (const workload of [readOneByte, writeOneByte]) {
      const slow = workload(boot(name, { machine: { disk: { rpm: 360 } } }));
      expect(slow.usPerOperation).toBeCloseTo(workload(boot(name, { machine: machineOf(name) })).usPerOperation, 0);
    }
  }
});

test("no turns are no measurement", () => {
  expect(() => getpid(boot("mach26"), 0)).toThrow(/^turns: .*found 0$/);
  expect(() => lseek(boot("mach26"), 2.5)).toThrow(/^turns: .*found 2\.5$/);
});
