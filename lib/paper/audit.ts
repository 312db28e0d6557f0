/**
 * The audit: every number of the paper that follows from others, recomputed.
 *
 * Layer: paper. A recomputed value agrees when it would be printed as the paper prints
 * it, differs by rounding when some values behind the printed inputs would lead there,
 * and else simply differs; then an oddity (data/paper/oddities.json) explains it.
 */
import { InputError } from "../schema/index.ts";
import { claim, claimHolds, claims } from "./claims.ts";
import type { Claim } from "./claims.ts";
import { derivations } from "./derivations.ts";
import type { Arithmetic, Derivation } from "./derivations.ts";
import { odditiesFile, readPaperFile } from "./files.ts";
import { foundationOf, onMeasurements } from "./foundations.ts";
import type { Foundation } from "./foundations.ts";
import type { Interval } from "./rounding.ts";
import { paperCell, paperCellById } from "./tables.ts";

export interface Finding extends Foundation {
  /** The cell or claim that was recomputed, by its identifier. */
  of: string;
  how: string;
  unit: string;
  sense: Claim["sense"];
  /** What the paper prints: a value, or the two ends of "between". */
  printed: number | readonly [number, number];
  recomputed: number;
  /** The values that the rounding of the printed inputs allows. */
  range: Interval;
  verdict: "agrees" | "rounding" | "differs";
  /** The values that the rounding of the measurements allows from which the inputs were derived in their turn. */
  measuredRange: Interval;
  /** Whether that is more than OPEN to either side: the digits printed say little. */
  leftOpen: boolean;
  /** The authors' working, mended. */
  corrected?: { how: string; value: number };
  /** Why it is so, where there is something to explain. */
  explanation?: string;
}

/** From which part of a value on the rounding of its inputs leaves it open. */
const OPEN = 0.15;

/** What is strange in the paper's numbers: the cells and claims concerned, and why. */
export const oddities = odditiesOf();

/** Every derivation recomputed, in the order of `derivations`. */
export function audit(): Finding[] {
  return derivations.map(findingOf);
}

/** What a cell or claim is called among findings: a cell by its place, a claim by its words. */
export function nameOf(id: string): string {
  if (!id.includes("|")) return `"${claim(id).quote}"`;
  const { table, row, column } = paperCellById(id);
  return `${table} ${row}, ${column}`;
}

function findingOf(derivation: Derivation): Finding {
  const { of, how, value, corrected } = derivation;
  const { unit, sense, printed, holds, interval } = stated(of);
  const recomputed = value(asPrinted);
  const range = rangeOf(value);
  const measuredRange = rangeOf(onMeasurements(value));
  const overlaps = range[0] <= interval[1] && range[1] >= interval[0];
  return {
    of,
    how,
    unit,
    sense,
    printed,
    recomputed,
    range,
    ...foundationOf(derivation),
    measuredRange,
    leftOpen: measuredRange[1] - measuredRange[0] > 2 * OPEN * Math.abs(recomputed),
    verdict: holds(recomputed) ? "agrees" : overlaps ? "rounding" : "differs",
    ...(corrected && { corrected: { how: corrected.how, value: corrected.value(asPrinted) } }),
    ...(explanations.has(of) && { explanation: explanations.get(of) }),
  };
}

/** What the paper says at `of`, a cell or a claim. */
function stated(of: string) {
  if (claims.some(({ id }) => id === of)) {
    const found = claim(of);
    return { unit: found.unit, sense: found.sense, printed: found.value, interval: found.interval, holds: (value: number) => claimHolds(found, value) };
  }
  const { unit, paper, interval } = paperCellById(of);
  return { unit, sense: "exactly" as const, printed: paper, interval, holds: (value: number) => value >= interval[0] && value <= interval[1] };
}

const asPrinted = {
  cell: (table: string, row: string, column: string, unit: string) => paperCell(table, row, column, unit).paper,
  claim: (id: string) => single(id),
};

/** The one number of the claim `id`, for arithmetic. */
function single(id: string): number {
  const { value } = claim(id);
  if (typeof value !== "number") throw new InputError(`claim ${id} has two numbers; arithmetic wants one`);
  return value;
}

/**
 * The lowest and highest result of `arithmetic` when each input lies anywhere in its
 * interval. Sums, products and quotients are monotone in each input, so the extremes
 * are among the corners: each input at one end of its interval.
 */
function rangeOf(arithmetic: Arithmetic): Interval {
  const intervals = new Map<string, Interval>();
  const note = (id: string, interval: Interval, value: number) => {
    intervals.set(id, interval);
    return value;
  };
  arithmetic({
    cell: (...place) => {
      const { id, interval, paper } = paperCell(...place);
      return note(id, interval, paper);
    },
    claim: (id) => note(id, claim(id).interval, single(id)),
  });

  const inputs = [...intervals];
  let low = Infinity;
  let high = -Infinity;
  for (let corner = 0; corner < 1 << inputs.length; corner++) {
    const at = new Map(inputs.map(([id, ends], bit) => [id, ends[(corner >> bit) & 1]]));
    const result = arithmetic({ cell: (...place) => at.get(paperCell(...place).id)!, claim: (id) => at.get(id)! });
    low = Math.min(low, result);
    high = Math.max(high, result);
  }
  return [low, high];
}

const explanations = new Map(oddities.flatMap(({ of, explanation }) => of.map((id) => [id, explanation])));

/** @throws InputError when an oddity names something that is neither a cell nor a claim. */
function odditiesOf() {
  const found = readPaperFile("oddities.json", odditiesFile);
  for (const id of found.flatMap(({ of }) => of)) {
    if (!claims.some((one) => one.id === id)) paperCellById(id);
  }
  return found;
}
