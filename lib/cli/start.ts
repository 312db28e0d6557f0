/**
 * npm start: the paper's whole analysis, rerun for every system that exists.
 *
 * Layer: cli. Tables, claims and figures; the figures go to build/figures.
 */
import { mkdirSync } from "node:fs";
import { join, relative } from "node:path";
import { validation } from "../analysis/index.ts";
import type { ComparedCell } from "../analysis/index.ts";
import { projectRoot } from "../notebook/places.ts";
import { paperTable } from "../paper/index.ts";
import { staircase, throughputChart } from "../plots/index.ts";
import { paint } from "./output.ts";
import { printValidation } from "./validate.ts";

const FIGURES = join(projectRoot, "build/figures");

/** The figure of each table that has one. */
const figures = { "5-1": throughputChart, "5-3": throughputChart, "5-4": throughputChart, "5-6": staircase, "5-7": staircase };

export async function start(): Promise<void> {
  const found = validation();
  printValidation(found);
  console.log();
  await writeFigures(found.cells);
}

/** Draws the tables of which there are cells, each as a picture and as a page that opens in a browser. */
async function writeFigures(cells: readonly ComparedCell[]): Promise<void> {
  mkdirSync(FIGURES, { recursive: true });
  const written: string[] = [];
  for (const [id, draw] of Object.entries(figures)) {
    const own = cells.filter((cell) => cell.table === id);
    if (own.length === 0) continue;
    const figure = draw(own, paperTable(id));
    for (const suffix of [".png", ".html"]) {
      const path = join(FIGURES, `table-${id}${suffix}`);
      await figure.save(path);
      written.push(path);
    }
  }
  console.log(paint("bold", "Figures"));
  for (const path of written) console.log(relative(process.cwd(), path));
}
