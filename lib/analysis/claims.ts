/**
 * What the paper's text states, beside the simulation.
 *
 * Layer: analysis; sections 5 and 6. Claims that the systems cannot answer yet are
 * left out.
 */
import { max, median, min } from "simple-statistics";
import { audit, claimHolds, claims, oddities } from "../paper/index.ts";
import type { Claim, Interval } from "../paper/index.ts";
import { evidenceOfClaim } from "./evidence.ts";
import type { Evidence } from "./evidence.ts";
import { explanationOf } from "./misses.ts";
import { claimCases, scopeOf } from "./samples.ts";
import type { ScopeOptions } from "./samples.ts";

export interface ComparedClaim {
  /** The claim's identifier, what it says, and where. */
  id: string;
  says: string;
  quote: string;
  section: string;
  /** How its number comes about; a claim of several cases is compared case by case. */
  how: string;
  unit: string;
  sense: Claim["sense"];
  /** What the paper states: a number, or the two ends of "between". */
  paper: Claim["value"];
  /** The median of the runs, and their lowest and highest. */
  simulated: number;
  spread: Interval;
  /** (simulated − paper) / paper, for a claim of one number that is not a bound and not 0. */
  relativeError?: number;
  evidence: Evidence;
  /** Whether the claim is true of the simulation. */
  holds: boolean;
  /** Why it does not hold: a fault of the simulation, or of the paper. */
  explanation?: string;
}

/** The cases in which the paper's own numbers do not bear out what it says. */
const ownFaults = new Set(audit().filter(({ verdict }) => verdict !== "agrees").map(({ of, how }) => `${of}: ${how}`));

/**
 * Every claim of the text that runs of the systems can check.
 * @throws InputError for a system that does not exist, naming the nearest.
 */
export function compareClaims(options: ScopeOptions = {}): ComparedClaim[] {
  const scope = scopeOf(options);
  return claims
    .filter(({ checkedBy }) => checkedBy.includes("simulation"))
    .flatMap((claim) => claimCases(claim.id, scope).map(({ how, samples }) => comparedClaim(claim, how, [...samples])));
}

function comparedClaim(claim: Claim, how: string, samples: number[]): ComparedClaim {
  const { id, says, quote, section, unit, sense, value } = claim;
  const simulated = median(samples);
  const spread: Interval = [min(samples), max(samples)];
  const holds = claimHolds(claim, simulated);
  const explanation = holds ? undefined : explain(id, how);
  return {
    ...{ id, says, quote, section, how, unit, sense, paper: value, simulated, spread, evidence: evidenceOfClaim(id), holds },
    ...(typeof value === "number" && value !== 0 && ["exactly", "about"].includes(sense) && { relativeError: (simulated - value) / value }),
    ...(explanation !== undefined && { explanation }),
  };
}

/** Why the case `how` of the claim `id` does not hold: the paper's own fault before the simulation's. */
function explain(id: string, how: string): string | undefined {
  const odd = oddities.find(({ of }) => of.includes(id))?.explanation;
  return ownFaults.has(`${id}: ${how}`) ? odd : (explanationOf(id) ?? odd);
}
