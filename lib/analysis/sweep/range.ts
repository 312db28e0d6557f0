/**
 * What a sample is drawn from: a range of numbers, or a few values.
 *
 * Layer: analysis. A share from 0 to 1 becomes a value; a range of something that comes
 * in whole numbers gives whole numbers, each as often as the others.
 */
import { InputError } from "../../schema/index.ts";
import type { Scalar } from "../../workloads/index.ts";
import type { Axis, Range } from "./spec.ts";

type Sampled = Range | { among: readonly Scalar[] };

export function isSampled(axis: Axis): axis is Sampled {
  return typeof axis === "object" && !Array.isArray(axis);
}

/**
 * The function from shares to values of `axis`.
 * @param accept throws InputError for a value that is not allowed.
 */
export function rangeOf(name: string, axis: Sampled, accept: (value: Scalar) => void): (u: number) => Scalar {
  const fault = (what: string) => new InputError(`grid: ${name}: ${what}`);
  if ("among" in axis) {
    axis.among.forEach(accept);
    return (u) => axis.among[Math.min(axis.among.length - 1, Math.floor(u * axis.among.length))]!;
  }
  const { from, to, log = false } = axis;
  if (!(from < to)) throw fault(`a range goes from the lower to the higher value, found ${from} to ${to}`);
  if (log && from <= 0) throw fault(`a range in the logarithm begins above 0, found ${from}`);
  accept(from);
  accept(to);
  const step = axis.step ?? (inWholeNumbers(from, accept) ? 1 : undefined);
  const between = (low: number, high: number) => (log ? (u: number) => low * (high / low) ** u : (u: number) => low + (high - low) * u);
  if (step === undefined) return between(from, to);
  // Half a step more at either end (in the logarithm as well), so that the ends come as often as the rest.
  const steps = Math.floor((to - from) / step + 1e-9);
  const position = between(log ? Math.max(from - step / 2, from / 2) : from - step / 2, from + (steps + 0.5) * step);
  return (u) => from + step * Math.min(steps, Math.max(0, Math.round((position(u) - from) / step)));
}

/** Whether a value half-way between two whole numbers is not allowed. */
function inWholeNumbers(from: number, accept: (value: Scalar) => void): boolean {
  try {
    accept(Math.ceil(from) + 0.5);
    return false;
  } catch {
    return true;
  }
}
