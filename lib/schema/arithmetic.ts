/**
 * The arithmetic of derived values: sums and products of numbers and of other values' names.
 *
 * A derived value says how it follows, "390 - 79 - 61 - bmapUs - nucleus.sgReadUs". So
 * it can be checked, and it follows when a what-if changes a value that it is made of.
 */

/** A number, or the name of a value: in the same group, or with its group before it. */
const TERM = /[A-Za-z]\w*(?:\.\w+)?|\d+(?:\.\d+)?/g;

/** The names that `how` speaks of. */
export function namesIn(how: string): string[] {
  return (how.match(TERM) ?? []).filter((term) => !/^\d/.test(term));
}

/** What `how` comes to, with `valueOf` for each name; products before sums, else from left to right. */
export function evaluate(how: string, valueOf: (name: string) => number): number {
  const number = (term: string) => (/^\d/.test(term) ? Number(term) : valueOf(term));
  const product = (text: string) =>
    text
      .split(/(?=[*/])/)
      .map((factor) => ({ divide: factor.startsWith("/"), value: number(factor.replace(/^[*/]/, "")) }))
      .reduce((result, { divide, value }) => (divide ? result / value : result * value), 1);
  return how
    .replaceAll(" ", "")
    .split(/(?=[+-])/)
    .reduce((sum, text) => sum + (text.startsWith("-") ? -1 : 1) * product(text.replace(/^[+-]/, "")), 0);
}
