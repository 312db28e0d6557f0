/**
 * How much a cell of the comparison proves, worked out from where the data come from.
 *
 * Layer: analysis. Each parameter names the cells that it was taken from or fitted
 * on (lib/schema/quantity.ts), so nobody has to say of a cell what it is.
 */
import type { PaperCell } from "../paper/index.ts";
import type { Provenance } from "../schema/index.ts";
import { machineParameters, systemNames, systemParameters } from "../systems/boot.ts";
import type { SystemName } from "../systems/boot.ts";
import { cellArithmetic, experimentOf, inputsOf } from "./samples.ts";

/**
 * input: a parameter of the cell's own system or machine was taken from it; fitted: one was tuned on it;
 * predicted: neither. From the weakest to the strongest.
 */
export const evidences = ["input", "fitted", "predicted"] as const;
export type Evidence = (typeof evidences)[number];

/** The evidence of `cell`; of one worked out from others, the strongest of theirs. */
export function evidenceOf(cell: PaperCell): Evidence {
  const arithmetic = experimentOf(cell) === undefined ? cellArithmetic(cell) : undefined;
  if (arithmetic !== undefined) {
    const found = inputsOf(arithmetic).cells.map(evidenceOf);
    return evidences.findLast((one) => found.includes(one)) ?? "predicted";
  }
  const citing = parametersOf(cell).filter(({ cells }) => cells.some((cited) => cites(cited, cell)));
  if (citing.some(({ kind }) => kind === "measured" || kind === "derived")) return "input";
  return citing.some(({ kind }) => kind === "fitted") ? "fitted" : "predicted";
}

/** Whether the citation `cited`, a cell's identifier or the beginning of one, means `cell`. */
export function cites(cited: string, { id }: Pick<PaperCell, "id">): boolean {
  return id === cited || id.startsWith(`${cited} | `);
}

/** All parameters that the simulation of `cell` starts from. */
function parametersOf({ system, machine }: PaperCell): Provenance[] {
  const own = systemNames.includes(system as SystemName) ? systemParameters(system as SystemName).provenance.values() : [];
  return [...machineParameters(machine).provenance.values(), ...own];
}
