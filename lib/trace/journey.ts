/**
 * The way of one call's bytes, leg by leg: from the disk to the program, or back.
 *
 * Layer: trace; the ledger's entry of one call as rows for a table or a diagram.
 */
import type { MoveKind } from "../engine/index.ts";
import type { SystemName } from "../systems/boot.ts";
import { ledger } from "./ledger.ts";
import { plainPlace } from "./places.ts";
import type { Scene } from "./scenes.ts";

/** One leg of the way. */
export interface JourneyRow {
  readonly system: SystemName;
  /** Counted from 1. */
  readonly leg: number;
  /** Whose memory the bytes leave and reach; a program's own variables are "program". */
  readonly from: string;
  readonly to: string;
  readonly how: string;
  readonly bytes: number;
  /** The processor's time for it, in µs. */
  readonly us: number;
}

const HOW: Record<MoveKind, string> = {
  "sector in": "programmed I/O", "sector out": "programmed I/O",
  copy: "copied", zero: "filled with zeros", page: "page handed over", map: "page mapped", message: "in a message", store: "stored", load: "used by the program",
};

/** How the bytes of the call of `scene` went; what only its program does with them is left out. */
export function journey({ trace, operation }: Scene): JourneyRow[] {
  const at = trace.operations.filter(({ bytes }) => bytes > 0).indexOf(operation);
  const entry = ledger(trace).entries[at];
  const legs = entry === undefined ? [] : entry.ways.flatMap((way) => way.legs).filter(({ kind }) => kind !== "load" && kind !== "store");
  return legs.map(({ kind, from, to, bytes, us }, i) => ({ system: trace.system, leg: i + 1, from: plainPlace(from), to: plainPlace(to), how: HOW[kind], bytes, us }));
}
