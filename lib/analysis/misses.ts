/**
 * Why a simulated cell is far from the paper's, or a claim does not hold: data/misses.json.
 *
 * Layer: analysis. Written by hand, and the only part of the comparison that is; a
 * test sees to it that every miss has an explanation and that no explanation
 * outlives its miss.
 */
import { z } from "zod";
import { check } from "../schema/index.ts";
import { readData } from "../systems/data-files.ts";
import { cites } from "./evidence.ts";

/** From which relative error on a cell counts as missed. */
export const MISS = 0.1;

/** `of`: identifiers of cells, the beginnings of such, or identifiers of claims. */
const missesFile = z.array(z.strictObject({ of: z.array(z.string().min(1)).min(1), explanation: z.string().min(1) }));

/** The explanations, in the order of the tables. */
export const misses = check(missesFile, readData("misses.json"), "data/misses.json");

/** Why the cell or claim `id` is missed; undefined when nothing is said of it. */
export function explanationOf(id: string): string | undefined {
  return misses.find(({ of }) => of.some((cited) => cites(cited, { id })))?.explanation;
}
