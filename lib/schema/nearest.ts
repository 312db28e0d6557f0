/** The nearest valid name, for errors that say what was probably meant. */
import { closest } from "fastest-levenshtein";

/** The one of `names` that is spelled most like `word`; undefined when there are none. */
export function nearest(word: string, names: readonly string[]): string | undefined {
  return names.length === 0 ? undefined : closest(word, names as string[]);
}

/** The tail of an error about the unknown `word`: the nearest of the valid `names`, and all of them while they are few. */
export function suggest(word: string, names: readonly string[]): string {
  const guess = nearest(word, names);
  if (guess === undefined) return "";
  return names.length <= 8 ? `; nearest is "${guess}" (of ${names.join(", ")})` : `; nearest is "${guess}"`;
}
