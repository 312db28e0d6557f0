/**
 * The claims of the text beside the simulation, as a table.
 *
 * Layer: cli; sections 5 and 6.
 */
import type { ComparedClaim } from "../analysis/index.ts";
import { digits, percent as difference } from "../plots/compared.ts";
import { paint, statement, table, wrap } from "./output.ts";
import type { Column } from "./output.ts";

const claimColumns: Column[] = [
  { heading: "what the text says", width: 23 },
  { heading: "how", width: 22 },
  { heading: "paper", align: "right" },
  { heading: "simulated", align: "right" },
  { heading: "error", align: "right" },
  { heading: "evidence" },
  { heading: "holds" },
];

/** Prints each claim, case by case, and what explains those that do not hold. */
export function printClaims(claims: readonly ComparedClaim[]): void {
  console.log(paint("bold", "Claims of the text"));
  console.log(table(claimColumns, claims.map(({ says, section, how, unit, sense, paper, simulated, relativeError, evidence, holds }) => [
    `${says} (${section})`,
    how,
    statement(sense, paper, unit),
    digits(simulated),
    relativeError === undefined ? "" : difference(relativeError),
    evidence,
    paint(holds ? "green" : "red", holds ? "yes" : "no *"),
  ])));
  for (const { says, explanation } of claims) if (explanation !== undefined) console.log(wrap(`* ${says} ${explanation}`));
}
