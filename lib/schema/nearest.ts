/** The nearest valid name, for errors that say what was probably meant. */
import { closest } from "fastest-levenshtein";

/** The one of `names` that begins with `word`, else the one spelled most like it; undefined when there are none. */
export function nearest(word: string, names: readonly string[]): string | undefined {
  if (names.length === 0) return undefined;
  return names.find((name) => name.startsWith(word)) ?? closest(word, names as string[]);
}

/** The tail of an error about the unknown `word`: the nearest of the valid `names`, and all of them if they are few. */
export function suggest(word: string, names: readonly string[]): string {
  const guess = nearest(word, names);
  if (guess === undefined) return "";
  return names.length > 1 && names.length <= 8 ? `; nearest is "${guess}" (of ${names.join(", ")})` : `; nearest is "${guess}"`;
}
