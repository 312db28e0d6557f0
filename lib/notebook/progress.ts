/**
 * A progress bar below a long cell: how much is done, how fast, and how long it still takes.
 *
 * Layer: notebook. It moves in place. What is left of it in the stored output is the
 * count alone, for speeds differ from run to run.
 */
import { display, isInterrupted } from "./display.ts";
import { escapeHtml } from "./table.ts";

/** How far a long work is. */
export interface Progress {
  done: number;
  total: number;
  failed?: number;
  /** Left out, the bar measures by itself. */
  ratePerS?: number;
  secondsLeft?: number;
}

export interface ProgressBarOptions {
  /** What is counted. */
  unit?: string;
  /** What is being done. */
  label?: string;
}

/** A reader sees no faster, and each move is a message. */
const MOVE_MS = 200;
const TEXT_WIDTH = 30;

/**
 * Shows a bar below the running cell and returns what moves it: hand it to long work as
 * `onProgress`. The last call, with `done` equal to `total` or after an interruption, leaves the count.
 */
export function progressBar({ unit = "runs", label = "" }: ProgressBarOptions = {}): (progress: Progress) => void {
  let shown: ReturnType<typeof display> | undefined;
  let first: { done: number; ms: number } | undefined;
  let movedMs = -Infinity;
  return (progress) => {
    const nowMs = performance.now();
    const isLast = progress.done >= progress.total || isInterrupted();
    if (!isLast && nowMs - movedMs < MOVE_MS) return;
    movedMs = nowMs;
    // What was done before the first call may be older: a sweep that goes on where it was stopped.
    first ??= { done: progress.done, ms: nowMs };
    const measuredPerS = (1000 * (progress.done - first.done)) / (nowMs - first.ms);
    const bundle = bar(progress, progress.ratePerS ?? measuredPerS, { unit, label }, isLast);
    if (shown === undefined) shown = display(bundle);
    else shown.update(bundle);
  };
}

function bar({ done, total, failed = 0, secondsLeft }: Progress, perS: number, { unit, label }: Required<ProgressBarOptions>, isLast: boolean): Record<string, string> {
  const part = total > 0 ? Math.min(1, done / total) : 1;
  const pace = isLast || !(perS > 0) ? "" : `, ${speed(perS)} ${unit}/s, ${duration(secondsLeft ?? (total - done) / perS)} left`;
  const says = `${label === "" ? "" : `${label}: `}${done} of ${total} ${unit}${failed === 0 ? "" : `, ${failed} failed`}${pace}`;
  const filled = Math.round(part * TEXT_WIDTH);
  return {
    "text/html": `<progress value="${done}" max="${total}" style="width: 20em; vertical-align: middle"></progress> ${escapeHtml(says)}`,
    "text/plain": `${"█".repeat(filled)}${"░".repeat(TEXT_WIDTH - filled)} ${says}`,
  };
}

function speed(perS: number): string {
  return perS >= 10 ? perS.toFixed(0) : perS.toFixed(1);
}

function duration(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min ${Math.round(seconds % 60)} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
