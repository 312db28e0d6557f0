/**
 * A what-if to play with: controls below a chart move through results that were computed before.
 *
 * Layer: plots. The controls are Vega-Lite's own, bound to parameters of the figure. They
 * work without a kernel, in a notebook that nobody has declared trusted, and in a saved page.
 */
import { InputError, suggest } from "../schema/index.ts";
import { digits } from "./compared.ts";
import { Figure } from "./figure.ts";
import { unitOf, withUnit } from "./names.ts";
import { brief, distinct, RowReader } from "./rows.ts";
import type { Column, Labels, Rows } from "./rows.ts";
import { HEIGHT_PX, INK, LABEL_PX, labelOf, stylesOf, vegaLiteConfig } from "./theme.ts";

export interface SliderOptions {
  /** The column along the bottom, of numbers; it has a slider too, which moves along the line. */
  x: string;
  /** The column up the side, of numbers. */
  y: string;
  /** The columns that a control each moves through: a slider for numbers at equal distances, a list for others. */
  controls: readonly string[];
  /** The column that tells apart lines to be seen together, such as "system". */
  series?: string;
  /** Where the controls stand at first, by column, as the rows have it; else at the first value. */
  start?: Readonly<Record<string, number | string | boolean>>;
  title?: string;
  labels?: Labels;
}

/** A column with its control. */
interface Control {
  /** Names of the parameter and of the field in the figure's own rows. */
  name: string;
  title: string;
  values: (number | string | undefined)[];
  steps: (number | string)[];
  start: number | string;
  /** From one number to the next when all are at the same distance. */
  step?: number;
}

/** So many steps are named along the bottom one by one. */
const FEW_STEPS = 12;
const LINES_PX = 420;
const BARS_PX = 170;

/**
 * A chart with controls: `slider(grid, { x: "readBytes", y: "kbPerSec", controls: ["readAhead", "pager.interface"] })`,
 * where the grid has one row for each combination of the values.
 * @throws InputError for a column that is not there, or when two rows are for the same combination.
 */
export function slider(rows: Rows, options: SliderOptions): Figure {
  const { x, y, series, start = {}, labels } = options;
  const reader = new RowReader("slider", rows, labels);
  const [xs, ys] = [reader.numbers(x), reader.numbers(y)];
  const controls = options.controls.map((name, i) => controlOf(`set${i}`, reader.categories(name), start[name], name));
  const along = controlOf("at", xs, start[x], x);
  const names = series === undefined ? undefined : reader.categories(series);
  const values = ys.values.flatMap((value, i) => {
    const [place, settings] = [xs.values[i], controls.map((control) => control.values[i])];
    if (value === undefined || place === undefined || settings.includes(undefined)) return [];
    return [{ x: place, y: brief(value), series: names === undefined ? "" : labelOf(names.values[i] ?? ""), ...Object.fromEntries(controls.map(({ name }, c) => [name, settings[c]])) }];
  });
  refuseDoubles(values, options);
  const title = options.title ?? `${ys.title} against ${xs.title}`;
  const shown = names === undefined ? [""] : distinct([...names.values]);
  return new Figure({
    alt: inWords(title, along, controls, ys),
    vegaLite: vegaLiteOf({ title, along, controls, values, styles: stylesOf(shown), xTitle: xs.title, yTitle: ys.title, seriesTitle: names?.title }),
  });
}

/** One row of the figure's own: the settings are fields called set0, set1 and so on. */
type Value = { x: number; y: number; series: string } & Record<string, number | string | undefined>;

function controlOf(name: string, { title, values, scale }: Column<number | string>, start: number | string | boolean | undefined, column: string): Control {
  const steps = distinct([...values]);
  if (steps.length === 0) throw new InputError(`slider: column "${column}" is empty`);
  const wanted = typeof start === "boolean" ? (start ? "yes" : "no") : typeof start === "number" ? start * scale : (start ?? steps[0]);
  if (!steps.includes(wanted)) throw new InputError(`slider: ${column} cannot start at ${JSON.stringify(start)}, which no row has${suggest(String(wanted), steps.map(String))}`);
  return { name, title, values, steps, start: wanted, step: distanceOf(steps) };
}

/** The distance of the numbers when all are equally far from the next; undefined for others and for words. */
function distanceOf(steps: readonly (number | string)[]): number | undefined {
  if (steps.length < 2 || !steps.every((step) => typeof step === "number")) return undefined;
  const step = brief(steps[1] - steps[0]);
  return steps.every((one, i) => Math.abs(one - steps[0] - i * step) < step / 100) ? step : undefined;
}

function refuseDoubles(values: readonly Value[], { x, series, controls }: SliderOptions): void {
  const seen = new Set<string>();
  for (const { y: _, ...place } of values) {
    const key = JSON.stringify(place);
    if (seen.has(key)) throw new InputError(`slider: two rows have the same ${[x, ...controls, ...(series === undefined ? [] : [series])].join(", ")}; name what tells them apart as a control or as series`);
    seen.add(key);
  }
}

/** The control in words, in the language of Vega's expressions. */
function saying({ title, name, steps }: Control): string {
  const [heading, unit] = [title.replace(/ \([^()]+\)$/, ""), unitOf(title)];
  const isNumber = typeof steps[0] === "number";
  return isNumber ? `${JSON.stringify(`${heading} `)} + format(${name}, ".6~r") + ${JSON.stringify(unit)}` : name;
}

/** The test whether a row is at the control's place: sliders count in binary fractions, which need not meet the rows' numbers. */
function isAt(field: string, { name, step }: Control): string {
  return step === undefined ? `datum.${field} === ${name}` : `abs(datum.${field} - ${name}) < ${step / 2}`;
}

function paramOf({ name, title, steps, start, step }: Control): object {
  const label = `${title} `;
  const bind = step === undefined
    ? { input: "select", options: steps, labels: steps.map((one) => (typeof one === "number" ? digits(one) : labelOf(one))), name: label }
    : { input: "range", min: steps[0], max: steps.at(-1), step, name: label };
  return { name, value: start, bind };
}

interface Drawing {
  title: string;
  along: Control;
  controls: Control[];
  values: Value[];
  styles: ReturnType<typeof stylesOf>;
  xTitle: string;
  yTitle: string;
  seriesTitle: string | undefined;
}

function vegaLiteOf({ title, along, controls, values, styles, xTitle, yTitle, seriesTitle }: Drawing): object {
  const settings = controls.map((control) => isAt(control.name, control)).join(" && ") || "true";
  const here = isAt("x", along);
  const most = Math.max(...values.map(({ y }) => y));
  const domain = styles.map(({ label }) => label);
  const legend = seriesTitle === undefined ? null : { orient: "bottom", direction: "horizontal", symbolType: "stroke", symbolStrokeWidth: 2.5, symbolSize: 700, symbolOpacity: 1 };
  const colour = { field: "series", type: "nominal", title: seriesTitle ?? null, scale: { domain, range: styles.map((style) => style.colour) }, legend };
  const y = { field: "y", type: "quantitative", title: yTitle, scale: { domain: [Math.min(0, ...values.map((value) => value.y)), most * 1.05], nice: false } };
  const x = { field: "x", type: "quantitative", title: xTitle, scale: { zero: false, nice: false, padding: 16 }, axis: { format: ".6~r", ...(along.steps.length <= FEW_STEPS && { values: along.steps }) } };
  const detail = [...controls.map(({ name }) => ({ field: name, type: "nominal" })), { field: "series", type: "nominal" }];
  const tooltip = [...(seriesTitle === undefined ? [] : [{ field: "series", title: seriesTitle }]), { field: "x", type: "quantitative", title: xTitle }, { field: "y", type: "quantitative", title: yTitle }];
  const chart = {
    ...{ width: LINES_PX, height: HEIGHT_PX, encoding: { x, y } },
    layer: [
      { mark: { type: "line", color: "#000000", opacity: 0.1, strokeWidth: 1 }, encoding: { detail } },
      { transform: [{ filter: settings }], mark: { type: "line", strokeWidth: 2.5 }, encoding: { color: colour, tooltip } },
      { transform: [{ filter: `${settings} && ${here}` }], mark: { type: "point", filled: true, size: 130, opacity: 1, stroke: INK }, encoding: { color: colour, tooltip } },
    ],
  };
  const bars = {
    ...{ width: BARS_PX, height: HEIGHT_PX, transform: [{ filter: `${settings} && ${here}` }] },
    encoding: { x: { field: "series", type: "nominal", sort: domain, title: null, axis: { labelAngle: 0, labelLimit: 90, labels: domain.length > 1, ticks: false, labelExpr: "split(replace(datum.label, '/', '/|'), '|')" }, scale: { domain } }, y: { ...y, axis: { labels: false, ticks: false, title: null } } },
    layer: [
      { mark: { type: "bar", width: { band: 0.7 } }, encoding: { color: colour, tooltip } },
      { mark: { type: "text", dy: -10, color: INK, fontSize: LABEL_PX, fontWeight: "bold" }, encoding: { text: { field: "y", type: "quantitative", format: ".4~r" } } },
    ],
  };
  const subtitle = [...controls, along].map(saying).join(' + "  ·  " + ');
  return {
    ...{ title: { text: title, subtitle: { expr: subtitle } }, data: { values }, params: [along, ...controls].map(paramOf) },
    hconcat: [chart, bars],
    config: { ...vegaLiteConfig, concat: { spacing: 28 } },
  };
}

function inWords(title: string, along: Control, controls: readonly Control[], ys: Column<number>): string {
  const [most, least] = [Math.max, Math.min].map((pick) => pick(...ys.values.filter((value) => value !== undefined)));
  const ranges = [along, ...controls].map(({ title: name, steps, start }) => {
    const told = steps.map((one) => (typeof one === "number" ? digits(one) : labelOf(one)));
    const which = told.length > 8 ? `${told[0]} to ${told.at(-1)}` : told.join(", ");
    return `${name}: ${which}; shown at ${withUnit(name, typeof start === "number" ? digits(start) : labelOf(start))}`;
  });
  return [title, ...ranges, `${ys.title}: ${digits(least)} to ${digits(most)}${unitOf(ys.title)}`].join("\n");
}
