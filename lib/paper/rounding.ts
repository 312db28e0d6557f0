/**
 * What a printed number says about the value behind it.
 *
 * Layer: paper. The tables of section 5 print two to five digits, and a simulated
 * value agrees with a cell when it lies where it would have been printed the same.
 * A digit after the point always counts: 10.0 lies between 9.95 and 10.05. Zeros at
 * the end of a whole number do not tell by themselves whether they were measured,
 * so the company of the number is asked: see `printedStep`.
 */

/** The lowest and the highest value that a printed number can stand for. */
export type Interval = readonly [low: number, high: number];

/**
 * The step in which `printed`, a plain decimal number, counts.
 *
 * With digits after the point it is the last of them. A whole number that does not
 * end in 0 counts in ones. One that ends in 0 counts in tens, unless it and all of
 * `company` (numbers of the same quantity, printed in the same row for the same
 * machine) end in more zeros: 300 beside 320 is 295 to 305, 900 beside 900 is 850 to
 * 950, and 40 beside 61 is 35 to 45.
 */
export function printedStep(printed: string, company: readonly string[] = [printed]): number {
  const own = lastPlace(printed);
  if (own <= 1) return own;
  return Math.max(10, Math.min(own, ...company.map(lastPlace)));
}

/** The values that would be printed as `value` when printing in `step`s: half a step to either side. */
export function printedInterval(value: number, step: number): Interval {
  return [tidy(value - step / 2), tidy(value + step / 2)];
}

/** The place of the last digit that certainly counts: 12.5 has 0.1, 10.0 has 0.1, 316 has 1, 1300 has 100. */
function lastPlace(printed: string): number {
  const [whole, decimals] = printed.split(".");
  if (decimals !== undefined) return Number(`1e-${decimals.length}`);
  const zeros = /0*$/.exec(whole)![0].length;
  return zeros === whole.length ? 1 : 10 ** zeros;
}

/** Without the dust of binary fractions: 14.85 for 14.850000000000001. */
function tidy(value: number): number {
  return Number(value.toPrecision(12));
}
