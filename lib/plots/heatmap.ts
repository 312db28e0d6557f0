/**
 * A value over two quantities as a heat map.
 *
 * Layer: plots. The live figure is Plotly's; the picture is the same figure in Vega-Lite.
 */
import { digits } from "./compared.ts";
import { Figure } from "./figure.ts";
import type { PlotlyFigure } from "./figure.ts";
import { bestInWords, gridInWords, gridOf } from "./grid.ts";
import type { Grid, GridOptions } from "./grid.ts";
import { unitOf } from "./names.ts";
import type { Rows } from "./rows.ts";
import { axisTitle, HEIGHT_PX, INK, LABEL_PX, plotlyAxis, plotlyLayout, SEQUENTIAL, vegaLiteConfig, WIDTH_PX } from "./theme.ts";

/** A cell at least so wide has its value written in it. */
const WRITTEN_PX = 40;
const GAP_PX = 24;

/**
 * A heat map: `heatmap(rows, { x: "readBytes", y: "readAhead", value: "kbPerSec", facet: "pager.interface", best: "highest" })`.
 * @throws InputError for a column that is not there, or when two rows are for the same place.
 */
export function heatmap(rows: Rows, options: GridOptions): Figure {
  const grid = gridOf("heatmap", rows, options);
  return new Figure({ alt: gridInWords(grid), vegaLite: vegaLiteOf(grid), plotly: plotlyOf(grid) });
}

function widthOf({ panels }: Grid): number {
  return (WIDTH_PX - GAP_PX * (panels.length - 1)) / panels.length;
}

function areWritten(grid: Grid): boolean {
  return widthOf(grid) / grid.x.labels.length >= WRITTEN_PX;
}

function subtitleOf(grid: Grid): string {
  return grid.best === undefined ? "" : `framed: the best, ${bestInWords(grid)}`;
}

function vegaLiteOf(grid: Grid): object {
  const { title, x, y, valueTitle, panels, least, most, best } = grid;
  const values = panels.flatMap(({ title: panel, values: lines }, p) =>
    lines.flatMap((line, i) =>
      line.flatMap((value, j) => (value === null ? [] : [{ panel, x: x.labels[j], y: y.labels[i], value, text: digits(value), best: best?.panel === p && best.x === j && best.y === i }])),
    ),
  );
  const encoding = {
    x: { field: "x", type: "ordinal", sort: x.labels, title: x.title, axis: { labelAngle: 0, grid: false } },
    y: { field: "y", type: "ordinal", sort: y.labels.toReversed(), title: y.title, axis: { grid: false } },
  };
  const colour = { field: "value", type: "quantitative", title: valueTitle, scale: { scheme: SEQUENTIAL.vega, domain: [least, most] }, legend: { orient: "right", gradientLength: HEIGHT_PX - 30 } };
  const middle = (least + most) / 2;
  const layer = [
    { mark: { type: "rect" }, encoding: { color: colour } },
    { transform: [{ filter: "datum.best" }], mark: { type: "rect", filled: false, stroke: INK, strokeWidth: 3 } },
    { transform: [{ filter: "datum.best" }], mark: { type: "rect", filled: false, stroke: "#ffffff", strokeWidth: 1 } },
    ...(areWritten(grid) ? [{ mark: { type: "text", fontSize: LABEL_PX - 1 }, encoding: { text: { field: "text" }, color: { condition: { test: `datum.value < ${middle}`, value: "#ffffff" }, value: INK } } }] : []),
  ];
  const size = { width: widthOf(grid), height: HEIGHT_PX };
  const shape = panels.length === 1 ? { ...size, encoding, layer } : { facet: { column: { field: "panel", type: "nominal", sort: panels.map((panel) => panel.title) } }, spacing: GAP_PX, spec: { ...size, encoding, layer } };
  return { title: { text: title, ...(best !== undefined && { subtitle: subtitleOf(grid) }) }, data: { values }, ...shape, config: vegaLiteConfig };
}

function plotlyOf(grid: Grid): PlotlyFigure {
  const { title, x, y, valueTitle, panels, least, most, best } = grid;
  const suffix = (p: number) => (p === 0 ? "" : String(p + 1));
  const data = panels.map(({ values }, p) => ({
    ...{ type: "heatmap", x: x.labels, y: y.labels, z: values, xaxis: `x${suffix(p)}`, yaxis: "y", coloraxis: "coloraxis", xgap: 1, ygap: 1 },
    ...(areWritten(grid) && { text: values.map((line) => line.map((value) => (value === null ? "" : digits(value)))), texttemplate: "%{text}" }),
    hovertemplate: `${x.title} %{x}<br>${y.title} %{y}<br><b>%{z:~r}${unitOf(valueTitle)}</b><extra></extra>`,
  }));
  const share = 1 / panels.length;
  const axes = panels.map((_, p) => [
    `xaxis${suffix(p)}`,
    { ...plotlyAxis, showgrid: false, type: "category", title: axisTitle(x.title), domain: [p * share + (p === 0 ? 0 : 0.015), (p + 1) * share - (p === panels.length - 1 ? 0 : 0.015)] },
  ]);
  const frames = best === undefined ? [] : [INK, "#ffffff"].map((color, i) => ({
    ...{ type: "rect", xref: `x${suffix(best.panel)}`, yref: "y", x0: best.x - 0.5, x1: best.x + 0.5, y0: best.y - 0.5, y1: best.y + 0.5 },
    line: { color, width: i === 0 ? 4 : 1.5 },
  }));
  const layout = {
    ...plotlyLayout,
    title: { ...plotlyLayout.title, text: title, ...(best !== undefined && { subtitle: { text: subtitleOf(grid), font: { size: LABEL_PX } } }) },
    margin: { ...plotlyLayout.margin, t: panels.length > 1 ? 104 : 76 },
    ...Object.fromEntries(axes),
    yaxis: { ...plotlyAxis, showgrid: false, type: "category", title: axisTitle(y.title) },
    coloraxis: { colorscale: SEQUENTIAL.plotly, cmin: least, cmax: most, colorbar: { title: { text: valueTitle, side: "right" }, thickness: 16, outlinewidth: 0 } },
    shapes: frames,
    annotations: panels.length === 1 ? [] : panels.map((panel, p) => ({ text: `<b>${panel.title}</b>`, x: (p + 0.5) * share, y: 1.02, xref: "paper", yref: "paper", xanchor: "center", yanchor: "bottom", showarrow: false })),
  };
  return { data, layout };
}
