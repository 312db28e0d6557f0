/**
 * The search: points spread over the whole space, then steps from the best of them.
 *
 * Layer: analysis. The objective has steps and cliffs (a sector is caught or missed), so no
 * gradient helps; a Latin hypercube sees every part of each parameter's range, and pattern
 * search goes downhill from several of its points. Everything follows from the seed.
 */
import { RandomStream } from "../../engine/index.ts";
import type { Changes, Parameter, ParameterValue } from "../parameters.ts";
import { lossOf, objective } from "./objective.ts";
import type { Evaluate, Losses } from "./objective.ts";
import { neighbours } from "./problem.ts";
import type { Problem } from "./problem.ts";

export interface SearchOptions {
  seed: number;
  /** Points of the hypercube, and how many of them are judged with their neighbourhood. */
  samples: number;
  candidates: number;
  /** How many of the candidates steps are taken from. */
  starts: number;
}

export interface Found extends Losses {
  point: Changes;
}

/** Steps of a continuous parameter, in parts of its range, from the coarsest to the finest. */
const STEPS = [1 / 8, 1 / 16, 1 / 32] as const;

/**
 * The best point found for the targets that `counts` picks. It does not depend on the values
 * that the data have now: what they were before must not show in what is found. `improved`
 * hears of each new best.
 */
export function search(
  problem: Problem,
  evaluate: Evaluate,
  counts: readonly boolean[],
  { seed, samples, candidates, starts }: SearchOptions,
  improved: (found: Found) => void = () => {},
): Found {
  const targets = problem.targets.filter((_, i) => counts[i]);
  const ranked = hypercube(problem.free, samples, new RandomStream(seed, `calibration of ${problem.machine}`))
    .map((point) => ({ point, loss: lossOf(targets, evaluate(point)?.filter((_, i) => counts[i])) }))
    .sort((a, b) => a.loss - b.loss)
    .slice(0, candidates);

  let best: Found | undefined;
  const judge = (point: Changes, bound: number): Found | undefined => {
    const losses = objective(problem, evaluate, point, counts, bound);
    if (losses === undefined) return undefined;
    const found = { point, ...losses };
    if (best === undefined || found.objective < best.objective) improved((best = found));
    return found;
  };
  const judged = ranked.flatMap(({ point }) => judge(point, Infinity) ?? []);
  for (const from of judged.sort((a, b) => a.objective - b.objective).slice(0, starts)) descend(problem.free, from, judge);
  return best!;
}

/** From `from` to better points near it, one step after the other, until none helps. */
function descend(free: readonly Parameter[], from: Found, judge: (point: Changes, bound: number) => Found | undefined): void {
  let at = from;
  for (const part of STEPS) {
    for (let better: Found | undefined = at; better !== undefined; ) {
      better = undefined;
      for (const step of stepsFrom(free, at.point, part)) {
        better = judge({ ...at.point, ...step }, at.objective);
        if (better === undefined) continue;
        at = better;
        break;
      }
    }
  }
}

/** Steps of one parameter, and of two numbers at once: sectors and skew of a track make up for each other, and both for the time of a command. */
function stepsFrom(free: readonly Parameter[], point: Changes, part: number): Changes[] {
  const single = (one: Parameter) => valuesNear(one, point[one.id]!, part).map((value) => ({ [one.id]: value }));
  const numbers = free.filter(({ choices, key }) => choices === undefined && !key.endsWith("Bytes"));
  const pairs = numbers.flatMap((one, i) => numbers.slice(i + 1).flatMap((other) => single(one).flatMap((a) => single(other).map((b) => ({ ...a, ...b })))));
  return [...free.flatMap(single), ...pairs];
}

/** The values that one step of `part` of its range leads `parameter` to from `value`. */
function valuesNear(parameter: Parameter, value: ParameterValue, part: number): ParameterValue[] {
  if (parameter.choices !== undefined || parameter.whole === true) return neighbours(parameter, value);
  const [low, high] = parameter.range!;
  const step = (high - low) * part;
  return [value as number + step, (value as number) - step].map((one) => tidy(Math.min(high, Math.max(low, one)))).filter((one) => one !== value);
}

/** `count` points so that each parameter takes one value from each of `count` equal parts of its range. */
export function hypercube(free: readonly Parameter[], count: number, random: RandomStream): Changes[] {
  const columns = free.map((parameter) => {
    const order = Array.from({ length: count }, (_, i) => i);
    for (let i = count - 1; i > 0; i--) {
      const other = random.integer(0, i);
      [order[i], order[other]] = [order[other]!, order[i]!];
    }
    return order.map((part) => valueAt(parameter, (part + random.uniform()) / count));
  });
  return Array.from({ length: count }, (_, i) => Object.fromEntries(free.map(({ id }, column) => [id, columns[column]![i]!])));
}

/** The value of `parameter` at `part`, 0 to 1, of its range or of its choices. */
function valueAt({ choices, whole, key, range }: Parameter, part: number): ParameterValue {
  if (choices !== undefined) return choices[Math.floor(part * choices.length)]!;
  const [low, high] = range!;
  if (whole !== true) return tidy(low + part * (high - low));
  if (!key.endsWith("Bytes")) return low + Math.floor(part * (high - low + 1));
  const doublings = Math.round(Math.log2(high / low));
  return low * 2 ** Math.floor(part * (doublings + 1));
}

/** To four digits: what a data file will say. */
function tidy(value: number): number {
  return Number(value.toPrecision(4));
}
