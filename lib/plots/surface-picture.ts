/**
 * The picture of a surface: its facets from back to front, seen without perspective.
 *
 * Layer: plots. Plotly draws surfaces only in a browser. What is projected here is drawn
 * by Vega, with the colours and fonts of the other figures.
 */
import type { Grid, Panel } from "./grid.ts";
import { brief } from "./rows.ts";
import { FONT, GRID, GROUND, INK, LABEL_PX, SEQUENTIAL, TITLE_PX } from "./theme.ts";

/** Width and height of the box of one surface on the paper. */
const WIDTH_PX = 640;
const BOX_HEIGHT_PX = 340;
const GAP_PX = 16;
/** From the box to its numbers, and to its titles. */
const TICK_PX = 10;
const TITLE_OFF_PX = 42;

/** A point in the box: x and y along the floor and z up, each from 0 to 1. */
type Point = readonly [x: number, y: number, z: number];
type OnPaper = readonly [x: number, y: number];
type Projection = (point: Point) => OnPaper;

interface Text {
  text: string;
  x: number;
  y: number;
  align: "left" | "center" | "right";
  bold?: boolean;
}

/** The surfaces of `grid` side by side, as a Vega specification. */
export function surfacePicture(grid: Grid, subtitle: string): object {
  const { title, panels, valueTitle, least, most } = grid;
  const panelPx = (WIDTH_PX - GAP_PX * (panels.length - 1)) / panels.length;
  const drawn = panels.map((panel, p) => drawPanel(grid, panel, p, p * (panelPx + GAP_PX), panelPx));
  const text = { fontSize: { value: LABEL_PX }, fill: { value: INK }, font: { value: FONT } };
  return {
    ...{ width: WIDTH_PX, height: BOX_HEIGHT_PX + 56, padding: 12, background: GROUND },
    title: { text: title, ...(subtitle !== "" && { subtitle }), anchor: "start", color: INK, subtitleColor: INK, font: FONT, subtitleFont: FONT, fontSize: TITLE_PX, subtitleFontSize: LABEL_PX, fontWeight: "bold", offset: 16, subtitlePadding: 6 },
    data: [
      { name: "lines", values: drawn.flatMap(({ lines }) => lines) },
      { name: "facets", values: drawn.flatMap(({ facets }) => facets) },
      { name: "texts", values: drawn.flatMap(({ texts }) => texts) },
      { name: "best", values: drawn.flatMap(({ best }) => best) },
    ],
    scales: [{ name: "colour", type: "linear", domain: [least, most], range: { scheme: SEQUENTIAL.vega }, zero: false }],
    legends: [{ fill: "colour", title: valueTitle, orient: "right", gradientLength: BOX_HEIGHT_PX - 40, labelFont: FONT, titleFont: FONT, labelFontSize: LABEL_PX, titleFontSize: LABEL_PX, titleFontWeight: "normal", labelColor: INK, titleColor: INK, titleLimit: 400, format: ".3~f" }],
    marks: [
      { type: "path", from: { data: "lines" }, encode: { enter: { path: { field: "path" }, stroke: { value: GRID } } } },
      { type: "path", from: { data: "facets" }, encode: { enter: { path: { field: "path" }, fill: { scale: "colour", field: "value" }, stroke: { value: INK }, strokeWidth: { value: 0.6 } } } },
      { type: "symbol", from: { data: "best" }, encode: { enter: { x: { field: "x" }, y: { field: "y" }, shape: { value: "diamond" }, size: { value: 110 }, fill: { value: INK }, stroke: { value: GROUND }, strokeWidth: { value: 1.5 } } } },
      { type: "text", from: { data: "texts" }, encode: { enter: { x: { field: "x" }, y: { field: "y" }, text: { field: "text" }, align: { field: "align" }, baseline: { value: "middle" }, fontWeight: { signal: "datum.bold ? 'bold' : 'normal'" }, ...text } } },
    ],
  };
}

interface Drawn {
  lines: { path: string }[];
  facets: { path: string; value: number }[];
  texts: Text[];
  best: { x: number; y: number }[];
}

function drawPanel(grid: Grid, panel: Panel, index: number, leftPx: number, widthPx: number): Drawn {
  const { x, y, least, most, best } = grid;
  const [columns, lines] = [x.labels.length, y.labels.length];
  const bottom = Math.min(0, least);
  const top = ceiling(most);
  const step = (i: number, count: number) => (count === 1 ? 0.5 : i / (count - 1));
  const height = (value: number) => (top === bottom ? 0 : (value - bottom) / (top - bottom));
  const project = projection(leftPx, widthPx);
  const at = (i: number, j: number, value: number): Point => [step(i, columns), step(j, lines), height(value)];

  const facets: (Drawn["facets"][number] & { depth: number })[] = [];
  for (let j = 0; j + 1 < lines; j++) {
    for (let i = 0; i + 1 < columns; i++) {
      const corners = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]].map(([a, b]) => ({ a, b, value: panel.values[b][a] }));
      if (corners.some(({ value }) => value === null)) continue;
      const values = corners.map(({ value }) => value!);
      facets.push({ path: path(corners.map(({ a, b, value }) => project(at(a, b, value!))), true), value: values.reduce((sum, one) => sum + one, 0) / 4, depth: i / columns + j / lines });
    }
  }
  facets.sort((a, b) => b.depth - a.depth);
  const heights = ticks(bottom, top);
  const texts: Text[] = [
    ...along(x.labels, (i) => project([step(i, columns), 0, 0]), "right"),
    ...along(y.labels, (j) => project([0, step(j, lines), 0]), "left"),
    ...heights.filter((value) => value > bottom).map((value) => besideEdge(String(value), project([1, 0, height(value)]))),
    titleBy(x.title, project([0.5, 0, 0]), "right"),
    titleBy(y.title, project([0, 0.5, 0]), "left"),
    { text: panel.title, x: leftPx + widthPx / 2, y: -2, align: "center", bold: true },
  ];
  const marked = best?.panel === index ? [project(at(best.x, best.y, panel.values[best.y][best.x]!))] : [];
  return {
    lines: boxLines(columns, lines, heights.map(height), step).map((points) => ({ path: path(points.map(project), false) })),
    facets: facets.map(({ path: outline, value }) => ({ path: outline, value })),
    texts: texts.filter(({ text }) => text !== ""),
    best: marked.map(([px, py]) => ({ x: px, y: py })),
  };
}

/** From the corner x = y = 0 in front: x goes to the right and back, y to the left and back. */
function projection(leftPx: number, widthPx: number): Projection {
  const [right, back] = [widthPx * 0.42, BOX_HEIGHT_PX * 0.22];
  const zPx = BOX_HEIGHT_PX * 0.5;
  return ([x, y, z]) => [round(leftPx + widthPx / 2 + (x - y) * right), round(BOX_HEIGHT_PX - (x + y) * back - z * zPx)];
}

/** The floor's lines and those of the two walls behind. */
function boxLines(columns: number, lines: number, heights: number[], step: (i: number, count: number) => number): Point[][] {
  const [xs, ys] = [columns, lines].map((count) => Array.from({ length: count }, (_, i) => step(i, count)));
  return [
    ...xs.map((x): Point[] => [[x, 0, 0], [x, 1, 0], [x, 1, 1]]),
    ...ys.map((y): Point[] => [[0, y, 0], [1, y, 0], [1, y, 1]]),
    ...heights.map((z): Point[] => [[0, 1, z], [1, 1, z], [1, 0, z]]),
  ];
}

/** Numbers below an edge that goes to the right and back, or to the left and back. */
function along(labels: string[], place: (i: number) => OnPaper, towards: "left" | "right"): Text[] {
  return labels.map((text, i) => {
    const [px, py] = place(i);
    return { text, x: px + (towards === "right" ? TICK_PX : -TICK_PX), y: py + TICK_PX, align: towards === "right" ? "left" : "right" };
  });
}

function titleBy(text: string, [px, py]: OnPaper, towards: "left" | "right"): Text {
  return { text, x: px + (towards === "right" ? TITLE_OFF_PX : -TITLE_OFF_PX), y: py + TITLE_OFF_PX, align: "center" };
}

function besideEdge(text: string, [px, py]: OnPaper): Text {
  return { text, x: px + TICK_PX, y: py, align: "left" };
}

function round(px: number): number {
  return Math.round(px * 10) / 10;
}

function path(points: readonly OnPaper[], closed: boolean): string {
  return `M${points.map(([x, y]) => `${x},${y}`).join("L")}${closed ? "Z" : ""}`;
}

/** A round number at or above `value`. */
function ceiling(value: number): number {
  return ticks(0, value).at(-1)! >= value ? value : ticks(0, value).at(-1)! + tickStep(value);
}

/** Round numbers from `from` to `to`, about five of them. */
export function ticks(from: number, to: number): number[] {
  const size = tickStep(Math.max(Math.abs(from), Math.abs(to)));
  const first = Math.ceil(from / size);
  return Array.from({ length: Math.floor(to / size + 1e-9) - first + 1 }, (_, i) => brief((first + i) * size));
}

/** A step of 1, 2 or 5 times a power of ten, of which about five reach `most`. */
function tickStep(most: number): number {
  const rough = (most || 1) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10);
}
