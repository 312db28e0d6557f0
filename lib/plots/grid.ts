/**
 * A value over two quantities as a grid, and such grids side by side.
 *
 * Layer: plots. What heat maps and surfaces are drawn from. Each value of a quantity is
 * one step of its axis, however far it is from the next: sizes that double stand evenly.
 */
import { InputError } from "../schema/index.ts";
import { digits } from "./compared.ts";
import { unitOf, withUnit } from "./names.ts";
import { brief, distinct, RowReader } from "./rows.ts";
import type { Labels, Rows } from "./rows.ts";
import { labelOf } from "./theme.ts";

export interface GridOptions {
  /** The column along the bottom. */
  x: string;
  /** The column up the side. */
  y: string;
  /** The column that the colour or the height tells, of numbers. */
  value: string;
  /** The column that tells grids apart which are to stand side by side. */
  facet?: string;
  /** Which end of the values is the better one; the best is marked. */
  best?: "highest" | "lowest";
  /** By default the value over x and y. */
  title?: string;
  labels?: Labels;
}

export interface Axis {
  title: string;
  /** What stands at each step. */
  labels: string[];
}

export interface Panel {
  /** "" when there is only one. */
  title: string;
  /** One row a step of y, one value a step of x; null where the rows have none. */
  values: (number | null)[][];
}

/** The place of a value: the number of its panel and its steps on the axes. */
export interface Place {
  panel: number;
  x: number;
  y: number;
}

export interface Grid {
  title: string;
  x: Axis;
  y: Axis;
  valueTitle: string;
  panels: Panel[];
  least: number;
  most: number;
  best?: Place;
}

/**
 * The rows as grids.
 * @throws InputError for a column that is not there, or when two rows are for the same place.
 */
export function gridOf(figure: string, rows: Rows, { x, y, value, facet, best, title, labels }: GridOptions): Grid {
  const reader = new RowReader(figure, rows, labels);
  const [xs, ys, values] = [reader.categories(x), reader.categories(y), reader.numbers(value)];
  const facets = facet === undefined ? undefined : reader.categories(facet);
  const steps = { x: distinct([...xs.values]), y: distinct([...ys.values]) };
  const facetSteps: (number | string | undefined)[] = facets === undefined ? [undefined] : distinct([...facets.values]);
  const panels = facetSteps.map((one) => ({
    title: one === undefined || facets === undefined ? "" : withUnit(facets.title, told(one)),
    values: steps.y.map(() => steps.x.map((): number | null => null)),
  }));
  for (let i = 0; i < reader.length; i++) {
    const [atX, atY, found] = [xs.values[i], ys.values[i], values.values[i]];
    const panel = facets === undefined ? 0 : facetSteps.indexOf(facets.values[i]);
    if (atX === undefined || atY === undefined || found === undefined || panel < 0) continue;
    const line = panels[panel].values[steps.y.indexOf(atY)];
    const at = steps.x.indexOf(atX);
    if (line[at] !== null) throw new InputError(`${figure}: two rows have ${x} ${atX} and ${y} ${atY}; keep one (rows.filter), or name the column that tells them apart as facet`);
    line[at] = brief(found);
  }
  const present = panels.flatMap((panel) => panel.values.flat()).filter((one) => one !== null);
  if (present.length === 0) throw new InputError(`${figure}: column "${value}" has no number in any row that has ${x} and ${y}`);
  const grid: Grid = {
    title: title ?? `${values.title} over ${xs.title} and ${ys.title}`,
    x: { title: xs.title, labels: steps.x.map(told) },
    y: { title: ys.title, labels: steps.y.map(told) },
    ...{ valueTitle: values.title, panels, least: Math.min(...present), most: Math.max(...present) },
  };
  return best === undefined ? grid : { ...grid, best: placeOf(grid, best === "highest" ? grid.most : grid.least) };
}

/** What a step of an axis is called. */
function told(value: number | string): string {
  return typeof value === "number" ? digits(value) : labelOf(value);
}

function placeOf({ panels }: Grid, value: number): Place {
  for (const [panel, { values }] of panels.entries()) {
    for (const [y, line] of values.entries()) {
      const x = line.indexOf(value);
      if (x >= 0) return { panel, x, y };
    }
  }
  throw new Error(`${value} is in no panel`);
}

/** The grid in words, for those who do not see the figure. */
export function gridInWords(grid: Grid): string {
  const { title, x, y, valueTitle, panels, least, most, best } = grid;
  const unit = unitOf(valueTitle);
  const lines = [
    title,
    `along the bottom ${x.title}: ${x.labels.join(", ")}`,
    `up the side ${y.title}: ${y.labels.join(", ")}`,
    ...panels.filter((panel) => panel.title !== "").map((panel) => `${panel.title}: ${range(panel.values.flat(), unit)}`),
    `${valueTitle}: ${range([least, most], unit)}`,
  ];
  if (best !== undefined) lines.push(`best: ${bestInWords(grid)}`);
  return lines.join("\n");
}

/** The best value and where it is; "" when none is marked. */
export function bestInWords({ x, y, valueTitle, panels, best }: Grid): string {
  if (best === undefined) return "";
  const { title, values } = panels[best.panel];
  const place = [withUnit(x.title, x.labels[best.x]), withUnit(y.title, y.labels[best.y]), ...(title === "" ? [] : [title])];
  return `${digits(values[best.y][best.x]!)}${unitOf(valueTitle)} at ${place.join(", ")}`;
}

function range(values: readonly (number | null)[], unit: string): string {
  const present = values.filter((value) => value !== null);
  return present.length === 0 ? "nothing" : `${digits(Math.min(...present))} to ${digits(Math.max(...present))}${unit}`;
}
