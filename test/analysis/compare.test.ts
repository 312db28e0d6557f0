import { describe, expect, test } from "vitest";
import { compare, insideRounding } from "../../lib/analysis/index.ts";
import { paperCells } from "../../lib/paper/index.ts";
import type { SystemName } from "../../lib/systems/boot.ts";

const { cells, summary } = compare();

describe("what is compared", () => {
  test("every cell of the nine tables, once", () => {
    expect(cells.map(({ id }) => id)).toEqual(paperCells.map(({ id }) => id));
  });

  test("the path of Table 5-9 follows from the simulated cells as it followed from the measured ones", () => {
    const us = (row: string) => cells.find((cell) => cell.table === "5-9" && cell.row === row && cell.column === "Mach 2.6")!.simulated;
    expect(us("Misc Costs")).toBeCloseTo(250, 0);
    expect(us("Total")).toBeCloseTo(us("Read from Disk") + us("Total w/o Disk Read"), 0); // each is a median of its own
    expect(us("Measured Total")).toBeCloseTo(1000 * cells.find(({ id }) => id === "5-3 | Read | Mach 2.6 | ms")!.simulated, 6);
  });

  test("tables and systems can be chosen", () => {
    const chosen = compare({ tables: ["5-1", "5-4"], systems: ["svr4"] }).cells;
    expect(chosen.map(({ table, row, column }) => `${table} ${row} ${column}`)).toEqual([
      "5-1 Cached Compaq",
      "5-1 Cached Compaq",
      "5-1 UnCached Compaq",
      "5-1 UnCached Compaq",
      "5-4 Cached Read SVR4.0",
      "5-4 Cached Read SVR4.0",
    ]);
  });

  test("an unknown table or system is named together with the nearest", () => {
    expect(() => compare({ tables: ["5-33"] })).toThrow(/unknown table: "5-33"; nearest is "5-3"/);
    expect(() => compare({ systems: ["mach62" as SystemName] })).toThrow(/unknown system "mach62"; nearest is "mach/);
  });
});

describe("what is said of each cell", () => {
  test("the error is relative to the paper, and the median lies within the spread of the runs", () => {
    for (const { paper, simulated, spread, relativeError, low, high } of cells) {
      expect(relativeError).toBeCloseTo(simulated / paper - 1, 12);
      expect(spread[0]).toBeLessThanOrEqual(simulated);
      expect(spread[1]).toBeGreaterThanOrEqual(simulated);
      expect(low).toBeLessThanOrEqual(paper);
      expect(high).toBeGreaterThanOrEqual(paper);
    }
  });

  test("throughput and time of one place are two views of one measurement", () => {
    const throughputs = cells.filter(({ unit }) => unit === "KB/s");
    expect(throughputs.length).toBeGreaterThan(0);
    for (const { table, row, column, simulated } of throughputs) {
      const ms = cells.find((cell) => cell.table === table && cell.row === row && cell.column === column && cell.unit === "ms")!;
      expect(simulated * ms.simulated).toBeCloseTo(4000, 6);
    }
  });

  test("what went in comes out: every input is met within 2 %, and within the paper's rounding where the paper agrees with itself", () => {
    const inputs = cells.filter(({ evidence }) => evidence === "input" || evidence === "derived");
    for (const { id, relativeError } of inputs) expect(Math.abs(relativeError), id).toBeLessThan(0.02);
    expect(inputs.filter((cell) => !insideRounding(cell)).map(({ id }) => id)).toEqual([
      "5-1 | UnCached | HP Vectra | MB/s", // 10.4 MB/s is not 379 µs
      "5-4 | Cached Read | Mach 3.0 | MB/s", // the page fault was reckoned from 900 µs, which is 4.34 MB/s and not 4.3
      "5-9 | Pagefault | Mach 3.0 | µs", // likewise, and the 2250 µs contain a lseek() that the sequential reader does not call
    ]);
  });

  test("the runs differ by their seed: angle and clock phase show", () => {
    expect(cells.some(({ spread: [low, high] }) => low < high)).toBe(true);
  });
});

test("the summary counts every cell once, under its evidence", () => {
  for (const [evidence, agreement] of Object.entries(summary)) {
    const of = cells.filter((cell) => cell.evidence === evidence);
    const errors = of.map(({ relativeError }) => Math.abs(relativeError));
    expect(agreement.cells).toBe(of.length);
    expect(agreement.insideRounding).toBe(of.filter(insideRounding).length);
    if (of.length > 0) expect(agreement.worstError).toBe(Math.max(...errors));
    else expect(agreement.worstError).toBeUndefined();
  }
});
