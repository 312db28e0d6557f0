/**
 * The whole validation: what npm run validate prints and data/validation.json keeps.
 *
 * Layer: analysis. The tables and claims of the paper beside the simulation, the costs of
 * paths added up beside it, and what others have published.
 */
import { compareClaims } from "./claims.ts";
import type { ComparedClaim } from "./claims.ts";
import { compare } from "./compare.ts";
import type { Comparison } from "./compare.ts";
import { externalChecks } from "./external.ts";
import type { ExternalCheck } from "./external.ts";
import { pathCosts } from "./path-costs.ts";
import type { PathCost } from "./path-costs.ts";

export interface Validation extends Comparison {
  claims: ComparedClaim[];
  paths: PathCost[];
  external: ExternalCheck[];
}

/** Everything that is compared, with the values of the data files as they are. */
export function validation(): Validation {
  const { cells, summary } = compare();
  return { cells, claims: compareClaims(), paths: pathCosts(), external: externalChecks(), summary };
}
