/**
 * Raw read throughput against the size of a request: the paper's staircase and its flat line.
 *
 * Layer: plots; tables 5-6 and 5-7. The live figure is Plotly's; the picture is the same
 * figure in Vega-Lite.
 */
import { InputError } from "../schema/index.ts";
import { digits, inWords } from "./compared.ts";
import type { Compared, TableOfPaper } from "./compared.ts";
import { Figure } from "./figure.ts";
import type { PlotlyFigure } from "./figure.ts";
import { axisTitle, colourOf, DASHES, HEIGHT_PX, INK, plotlyAxis, plotlyLayout, vegaLiteConfig, WIDTH_PX } from "./theme.ts";

const X_TITLE = "request size (KB)";

/** One row of the table: its simulated values are a line, the paper's are points. */
interface Series {
  name: string;
  colour: string;
  /** Rows of one system share a colour and differ in the dashes of their lines. */
  dash: number;
  points: (Compared & { sizeKB: number })[];
}

/** A line a row of the table, over the sizes that its columns are named by: "4KB", "8KB". */
export function staircase(cells: readonly Compared[], table: TableOfPaper): Figure {
  const shown = cells.filter(({ unit }) => unit.endsWith("/s"));
  const series = seriesOf(shown);
  const unit = shown[0]?.unit ?? "KB/s";
  const yTitle = `throughput (${unit})`;
  return new Figure({
    alt: inWords(table.caption, shown),
    vegaLite: vegaLiteOf(series, table.caption, yTitle),
    plotly: plotlyOf(series, table.caption, yTitle, unit),
  });
}

function seriesOf(cells: readonly Compared[]): Series[] {
  const rows = [...new Set(cells.map(({ row }) => row))];
  const seen = new Map<string, number>();
  return rows.map((name) => {
    const points = cells.filter(({ row }) => row === name).map((cell) => ({ ...cell, sizeKB: sizeKB(cell.column) }));
    const colour = colourOf(points[0]);
    const dash = seen.get(colour) ?? 0;
    seen.set(colour, dash + 1);
    return { name, colour, dash, points };
  });
}

function sizeKB(column: string): number {
  const size = /^(\d+)KB$/.exec(column)?.[1];
  if (size === undefined) throw new InputError(`staircase: the column "${column}" is no size such as "4KB"`);
  return Number(size);
}

function sizesOf(series: readonly Series[]): number[] {
  return [...new Set(series.flatMap(({ points }) => points.map(({ sizeKB }) => sizeKB)))].sort((a, b) => a - b);
}

function plotlyOf(series: readonly Series[], title: string, yTitle: string, unit: string): PlotlyFigure {
  const lines = series.map(({ name, colour, dash, points }) => ({
    ...{ type: "scatter", mode: "lines+markers", name: `${name}, simulated` },
    x: points.map((point) => point.sizeKB),
    y: points.map((point) => Number(digits(point.simulated))),
    line: { color: colour, width: 2.5, dash: dash === 0 ? "solid" : DASHES[dash % DASHES.length].map((px) => `${px}px`).join(",") },
    marker: { color: colour, size: 6 },
    hovertemplate: `%{y} ${unit}`,
  }));
  const points = series.map(({ name, colour, points: cells }) => ({
    ...{ type: "scatter", mode: "markers", name: `${name}, paper` },
    x: cells.map((cell) => cell.sizeKB),
    y: cells.map((cell) => cell.paper),
    error_y: {
      ...{ type: "data", symmetric: false, color: INK, thickness: 1.5, width: 5 },
      array: cells.map(({ high, paper }) => high - paper),
      arrayminus: cells.map(({ low, paper }) => paper - low),
    },
    marker: { color: colour, size: 11, symbol: "diamond", line: { color: INK, width: 1.5 } },
    hovertemplate: `%{y} ${unit}`,
  }));
  const sizes = sizesOf(series);
  const layout = {
    ...plotlyLayout,
    title: { ...plotlyLayout.title, text: title },
    xaxis: { ...plotlyAxis, title: axisTitle(X_TITLE), type: "log", tickvals: sizes, ticktext: sizes.map(String) },
    yaxis: { ...plotlyAxis, title: axisTitle(yTitle), rangemode: "tozero" },
    legend: { orientation: "h", y: -0.24, x: 0 },
    hovermode: "x unified",
  };
  return { data: [...lines, ...points], layout };
}

function vegaLiteOf(series: readonly Series[], title: string, yTitle: string): object {
  const values = series.flatMap(({ name, points }) => points.map(({ sizeKB: size, simulated, paper, low, high }) => ({ name, size, simulated, paper, low, high })));
  const sizes = sizesOf(series);
  const names = series.map(({ name }) => name);
  const x = { field: "size", type: "quantitative", title: X_TITLE, scale: { type: "log", base: 2, nice: false, padding: 20 }, axis: { values: sizes, format: "d", grid: true } };
  const y = (field: string) => ({ field, type: "quantitative", title: yTitle, scale: { zero: true } });
  const colour = { field: "name", type: "nominal", title: null, sort: null, scale: { domain: names, range: series.map((one) => one.colour) }, legend: { orient: "bottom", direction: "vertical", symbolType: "stroke", symbolStrokeWidth: 2.5, symbolSize: 800 } };
  const dash = { field: "name", type: "nominal", title: null, scale: { domain: names, range: series.map((one) => DASHES[one.dash % DASHES.length]) } };
  return {
    title: { text: title, subtitle: "lines: simulated  ·  points: the paper, with what its rounding allows" },
    data: { values },
    width: WIDTH_PX,
    height: HEIGHT_PX,
    encoding: { x },
    layer: [
      { mark: { type: "line", strokeWidth: 2.5, point: { size: 36 } }, encoding: { y: y("simulated"), color: colour, strokeDash: dash } },
      { mark: { type: "errorbar", ticks: true, color: INK }, encoding: { y: y("low"), y2: { field: "high" } } },
      { mark: { type: "point", shape: "diamond", size: 90, filled: true, opacity: 1, stroke: INK, strokeWidth: 1.5 }, encoding: { y: y("paper"), color: colour } },
    ],
    config: vegaLiteConfig,
  };
}
