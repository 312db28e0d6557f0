/** Quantities with unit, kind and source, and the checking of all that comes from outside. */
export { check, InputError } from "./check.ts";
export { nearest, suggest } from "./nearest.ts";
export { kinds, quantity, units } from "./quantity.ts";
export type { Kind, Quantity, Unit } from "./quantity.ts";
