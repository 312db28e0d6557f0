/**
 * Reading the data files of machines and systems.
 *
 * Layer: systems.
 */
import { readFileSync } from "node:fs";
import { InputError } from "../schema/index.ts";

const DATA = new URL("../../data/", import.meta.url);

/**
 * The parsed JSON of data/`path`.
 * @throws InputError when there is no such file, or it is not JSON.
 */
export function readData(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(new URL(path, DATA), "utf8");
  } catch {
    throw new InputError(`data/${path}: no such file`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InputError(`data/${path}: not JSON (${(error as Error).message.replaceAll(/\s*\n\s*/g, " ")})`);
  }
}
