/**
 * Sobol indices: how much of a result's variance comes from each factor.
 *
 * Layer: analysis; estimators of Saltelli et al. 2010 (first order) and Jansen 1999
 * (total), intervals by the bootstrap over the rows of the design.
 */
import { RandomStream } from "../../engine/index.ts";

/** Results of the design of Saltelli: of the rows of A, of those of B, and for each factor of A with that factor from B. */
export interface DesignResults {
  a: readonly number[];
  b: readonly number[];
  mixed: readonly (readonly number[])[];
}

/** A share of the variance with its interval. */
export interface Share {
  value: number;
  low: number;
  high: number;
}

/** Shares of one factor: by itself, and with all it does together with others. */
export interface SobolIndices {
  first: Share;
  total: Share;
}

const RESAMPLES = 200;

/**
 * The indices of each factor, in the order of `mixed`; NaN when the result does not vary at all.
 * @param confidence of the intervals, such as 0.95.
 */
export function sobolIndices(results: DesignResults, confidence: number, seed: number): SobolIndices[] {
  const rows = results.a.length;
  const chance = new RandomStream(seed, "bootstrap");
  const all = Array.from({ length: rows }, (_, row) => row);
  const estimates = estimate(results, all);
  const resampled = Array.from({ length: RESAMPLES }, () => estimate(results, all.map(() => chance.integer(0, rows - 1))));
  const share = (factor: number, which: "first" | "total"): Share => {
    const values = resampled.map((one) => one[factor]![which]).sort((x, y) => x - y);
    const at = (u: number) => values[Math.min(RESAMPLES - 1, Math.floor(u * RESAMPLES))]!;
    return { value: estimates[factor]![which], low: at((1 - confidence) / 2), high: at((1 + confidence) / 2) };
  };
  return results.mixed.map((_, factor) => ({ first: share(factor, "first"), total: share(factor, "total") }));
}

function estimate({ a, b, mixed }: DesignResults, rows: readonly number[]): { first: number; total: number }[] {
  const count = rows.length;
  const mean = sum(rows, (row) => a[row]! + b[row]!) / (2 * count);
  const variance = sum(rows, (row) => (a[row]! - mean) ** 2 + (b[row]! - mean) ** 2) / (2 * count);
  return mixed.map((ab) => ({
    first: sum(rows, (row) => (b[row]! - mean) * (ab[row]! - a[row]!)) / count / variance,
    total: sum(rows, (row) => (a[row]! - ab[row]!) ** 2) / (2 * count) / variance,
  }));
}

function sum(rows: readonly number[], term: (row: number) => number): number {
  let total = 0;
  for (const row of rows) total += term(row);
  return total;
}
