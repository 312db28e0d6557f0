/**
 * Two sequences side by side: which steps both have, and which only one of them.
 *
 * Layer: trace; the diff package. Steps are the same if the same thing happens between the
 * same lanes, whenever it does; steps of one side that stand where the other side has
 * others stand beside those.
 */
import { diffArrays } from "diff";
import { plainPlace } from "./places.ts";
import type { Sequence, SequenceStep } from "./sequence.ts";

/** What stands in one line: the same step on both sides, or what the sides have instead; undefined where a side has nothing. */
export interface BesideRow {
  readonly a: SequenceStep | undefined;
  readonly b: SequenceStep | undefined;
  readonly same: boolean;
}

/** The steps of `a` and `b`, such as the sequences of two scenes, line by line. */
export function beside(a: Pick<Sequence, "steps">, b: Pick<Sequence, "steps">): BesideRow[] {
  const rows: BesideRow[] = [];
  let [left, right]: [SequenceStep[], SequenceStep[]] = [[], []];
  const unlike = () => {
    for (let i = 0; i < Math.max(left.length, right.length); i++) rows.push({ a: left[i], b: right[i], same: false });
    [left, right] = [[], []];
  };
  let [inA, inB] = [0, 0];
  for (const { added, removed, count } of diffArrays(a.steps.map(kindOf), b.steps.map(kindOf))) {
    if (removed) left = a.steps.slice(inA, (inA += count));
    else if (added) right = b.steps.slice(inB, (inB += count));
    else {
      unlike();
      for (let i = 0; i < count; i++) rows.push({ a: a.steps[inA++], b: b.steps[inB++], same: true });
    }
  }
  unlike();
  return rows;
}

/** The same text for steps that are the same. */
const kindOf = ({ kind, from, to, label, bytes }: SequenceStep): string => JSON.stringify([kind, plainPlace(from), plainPlace(to), label, bytes]);
