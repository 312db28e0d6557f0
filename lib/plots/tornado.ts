/**
 * A tornado chart: how much one result owes to each assumption, the weightiest on top.
 *
 * Layer: plots. The line in the middle is the result as it is; bars go to what it is with a
 * parameter at either end of its range.
 */
import { InputError } from "../schema/index.ts";
import { digits, percent } from "./compared.ts";
import { Figure } from "./figure.ts";
import { INK, stylesOf, vegaLiteConfig } from "./theme.ts";

/** What the chart needs of the sensitivity to one parameter. */
export interface MovedParameter {
  parameter: string;
  value: number | string | boolean;
  /** The ends of the parameter's range, or its other choices. */
  tried: readonly (number | string | boolean)[];
  /** What becomes of each result there, as a relative change. */
  cells: readonly { id: string; changes: readonly (number | null)[] }[];
}

export interface TornadoOptions {
  /** Bars at most. */
  most?: number;
}

const WIDTH_PX = 420;
const STEP_PX = 26;
/** The two ends of a range; of choices, the first other one and the rest. */
const ENDS = ["low end, or first other choice", "high end, or another choice"] as const;

/**
 * The parameters that move `cell` most.
 * @throws InputError when none of `moved` moves it.
 */
export function tornado(moved: readonly MovedParameter[], cell: string, { most = 12 }: TornadoOptions = {}): Figure {
  const bars = moved
    .flatMap(({ parameter, value, tried, cells }) => {
      const changes = cells.find(({ id }) => id === cell)?.changes;
      if (changes === undefined) return [];
      const name = `${parameter}: ${shown(value)} (${tried.map(shown).join(typeof value === "number" ? " to " : ", ")})`;
      const ends = tried.map((at, i) => ({ at: shown(at), end: ENDS[i === 0 ? 0 : 1], change: changes[i] ?? undefined }));
      return [{ name, ends: ends.filter((one): one is typeof one & { change: number } => one.change !== undefined) }];
    })
    .filter(({ ends }) => ends.some(({ change }) => change !== 0))
    .sort((a, b) => reach(b.ends) - reach(a.ends))
    .slice(0, most);
  if (bars.length === 0) throw new InputError(`tornado: nothing moves "${cell}"`);

  // The longer bar of a parameter is drawn first, so that a shorter one to the same side stays to be seen.
  const values = bars.flatMap(({ name, ends }) =>
    ends.toSorted((a, b) => Math.abs(b.change) - Math.abs(a.change)).map((one) => ({ name, ...one, percent: percent(one.change) })),
  );
  const tooltip = [{ field: "name", title: "parameter" }, { field: "at", title: "at" }, { field: "percent", title: "the result changes by" }];
  const title = `What ${cell.split(" | ").join(", ")} owes to each assumption`;
  const vegaLite = {
    title: { text: title, subtitle: "how the result changes when a parameter goes from its value to the ends of its range, or to its other choices" },
    width: WIDTH_PX,
    height: { step: STEP_PX },
    data: { values },
    encoding: { y: { field: "name", type: "nominal", sort: bars.map(({ name }) => name), title: null, axis: { labelLimit: 400, ticks: false, labelPadding: 8 } } },
    layer: [
      {
        mark: { type: "bar", height: { band: 0.62 } },
        encoding: {
          x: { field: "change", type: "quantitative", stack: null, title: "change of the result", axis: { format: "+.0%", tickCount: 6, labelFlush: false } },
          color: {
            field: "end", type: "nominal", title: null, scale: { domain: ENDS, range: COLOURS },
            legend: { orient: "bottom", direction: "horizontal", symbolType: "square", symbolSize: 180 },
          },
          tooltip,
        },
      },
      { mark: { type: "rule", color: INK }, encoding: { x: { datum: 0 } } },
    ],
    config: vegaLiteConfig,
  };
  const alt = [title, ...bars.map(({ name, ends }) => `${name}: ${ends.map(({ at, change }) => `${percent(change)} at ${at}`).join(", ")}`)].join("\n");
  return new Figure({ alt, vegaLite });
}

const COLOURS = stylesOf(ENDS).map(({ colour }) => colour);

const reach = (ends: readonly { change: number }[]): number => Math.max(...ends.map(({ change }) => Math.abs(change)));

const shown = (value: number | string | boolean): string => (typeof value === "number" ? digits(value) : value === true ? "on" : value === false ? "off" : value);
