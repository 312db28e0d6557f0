/** Quantities with unit, kind and source, parameter files made of them, and the checking of all that comes from outside. */
export { check, InputError, withoutAddresses } from "./check.ts";
export { nearest, suggest } from "./nearest.ts";
export { amount, choice, flag, override, parameterOverrides, parameters, valueSchema, whole } from "./parameters.ts";
export type { Derived, Leaf, Overrides, Parameters, Provenance, Shape, Values } from "./parameters.ts";
export { kinds, quantity, units } from "./quantity.ts";
export type { Kind, Quantity, Unit } from "./quantity.ts";
