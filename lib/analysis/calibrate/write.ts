/**
 * What a calibration leaves behind: the values in the files of machine and systems, and the record of the run.
 *
 * Layer: analysis. All texts are made before the first is written, and each file is
 * written beside its place and then moved there, so that nothing is half written.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { parameter, withFollowers } from "../parameters.ts";
import type { ParameterValue } from "../parameters.ts";
import { machineNames } from "../../systems/boot.ts";
import type { CalibrationRecord } from "./calibrate.ts";

/** Write the result of `record` into the files below `data` (by default the project's), and the record beside them; values derived from fitted ones follow. @returns the paths written, from data/ on */
export function writeCalibration(record: CalibrationRecord, data: URL = new URL("../../../data/", import.meta.url)): string[] {
  const texts = new Map<string, string>();
  for (const [id, value] of Object.entries(withFollowers(record.result.values))) {
    const { owner, group, key } = parameter(id);
    const path = `${(machineNames as readonly string[]).includes(owner) ? "machines" : "systems"}/${owner}.json`;
    texts.set(path, withValue(texts.get(path) ?? readFileSync(new URL(path, data), "utf8"), group, key, value));
  }
  texts.set(`calibration/${record.machine}.json`, `${JSON.stringify(record, null, 2)}\n`);
  writeAll(texts, data);
  return [...texts.keys()];
}

/** Write each of `texts` to its path below `folder`, all beside their places first. */
export function writeAll(texts: ReadonlyMap<string, string>, folder: URL): void {
  for (const [path, text] of texts) {
    const place = new URL(path, folder).pathname;
    mkdirSync(dirname(place), { recursive: true });
    writeFileSync(`${place}.part`, text);
  }
  for (const path of texts.keys()) renameSync(new URL(`${path}.part`, folder), new URL(path, folder));
}

/** `text`, a file of quantities one on a line, with `value` in place of that of `key` in `group`; everything else stays as it is written. */
export function withValue(text: string, group: string, key: string, value: ParameterValue): string {
  const begin = text.search(new RegExp(`^  "${group}": \\{$`, "m"));
  const end = text.indexOf("\n  }", begin);
  const line = new RegExp(`^(    "${key}": \\{ "value": )("[^"]*"|[^,]+)`, "m");
  const body = text.slice(begin, end);
  if (begin < 0 || !line.test(body)) throw new Error(`no ${group}.${key} in the file`);
  return text.slice(0, begin) + body.replace(line, (_, before: string) => before + JSON.stringify(value)) + text.slice(end);
}
