/**
 * The files of data/paper as they are written, and their reading.
 *
 * Layer: paper. A table is written as the paper prints it: rows of lines of printed
 * cells. What the program works with (values, intervals, systems) is made from that
 * in tables.ts and claims.ts, so that nothing is written twice.
 */
import { readFileSync } from "node:fs";
import { z } from "zod";
import { check, InputError } from "../schema/index.ts";
import { paperUnits } from "./units.ts";

/** Where the files lie. */
const paperData = new URL("../../data/paper/", import.meta.url);

const paperSystems = ["mach3", "mach26", "mix", "svr4", "none"] as const;
/** The system that a result belongs to; none for those of a bare machine. */
export type PaperSystem = (typeof paperSystems)[number];

const paperMachines = ["hp-vectra", "compaq"] as const;
export type PaperMachine = (typeof paperMachines)[number];

const text = z.string().min(1);
const system = z.enum(paperSystems).optional();
const machine = z.enum(paperMachines).optional();
/** A heading. Identifiers of cells join headings with a bar, so no heading has one. */
const heading = text.regex(/^[^|]+$/, "has no |");

/** A cell as printed; `step` where the digits alone would claim too much; `absent` where it holds no number. */
const cell = z.union([
  text,
  z.strictObject({ printed: text, step: z.number().positive(), because: text }),
  z.strictObject({ printed: z.string(), absent: text }),
]);

const line = z.strictObject({ unit: z.enum(paperUnits), printed: z.array(cell).min(1) });

export const tableFile = z
  .strictObject({
    id: z.string().regex(/^\d+-\d+$/, "is a number such as 5-3"),
    title: text,
    section: text,
    about: text,
    system,
    machine,
    columns: z.array(z.strictObject({ name: heading, system, machine })).min(1),
    rows: z.array(z.strictObject({ name: heading, system, machine, lines: z.array(line).min(1) })).min(1),
  })
  .superRefine(({ columns, rows }, context) => {
    for (const [r, { lines }] of rows.entries()) {
      for (const [l, { printed }] of lines.entries()) {
        if (printed.length === columns.length) continue;
        const message = `has one cell for each of the ${columns.length} columns`;
        context.addIssue({ code: "custom", path: ["rows", r, "lines", l, "printed"], message });
      }
    }
  });
export type TableFile = z.infer<typeof tableFile>;

const claim = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]+$/, "is in kebab-case"),
  section: text,
  paragraph: z.int().min(1),
  quote: text,
  says: text,
  value: z.union([z.number(), z.tuple([z.number(), z.number()])]),
  unit: text,
  sense: z.enum(["exactly", "about", "between", "at least", "above", "below"]),
  nature: z.enum(["measured", "derived", "expected", "described", "restated"]),
  checkedBy: z.array(z.enum(["simulation", "cells", "setup"])).min(1),
  system,
  machine,
  cells: z.array(text).default([]),
});

export const claimsFile = z.array(
  claim.superRefine(({ value, sense }, context) => {
    if (Array.isArray(value) === (sense === "between")) return;
    context.addIssue({ code: "custom", path: ["value"], message: "is a pair in a claim of the sense between, and a number in all others" });
  }),
);
export type ClaimsFile = z.infer<typeof claimsFile>;

export const odditiesFile = z.array(z.strictObject({ of: z.array(text).min(1), explanation: text }));

/**
 * The content of the JSON file `name` in `folder` (by default data/paper), checked.
 * @throws InputError of one line when the file is missing, is not JSON or breaks `schema`.
 */
export function readPaperFile<S extends z.ZodType>(name: string, schema: S, folder: URL = paperData): z.output<S> {
  const where = `data/paper/${name}`;
  return check(schema, parse(name, where, folder), where);
}

function parse(name: string, where: string, folder: URL): unknown {
  try {
    return JSON.parse(readFileSync(new URL(name, folder), "utf8"));
  } catch (error) {
    throw new InputError(`${where}: cannot be read: ${(error as Error).message}`);
  }
}
