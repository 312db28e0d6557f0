/**
 * The paper's throughput tables as a chart: the simulation as bars, the paper as points.
 * Layer: plots; tables 5-1, 5-3, 5-4.
 */
import { digits, inWords, percent } from "./compared.ts";
import type { Compared, TableOfPaper } from "./compared.ts";
import { Figure } from "./figure.ts";
import { colourOf, HEIGHT_PX, INK, LABEL_PX, vegaLiteConfig } from "./theme.ts";

/** How solid a bar is: the less the paper itself went into it, the more. */
const SOLIDITY: Record<string, number> = { predicted: 1, fitted: 0.7, derived: 0.45, input: 0.3 };
/** Room that the bars share, and the most that one takes. */
const BARS_PX = 720;
const WIDEST_STEP_PX = 150;

/** A chart of those cells that are throughputs: one group a row of the table, one bar a column. */
export function throughputChart(cells: readonly Compared[], table: TableOfPaper): Figure {
  const shown = cells.filter(({ unit }) => unit.endsWith("/s"));
  const columns = [...new Set(shown.map(({ column }) => column))];
  const evidences = Object.keys(SOLIDITY).filter((kind) => shown.some(({ evidence }) => evidence === kind));
  const values = shown.map(({ row, column, unit, paper, low, high, simulated, relativeError, evidence, system, machine }) => ({
    ...{ row, column, paper, low, high, simulated, evidence },
    error: percent(relativeError),
    colour: colourOf({ system, machine }),
    top: Math.max(simulated, high),
    printed: `${digits(paper)} ${unit}`,
    found: `${digits(simulated)} ${unit}`,
  }));

  // A long name such as CHORUS/MiX V.4 takes two lines.
  const twoLines = "split(replace(datum.label, '/', '/|'), '|')";
  const x = { field: "column", type: "nominal", sort: columns, title: null, axis: { labelAngle: 0, labelExpr: twoLines, ticks: false, labelPadding: 6 } };
  const y = (field: string) => ({ field, type: "quantitative", title: `throughput (${shown[0]?.unit ?? "KB/s"})` });
  const tooltip = [
    { field: "column", title: "system" },
    { field: "found", title: "simulated" },
    { field: "printed", title: "paper" },
    { field: "error", title: "difference" },
    { field: "evidence", title: "evidence" },
  ];
  const colour = { field: "colour", type: "nominal", scale: null };
  const solidity = {
    field: "evidence",
    type: "ordinal",
    title: "the simulated value is",
    scale: { type: "ordinal", domain: evidences, range: evidences.map((kind) => SOLIDITY[kind]) },
    legend: { orient: "bottom", direction: "horizontal", symbolType: "square", symbolFillColor: INK, symbolSize: 180 },
  };
  const vegaLite = {
    title: { text: table.caption, subtitle: "bars: simulated  ·  points: the paper, with what its rounding allows  ·  above: the difference" },
    data: { values },
    facet: { column: { field: "row", type: "nominal", sort: null } },
    spec: {
      width: { step: Math.min(WIDEST_STEP_PX, BARS_PX / shown.length) },
      height: HEIGHT_PX,
      encoding: { x },
      layer: [
        {
          mark: { type: "bar", width: { band: 0.62 } },
          encoding: { y: { ...y("simulated"), scale: { zero: true } }, color: colour, opacity: solidity, tooltip },
        },
        { mark: { type: "errorbar", color: INK, thickness: 2, ticks: { size: 18, thickness: 2 } }, encoding: { y: y("low"), y2: { field: "high" } } },
        { mark: { type: "point", shape: "diamond", size: 48, filled: true, color: INK, opacity: 1 }, encoding: { y: y("paper"), tooltip } },
        { mark: { type: "text", dy: -14, color: INK, fontSize: LABEL_PX }, encoding: { y: y("top"), text: { field: "error" } } },
      ],
    },
    config: vegaLiteConfig,
  };
  return new Figure({ alt: inWords(table.caption, shown), vegaLite });
}
