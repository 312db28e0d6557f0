/**
 * Places in a text, counted as Jupyter counts and as JavaScript does.
 *
 * Layer: notebook. The protocol counts Unicode code points, JavaScript UTF-16 units;
 * they differ behind characters such as 𝜇 or an emoji.
 */

/** The UTF-16 offset of the place that lies `points` code points into `text`. */
export function fromCodePoints(text: string, points: number): number {
  return [...text].slice(0, points).join("").length;
}

/** The code points of `text` before the UTF-16 offset `units`. */
export function toCodePoints(text: string, units: number): number {
  return [...text.slice(0, units)].length;
}
