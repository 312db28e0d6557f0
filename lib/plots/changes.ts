/**
 * What variants change: a row for each, a column for each measure, every cell the change in
 * percent, its colour whether that is for the better or for the worse.
 *
 * Layer: plots.
 */
import { InputError } from "../schema/index.ts";
import { Figure } from "./figure.ts";
import { RowReader } from "./rows.ts";
import type { Labels, Rows } from "./rows.ts";
import { wrapped } from "./text.ts";
import { GROUND, INK, labelOf, LABEL_PX, vegaLiteConfig } from "./theme.ts";

export interface ChangesOptions {
  /** The column with the variants' names. */
  variant: string;
  /** The column with what each is a variant of, which stands over them. */
  of?: string;
  /** The columns of changes, in percent, and what is better. */
  measures: Readonly<Record<string, "more" | "less">>;
  title?: string;
  labels?: Labels;
}

const CELL_PX = { width: 82, height: 30 };
/** From the worse over none to the better; orange and blue, which the colour-blind can tell apart. */
const COLOURS = ["#D55E00", "#F5CBB0", GROUND, "#B3D4E6", "#0072B2"] as const;
/** A line of a variant's name. */
const NAME_CHARACTERS = 42;
/** From one line of a heading to the next. */
const LINE_PX = 15;
/** A change of so many percent, or more, has the full colour. */
const FULL = 50;
/** From so much colour on, ink is hard to read. */
const DARK = 0.8;

/**
 * A table of changes: `changes(rows, { variant: "variant", of: "system", measures: { readChange: "more", cachedReadChange: "less" } })`.
 * @throws InputError for a column that is not there, with the nearest, or that holds no numbers.
 */
export function changes(rows: Rows, { variant, of, measures, title = "What changes, in percent", labels = {} }: ChangesOptions): Figure {
  const reader = new RowReader("changes", rows, labels);
  const columns = Object.entries(measures);
  if (columns.length === 0) throw new InputError("changes: measures: expected at least one column");
  const whose = of === undefined ? undefined : reader.categories(of).values.map((name) => labelOf(name ?? ""));
  const names = reader.categories(variant).values.map((name) => String(name ?? ""));
  const cells = columns.map(([column, better]) => ({ better, ...reader.numbers(column) }));
  const titles = cells.map((one) => one.title);
  const values = cells.flatMap(({ better, title: measure, values: found }) =>
    found.flatMap((change, i) => {
      if (change === undefined) return [];
      const good = Math.max(-1, Math.min(1, (better === "more" ? change : -change) / FULL));
      return [{ whose: whose?.[i] ?? "", name: names[i], measure, change, text: written(change), good, light: Math.abs(good) > DARK }];
    }),
  );
  const headingLines = Math.max(...titles.map((one) => one.split("|").length));
  const keys = [...new Set(names.flatMap((name, i) => (whose === undefined ? [keyOf("", name)] : [keyOf(whose[i]!, ""), keyOf(whose[i]!, name)])))];
  const vegaLite = {
    title: { text: title, subtitle: "blue: better than as measured; orange: worse" },
    width: CELL_PX.width * columns.length,
    height: CELL_PX.height * keys.length,
    data: { values: values.map(({ whose: system, name, ...rest }) => ({ key: keyOf(system, name), name, ...rest })) },
    encoding: {
      x: { field: "measure", type: "nominal", sort: titles, title: null, axis: { orient: "top", labelAngle: 0, labelPadding: 6 + LINE_PX * (headingLines - 1), labelExpr: "split(datum.label, '|')", domain: false, ticks: false, grid: false } },
      y: { field: "key", type: "nominal", scale: { domain: keys }, title: null, axis: { labelExpr: NAME, labelOffset: { condition: { test: IN_LINES, value: -LINE_PX / 2 }, value: 0 }, labelFontWeight: { condition: { test: IS_HEADING, value: "bold" }, value: "normal" }, labelLimit: 0, domain: false, ticks: false, labelPadding: 8, grid: false } },
    },
    layer: [
      {
        mark: { type: "rect", stroke: GROUND, strokeWidth: 2 },
        encoding: {
          color: { field: "good", type: "quantitative", scale: { domain: [-1, -0.2, 0, 0.2, 1], range: COLOURS, interpolate: "rgb" }, legend: null },
          tooltip: [{ field: "name", title: "variant" }, { field: "measure" }, { field: "text", title: "changes by" }],
        },
      },
      { mark: { type: "text", fontSize: LABEL_PX }, encoding: { text: { field: "text" }, color: { condition: { test: "datum.light", value: GROUND }, value: INK } } },
    ],
    config: vegaLiteConfig,
  };
  const alt = [title, ...names.map((name, i) => `${whose === undefined ? "" : `${whose[i]}: `}${name}: ${values.filter((one) => one.name === name && one.whose === (whose?.[i] ?? "")).map(({ measure, text }) => `${measure.replaceAll("|", " ")} ${text}`).join(", ")}`)].join("\n");
  return new Figure({ alt, vegaLite });
}

/** The place of a variant, its name in lines, or, without a name, of the heading over those of one system. */
const keyOf = (whose: string, name: string): string => `${whose}|${wrapped(name, NAME_CHARACTERS).join("\n")}`;
/** In Vega's expressions, the lines that are written at such a place, whether they are two, and whether it is a heading. */
const NAME = "split(split(datum.label, '|')[1] || split(datum.label, '|')[0], '\\n')";
const IN_LINES = "indexof(datum.value, '\\n') >= 0";
const IS_HEADING = "split(datum.value, '|')[1] === ''";

/** "+14 %"; what is less than half a percent is none. */
function written(change: number): string {
  const whole = Math.round(change);
  if (whole === 0) return "0";
  return `${whole > 0 ? "+" : "−"}${Math.abs(whole)} %`;
}
