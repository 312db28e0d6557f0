/**
 * How much a cell or a claim of the comparison proves, worked out from where the data come from.
 *
 * Layer: analysis. Each parameter names the cells and claims that it was taken from or
 * fitted on (lib/schema/quantity.ts), so nobody has to say of a cell what it is. That a
 * citation is true is seen by changing the parameter: what it cites must move
 * (test/analysis/citations.test.ts).
 */
import { claim } from "../paper/index.ts";
import type { PaperCell } from "../paper/index.ts";
import type { Kind } from "../schema/index.ts";
import { systemNames } from "../systems/boot.ts";
import type { SystemName } from "../systems/boot.ts";
import { claimExperiments } from "./experiments.ts";
import { allParameters } from "./parameters.ts";
import type { Parameter } from "./parameters.ts";
import { arithmeticOf, cellArithmetic, experimentOf, inputsOf } from "./samples.ts";

/**
 * input: the number itself is a parameter of its system or machine; derived: a parameter was worked out from
 * it, or it is itself worked out from such numbers; fitted: a parameter was tuned on it; predicted: none of these.
 * From the weakest to the strongest.
 */
export const evidences = ["input", "derived", "fitted", "predicted"] as const;
export type Evidence = (typeof evidences)[number];

/** What a parameter of each kind makes of the cells that it cites. */
const MAKES: Partial<Record<Kind, Evidence>> = { measured: "input", derived: "derived", fitted: "fitted" };

/** The evidence of `cell`; of one worked out from others, the strongest of theirs. */
export function evidenceOf(cell: PaperCell): Evidence {
  const arithmetic = experimentOf(cell) === undefined ? cellArithmetic(cell) : undefined;
  return arithmetic === undefined ? weakest(citing(cell.id, parametersFor(cell))) : strongest(inputsOf(arithmetic));
}

/** The evidence of the claim `id`; one that only configures a machine, a system or a benchmark is input, one that only follows from printed numbers derived. */
export function evidenceOfClaim(id: string): Evidence {
  const { checkedBy } = claim(id);
  if (!checkedBy.includes("simulation")) return checkedBy.includes("cells") ? "derived" : "input";
  if (claimExperiments.some((one) => one.claim === id)) return weakest(citing(id, allParameters));
  const workings = arithmeticOf(id).map((arithmetic) => strongest(inputsOf(arithmetic)));
  return evidences.findLast((one) => workings.includes(one)) ?? "predicted";
}

/** The parameters among `parameters` that were taken from the cell or claim `id`. */
export function citing(id: string, parameters: readonly Parameter[] = allParameters): Parameter[] {
  return parameters.filter(({ cells }) => cells.some((cited) => cites(cited, { id })));
}

/** Whether the citation `cited`, a cell's identifier or the beginning of one or a claim's, means the cell or claim `id`. */
export function cites(cited: string, { id }: { id: string }): boolean {
  return id === cited || id.startsWith(`${cited} | `);
}

/** What the weakest of `parameters` makes of the number that all of them cite. */
function weakest(parameters: readonly Parameter[]): Evidence {
  return evidences.find((one) => parameters.some(({ kind }) => MAKES[kind] === one)) ?? "predicted";
}

/** What is worked out from `inputs` proves as much as the strongest of them, and is never input itself. */
function strongest({ cells, claims }: ReturnType<typeof inputsOf>): Evidence {
  const found = [...cells.map(evidenceOf), ...claims.map(evidenceOfClaim), "derived"];
  return evidences.findLast((one) => found.includes(one))!;
}

/** All parameters that the simulation of `cell` starts from: those of its machine, and of its system if it has one. */
function parametersFor({ system, machine }: PaperCell): Parameter[] {
  return allParameters.filter(({ owner }) => owner === machine || (systemNames.includes(system as SystemName) && owner === system));
}
