/**
 * What a call costs, part by part: one bar a system, one section a span.
 *
 * Layer: plots; table 5-9. The sections stand in the order of the rows. A part that dwarfs
 * the others, such as reading from disk, can be left out of a second panel.
 */
import { InputError, suggest } from "../schema/index.ts";
import { digits } from "./compared.ts";
import { Figure } from "./figure.ts";
import { unitOf } from "./names.ts";
import { brief, distinct, RowReader } from "./rows.ts";
import type { Labels, Rows } from "./rows.ts";
import { INK, LABEL_PX, labelOf, stylesOf, vegaLiteConfig, WIDTH_PX } from "./theme.ts";

export interface BreakdownOptions {
  /** The column that a bar is for. */
  system?: string;
  /** The column of the part. */
  span?: string;
  /** The column of the time that a part takes. */
  value?: string;
  /** The column of the time that the paper gives it: a second bar below the first. */
  paper?: string;
  /** Parts that a second panel leaves out. */
  without?: string | readonly string[];
  title?: string;
  labels?: Labels;
}

interface Part {
  bar: string;
  source: "simulated" | "paper";
  span: string;
  value: number;
  /** Its place from the left. */
  order: number;
}

const BAR_PX = 26;

/**
 * Stacked bars: `breakdownBars(rows, { without: "Read from Disk" })` of rows such as
 * `{ system: "mach3", span: "Pagefault", us: 316 }`, in which a missing part takes no time.
 * @throws InputError for a column or a part that is not there, with the nearest.
 */
export function breakdownBars(rows: Rows, options: BreakdownOptions = {}): Figure {
  const { system = "system", span = "span", value = "us", paper, without = [], labels } = options;
  const reader = new RowReader("breakdownBars", rows, labels);
  const simulated = reader.numbers(value);
  const [systems, spans] = [reader.categories(system).values.map(named), reader.categories(span).values.map(named)];
  const order = distinct(spans);
  const leftOut = [without].flat();
  for (const one of leftOut) if (!order.includes(one)) throw new InputError(`breakdownBars: there is no part "${one}" to leave out${suggest(one, order)}`);
  const partsOf = (source: Part["source"], values: (number | undefined)[]) =>
    values.flatMap((one, i): Part[] => {
      const [bar, part] = [systems[i], spans[i]];
      return one === undefined || bar === undefined || part === undefined ? [] : [{ bar, source, span: part, value: brief(one), order: order.indexOf(part) }];
    });
  const parts = [...partsOf("simulated", simulated.values), ...(paper === undefined ? [] : partsOf("paper", reader.numbers(paper).values))];
  const title = options.title ?? "Where the time goes";
  return new Figure({ alt: inWords(title, parts, unitOf(simulated.title)), vegaLite: vegaLiteOf({ title, parts, order, leftOut, valueTitle: simulated.title }) });
}

function named(value: string | number | undefined): string | undefined {
  return value === undefined ? undefined : labelOf(value);
}

interface Drawing {
  title: string;
  parts: Part[];
  order: string[];
  leftOut: string[];
  valueTitle: string;
}

function vegaLiteOf({ title, parts, order, leftOut, valueTitle }: Drawing): object {
  const hasPaper = parts.some(({ source }) => source === "paper");
  const whole = panel(parts, order, valueTitle, hasPaper);
  const rest = parts.filter(({ span }) => !leftOut.includes(span));
  const panels = leftOut.length === 0 ? [whole] : [whole, { title: { text: `without ${leftOut.join(" and ")}`, fontSize: LABEL_PX + 1, offset: 8 }, ...panel(rest, order, valueTitle, hasPaper) }];
  return {
    title: { text: title, ...(hasPaper && { subtitle: "upper bar of each pair: simulated  ·  lower, paler: the paper" }) },
    vconcat: panels,
    resolve: { scale: { x: "independent" } },
    config: { ...vegaLiteConfig, concat: { spacing: 28 } },
  };
}

function panel(parts: readonly Part[], order: readonly string[], valueTitle: string, hasPaper: boolean): object {
  const bars = [...new Set(parts.map(({ bar }) => bar))];
  const unit = unitOf(valueTitle);
  const styles = stylesOf(order);
  const y = { field: "bar", type: "nominal", sort: bars, title: null, axis: { domain: false, ticks: false, labelPadding: 8, grid: false } };
  const yOffset = hasPaper ? { yOffset: { field: "source", sort: ["simulated", "paper"], scale: { paddingInner: 0.08, paddingOuter: 0.2 } } } : {};
  const x = { field: "value", type: "quantitative", title: valueTitle, stack: "zero", axis: { grid: true, tickCount: 7, labelOverlap: true } };
  const colour = {
    ...{ field: "span", type: "nominal", title: null, sort: order, scale: { domain: order, range: styles.map((style) => style.colour) } },
    legend: { orient: "bottom", columns: 3, symbolType: "square", symbolSize: 160, columnPadding: 24 },
  };
  const tooltip = [{ field: "bar", title: "system" }, { field: "source", title: "source" }, { field: "span", title: "part" }, { field: "value", type: "quantitative", title: valueTitle }];
  const totals = bars.flatMap((bar) => (["simulated", "paper"] as const).map((source) => ({ bar, source, own: parts.filter((part) => part.bar === bar && part.source === source) })))
    .filter(({ own }) => own.length > 0)
    .map(({ bar, source, own }) => ({ bar, source, total: sum(own), text: `${digits(sum(own))}${unit}` }));
  const widest = Math.max(...totals.map(({ total }) => total));
  return {
    ...{ width: WIDTH_PX, height: { step: hasPaper ? BAR_PX : BAR_PX + 10 } },
    encoding: { y, ...yOffset },
    layer: [
      {
        data: { values: parts },
        mark: { type: "bar", stroke: "#ffffff", strokeWidth: 1, ...(!hasPaper && { height: { band: 0.7 } }) },
        encoding: { x: { ...x, scale: { domain: [0, widest * 1.12], nice: false } }, color: colour, order: { field: "order" }, tooltip, ...(hasPaper && { opacity: { condition: { test: "datum.source === 'paper'", value: 0.55 }, value: 1 } }) },
      },
      { data: { values: totals }, mark: { type: "text", align: "left", dx: 6, color: INK, fontSize: LABEL_PX }, encoding: { x: { field: "total", type: "quantitative" }, text: { field: "text" } } },
    ],
  };
}

function sum(parts: readonly Part[]): number {
  return brief(parts.reduce((total, { value }) => total + value, 0));
}

function inWords(title: string, parts: readonly Part[], unit: string): string {
  const bars = [...new Set(parts.map(({ bar, source }) => `${bar}, ${source}`))];
  return [title, ...bars.map((name) => {
    const own = parts.filter(({ bar, source }) => `${bar}, ${source}` === name);
    return `${name}: ${own.map(({ span, value }) => `${span} ${digits(value)}${unit}`).join(", ")}; total ${digits(sum(own))}${unit}`;
  })].join("\n");
}
