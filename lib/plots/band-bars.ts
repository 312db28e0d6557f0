/**
 * Bars with bands: what each of a few settings gives, and how far its assumed costs could move it.
 *
 * Layer: plots. Each panel has a scale of its own, from zero: what takes 80 µs and what takes
 * 16 ms stand below each other, and bars are compared within a panel. The band is drawn over
 * its bar; where low and high are the same there is none.
 */
import { digits } from "./compared.ts";
import { Figure } from "./figure.ts";
import { unitOf } from "./names.ts";
import { brief, distinct, RowReader } from "./rows.ts";
import type { Labels, Rows } from "./rows.ts";
import { INK, LABEL_PX, labelOf, stylesOf, vegaLiteConfig, WIDTH_PX } from "./theme.ts";

export interface BandBarsOptions {
  /** The column that panels are for, and the one that the bars of a panel are for. */
  panel: string;
  bar: string;
  /** The column of the length of the bar, and those of the two ends of its band. */
  value: string;
  low: string;
  high: string;
  title?: string;
  subtitle?: string;
  labels?: Labels;
}

interface Bar {
  panel: string;
  bar: string;
  value: number;
  low: number;
  high: number;
  text: string;
}

const STEP_PX = 30;
const BAND = { color: INK, size: 2 } as const;

/**
 * Bars of `rows`, a panel for each value of one column: `bandBars(rows, { panel: "benchmark", bar: "servers", value: "us", low: "lowUs", high: "highUs" })`.
 * @throws InputError for a column that is not there, with the nearest.
 */
export function bandBars(rows: Rows, { panel, bar, value, low, high, title = "", subtitle, labels }: BandBarsOptions): Figure {
  const reader = new RowReader("bandBars", rows, labels);
  const [panels, names] = [reader.categories(panel).values, reader.categories(bar).values];
  const { title: valueTitle, values } = reader.numbers(value);
  const [lows, highs] = [reader.numbers(low).values, reader.numbers(high).values];
  const unit = unitOf(valueTitle);
  const bars = values.flatMap((one, i): Bar[] => {
    const [inPanel, name] = [panels[i], names[i]];
    if (one === undefined || inPanel === undefined || name === undefined) return [];
    const [from, to] = [lows[i] ?? one, highs[i] ?? one];
    const band = from === to ? "" : ` (${digits(from)} to ${digits(to)})`;
    return [{ panel: labelOf(inPanel), bar: labelOf(name), value: brief(one), low: brief(from), high: brief(to), text: `${digits(brief(one))}${unit}${band}` }];
  });
  const order = distinct(bars.map((one) => one.bar));
  const styles = stylesOf(order);
  const colour = { field: "bar", type: "nominal", legend: null, scale: { domain: order, range: styles.map((style) => style.colour) } };
  const panelOf = (name: string, i: number, all: readonly string[]) => {
    const own = bars.filter((one) => one.panel === name);
    const widest = Math.max(...own.map((one) => one.high));
    const x = { type: "quantitative", title: i === all.length - 1 ? valueTitle : null, scale: { domain: [0, widest * 1.5], nice: false }, axis: { tickCount: 6, grid: true } };
    const tooltip = [{ field: "bar", title: labels?.[bar] ?? bar }, { field: "text", title: valueTitle }];
    return {
      ...{ title: { text: name, fontSize: LABEL_PX + 1, offset: 6 }, width: WIDTH_PX - 60, height: { step: STEP_PX }, data: { values: own } },
      encoding: { y: { field: "bar", type: "nominal", sort: order, title: null, axis: { domain: false, ticks: false, labelPadding: 8, grid: false } } },
      layer: [
        { mark: { type: "bar", height: { band: 0.66 } }, encoding: { x: { field: "value", ...x }, color: colour, tooltip } },
        { transform: [{ filter: "datum.high > datum.low" }], mark: { type: "rule", ...BAND }, encoding: { x: { field: "low", ...x }, x2: { field: "high" } } },
        ...["low", "high"].map((end) => ({ transform: [{ filter: "datum.high > datum.low" }], mark: { type: "tick", color: INK, thickness: 2, size: 12 }, encoding: { x: { field: end, ...x } } })),
        { mark: { type: "text", align: "left", dx: 8, color: INK, fontSize: LABEL_PX }, encoding: { x: { field: "high", ...x }, text: { field: "text" } } },
      ],
    };
  };
  const vegaLite = { title: { text: title, ...(subtitle !== undefined && { subtitle }) }, vconcat: distinct(bars.map((one) => one.panel)).map(panelOf), config: { ...vegaLiteConfig, concat: { spacing: 18 } } };
  return new Figure({ alt: [title, ...bars.map((one) => `${one.panel}, ${one.bar}: ${one.text}`)].join("\n"), vegaLite });
}
