/**
 * What moves when a parameter is changed: the ground of every label of evidence.
 *
 * Layer: analysis. A cell or a claim depends on a parameter when its simulated value
 * changes with it, all chances being the same; nothing is taken from what anybody says.
 */
import { claims, paperCells } from "../paper/index.ts";
import { InputError } from "../schema/index.ts";
import type { Changes, Parameter, ParameterValue } from "./parameters.ts";
import { cellSamples, claimCases, scopeOf } from "./samples.ts";

/** Relative change from which on a value has moved; what a call takes is known to some tenths of a µs. */
const MOVED = 1e-3;
/** Change of a parameter that shows whether a cell depends on it: enough to pass a sector of the disk. */
const STEP = 0.25;

/** Files are shorter than in the comparison: what a change does to a throughput shows as well, and sooner. */
const FILE_BYTES = 1024 * 1024;

/** The simulated value of the cell or of the first case of the claim `id`, in one run with `changes`; undefined when nothing simulates it. */
export function simulatedValue(id: string, changes: Changes = {}): number | undefined {
  const scope = scopeOf({ seeds: [1], changes, fileBytes: FILE_BYTES });
  const cell = cellById.get(id);
  if (cell !== undefined) return cellSamples(cell, scope)?.[0];
  return claimsById.has(id) ? claimCases(id, scope)[0]?.samples[0] : undefined;
}

/** Other values of `parameter` that a test of dependence tries: up and down, or the other choices. */
export function otherValues({ key, value, choices, whole, range }: Parameter): ParameterValue[] {
  if (choices !== undefined) return choices.filter((choice) => choice !== value);
  const number = value as number;
  if (whole === true && key.endsWith("Bytes")) return [number * 2, number / 2];
  const step = whole === true ? Math.max(1, Math.round(number * STEP)) : number === 0 ? (range?.[1] ?? 10) : number * STEP;
  return [number + step, number - step].filter((one) => one >= 0);
}

/** Whether the cell or claim `id` moves when `parameter` is changed; values with which the system cannot run are passed over. */
export function movesWith(id: string, parameter: Parameter): boolean {
  const before = simulatedValue(id);
  if (before === undefined) return false;
  return otherValues(parameter).some((value) => {
    const after = tryValue(id, { [parameter.id]: value });
    return after !== undefined && Math.abs(after - before) > MOVED * Math.abs(before);
  });
}

/** The simulated value of `id` with `changes`; undefined when these are not allowed. */
export function tryValue(id: string, changes: Changes): number | undefined {
  return tryValues([id], changes)?.[0];
}

/** The simulated values of all `ids` with `changes`; undefined when these are not allowed. */
export function tryValues(ids: readonly string[], changes: Changes): number[] | undefined {
  try {
    return ids.map((id) => simulatedValue(id, changes)!);
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

const cellById = new Map(paperCells.map((cell) => [cell.id, cell]));
const claimsById = new Map(claims.map((one) => [one.id, one]));
