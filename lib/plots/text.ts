/** Text in figures. Layer: plots. */

/** A time as a reader wants it: µs below one ms, else ms. */
export function shortTime(us: number): string {
  return us < 1000 ? `${us.toFixed(0)} µs` : `${(us / 1000).toFixed(2)} ms`;
}

/** The words in lines of so many characters at most, broken at spaces. */
export function wrapped(words: string, characters: number): string[] {
  const lines: string[] = [];
  for (const word of words.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= characters) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
