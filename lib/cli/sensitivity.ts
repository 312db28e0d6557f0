/**
 * npm run sensitivity: how far each fitted or assumed value can be wrong before a cell changes.
 *
 * Layer: cli. It takes some minutes, goes on where it was when it is stopped and started
 * again, and writes data/sensitivity.json.
 */
import { join } from "node:path";
import { SingleBar } from "cli-progress";
import { Journal, sensitivity as all, STAYS, together, tryValues, uncertain, writeAll } from "../analysis/index.ts";
import type { ParameterSensitivity, SensitivityRecord, Simulate } from "../analysis/index.ts";
import { projectRoot } from "../notebook/places.ts";
import { digits, percent as change } from "../plots/compared.ts";
import { machineNames, systemNames } from "../systems/boot.ts";
import { paint, percent, table, wrap } from "./output.ts";

const DATA = new URL("../../data/", import.meta.url);

/** Measures, writes the record and prints it; with `--json` prints the record and nothing else. */
export function sensitivity({ json = false }: { json?: boolean }): void {
  const journal = new Journal(join(projectRoot, "build/calibration/sensitivity.jsonl"), "sensitivity", [...machineNames.map((name) => `machines/${name}.json`), ...systemNames.map((name) => `systems/${name}.json`)]);
  const simulate: Simulate = (cells, changes) => journal.look(JSON.stringify([cells.length, cells[0], changes]), () => tryValues(cells, changes));
  const bar = new SingleBar({ format: "{bar} {value}/{total} parameters, {eta_formatted} left", clearOnComplete: true });
  bar.start(uncertain.length, 0);
  const record: SensitivityRecord = { stays: STAYS, parameters: all(uncertain, simulate, (done) => bar.update(done)), together: together(simulate) };
  bar.stop();
  writeAll(new Map([["sensitivity.json", `${compact(record)}\n`]]), DATA);
  if (json) console.log(JSON.stringify(record, null, 2));
  else print(record);
}

/** JSON with one line for each cell. */
function compact({ stays, parameters, together: moved }: SensitivityRecord): string {
  const line = (value: unknown) => JSON.stringify(value).replaceAll('":', '": ').replaceAll(",", ", ");
  const one = ({ cells, ...head }: ParameterSensitivity) => {
    const lines = cells.map((cell) => `        ${line(cell)}`);
    return `    { ${line(head).slice(1, -1)}, "cells": [${lines.length > 0 ? `\n${lines.join(",\n")}\n      ` : ""}] }`;
  };
  return `{\n  "stays": ${stays},\n  "parameters": [\n${parameters.map(one).join(",\n")}\n  ],\n  "together": [\n${moved.map((row) => `    ${line(row)}`).join(",\n")}\n  ]\n}`;
}

function print({ parameters, together: moved }: SensitivityRecord): void {
  const moving = parameters.filter(({ cells }) => cells.length > 0);
  console.log(paint("bold", "Cells that leave 5 % somewhere in a parameter's range"));
  const rows = moving.flatMap(({ parameter, value, tried, cells }) =>
    cells
      .filter(({ staysFrom, staysTo, changes }) => (staysFrom === undefined ? changes.some((one) => one === null || Math.abs(one) > STAYS) : staysFrom > (tried[0] as number) || staysTo! < (tried[1] as number)))
      .map(({ id, staysFrom, staysTo, changes }, i) => [
        i === 0 ? `${parameter}, ${shown(value)}` : "",
        id.split(" | ").slice(0, 3).join(" | "),
        staysFrom === undefined ? "" : `${digits(staysFrom)}–${digits(staysTo!)}`,
        changes.map((one, k) => `${one === null ? "does not run" : change(one)} at ${shown(tried[k])}`).join(", "),
      ]),
  );
  console.log(table([{ heading: "parameter", width: 30 }, { heading: "cell", width: 26 }, { heading: "stays", align: "right" }, { heading: "change", width: 24 }], rows));
  console.log();
  console.log(wrap(`${moving.length} of ${parameters.length} fitted or assumed parameters move any cell by more than 0.2 % somewhere in their ranges.`));
  console.log();
  console.log(paint("bold", "All continuous parameters moved together, each within its range"));
  console.log(table(
    [{ heading: "times" }, { heading: "evidence" }, ...["median error", "worst", "worst of those met"].map((heading) => ({ heading, align: "right" as const }))],
    moved.flatMap(({ factor, median, worst, worstOfMet }) =>
      (["fitted", "predicted"] as const).map((kind, i) => [i === 0 ? String(factor) : "", kind, percent(median[kind]!), percent(worst[kind]!), percent(worstOfMet[kind]!)])),
  ));
  console.log("Met: within 10 % as the data are. Throughput stands for the time of its place.");
}

const shown = (value: unknown): string => (typeof value === "number" ? digits(value) : String(value));
