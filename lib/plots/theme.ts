/**
 * Colours, fonts and sizes of every figure.
 *
 * Layer: plots. The colours are those of Okabe and Ito, which the colour-blind can tell
 * apart: one hue a machine, dark for its kernelized system and light for its monolithic
 * one. What is no system has other colours, so that neither is taken for the
 * other. Figures bring a white ground, so that they look the same in light and dark themes.
 */

/** Okabe and Ito's colours that are used here. */
const BLUE = "#0072B2";
const SKY_BLUE = "#56B4E9";
const VERMILION = "#D55E00";
const ORANGE = "#E69F00";
const GREY = "#767676";

/** The systems as the paper calls them, with one colour each, in every figure. */
const systems: Readonly<Record<string, { label: string; colour: string }>> = {
  mach3: { label: "Mach 3.0", colour: BLUE },
  mach26: { label: "Mach 2.6", colour: SKY_BLUE },
  mix: { label: "CHORUS/MiX V.4", colour: VERMILION },
  svr4: { label: "SVR4.0", colour: ORANGE },
};
/** Where no system is involved, the colour of the machine. */
const machineColours: Readonly<Record<string, string>> = { "hp-vectra": BLUE, compaq: ORANGE };

/** Paul Tol's muted colours, for what is not a system: the parts of a call, the settings of a what-if. */
const MUTED = ["#332288", "#CC6677", "#44AA99", "#999933", "#AA4499", "#117733", "#DDCC77", "#882255", "#88CCEE"] as const;
/** From little to much, in the light of any colour vision. */
export const SEQUENTIAL = { vega: "viridis", plotly: "Viridis" } as const;
/** Viridis without its lightest fifth, for lines on white. */
const ORDERED = ["#440154", "#46327E", "#365C8D", "#277F8E", "#1FA187", "#4AC16D"] as const;

/** The colour of what was measured on `system`, or, without one, on `machine`. */
export function colourOf({ system, machine }: { system?: string; machine?: string }): string {
  return systems[system ?? ""]?.colour ?? machineColours[machine ?? ""] ?? GREY;
}

/** `name` with the system that it is or begins with called as in the paper: "mix, user mode" becomes "CHORUS/MiX V.4, user mode". */
export function labelOf(name: string | number): string {
  return String(name).replace(/^\w+/, (word) => systems[word]?.label ?? word);
}

/** How one line or part of several is drawn: a colour, and dashes where another has the same colour. */
export interface Style {
  label: string;
  colour: string;
  /** Pixels of line and gap. */
  dash: readonly number[];
}

/** What rows of one colour differ in: pixels of line and gap. */
export const DASHES: readonly (readonly number[])[] = [[1, 0], [7, 5], [2, 4], [9, 3, 2, 3]];

/**
 * A style for each of `names`: what is a system, or begins with its name, has the system's
 * colour; numbers go from dark to light; the others are told apart as well as can be.
 */
export function stylesOf(names: readonly (string | number)[]): Style[] {
  const isOrdered = names.length > 1 && names.every((name) => typeof name === "number");
  const taken = new Map<string, number>();
  let others = 0;
  return names.map((name, i) => {
    const label = labelOf(name);
    const system = Object.values(systems).find((one) => label.startsWith(one.label));
    const ordered = ORDERED[Math.round((i * (ORDERED.length - 1)) / Math.max(1, names.length - 1))];
    const colour = system?.colour ?? (isOrdered ? ordered : MUTED[others++ % MUTED.length]);
    const before = taken.get(colour) ?? 0;
    taken.set(colour, before + 1);
    return { label, colour, dash: DASHES[before % DASHES.length] };
  });
}

/** What the paper prints is drawn in ink. */
export const INK = "#1b1b1b";
export const GROUND = "#ffffff";
export const GRID = "#d9d9d9";

/** DejaVu Sans comes with the project and is used for pictures; a browser may fall back. */
export const FONT = "DejaVu Sans, Verdana, Arial, sans-serif";
export const LABEL_PX = 13;
export const TITLE_PX = 16;

/** Width of the plotted area of a figure of one panel. */
export const WIDTH_PX = 640;
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
  title: { font: { size: TITLE_PX, weight: 700 }, x: 0.02, xanchor: "left", y: 1, yref: "container", yanchor: "top", pad: { t: 14 } },
  margin: { l: 80, r: 24, t: 64, b: 64 },
  height: HEIGHT_PX + 160,
  hoverlabel: { font: { family: FONT, size: LABEL_PX } },
} as const;

/** The theme of a Plotly axis. */
export const plotlyAxis = { gridcolor: GRID, linecolor: INK, showline: true, ticks: "outside", tickcolor: INK, zeroline: false } as const;

/** The title of a Plotly axis. */
export function axisTitle(text: string): object {
  return { text, font: { size: LABEL_PX } };
}
