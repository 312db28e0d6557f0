/**
 * The numbers that the text states outside its tables, and where it states them.
 *
 * Layer: paper. An ordering ("slower than") is a claim too: a ratio above or below 1.
 */
import { InputError, suggest } from "../schema/index.ts";
import { claimsFile, readPaperFile } from "./files.ts";
import type { ClaimsFile } from "./files.ts";
import { printedInterval, printedStep } from "./rounding.ts";
import type { Interval } from "./rounding.ts";
import { paperCellById } from "./tables.ts";

/**
 * nature: measured (the authors ran it), derived (they worked it out), expected (they
 * foresee it), described (how something is built or was tested) or restated (a number
 * of a table or an earlier sentence, said again).
 *
 * checkedBy: simulation (a run should give it), cells (it follows from printed numbers,
 * see audit.ts), setup (it configures a machine, a system or a benchmark).
 *
 * cells: identifiers of the cells that the claim speaks of. paragraph: counted in its
 * section; tables and captions are not counted and do not break a paragraph.
 */
export type Claim = ClaimsFile[number] & {
  /** The values with which the claim holds, in `unit`. */
  interval: Interval;
};

/** Units whose numbers are rounded measurements; all others count things or compare. */
const ROUNDED = ["µs", "ms", "KB/s", "%"];
/** What the paper's "about", "almost" and "roughly" are taken to allow: a tenth to either side. */
const ABOUT = 0.1;

/**
 * The claims that `file` describes; `where` names it in errors.
 * @throws InputError when a claim's identifier is taken, or it speaks of a cell that is not there.
 */
export function claimsOf(file: ClaimsFile, where: string): Claim[] {
  const ids = new Set<string>();
  return file.map((claim) => {
    if (ids.has(claim.id)) throw new InputError(`${where}: ${claim.id}: stands there twice`);
    ids.add(claim.id);
    try {
      for (const cell of claim.cells) paperCellById(cell);
    } catch (error) {
      throw new InputError(`${where}: ${claim.id}: ${(error as Error).message}`);
    }
    return { ...claim, interval: intervalOf(claim) };
  });
}

function intervalOf({ value, unit, sense }: ClaimsFile[number]): Interval {
  if (Array.isArray(value)) return value;
  if (sense === "about") return [value * (1 - ABOUT), value * (1 + ABOUT)];
  const [low, high] = ROUNDED.includes(unit) ? printedInterval(value, printedStep(String(value))) : [value, value];
  if (sense === "exactly") return [low, high];
  return sense === "below" ? [-Infinity, high] : [low, Infinity];
}

/** Whether `value`, in the claim's unit, is what the claim says. */
export function claimHolds({ interval: [low, high], sense }: Claim, value: number): boolean {
  if (sense === "above") return value > low;
  if (sense === "below") return value < high;
  return value >= low && value <= high;
}

/** Every claim, in the order of the text. */
export const claims: readonly Claim[] = claimsOf(readPaperFile("claims.json", claimsFile), "data/paper/claims.json");

const claimById = new Map(claims.map((one) => [one.id, one]));

/**
 * The claim called `id`.
 * @throws InputError naming the nearest claim.
 */
export function claim(id: string): Claim {
  const found = claimById.get(id);
  if (found === undefined) throw new InputError(`unknown claim: "${id}"${suggest(id, [...claimById.keys()])}`);
  return found;
}
