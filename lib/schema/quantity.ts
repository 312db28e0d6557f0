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

/** Units that quantities may have; a value is always in the unit named, KB is 1024 bytes. */
export const units = ["us", "ms", "MHz", "Hz", "rpm", "bytes", "KB", "MB", "sectors", "cylinders", "heads", "blocks", "revolutions", "percent", "us/32bytes", "count"] as const;
export type Unit = (typeof units)[number];

export interface Quantity {
  value: number;
  unit: Unit;
  kind: Kind;
  source: string;
  how?: string | undefined;
  cells?: string[] | undefined;
  range?: [number, number] | undefined;
}

/** The schema of a quantity in `unit`, not less than `min` (0), a whole number if `integer`. */
export function quantity(unit: Unit, { min = 0, integer = false }: { min?: number; integer?: boolean } = {}) {
  const value = integer ? z.int().min(min) : z.number().min(min);
  return z
    .strictObject({
      value,
      unit: z.literal(unit),
      kind: z.enum(kinds),
      source: z.string().min(1),
      how: z.string().optional(),
      cells: z.array(z.string()).optional(),
      range: z.tuple([z.number(), z.number()]).optional(),
    })
    .superRefine((q, context) => {
      const fault = (path: string, message: string) => context.addIssue({ code: "custom", path: [path], message });
      if (q.kind === "derived" && q.how === undefined) fault("how", "a derived quantity says how it was derived");
      if ((q.kind === "measured" || q.kind === "fitted") && q.cells === undefined) fault("cells", `a ${q.kind} quantity names its cells`);
      if (q.kind === "assumed" || q.kind === "fitted") {
        if (q.range === undefined) fault("range", `a ${q.kind} quantity has a range`);
        else if (q.value < q.range[0] || q.value > q.range[1]) fault("value", `the value lies in its range ${q.range[0]} to ${q.range[1]}`);
      }
    });
}
