/**
 * Inside one read(): where its time goes on each system, beside Table 5-9.
 *
 * Layer: analysis; section 5. The paper put its parts together from other measurements;
 * these are the times that the calls of a sequential read really spent in each part.
 */
import { PAGE_BYTES } from "../hardware/memory.ts";
import { paperCells } from "../paper/index.ts";
import { boot, systemNames } from "../systems/boot.ts";
import type { BootOptions, SystemName } from "../systems/boot.ts";
import { breakdown, breakdownRows, record } from "../trace/index.ts";
import { sequentialRead } from "../workloads/index.ts";

/** A part of the mean read() of 4096 bytes. */
export interface ReadPart {
  readonly system: SystemName;
  readonly span: string;
  readonly us: number;
  /** What Table 5-9 gives it, if it does. */
  readonly paperUs: number | undefined;
}

const TABLE_COLUMNS: Partial<Record<SystemName, string>> = { mach3: "Mach 3.0", mach26: "Mach 2.6" };
const FILE_BYTES = 256 * PAGE_BYTES;

/** The parts of a read() of a page from the disk, on one system; `options` as for boot(). */
export function insideRead<N extends SystemName>(name: N, options: BootOptions<N> = {}, fileBytes = FILE_BYTES): ReadPart[] {
  const system = boot(name, options);
  const { us } = breakdown(record(system, () => sequentialRead(system, { fileBytes })));
  return breakdownRows.flatMap((span) => {
    const paperUs = paperUsOf(name, span);
    return us[span] === undefined && paperUs === undefined ? [] : [{ system: name, span, us: us[span] ?? 0, paperUs }];
  });
}

/** The parts on all four systems as they are. */
export function insideReadOfAll(): ReadPart[] {
  return systemNames.flatMap((name) => insideRead(name));
}

function paperUsOf(name: SystemName, row: string): number | undefined {
  const cell = paperCells.find(({ table, row: cellRow, column }) => table === "5-9" && cellRow === row && column === TABLE_COLUMNS[name]);
  return cell?.paper;
}
