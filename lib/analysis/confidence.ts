/**
 * How far the mean of a few runs may be from that of all runs.
 *
 * Layer: analysis. Runs differ in their seeds and are independent of each other.
 */
import { mean, sampleStandardDeviation } from "simple-statistics";

/** Student's t at 97.5 %, by degrees of freedom from 1 on. */
const STUDENT = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11, 2.101, 2.093];
const NORMAL = 1.96;

export interface Estimate {
  mean: number;
  /** The mean of all runs lies this near with 95 % confidence; infinite after a single run. */
  error: number;
}

/** The mean of `samples`, one or more, with its 95 % confidence interval. */
export function estimate(samples: number[]): Estimate {
  if (samples.length === 1) return { mean: samples[0]!, error: Infinity };
  const t = STUDENT[samples.length - 2] ?? NORMAL;
  return { mean: mean(samples), error: (t * sampleStandardDeviation(samples)) / Math.sqrt(samples.length) };
}
