import { execFileSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { readPaperFile, tableFile } from "../../lib/paper/files.ts";
import { InputError } from "../../lib/schema/index.ts";
import { cellId, paperCell, paperCellById, paperCells, paperTable, paperTables, tableOf } from "../../lib/paper/tables.ts";

const count = (id: string) => paperTable(id).cells.length;

describe("the nine tables", () => {
  test("are there in order, each under its own caption", () => {
    expect(paperTables.map(({ id }) => id)).toEqual(["5-1", "5-2", "5-3", "5-4", "5-5", "5-6", "5-7", "5-8", "5-9"]);
    expect(paperTable("5-3").caption).toBe("Table 5-3: Read and Write Throughput");
  });

  test.each([
    ["5-1", 8],
    ["5-2", 10],
    ["5-3", 16],
    ["5-4", 8],
    ["5-5", 12],
    ["5-6", 20],
    ["5-7", 16],
    ["5-8", 12],
    ["5-9", 17],
  ])("Table %s has %d numbers", (id, cells) => {
    expect(count(id)).toBe(cells);
  });

  test("every place of a table holds a number or says why not", () => {
    for (const { rows, columns, cells, absent } of paperTables) {
      const places = [...cells, ...absent];
      for (const row of rows) {
        const units = new Set(places.filter((place) => place.row === row).map(({ unit }) => unit));
        for (const column of columns) {
          const here = places.filter((place) => place.row === row && place.column === column).map(({ unit }) => unit);
          expect(here).toEqual([...units]);
        }
      }
    }
    expect(paperTable("5-2").absent.map(({ column, printed }) => [column, printed])).toEqual([["Mach 2.6", ""], ["SVR4.0", ""]]);
    expect(paperTable("5-9").absent.map(({ row, printed }) => [row, printed])).toEqual([
      ["1/16th Remap Window", "N/A"],
      ["Pagefault", "N/A"],
      ["Data Provided", "N/A"],
    ]);
  });

  test("the value lies in its interval, and the printed text begins with it", () => {
    for (const { paper, printed, interval } of paperCells) {
      expect(Number.parseFloat(printed)).toBe(paper);
      expect((interval[0] + interval[1]) / 2).toBeCloseTo(paper, 9);
      expect(interval[1]).toBeGreaterThan(interval[0]);
    }
  });

  test("Mach ran on the HP Vectra, MiX and SVR4 on the Compaq", () => {
    const machineOf = { mach3: "hp-vectra", mach26: "hp-vectra", mix: "compaq", svr4: "compaq" };
    for (const { system, machine, table } of paperCells) {
      if (system === "none") expect(table).toBe("5-1");
      else expect(machine).toBe(machineOf[system]);
    }
  });

  test("rounding intervals follow the company of a cell", () => {
    const interval = (...place: [string, string, string, string]) => paperCell(...place).interval;
    expect(interval("5-3", "Read", "Mach 3.0", "ms")).toEqual([12.45, 12.55]);
    expect(interval("5-3", "Write", "Mach 3.0", "KB/s")).toEqual([295, 305]);
    expect(interval("5-4", "Cached Read", "Mach 2.6", "µs")).toEqual([850, 950]);
    expect(interval("5-5", "Write", "Mach 3.0", "µs")).toEqual([195, 205]);
    expect(interval("5-9", "Read from Disk", "Mach 3.0", "µs")).toEqual([10450, 10550]);
  });
});

describe("looking up", () => {
  test("a cell by place or by identifier", () => {
    const cell = paperCell("5-3", "Read", "Mach 2.6", "KB/s");
    expect(cell).toMatchObject({ paper: 320, printed: "320KB/sec", interval: [315, 325], system: "mach26", machine: "hp-vectra" });
    expect(paperCellById("5-3 | Read | Mach 2.6 | KB/s")).toBe(cell);
    expect(paperCell("5-9", "1/16th Remap Window", "Mach 3.0", "µs").paper).toBe(90);
  });

  test("identifiers are unique and find their cell", () => {
    expect(new Set(paperCells.map(({ id }) => id)).size).toBe(paperCells.length);
    for (const cell of paperCells) {
      expect(cell.id).toBe(cellId(cell.table, cell.row, cell.column, cell.unit));
      expect(paperCellById(cell.id)).toBe(cell);
    }
  });

  test.each([
    ["a table", () => paperTable("5-33"), 'unknown table: "5-33"; nearest is "5-3"'],
    ["a row", () => paperCell("5-3", "Raed", "Mach 2.6", "KB/s"), 'unknown row of Table 5-3: "Raed"; nearest is "Read" (of Read, Write)'],
    ["a column", () => paperCell("5-6", "Mach 2.6 read()", "4 KB", "ms"), 'unknown column of Table 5-6: "4 KB"; nearest is "4KB" (of 4KB, 8KB, 16KB, 32KB, 64KB)'],
    ["a unit", () => paperCell("5-3", "Read", "Mach 2.6", "KB/sec"), 'unknown unit of Table 5-3, Read: "KB/sec"; nearest is "KB/s" (of KB/s, ms)'],
    ["a place without a number", () => paperCell("5-2", "Null RPC", "SVR4.0", "µs"), "5-2 | Null RPC | SVR4.0 | µs: holds no number: left blank: RPC was measured for the two kernelized systems only; a monolithic system calls no server"],
    ["an identifier", () => paperCellById("5-3 Read"), '"5-3 Read" names no cell; a cell is named as in "5-1 | Cached | HP Vectra | MB/s"'],
  ])("%s that is not there gives one clear error", (_what, look, message) => {
    expect(look).toThrow(new InputError(message));
  });

  test("works from a CommonJS program run by tsx, as notebook cells are", () => {
    const module = new URL("../../lib/paper/index.ts", import.meta.url).pathname;
    const program = `process.stdout.write(String(require(${JSON.stringify(module)}).paperCell("5-3", "Read", "Mach 2.6", "KB/s").paper))`;
    expect(execFileSync(process.execPath, ["--import", "tsx", "--input-type=commonjs", "--eval", program], { encoding: "utf8" })).toBe("320");
  });
});

describe("a bad file", () => {
  const good = {
    id: "9-1",
    title: "A table",
    section: "9",
    about: "nothing",
    system: "none",
    machine: "compaq",
    columns: [{ name: "a" }, { name: "b" }],
    rows: [{ name: "row", lines: [{ unit: "ms", printed: ["1ms", "2ms"] }] }],
  };
  const line = (printed: unknown[], unit = "ms") => ({ rows: [{ name: "row", lines: [{ unit, printed }] }] });

  function read(content: string) {
    const folder = pathToFileURL(mkdtempSync(join(tmpdir(), "paper-")) + "/");
    writeFileSync(new URL("table.json", folder), content);
    return tableOf(readPaperFile("table.json", tableFile, folder), "data/paper/table.json");
  }

  test("the file that the faults below are put into is good", () => {
    expect(read(JSON.stringify(good)).cells.map(({ paper }) => paper)).toEqual([1, 2]);
  });

  test.each([
    [{ title: undefined }, /^data\/paper\/table\.json: title: missing/],
    [{ sytem: "none" }, /^data\/paper\/table\.json: unknown name "sytem"; nearest is "system"/],
    [{ machine: "compac" }, /machine: "compac" is not allowed; nearest is "compaq"/],
    [{ columns: [{ name: "a | b" }, { name: "c" }] }, /columns\[0\]\.name: has no \|/],
    [line(["1ms"]), /rows\[0\]\.lines\[0\]\.printed: has one cell for each of the 2 columns/],
    [line(["1ms", "2ms"], "m"), /rows\[0\]\.lines\[0\]\.unit: "m" is not allowed; nearest is "ms"/],
    [line(["1ms", "2KB/sec"]), /9-1 \| row \| b \| ms: "2KB\/sec" is not a number in ms/],
    [line(["1ms", "N/A"]), /9-1 \| row \| b \| ms: "N\/A" is not a number in ms/],
    [{ machine: undefined }, /9-1 \| row \| a \| ms: belongs to no system or no machine/],
  ])("with the fault %j gives one line that says where", (fault, message) => {
    const attempt = () => read(JSON.stringify({ ...good, ...fault }));
    expect(attempt).toThrow(message);
    expect(attempt).not.toThrow(/\n/);
  });

  test("that is no JSON, or is not there, gives one line that names it", () => {
    expect(() => read("{")).toThrow(/^data\/paper\/table\.json: cannot be read: .*JSON/);
    expect(() => readPaperFile("table-5-10.json", tableFile)).toThrow(/^data\/paper\/table-5-10\.json: cannot be read: ENOENT/);
  });
});
