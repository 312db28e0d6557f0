/**
 * The Sobol sequence: points that fill the unit cube more evenly than chance does.
 *
 * Layer: analysis; Joe and Kuo 2008, Antonov and Saleev 1979. The one package of it in
 * the registry shifts 52-bit numbers in 32-bit arithmetic, so it is made here.
 */
import { readFileSync } from "node:fs";
import { RandomStream } from "../../engine/index.ts";
import { InputError } from "../../schema/index.ts";

const BITS = 32;

/** Of each dimension from the second on: coefficients of its polynomial, initial direction numbers. */
const table = (JSON.parse(readFileSync(new URL("joe-kuo.json", import.meta.url), "utf8")) as { dimensions: [number, number[]][] }).dimensions;

/** How many dimensions a point can have. */
export const SOBOL_DIMENSIONS = table.length + 1;

/**
 * The first `count` points in `dimensions` dimensions, one after the other, each coordinate in [0, 1).
 * @param seed of a shift of the digits, which keeps the points as even and makes them independent of other seeds' (Owen 1998); without one the sequence as it is.
 * @throws InputError for more dimensions than there are direction numbers for.
 */
export function sobolPoints(count: number, dimensions: number, seed?: number): Float64Array {
  if (dimensions > SOBOL_DIMENSIONS) throw new InputError(`Sobol sequence: ${dimensions} dimensions, at most ${SOBOL_DIMENSIONS} can be had`);
  const points = new Float64Array(count * dimensions);
  for (let d = 0; d < dimensions; d++) {
    const directions = directionsOf(d);
    let x = seed === undefined ? 0 : new RandomStream(seed, `Sobol ${d}`).integer(0, 2 ** BITS - 1);
    for (let i = 0; i < count; i++) {
      points[i * dimensions + d] = (x >>> 0) / 2 ** BITS;
      x ^= directions[Math.clz32(~i & (i + 1)) ^ 31]!; // Gray code: the lowest bit of i that is 0 changes
    }
  }
  return points;
}

/** The direction numbers of dimension `d`, of which the first has the highest bit. */
function directionsOf(d: number): number[] {
  if (d === 0) return Array.from({ length: BITS }, (_, i) => 1 << (BITS - 1 - i));
  const [polynomial, initial] = table[d - 1]!;
  const degree = initial.length;
  const directions = initial.map((m, i) => m << (BITS - 1 - i));
  for (let i = degree; i < BITS; i++) {
    let next = directions[i - degree]! ^ (directions[i - degree]! >>> degree);
    for (let k = 1; k < degree; k++) if ((polynomial >> (degree - 1 - k)) & 1) next ^= directions[i - k]!;
    directions.push(next);
  }
  return directions;
}
