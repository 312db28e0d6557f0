/**
 * Colours, fonts and sizes of every figure.
 *
 * Layer: plots. The colours are those of Okabe and Ito, which the colour-blind can tell
 * apart: one hue a machine, dark for its kernelized system and light for its monolithic
 * one. Figures bring a white ground, so that they look the same in light and dark themes.
 */

/** Okabe and Ito's colours that are used here. */
const BLUE = "#0072B2";
const SKY_BLUE = "#56B4E9";
const VERMILION = "#D55E00";
const ORANGE = "#E69F00";
const GREY = "#767676";

/** One colour a system, in every figure. */
const systemColours: Record<string, string> = { mach3: BLUE, mach26: SKY_BLUE, mix: VERMILION, svr4: ORANGE };
/** Where no system is involved, the colour of the machine. */
const machineColours: Record<string, string> = { "hp-vectra": BLUE, compaq: ORANGE };

/** The colour of what was measured on `system`, or, without one, on `machine`. */
export function colourOf({ system, machine }: { system?: string; machine?: string }): string {
  return systemColours[system ?? ""] ?? machineColours[machine ?? ""] ?? GREY;
}

/** What the paper prints is drawn in ink. */
export const INK = "#1b1b1b";
export const GROUND = "#ffffff";
export const GRID = "#d9d9d9";

/** DejaVu Sans comes with the project and is used for pictures; a browser may fall back. */
export const FONT = "DejaVu Sans, Verdana, Arial, sans-serif";
export const LABEL_PX = 13;
export const TITLE_PX = 16;

/** Height of the plotted area. A figure with its axes and legend is about 760 pixels wide, for a notebook of 900. */
export const HEIGHT_PX = 320;

/** The theme as Vega-Lite's `config`. */
export const vegaLiteConfig = {
  background: GROUND,
  padding: 12,
  font: FONT,
  title: { anchor: "start", color: INK, fontSize: TITLE_PX, fontWeight: "bold", subtitleColor: INK, subtitleFontSize: LABEL_PX, offset: 16, subtitlePadding: 6 },
  axis: { labelColor: INK, titleColor: INK, labelFontSize: LABEL_PX, titleFontSize: LABEL_PX, titleFontWeight: "normal", titlePadding: 10, gridColor: GRID, domainColor: INK, tickColor: INK },
  header: { labelColor: INK, labelFontSize: LABEL_PX + 1, labelFontWeight: "bold", title: null },
  legend: { labelColor: INK, titleColor: INK, labelFontSize: LABEL_PX, titleFontSize: LABEL_PX, titleFontWeight: "normal", labelLimit: 400, titleLimit: 400 },
  view: { stroke: null },
  numberFormat: ".3~f",
} as const;

/** The theme as Plotly's `layout`. */
export const plotlyLayout = {
  paper_bgcolor: GROUND,
  plot_bgcolor: GROUND,
  font: { family: FONT, size: LABEL_PX, color: INK },
  title: { font: { size: TITLE_PX, weight: 700 }, x: 0.02, xanchor: "left" },
  margin: { l: 80, r: 24, t: 64, b: 64 },
  height: HEIGHT_PX + 160,
  hoverlabel: { font: { family: FONT, size: LABEL_PX } },
} as const;

/** The theme of a Plotly axis. */
export const plotlyAxis = { gridcolor: GRID, linecolor: INK, showline: true, ticks: "outside", tickcolor: INK, zeroline: false } as const;
