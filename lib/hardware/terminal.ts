/**
 * A terminal: somebody at a keyboard and a screen, at the end of a serial line.
 *
 * Layer: hardware. Each character takes its time on the line, in either direction. What
 * is typed comes at the pace of a typist, and not all at once; what the machine sends
 * shows on the screen.
 */
import { z } from "zod";
import { usToNs } from "../engine/index.ts";
import type { Simulation } from "../engine/index.ts";
import { check } from "../schema/index.ts";

const typing = z.strictObject({
  /** From now, or from the last key that is still to be pressed, to the first. */
  afterMs: z.number().min(0).default(0),
  /** From one key to the next. */
  betweenMs: z.number().min(0).default(120),
});
export type TypingOptions = z.input<typeof typing>;

const RETURN = "\r";

export class Terminal {
  /** What the machine gets a character with when it has come over the line. */
  received: (byte: number) => void = () => {};
  readonly #sim: Simulation;
  readonly #characterNs: number;
  readonly #shown: number[] = [];
  #lastKeyNs = 0;

  /** A character takes `characterNs` on the line. */
  constructor(sim: Simulation, characterNs: number) {
    this.#sim = sim;
    this.#characterNs = characterNs;
  }

  /** All that has been shown, control characters included: a new line is "\r\n". */
  get screen(): string {
    return Buffer.from(this.#shown).toString("latin1");
  }

  /**
   * Somebody types `text`, key by key, after what was typed before; "\n" is the return key.
   * The keys are pressed when the simulation runs.
   * @param text characters of Latin-1; "\b" erases one, "\x15" (Ctrl-U) the line, "\x04" (Ctrl-D) ends the input.
   * @throws InputError for a pace that is none.
   */
  type(text: string, options: TypingOptions = {}): void {
    const { afterMs, betweenMs } = check(typing, options, "typing");
    const keys = Buffer.from(text.replaceAll("\n", RETURN), "latin1");
    let timeNs = Math.max(this.#sim.now, this.#lastKeyNs) + usToNs(1000 * afterMs);
    for (const key of keys) {
      timeNs += usToNs(1000 * betweenMs);
      this.#sim.at(timeNs + this.#characterNs, () => this.received(key));
    }
    this.#lastKeyNs = timeNs;
  }

  /** The machine sends `byte`, and `sent` is called when the line is free again. */
  transmit(byte: number, sent: () => void): void {
    this.#sim.after(this.#characterNs, () => {
      this.#shown.push(byte);
      sent();
    });
  }
}
