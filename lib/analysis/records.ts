/**
 * The records that calibration, sensitivity and validation left in data/, for those who want to
 * see them without running them anew, and rows of what they say.
 *
 * Layer: analysis.
 */
import { InputError, suggest } from "../schema/index.ts";
import { machineNames } from "../systems/boot.ts";
import type { MachineName } from "../systems/boot.ts";
import { readData } from "../systems/data-files.ts";
import type { CalibrationRecord } from "./calibrate/calibrate.ts";
import { parameter } from "./parameters.ts";
import type { ParameterValue } from "./parameters.ts";
import type { Validation } from "./report.ts";
import type { SensitivityRecord } from "./sensitivity.ts";

/**
 * How the fitted values of `machine` were found: bounds, history, result, and what was left out: data/calibration.
 * @throws InputError for a machine that does not exist.
 */
export function calibrationRecord(machine: MachineName): CalibrationRecord {
  if (!machineNames.includes(machine)) throw new InputError(`unknown machine "${machine}"${suggest(machine, machineNames)}`);
  return readData(`calibration/${machine}.json`) as CalibrationRecord;
}

/** How far each fitted or assumed value can be wrong: data/sensitivity.json. */
export function sensitivityRecord(): SensitivityRecord {
  return readData("sensitivity.json") as SensitivityRecord;
}

/** What npm run validate gave: data/validation.json. */
export function validationRecord(): Validation {
  return readData("validation.json") as Validation;
}

/** A fitted value: where in its range it came to lie, and on which cells and claims. */
export interface FittedValue {
  parameter: string;
  value: ParameterValue;
  /** Its range or its choices. */
  among: string;
  on: string;
}

/** All fitted values of the machines and of the systems on them. */
export function fittedValues(): FittedValue[] {
  return machineNames.flatMap((machine) => {
    const { bounds, result } = calibrationRecord(machine);
    return Object.entries(result.values).map(([id, value]) => {
      const among = typeof value === "number" ? bounds[id]!.join(" to ") : bounds[id]!.join(" or ");
      return { parameter: id, value, among, on: parameter(id).cells.join("; ") };
    });
  });
}

/** How well the fitted values of one machine meet their cells, as they are and with all continuous parameters times a factor; errors in percent, from the edge of the paper's rounding. */
export interface PlateauRow {
  machine: MachineName;
  times: number;
  "worst error (%)": number;
}

/** Whether the fits stand on plateaus. */
export function plateaus(): PlateauRow[] {
  return machineNames.flatMap((machine) => {
    const { worstError, moved } = calibrationRecord(machine).result;
    return [{ factor: 1, worstError }, ...moved]
      .sort((a, b) => a.factor - b.factor)
      .map((one) => ({ machine, times: one.factor, "worst error (%)": inPercent(one.worstError) }));
  });
}

/** A cell that the fit was not shown. */
export interface LeftOutRow {
  machine: MachineName;
  /** The table, or of a machine's only table the column, that was left out. */
  left: string;
  cell: string;
  paper: number;
  simulated: number;
  "error (%)": number;
}

/** What fits without one table give for it. */
export function leftOutCells(): LeftOutRow[] {
  return machineNames.flatMap((machine) =>
    calibrationRecord(machine).leftOut.flatMap(({ left, cells }) =>
      cells
        .filter(({ id }) => id.endsWith("/s")) // its time is the same measurement
        .map(({ id, paper, simulated, error }) => ({ machine, left, cell: id, paper, simulated: Number(simulated.toPrecision(4)), "error (%)": inPercent(error) })),
    ),
  );
}

const inPercent = (ratio: number): number => Number((100 * ratio).toFixed(1));
