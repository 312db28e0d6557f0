/**
 * The records that calibration and sensitivity left in data/, for those who want to see them without running them anew.
 *
 * Layer: analysis.
 */
import { InputError, suggest } from "../schema/index.ts";
import { machineNames } from "../systems/boot.ts";
import type { MachineName } from "../systems/boot.ts";
import { readData } from "../systems/data-files.ts";
import type { CalibrationRecord } from "./calibrate/calibrate.ts";
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
