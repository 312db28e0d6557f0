/**
 * A value over two quantities as a surface in space.
 *
 * Layer: plots. The live figure is Plotly's and can be turned; the picture shows it from
 * the same side, drawn by Vega from what surface-picture.ts projects.
 */
import { Figure } from "./figure.ts";
import type { PlotlyFigure } from "./figure.ts";
import { bestInWords, gridInWords, gridOf } from "./grid.ts";
import type { Grid, GridOptions } from "./grid.ts";
import { unitOf } from "./names.ts";
import type { Rows } from "./rows.ts";
import { surfacePicture, ticks } from "./surface-picture.ts";
import { axisTitle, GRID, INK, LABEL_PX, plotlyLayout, SEQUENTIAL } from "./theme.ts";

const HEIGHT_PX = 520;

/**
 * A surface: `surface(rows, { x: "readBytes", y: "readAhead", value: "kbPerSec", facet: "pager.interface", best: "highest" })`.
 * @throws InputError for a column that is not there, or when two rows are for the same place.
 */
export function surface(rows: Rows, options: GridOptions): Figure {
  const grid = gridOf("surface", rows, options);
  const subtitle = grid.best === undefined ? "" : `diamond: the best, ${bestInWords(grid)}`;
  return new Figure({ alt: gridInWords(grid), vega: surfacePicture(grid, subtitle), plotly: plotlyOf(grid, subtitle) });
}

function plotlyOf(grid: Grid, subtitle: string): PlotlyFigure {
  const { title, x, y, valueTitle, panels, least, most, best } = grid;
  const scene = (p: number) => (p === 0 ? "scene" : `scene${p + 1}`);
  const steps = (labels: string[]) => labels.map((_, i) => i);
  const hover = (one: string) => `${one}<b>%{z:~r}${unitOf(valueTitle)}</b><extra></extra>`;
  const surfaces = panels.map(({ values }, p) => ({
    ...{ type: "surface", scene: scene(p), x: steps(x.labels), y: steps(y.labels), z: values, coloraxis: "coloraxis" },
    contours: { x: { show: true, color: INK, width: 1, start: 0, end: x.labels.length - 1, size: 1 }, y: { show: true, color: INK, width: 1, start: 0, end: y.labels.length - 1, size: 1 } },
    text: y.labels.map((atY) => x.labels.map((atX) => `${x.title} ${atX}<br>${y.title} ${atY}<br>`)),
    hovertemplate: hover("%{text}"),
  }));
  const mark = best === undefined ? [] : [{
    ...{ type: "scatter3d", mode: "markers", scene: scene(best.panel), showlegend: false, hovertemplate: hover("the best: ") },
    ...{ x: [best.x], y: [best.y], z: [panels[best.panel].values[best.y][best.x]] },
    marker: { color: INK, size: 6, symbol: "diamond" },
  }];
  const axis = { gridcolor: GRID, backgroundcolor: "#f4f4f4", showbackground: true, color: INK };
  const floor = (one: { title: string; labels: string[] }) => ({ ...axis, title: axisTitle(one.title), tickvals: steps(one.labels), ticktext: one.labels });
  const bottom = Math.min(0, least);
  // The colour bar says what the height is. A number at the bottom would stand on those of the floor.
  const zaxis = { ...axis, title: { text: "" }, range: [bottom, most * 1.05], tickvals: ticks(bottom, most).filter((value) => value > bottom) };
  const share = 1 / panels.length;
  const away = 1 + 0.35 * (panels.length - 1);
  const scenes = panels.map((_, p) => [scene(p), {
    ...{ domain: { x: [p * share, (p + 1) * share] }, xaxis: floor(x), yaxis: floor(y), zaxis, aspectmode: "manual", aspectratio: { x: 1, y: 1, z: 0.75 } },
    camera: { eye: { x: -1.25 * away, y: -1.35 * away, z: 0.75 * away }, center: { x: 0, y: 0, z: -0.1 } },
  }]);
  const layout = {
    ...plotlyLayout,
    title: { ...plotlyLayout.title, text: title, ...(subtitle !== "" && { subtitle: { text: subtitle, font: { size: LABEL_PX } } }) },
    ...{ height: HEIGHT_PX, margin: { l: 8, r: 8, t: panels.length > 1 ? 96 : 64, b: 8 } },
    coloraxis: { colorscale: SEQUENTIAL.plotly, cmin: least, cmax: most, colorbar: { title: { text: valueTitle, side: "right" }, thickness: 16, len: 0.8, outlinewidth: 0 } },
    annotations: panels.length === 1 ? [] : panels.map((panel, p) => ({ text: `<b>${panel.title}</b>`, x: (p + 0.5) * share, y: 1, xref: "paper", yref: "paper", xanchor: "center", yanchor: "bottom", showarrow: false })),
    ...Object.fromEntries(scenes),
  };
  return { data: [...surfaces, ...mark], layout };
}
