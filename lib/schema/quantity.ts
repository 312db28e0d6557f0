/**
 * Quantities: every number of the models is data that says what it is.
 *
 * A quantity has a value, a unit, a kind and a source. The kind tells how far to
 * trust it, and `cells` names the cells of the paper's tables that it was taken
 * from or fitted on, so that the comparison can say of each cell whether it is
 * input, fitted or predicted.
 */
import { z } from "zod";

/**
 * measured: the paper prints it; derived: arithmetic on printed values (`how`);
 * fitted: chosen so that the simulation meets `cells`; assumed: a judgement, with
 * the `range` in which it could lie; chosen: set by the user for a what-if.
 */
export const kinds = ["measured", "derived", "fitted", "assumed", "chosen"] as const;
export type Kind = (typeof kinds)[number];

/** Units that quantities may have; KB is 1024 bytes. */
export const units = ["us", "ms", "Hz", "rpm", "bytes", "KB", "MB", "sectors", "cylinders", "heads", "blocks", "pages", "percent", "count", "times"] as const;
export type Unit = (typeof units)[number];

/** Bounds of a number: not less than `min` (0), not more than `max`, a whole number if `integer`, and a multiple of `multipleOf`. */
export interface Bounds {
  min?: number;
  max?: number;
  integer?: boolean;
  multipleOf?: number;
}

/** The schema of a plain number within bounds. */
export function bounded({ min = 0, max = Infinity, integer = false, multipleOf }: Bounds) {
  const least = integer ? z.int().min(min) : z.number().min(min);
  const number = max === Infinity ? least : least.max(max);
  return multipleOf === undefined ? number : number.multipleOf(multipleOf);
}

/** What every value says of itself; see `kinds`. */
export const provenanceFields = {
  kind: z.enum(kinds),
  source: z.string().min(1),
  how: z.string().optional(),
  cells: z.array(z.string()).optional(),
};

interface Sourced {
  kind: Kind;
  how?: string | undefined;
  cells?: string[] | undefined;
}

/** Adds an issue if the provenance lacks what its kind requires. */
export function soundProvenance(value: Sourced, context: z.core.$RefinementCtx): void {
  const fault = (path: string, message: string) => context.addIssue({ code: "custom", path: [path], message });
  if (value.kind === "derived" && value.how === undefined) fault("how", "a derived value says how it was derived");
  if ((value.kind === "measured" || value.kind === "fitted") && value.cells === undefined) fault("cells", `a ${value.kind} value names its cells`);
}

/** The schema of a quantity in `unit` within `bounds`. */
export function quantity(unit: Unit, bounds: Bounds = {}) {
  return z
    .strictObject({
      value: bounded(bounds),
      unit: z.literal(unit),
      ...provenanceFields,
      range: z.tuple([z.number(), z.number()]).optional(),
    }, `expected a quantity { value, unit: "${unit}", kind, source }`)
    .superRefine((q, context) => {
      soundProvenance(q, context);
      const fault = (path: string, message: string) => context.addIssue({ code: "custom", path: [path], message });
      if (q.range === undefined) {
        if (q.kind === "assumed" || q.kind === "fitted") fault("range", `the range of values that are ${q.kind}`);
      } else if (q.range[0] > q.range[1]) fault("range", "expected the lower end first");
      else if (q.value < q.range[0] || q.value > q.range[1]) fault("value", `expected a value within its range, ${q.range[0]} to ${q.range[1]}`);
    });
}

export type Quantity = z.output<ReturnType<typeof quantity>>;
