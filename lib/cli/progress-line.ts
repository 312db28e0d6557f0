/**
 * How far a sweep is, on one line of the terminal that moves; where nobody looks, a line now and then.
 *
 * Layer: cli; cli-progress. On stderr, so that what the command gives can be piped.
 */
import cliProgress from "cli-progress";
import type { SweepProgress } from "../analysis/sweep/index.ts";

const FORMAT = "{bar} {value}/{total} points{rest}";
/** Without a terminal there is a line this often. */
const SAY_MS = 10_000;

export class ProgressLine {
  #bar: cliProgress.SingleBar | undefined = undefined;
  #said = performance.now();
  #ended = false;

  show(progress: SweepProgress): void {
    if (this.#ended) return;
    if (process.stderr.isTTY === true) this.#move(progress);
    else if (performance.now() - this.#said > SAY_MS) {
      this.#said = performance.now();
      console.error(`${progress.done}/${progress.total} points${rest(progress)}`);
    }
  }

  /** Nothing moves any more. */
  end(): void {
    this.#ended = true;
    this.#bar?.stop();
  }

  #move(progress: SweepProgress): void {
    if (this.#bar === undefined) {
      this.#bar = new cliProgress.SingleBar({ format: FORMAT, stream: process.stderr, barsize: 30, hideCursor: true }, cliProgress.Presets.shades_classic);
      this.#bar.start(progress.total, progress.done, { rest: "" });
    }
    this.#bar.update(progress.done, { rest: rest(progress) });
  }
}

function rest({ failed, ratePerS, secondsLeft, workers }: SweepProgress): string {
  const parts = [
    failed > 0 ? `${failed} failed` : "",
    workers === undefined ? "" : `${workers} ${workers === 1 ? "worker" : "workers"}`,
    ratePerS === undefined ? "" : `${ratePerS.toPrecision(3)}/s`,
    secondsLeft === undefined ? "" : `${duration(secondsLeft)} left`,
  ];
  return parts.filter((part) => part !== "").map((part) => `, ${part}`).join("");
}

function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const units = [" h", " min", " s"];
  const first = parts.findIndex((part) => part > 0);
  if (first < 0) return "0 s";
  return parts.slice(first, first + 2).map((part, i) => `${part}${units[first + i]}`).join(" ");
}
