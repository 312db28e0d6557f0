/**
 * Table 5-9 from a trace: the parts of a read() and what each takes.
 *
 * Layer: trace; section 5. The authors put the table together from other measurements;
 * here each part is the time that calls spent in it, so the parts add up to what was
 * measured. It works on all four systems: what a system does not do is not there.
 */
import { pathOf } from "./path.ts";
import type { Piece } from "./path.ts";
import { Timeline } from "./timeline.ts";
import type { Trace } from "./trace.ts";

/** The rows, in the order of the table; the last three are not the paper's. */
export const breakdownRows = [
  "Trap to Unix", "Misc Costs", "1/16th Remap Window", "Pagefault", "Read from Disk", "Data Provided", "Bcopy Uncached to User",
  "Bcopy Cached to User", "Write to Disk", "Interrupts",
] as const;
export type BreakdownRow = (typeof breakdownRows)[number];

/** In which row the time of a span goes; that of spans inside goes with it unless they have a row of their own. */
const ROWS: Readonly<Record<string, BreakdownRow>> = {
  "Trap to Unix": "Trap to Unix",
  "Remap Window": "1/16th Remap Window",
  Pagefault: "Pagefault",
  // What lies between the fault and the disk: the pager in its widest sense.
  memory_object_data_request: "Data Provided",
  "Inode Pager": "Data Provided",
  "Data Provided": "Data Provided",
  "Data Supply": "Data Provided",
  pullIn: "Data Provided",
  "Bcopy Uncached to User": "Bcopy Uncached to User",
  "Bcopy Cached to User": "Bcopy Cached to User",
};
/** Whatever happens inside these is part of them. */
const WHOLE: Readonly<Record<string, BreakdownRow>> = { "Read from Disk": "Read from Disk", "Write to Disk": "Write to Disk" };

export interface Breakdown {
  /** Calls that moved bytes: the times are the mean of theirs. */
  readonly calls: number;
  /** Mean µs of a call by row; rows that take no time are left out. */
  readonly us: Partial<Record<BreakdownRow, number>>;
  /** Sum of the rows, which is the mean time of a call, and without Read from Disk and Write to Disk. */
  readonly totalUs: number;
  readonly totalWithoutDiskUs: number;
}

/** Where the time of the calls `name` went, by the rows of Table 5-9. */
export function breakdown(trace: Trace, name = "read"): Breakdown {
  const timeline = new Timeline(trace);
  const calls = trace.operations.filter((operation) => operation.name === name && operation.bytes > 0);
  const ns = new Map<BreakdownRow, number>();
  for (const { span } of calls) {
    for (const piece of pathOf(trace, span, timeline)) {
      const row = rowOf(piece);
      ns.set(row, (ns.get(row) ?? 0) + piece.toNs - piece.fromNs);
    }
  }
  const mean = (row: BreakdownRow) => (ns.get(row) ?? 0) / 1000 / calls.length;
  const rows = breakdownRows.filter((row) => ns.has(row));
  const totalUs = rows.reduce((sum, row) => sum + mean(row), 0);
  return {
    calls: calls.length,
    us: Object.fromEntries(rows.map((row) => [row, mean(row)])),
    totalUs,
    totalWithoutDiskUs: totalUs - mean("Read from Disk") - mean("Write to Disk"),
  };
}

/** The row of a stretch of a call's time. */
export function rowOf({ kind, track, spans }: Piece): BreakdownRow {
  let row: BreakdownRow = "Misc Costs";
  for (const span of spans) {
    const whole = WHOLE[span.name];
    if (whole !== undefined) return whole;
    row = ROWS[span.name] ?? row;
    // The paper's page fault finds its page: what others do, and getting there and back, is the providing of data.
    if (row === "Pagefault" && (kind === "ready" || kind === "switch" || track !== span.track)) row = "Data Provided";
  }
  return kind === "interrupt" ? "Interrupts" : row;
}
