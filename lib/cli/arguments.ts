/** Values of arguments. Layer: cli. */
import { InputError, withoutAddresses } from "../schema/index.ts";

/** The whole number, at least 1, that `text` gives to the option `name`. */
export function countOf(name: string, text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InputError(`${name}: expected a whole number, at least 1, found "${withoutAddresses(text)}"`);
  return Number(text);
}
