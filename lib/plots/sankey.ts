/**
 * Where a quantity goes: flows from one place to the next, as wide as they are large.
 *
 * Layer: plots. The live figure is Plotly's; the picture has the layout of d3-sankey and
 * is drawn by Vega.
 */
import { sankey as layOut, sankeyJustify } from "d3-sankey";
import type { SankeyLink, SankeyNode } from "d3-sankey";
import { InputError } from "../schema/index.ts";
import { digits } from "./compared.ts";
import { Figure } from "./figure.ts";
import type { PlotlyFigure } from "./figure.ts";
import { unitOf } from "./names.ts";
import { brief, RowReader } from "./rows.ts";
import type { Labels, Rows } from "./rows.ts";
import { FONT, GROUND, HEIGHT_PX, INK, LABEL_PX, labelOf, plotlyLayout, stylesOf, TITLE_PX, WIDTH_PX } from "./theme.ts";

export interface SankeyOptions {
  /** The column of where a flow comes from. */
  from?: string;
  /** The column of where it goes. */
  to?: string;
  /** The column of how much it is, of numbers. */
  value: string;
  title?: string;
  labels?: Labels;
}

interface Flow {
  from: string;
  to: string;
  value: number;
}

const NODE_PX = 16;
const NODE_GAP_PX = 18;
/** How solid a flow is, whose colour is that of where it comes from. */
const FLOW_OPACITY = 0.4;
/** Room for the names behind the last places. */
const NAMES_PX = 150;

/**
 * A Sankey diagram: `sankey(flows, { from: "span", to: "part", value: "us" })`; by default
 * the columns are called from and to.
 * @throws InputError for a column that is not there, for a flow below zero, and for flows that lead back to where they came from.
 */
export function sankey(rows: Rows, { from = "from", to = "to", value, title, labels }: SankeyOptions): Figure {
  const reader = new RowReader("sankey", rows, labels);
  const [froms, tos, values] = [reader.categories(from).values, reader.categories(to).values, reader.numbers(value)];
  const flows = values.values.flatMap((one, i) => {
    const [source, target] = [froms[i], tos[i]];
    if (one === undefined || source === undefined || target === undefined || one === 0) return [];
    if (one < 0) throw new InputError(`sankey: the flow from "${source}" to "${target}" is ${one}, below zero`);
    return [{ from: labelOf(source), to: labelOf(target), value: brief(one) }];
  });
  if (flows.length === 0) throw new InputError("sankey: no row has a flow above zero");
  refuseCircles(flows);
  const unit = unitOf(values.title);
  const heading = title ?? values.title;
  const told = flows.map((flow) => `${flow.from} to ${flow.to}: ${digits(flow.value)}${unit}`);
  return new Figure({ alt: [heading, ...told].join("\n"), vega: vegaOf(flows, heading, unit), plotly: plotlyOf(flows, heading, unit) });
}

function placesOf(flows: readonly Flow[]): string[] {
  return [...new Set(flows.flatMap(({ from, to }) => [from, to]))];
}

function refuseCircles(flows: readonly Flow[]): void {
  const onTheWay: string[] = [];
  const done = new Set<string>();
  const visit = (place: string): void => {
    if (onTheWay.includes(place)) throw new InputError(`sankey: the flows go in a circle: ${[...onTheWay.slice(onTheWay.indexOf(place)), place].join(" → ")}`);
    if (done.has(place)) return;
    onTheWay.push(place);
    for (const { from, to } of flows) if (from === place) visit(to);
    onTheWay.pop();
    done.add(place);
  };
  for (const place of placesOf(flows)) visit(place);
}

function plotlyOf(flows: readonly Flow[], title: string, unit: string): PlotlyFigure {
  const places = placesOf(flows);
  const colours = stylesOf(places).map(({ colour }) => colour);
  const at = (place: string) => places.indexOf(place);
  const translucent = (colour: string) => `${colour}${Math.round(255 * FLOW_OPACITY).toString(16)}`;
  const data = {
    ...{ type: "sankey", arrangement: "snap", valueformat: "~r", valuesuffix: unit, textfont: { family: FONT, size: LABEL_PX, color: INK } },
    node: { label: places, color: colours, thickness: NODE_PX, pad: NODE_GAP_PX, line: { width: 0 } },
    link: { source: flows.map(({ from }) => at(from)), target: flows.map(({ to }) => at(to)), value: flows.map(({ value }) => value), color: flows.map(({ from }) => translucent(colours[at(from)])) },
  };
  return { data: [data], layout: { ...plotlyLayout, title: { ...plotlyLayout.title, text: title }, margin: { ...plotlyLayout.margin, l: 24, r: NAMES_PX, b: 24 } } };
}

type Node = SankeyNode<{ name: string }, object>;
type Link = SankeyLink<{ name: string }, object>;

function vegaOf(flows: readonly Flow[], title: string, unit: string): object {
  const places = placesOf(flows);
  const colours = stylesOf(places).map(({ colour }) => colour);
  const layout = layOut<{ name: string }, object>().nodeWidth(NODE_PX).nodePadding(NODE_GAP_PX).nodeAlign(sankeyJustify).extent([[0, 0], [WIDTH_PX, HEIGHT_PX]]);
  const { nodes, links } = layout({
    nodes: places.map((name) => ({ name })),
    links: flows.map(({ from, to, value }) => ({ source: places.indexOf(from), target: places.indexOf(to), value })),
  });
  const colourAt = (node: Node) => colours[node.index!];
  const text = { font: { value: FONT }, fontSize: { value: LABEL_PX }, fill: { value: INK } };
  return {
    ...{ width: WIDTH_PX + NAMES_PX, height: HEIGHT_PX, padding: 12, background: GROUND },
    title: { text: title, anchor: "start", color: INK, font: FONT, fontSize: TITLE_PX, fontWeight: "bold", offset: 16 },
    data: [
      { name: "links", values: links.map((link: Link) => ({ path: ribbon(link), colour: colourAt(link.source as Node) })) },
      { name: "nodes", values: nodes.map((node: Node) => ({ ...{ x: node.x0, x2: node.x1, y: node.y0, y2: Math.max(node.y1!, node.y0! + 1) }, colour: colourAt(node), text: `${node.name}, ${digits(node.value!)}${unit}` })) },
    ],
    marks: [
      { type: "path", from: { data: "links" }, encode: { enter: { path: { field: "path" }, fill: { field: "colour" }, fillOpacity: { value: FLOW_OPACITY } } } },
      { type: "rect", from: { data: "nodes" }, encode: { enter: { x: { field: "x" }, x2: { field: "x2" }, y: { field: "y" }, y2: { field: "y2" }, fill: { field: "colour" } } } },
      { type: "text", from: { data: "nodes" }, encode: { enter: { x: { field: "x2", offset: 6 }, y: { signal: "(datum.y + datum.y2) / 2" }, text: { field: "text" }, baseline: { value: "middle" }, ...text } } },
    ],
  };
}

/** The outline of a flow, from the right of one place to the left of the next. */
function ribbon({ source, target, y0, y1, width }: Link): string {
  const [left, right] = [(source as Node).x1!, (target as Node).x0!];
  const half = Math.max(1, width!) / 2;
  const edge = (from: number, to: number, yFrom: number, yTo: number) => `${from},${brief(yFrom)}C${(from + to) / 2},${brief(yFrom)} ${(from + to) / 2},${brief(yTo)} ${to},${brief(yTo)}`;
  return `M${edge(left, right, y0! - half, y1! - half)}L${edge(right, left, y1! + half, y0! + half)}Z`;
}
