/**
 * One quantity against another: the simulation as lines, its uncertainty as bands round them,
 * the paper as points with what its rounding allows.
 *
 * Layer: plots. For what-ifs of every kind.
 */
import { digits } from "./compared.ts";
import { Figure } from "./figure.ts";
import { unitOf, withUnit } from "./names.ts";
import { brief, distinct, RowReader } from "./rows.ts";
import type { Column, Labels, Rows } from "./rows.ts";
import { HEIGHT_PX, INK, stylesOf, vegaLiteConfig, WIDTH_PX } from "./theme.ts";
import type { Style } from "./theme.ts";

export interface LinesOptions {
  /** The column along the bottom, of numbers. */
  x: string;
  /** The column up the side, of numbers. */
  y: string;
  /** The column that tells the lines apart, such as "system"; without it there is one line. */
  series?: string;
  /** The columns of the band's lower and upper edge. */
  band?: readonly [low: string, high: string];
  /** What the band means, for the subtitle. */
  bandMeans?: string;
  /** What the paper measured: rows with the columns of x, y and series and, where known, `low` and `high` of its rounding. */
  paper?: Rows;
  /** By default y against x. */
  title?: string;
  /** "log" for what doubles from one value to the next. */
  xScale?: "linear" | "log";
  /** "steps" where a value holds until the next. */
  shape?: "straight" | "steps";
  /** Whether the side begins at zero, as it does unless told otherwise. */
  zero?: boolean;
  labels?: Labels;
}

/** A point of a line, or of the paper. */
interface Point {
  x: number;
  y: number;
  low?: number;
  high?: number;
  series: string;
}

/** Lines with more points than this have no marks on them. */
const MARKED_POINTS = 24;
/** So many places along the bottom are named one by one. */
const NAMED_STEPS = 12;
/** A text says so many points of a line; of a longer one, its ends and its extremes. */
const TOLD_POINTS = 12;

/**
 * A line for each value of `series`: `lines(rows, { x: "rpm", y: "kbPerSec", series: "system" })`.
 * @throws InputError for a column that is not there, with the nearest, or that holds no numbers.
 */
export function lines(rows: Rows, options: LinesOptions): Figure {
  const { x, y, series, band, paper, labels } = options;
  const reader = new RowReader("lines", rows, labels);
  const [xs, ys] = [reader.numbers(x), reader.numbers(y)];
  const points = pointsOf(xs, ys, reader, series, band);
  const printed = paper === undefined ? [] : paperPoints(new RowReader("lines, paper", paper, labels), x, y, series);
  const names = series === undefined ? [""] : distinct([...reader.categories(series).values]);
  const styles = stylesOf(names);
  const title = options.title ?? `${ys.title} against ${xs.title}`;
  const seriesTitle = series === undefined ? undefined : reader.categories(series).title;
  return new Figure({
    alt: [title, ...styles.map(({ label }) => inWords(label, points, { xTitle: xs.title, yTitle: ys.title, seriesTitle }))].join("\n"),
    vegaLite: vegaLiteOf(points, printed, styles, { ...options, title, xTitle: xs.title, yTitle: ys.title, seriesTitle }),
  });
}

function pointsOf(xs: Column<number>, ys: Column<number>, reader: RowReader, series?: string, band?: readonly [string, string]): Point[] {
  const [low, high] = band?.map((name) => reader.numbers(name).values) ?? [];
  const names = labelsOf(reader, series);
  return xs.values.flatMap((x, i) => {
    const y = ys.values[i];
    if (x === undefined || y === undefined) return [];
    const edges = { ...(low?.[i] !== undefined && { low: brief(low[i]) }), ...(high?.[i] !== undefined && { high: brief(high[i]) }) };
    return [{ x: brief(x), y: brief(y), ...edges, series: names[i] }];
  });
}

function paperPoints(reader: RowReader, x: string, y: string, series?: string): Point[] {
  const band = reader.has("low") && reader.has("high") ? (["low", "high"] as const) : undefined;
  return pointsOf(reader.numbers(x), reader.numbers(y), reader, series !== undefined && reader.has(series) ? series : undefined, band);
}

/** What each row's line is called in the legend. */
function labelsOf(reader: RowReader, series: string | undefined): string[] {
  if (series === undefined) return Array.from({ length: reader.length }, () => "");
  const names = reader.categories(series).values;
  const all = distinct([...names]);
  const styles = stylesOf(all);
  return names.map((name) => (name === undefined ? "" : styles[all.indexOf(name)].label));
}

interface Titles {
  title: string;
  xTitle: string;
  yTitle: string;
  seriesTitle: string | undefined;
}

function vegaLiteOf(points: Point[], printed: Point[], styles: Style[], options: LinesOptions & Titles): object {
  const { title, xTitle, yTitle, seriesTitle, xScale = "linear", shape = "straight", zero = true, bandMeans = "the range" } = options;
  const hasBand = points.some(({ low }) => low !== undefined);
  const xs = distinct(points.map((point) => point.x));
  const says = ["lines: simulated", ...(hasBand ? [`bands: ${bandMeans}`] : []), ...(printed.length > 0 ? ["points: the paper, with what its rounding allows"] : [])];
  const x = {
    ...{ field: "x", type: "quantitative", title: xTitle, scale: { nice: false, padding: 16, ...(xScale === "log" ? { type: "log", base: 2 } : { zero: false }) } },
    axis: { format: ".6~r", ...((xScale === "log" || xs.length <= NAMED_STEPS) && { values: xs }) },
  };
  const y = (field: string) => ({ field, type: "quantitative", title: yTitle, scale: { zero } });
  const domain = styles.map(({ label }) => label);
  const legend = seriesTitle === undefined ? null : { orient: "bottom", direction: "horizontal", columns: legendColumns(domain), symbolType: "stroke", symbolStrokeWidth: 2.5, symbolSize: 700, symbolOpacity: 1 };
  const colour = { field: "series", type: "nominal", title: seriesTitle ?? null, scale: { domain, range: styles.map((style) => style.colour) }, legend };
  const dash = { field: "series", type: "nominal", title: seriesTitle ?? null, scale: { domain, range: styles.map((style) => style.dash) }, legend };
  const tooltip = [
    ...(seriesTitle === undefined ? [] : [{ field: "series", title: seriesTitle }]),
    ...[{ field: "x", title: xTitle, type: "quantitative" }, { field: "y", title: yTitle, type: "quantitative" }],
  ];
  const ends = hasBand ? [{ field: "low", title: "from", type: "quantitative" }, { field: "high", title: "to", type: "quantitative" }] : [];
  const interpolate = shape === "steps" ? "step-after" : "linear";
  const isMarked = points.length / styles.length <= MARKED_POINTS;
  return {
    title: { text: title, subtitle: says.join("  ·  ") },
    ...{ data: { values: points }, width: WIDTH_PX, height: HEIGHT_PX, encoding: { x } },
    layer: [
      ...(hasBand ? [{ mark: { type: "area", opacity: 0.2, interpolate }, encoding: { y: y("low"), y2: { field: "high" }, color: colour } }] : []),
      {
        mark: { type: "line", strokeWidth: 2.5, interpolate, ...(isMarked && { point: { size: 36 } }) },
        encoding: { y: y("y"), color: colour, ...(styles.length > 1 && { strokeDash: dash }), tooltip: [...tooltip, ...ends] },
      },
      ...(printed.length > 0 ? paperLayers(printed, y, colour, tooltip) : []),
    ],
    config: vegaLiteConfig,
  };
}

function paperLayers(values: Point[], y: (field: string) => object, colour: object, tooltip: object[]): object[] {
  return [
    { data: { values: values.filter(({ low }) => low !== undefined) }, mark: { type: "errorbar", ticks: true, color: INK }, encoding: { y: y("low"), y2: { field: "high" } } },
    { data: { values }, mark: { type: "point", shape: "diamond", size: 90, filled: true, opacity: 1, stroke: INK, strokeWidth: 1.5 }, encoding: { y: y("y"), color: colour, tooltip } },
  ];
}

/** As many names side by side as there is room for. */
function legendColumns(names: readonly string[]): number {
  const longest = Math.max(...names.map((name) => name.length));
  return Math.max(1, Math.min(names.length, Math.floor(WIDTH_PX / (50 + 7.2 * longest))));
}

function inWords(label: string, points: readonly Point[], { xTitle, yTitle, seriesTitle }: Omit<Titles, "title">): string {
  const own = points.filter(({ series }) => series === label).sort((a, b) => a.x - b.x);
  const [xUnit, yUnit] = [unitOf(xTitle), unitOf(yTitle)];
  const name = seriesTitle === undefined ? yTitle : withUnit(seriesTitle, label);
  const told = ({ x, y }: Point) => `${digits(y)}${yUnit} at ${digits(x)}${xUnit}`;
  if (own.length <= TOLD_POINTS) return `${name}: ${own.map(told).join(", ")}`;
  const byHeight = [...own].sort((a, b) => a.y - b.y);
  return `${name}: from ${told(own[0])} to ${told(own.at(-1)!)}; least ${told(byHeight[0])}, most ${told(byHeight.at(-1)!)}`;
}
