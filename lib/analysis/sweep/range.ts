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

/** A range is looked at in so many places, ends included, where its values are wanted before any is drawn. */
const LOOKS = 17;

/** How values are drawn. */
export interface Drawing {
  /** The value at the share `u`, 0 to 1. */
  at(u: number): Scalar;
  /** The values that are `among`; of a range some, from end to end. */
  choices: readonly Scalar[];
}

/**
 * How values of `axis` are drawn.
 * @param accept throws InputError for a value that is not allowed.
 */
export function rangeOf(name: string, axis: Sampled, accept: (value: Scalar) => void): Drawing {
  if ("among" in axis) {
    const { among } = axis;
    among.forEach(accept);
    checkOnce(name, among);
    return { at: (u) => among[Math.min(among.length - 1, Math.floor(u * among.length))]!, choices: among };
  }
  const at = between(name, axis, accept);
  return { at, choices: Array.from({ length: LOOKS }, (_, i) => at(i / (LOOKS - 1))) };
}

/** @throws InputError for a value that is in `values` more than once. */
export function checkOnce(name: string, values: readonly Scalar[]): void {
  const seen = new Set<Scalar>();
  for (const value of values) {
    if (seen.has(value)) throw new InputError(`grid: ${name}: ${JSON.stringify(value)} is there twice`);
    seen.add(value);
  }
}

function between(name: string, { from, to, log = false, step: given }: Range, accept: (value: Scalar) => void): (u: number) => number {
  const fault = (what: string) => new InputError(`grid: ${name}: ${what}`);
  if (!(from < to)) throw fault(`a range goes from the lower to the higher value, found ${from} to ${to}`);
  if (log && from <= 0) throw fault(`a range in the logarithm begins above 0, found ${from}`);
  accept(from);
  accept(to);
  const step = given ?? (inWholeNumbers(from, accept) ? 1 : undefined);
  const line = (low: number, high: number) => (log ? (u: number) => low * (high / low) ** u : (u: number) => low + (high - low) * u);
  if (step === undefined) return line(from, to);
  // Half a step more at either end (in the logarithm as well), so that the ends come as often as the rest.
  const steps = Math.floor((to - from) / step + 1e-9);
  if (steps < 1) throw fault(`a step of ${step} is more than from ${from} to ${to}`);
  accept(from + step);
  const position = line(log ? Math.max(from - step / 2, from / 2) : from - step / 2, from + (steps + 0.5) * step);
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
