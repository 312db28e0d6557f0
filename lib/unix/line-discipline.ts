/**
 * Canonical input: what is typed becomes lines, and can be corrected until the line ends.
 *
 * Layer: unix. As the line discipline of a terminal does it: erase, kill and end-of-file
 * characters, echo, and a limit to what may wait, all as today's hosts do it. Output
 * turns "\n" into "\r\n".
 */

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const BELL = 0x07;
const BACKSPACE = 0x08;
const DELETE = 0x7f;
/** Ctrl-U and Ctrl-D. */
const KILL = 0x15;
const END_OF_FILE = 0x04;

/** Characters that may wait to be read; further ones ring the bell. */
export const MOST_INPUT = 256;

export class LineDiscipline {
  readonly #echo: (bytes: readonly number[]) => void;
  #line: number[] = []; // the line that is being typed
  readonly #lines: number[][] = []; // those that are complete; an empty one is the end of the input

  /** What is typed is given to `echo` as it is to be seen. */
  constructor(echo: (bytes: readonly number[]) => void) {
    this.#echo = echo;
  }

  /** Whether there is a line to be read. */
  get ready(): boolean {
    return this.#lines.length > 0;
  }

  /** A character was typed. */
  receive(typed: number): void {
    const byte = typed === RETURN ? NEWLINE : typed;
    if (byte === BACKSPACE || byte === DELETE) {
      const erased = this.#line.pop();
      if (erased !== undefined) for (const _ of shown(erased)) this.#echo([BACKSPACE, 0x20, BACKSPACE]);
    } else if (byte === KILL) {
      if (this.#line.length > 0) this.#echo([...shown(byte), ...cooked([NEWLINE])]);
      this.#line = [];
    } else if (byte === END_OF_FILE) this.#complete();
    else if (byte !== NEWLINE && this.#waiting >= MOST_INPUT - 1) this.#echo([BELL]); // room stays for the end of the line
    else {
      this.#line.push(byte);
      this.#echo(byte === NEWLINE ? cooked([NEWLINE]) : shown(byte));
      if (byte === NEWLINE) this.#complete();
    }
  }

  /** Up to `count` bytes of the first line; none is the end of the input. Only if it is ready. */
  take(count: number): readonly number[] {
    const line = this.#lines[0]!;
    const taken = line.splice(0, count);
    if (line.length === 0) this.#lines.shift();
    return taken;
  }

  get #waiting(): number {
    return this.#lines.reduce((sum, { length }) => sum + length, this.#line.length);
  }

  #complete(): void {
    this.#lines.push(this.#line);
    this.#line = [];
  }
}

/** `bytes` as a terminal needs them. */
export const cooked = (bytes: readonly number[]): number[] => bytes.flatMap((byte) => (byte === NEWLINE ? [RETURN, NEWLINE] : [byte]));

/** How a character is echoed: control characters as "^A". */
const shown = (byte: number): number[] => (byte < 0x20 || byte === DELETE ? [0x5e, byte ^ 0x40] : [byte]);
