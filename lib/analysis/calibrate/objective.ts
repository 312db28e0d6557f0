/**
 * What a calibration minimises, in one number.
 *
 * Layer: analysis. The error of a cell counts from the edge of what its rounding allows:
 * 12.5 ms is met anywhere from 12.45 to 12.55. The loss of a point is the mean of its worst
 * and its root mean square error. The objective is the mean of the point's own loss and of
 * the worst loss among its neighbours: with all continuous parameters, fitted and assumed,
 * moved together by 5 and by 10 % either way, and with each whole-numbered fitted one a
 * step further either way. A fit on a knife-edge so loses against a slightly worse one on
 * a plateau.
 */
import type { Changes } from "../parameters.ts";
import { moved, neighbours } from "./problem.ts";
import type { Problem, Target } from "./problem.ts";

/** Factors by which all continuous parameters are moved together. */
export const MOVES = [0.9, 0.95, 1.05, 1.1] as const;

/** The simulated values of a problem's targets, in their order. */
export type Values = readonly number[];
/** The values of the targets at a point; undefined when no system runs with it. */
export type Evaluate = (point: Changes) => Values | undefined;

export interface Losses {
  objective: number;
  /** At the point itself, and the worst among its neighbours. */
  own: number;
  neighbourhood: number;
}

/** By how much `value` lies outside what the rounding of `target` allows, relative to the paper's number. */
export function errorOf({ paper, interval: [low, high] }: Target, value: number): number {
  return Math.max(0, low - value, value - high) / Math.abs(paper);
}

/** Mean of the worst and the root mean square error of `values`; infinite when there are none. */
export function lossOf(targets: readonly Target[], values: Values | undefined): number {
  if (values === undefined) return Infinity;
  const errors = targets.map((target, i) => errorOf(target, values[i]!));
  const rms = Math.sqrt(errors.reduce((sum, error) => sum + error * error, 0) / errors.length);
  return (Math.max(...errors) + rms) / 2;
}

/** The points around `point` that its fit has to bear. */
export function neighbourhood(problem: Problem, point: Changes): Changes[] {
  const steps = problem.free.filter(({ choices }) => choices === undefined).flatMap((one) => {
    if (one.key.endsWith("Bytes")) return []; // another block size is another layout, not a neighbour
    return neighbours(one, point[one.id] ?? one.value).map((value) => ({ ...point, [one.id]: value }));
  });
  return [...MOVES.map((factor) => moved(problem, point, factor)), ...steps];
}

/**
 * The objective at `point` for the targets that `counts` picks, or undefined as soon as it is
 * clear that it is not below `bound`.
 */
export function objective(problem: Problem, evaluate: Evaluate, point: Changes, counts: readonly boolean[], bound = Infinity): Losses | undefined {
  const targets = problem.targets.filter((_, i) => counts[i]);
  const loss = (at: Changes) => lossOf(targets, evaluate(at)?.filter((_, i) => counts[i]));
  const own = loss(point);
  let worst = own;
  if (own >= bound) return undefined;
  for (const neighbour of neighbourhood(problem, point)) {
    worst = Math.max(worst, loss(neighbour));
    if ((own + worst) / 2 >= bound) return undefined;
  }
  return { objective: (own + worst) / 2, own, neighbourhood: worst };
}
