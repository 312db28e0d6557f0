/**
 * npm run calibrate: the fitted values of the machines, found anew.
 *
 * Layer: cli. It takes some minutes a machine, shows how far it is, and goes on where it
 * was when it is stopped and started again.
 */
import { join } from "node:path";
import { SingleBar } from "cli-progress";
import { calibrate as fit, writeCalibration } from "../analysis/index.ts";
import type { CalibrationProgress, CalibrationRecord, Fit } from "../analysis/index.ts";
import { projectRoot } from "../notebook/places.ts";
import { digits } from "../plots/compared.ts";
import { machineNames } from "../systems/boot.ts";
import type { MachineName } from "../systems/boot.ts";
import { paint, percent, table, wrap } from "./output.ts";

/** Calibrates `machines`, by default all, and writes what it found unless `dryRun`. */
export function calibrate(machines: readonly string[], { dryRun = false, seed, samples }: { dryRun?: boolean; seed?: string; samples?: string }): void {
  for (const machine of machines.length > 0 ? machines : machineNames) {
    const bar = progressBar();
    const { record, before } = fit(machine as MachineName, {
      journal: join(projectRoot, `build/calibration/${machine}.jsonl`),
      onProgress: bar.update,
      ...(seed !== undefined && { seed: Number(seed) }),
      ...(samples !== undefined && { samples: Number(samples) }),
    });
    bar.stop();
    print(record, before);
    const better = record.result.objective < before.objective;
    if (dryRun || !better) console.log(wrap(dryRun ? "Nothing is written." : "The values of the data files are the best that were found; only the record is written."));
    if (!dryRun) for (const path of writeCalibration(record)) console.log(`data/${path}`);
  }
}

/** A line on the terminal that tells what is done; silent when nobody looks. */
function progressBar(): { update: (progress: CalibrationProgress) => void; stop: () => void } {
  const bar = new SingleBar({ format: "{stage}: {value} points simulated, objective {best}, {duration_formatted}", noTTYOutput: false, clearOnComplete: true });
  bar.start(1, 0, { stage: "fit", best: "" });
  return {
    update: ({ stage, points, best }) => bar.update(points, { stage, best: best === undefined ? "" : percent(best) }),
    stop: () => bar.stop(),
  };
}

function print({ machine, targets, points, result, leftOut }: CalibrationRecord, before: Fit): void {
  console.log(paint("bold", `${machine}: ${targets.length} cells to be met, ${Object.keys(result.values).length} values free, ${points} points simulated`));
  const shown = (value: unknown) => (typeof value === "number" ? digits(value) : String(value));
  console.log(table(
    [{ heading: "value" }, { heading: "before", align: "right" }, { heading: "fitted", align: "right" }],
    Object.entries(result.values).map(([id, value]) => [id, shown(before.values[id]), shown(value)]),
  ));
  console.log(table(
    [{ heading: "" }, ...["objective", "median error", "worst error", "at 90 %", "95 %", "105 %", "110 %"].map((heading) => ({ heading, align: "right" as const }))],
    ([["before", before], ["fitted", result]] as const).map(([name, one]) =>
      [name, percent(one.objective), percent(one.medianError), percent(one.worstError), ...one.moved.map(({ worstError }) => percent(worstError))]),
  ));
  console.log("Errors count from the edge of what the paper's rounding allows.");
  console.log();
  console.log(table(
    [{ heading: "fitted without" }, { heading: "cells" , align: "right" }, { heading: "worst error of what was left out", align: "right" }],
    leftOut.map(({ left, cells }) => [left, String(cells.length), percent(Math.max(...cells.map(({ error }) => error)))]),
  ));
  console.log();
}
