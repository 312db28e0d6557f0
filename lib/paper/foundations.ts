/**
 * What a recomputed number finally rests on: the measurements at the bottom of its working.
 *
 * Layer: paper. The authors derived numbers from derived numbers. Followed down to what
 * they measured, some workings lose a term on the way (it is added here and taken off
 * there), and some come back to the very number they were to confirm: those agree by
 * construction and prove nothing. Both are found by moving each measurement a little.
 */
import { claim } from "./claims.ts";
import { derivations } from "./derivations.ts";
import type { Arithmetic, Derivation, Printed } from "./derivations.ts";
import { cellId, paperCell } from "./tables.ts";

export interface Foundation {
  /** Cells and claims that were measured and that the result moves with. */
  restsOn: string[];
  /** Those that stand in the working, and cancel out. */
  cancels: string[];
  /** Whether the working leads back to the number itself, or to a constant: it agrees whatever was measured. */
  byConstruction: boolean;
}

/** How far a measurement is moved to see what moves with it, and what counts as moving. */
const MOVE = 0.01;
const MOVED = 1e-9;

/** What `derivation` rests on. */
export function foundationOf({ of, value }: Derivation): Foundation {
  const measured = onMeasurements(value);
  const { ids, result } = nominalOf(measured);
  const moves = (moving: string) => {
    const read = (id: string, printed: number) => (id === moving ? printed * (1 + MOVE) : printed);
    const moved = measured({ cell: (...place) => read(cellId(...place), paperCell(...place).paper), claim: (id) => read(id, numberOf(id)) });
    return Math.abs(moved - result) > MOVED * Math.abs(result);
  };
  const restsOn = ids.filter(moves);
  const itself = restsOn.length === 1 && restsOn[0] === of;
  return { restsOn, cancels: ids.filter((id) => !restsOn.includes(id)), byConstruction: restsOn.length === 0 || itself };
}

/** `arithmetic` with each derived number in it worked out in its turn, so that it starts from measured ones alone. */
export function onMeasurements(arithmetic: Arithmetic): Arithmetic {
  return (printed) => {
    const derived = (id: string, read: () => number): number => {
      const working = isMeasured(id) ? undefined : derivations.find(({ of }) => of === id);
      return working === undefined ? read() : working.value(down);
    };
    const down: Printed = {
      cell: (...place) => derived(cellId(...place), () => printed.cell(...place)),
      claim: (id) => derived(id, () => printed.claim(id)),
    };
    return arithmetic(down);
  };
}

/** What `arithmetic` reads, and its result as printed. */
function nominalOf(arithmetic: Arithmetic): { ids: string[]; result: number } {
  const ids = new Set<string>();
  const result = arithmetic({
    cell: (...place) => (ids.add(cellId(...place)), paperCell(...place).paper),
    claim: (id) => (ids.add(id), numberOf(id)),
  });
  return { ids: [...ids], result };
}

const numberOf = (id: string): number => claim(id).value as number;

/** Tables 5-1 to 5-8 are measured, Table 5-9 is put together from them; of the claims it is known. */
function isMeasured(id: string): boolean {
  if (id.includes("|")) return !id.startsWith("5-9");
  return !["derived", "restated"].includes(claim(id).nature);
}
