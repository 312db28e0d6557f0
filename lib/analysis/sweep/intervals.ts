/**
 * Means with the interval in which the true mean lies at a given confidence.
 *
 * Layer: analysis; Student's t, for independent values of about normal distribution.
 */
import { studentT } from "../../engine/index.ts";

/** A mean and how far it may be off. */
export interface Interval {
  mean: number;
  /** Of the interval; undefined for a single value, which does not say how it varies. */
  halfWidth: number | undefined;
}

/** The mean of independent `values` and its interval at `confidence`, such as 0.95. */
export function meanInterval(values: readonly number[], confidence: number): Interval {
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  if (count < 2) return { mean, halfWidth: undefined };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1);
  return { mean, halfWidth: studentT(confidence, count - 1) * Math.sqrt(variance / count) };
}
