/**
 * Samples of the unit cube: a Latin hypercube, a Sobol sequence, the design of Saltelli.
 *
 * Layer: analysis. McKay, Beckman and Conover 1979; Sobol 1967; Saltelli et al. 2010.
 */
import { RandomStream } from "../../engine/index.ts";
import { InputError } from "../../schema/index.ts";
import { sobolPoints } from "./sobol-sequence.ts";
import type { Sample } from "./spec.ts";

/** Points in the unit cube, the coordinates of one after those of the other. */
export interface SampledPoints {
  count: number;
  coordinates: Float64Array;
}

/** Of one sample: half a gigabyte. */
const MOST_COORDINATES = 2 ** 26;

/**
 * The sample that `sample` describes in `dimensions` dimensions.
 * @throws InputError for more points than there is room for.
 */
export function samplePoints({ method, points }: Sample, dimensions: number, seed: number): SampledPoints {
  const most = Math.floor(MOST_COORDINATES / dimensions / (method === "saltelli" ? saltelliRow(dimensions) : 1));
  if (points > most) throw new InputError(`sample: points: expected ${most} at most, for ${method} from as many ranges as here, ${dimensions}; found ${points}`);
  if (method === "saltelli") return saltelli(points, dimensions, seed);
  return { count: points, coordinates: method === "sobol" ? sobolPoints(points, dimensions, seed) : latinHypercube(points, dimensions, seed) };
}

/** In each dimension one point in each of `count` equal slices, at chance within it. */
function latinHypercube(count: number, dimensions: number, seed: number): Float64Array {
  const coordinates = new Float64Array(count * dimensions);
  for (let d = 0; d < dimensions; d++) {
    const chance = new RandomStream(seed, `Latin hypercube ${d}`);
    const slices = Array.from({ length: count }, (_, i) => i);
    for (let i = count - 1; i > 0; i--) {
      const j = chance.integer(0, i);
      [slices[i], slices[j]] = [slices[j]!, slices[i]!];
    }
    for (let i = 0; i < count; i++) coordinates[i * dimensions + d] = (slices[i]! + chance.uniform()) / count;
  }
  return coordinates;
}

/** How many points of the design of Saltelli come from one row of its matrices A and B. */
export const saltelliRow = (dimensions: number): number => dimensions + 2;

/** For each row of two matrices A and B: A, B, and A with one column after the other from B. */
function saltelli(rows: number, dimensions: number, seed: number): SampledPoints {
  const base = sobolPoints(rows, 2 * dimensions, seed);
  const perRow = saltelliRow(dimensions);
  const coordinates = new Float64Array(rows * perRow * dimensions);
  for (let row = 0; row < rows; row++) {
    const a = base.subarray(2 * row * dimensions, (2 * row + 1) * dimensions);
    const b = base.subarray((2 * row + 1) * dimensions, (2 * row + 2) * dimensions);
    const at = (point: number) => (row * perRow + point) * dimensions;
    coordinates.set(a, at(0));
    coordinates.set(b, at(1));
    for (let d = 0; d < dimensions; d++) {
      coordinates.set(a, at(2 + d));
      coordinates[at(2 + d) + d] = b[d]!;
    }
  }
  return { count: rows * perRow, coordinates };
}
