/** Rows as what-ifs give them: a grid of settings with a throughput, and the parts of a call. */

export interface GridRow {
  system: string;
  readBytes: number;
  readAhead: number;
  "pager.interface": string;
  kbPerSec: number;
}

/** Throughput rises with the size and the read-ahead, up to 3 blocks, and a bit with data_supply. */
export const grid: GridRow[] = ["mach3", "svr4"].flatMap((system, s) =>
  [4096, 8192, 12288, 16384].flatMap((readBytes) =>
    [0, 1, 3, 8].flatMap((readAhead) =>
      ["data_provided", "data_supply"].map((pager, i) => ({ system, readBytes, readAhead, "pager.interface": pager, kbPerSec: 200 + readBytes / 100 + 10 * Math.min(readAhead, 3) - readAhead + 5 * i - 40 * s })),
    ),
  ),
);

export const mach3 = grid.filter(({ system }) => system === "mach3");
export const mach3Supplied = mach3.filter((row) => row["pager.interface"] === "data_supply");

/** `rows` as a sweep gives them. */
export function asColumns(rows: readonly object[]): { columns: Record<string, ArrayLike<unknown>> } {
  const names = Object.keys(rows[0]);
  const column = (name: string) => rows.map((row) => (row as Record<string, unknown>)[name]);
  return { columns: Object.fromEntries(names.map((name) => [name, typeof column(name)[0] === "number" ? Float64Array.from(column(name) as number[]) : column(name)])) };
}

export const parts = [
  { system: "mach3", span: "Trap to Unix", us: 61, paper: 61 },
  { system: "mach3", span: "Read from Disk", us: 10000, paper: 10500 },
  { system: "mach3", span: "Data Provided", us: 1500, paper: 1600 },
  { system: "mach26", span: "Trap to Unix", us: 61, paper: 61 },
  { system: "mach26", span: "Read from Disk", us: 11000, paper: 11810 },
];

export const flows = [
  { from: "read()", to: "page fault", us: 316 },
  { from: "read()", to: "Emulation Library", us: 115 },
  { from: "page fault", to: "data_request", us: 200 },
];
