/**
 * A system call drawn as arrows between address spaces.
 *
 * Layer: plots; figures 3-1, 3-2, 4-1 and 4-2. User space, kernel space and hardware are
 * bands, time goes down (not to scale), arrows are numbered. What moves bytes stands out.
 */
import { Figure } from "./figure.ts";
import { shortTime, wrapped } from "./text.ts";
import { INK, vegaLiteConfig } from "./theme.ts";

/** What the diagram needs of a lane, of a step, and of a sequence. */
export interface LaneOf {
  readonly name: string;
  readonly band: string;
}
export interface StepOf {
  readonly kind: "call" | "return" | "message" | "disk" | "data" | "note";
  readonly number?: number;
  readonly from: string;
  readonly to: string;
  readonly label: string;
  /** Of data: how the bytes move. */
  readonly move?: string;
  readonly bytes: number;
  readonly timeUs: number;
}
export interface SequenceOf {
  readonly title: string;
  readonly lanes: readonly LaneOf[];
  readonly steps: readonly StepOf[];
  readonly elapsedUs: number;
}

export interface SequenceDiagramOptions {
  /** By default what the call is, and how long it took. */
  title?: string;
}

const QUIET = "#555555";
const ROW_PX = 22;
const HEAD_ROWS = 2.4;
const LANES_PX = 690;
const WIDEST_LANE_PX = 160;
const TEXT_PX = 11;
/** Width of a character, and what part of a lane's width a line of a note may take. */
const CHARACTER_PX = 6.4;
const NOTE_LANES = 1.4;
const BANDS: Readonly<Record<string, string>> = { "user space": "#e8f1fa", "kernel space": "#fdf0e2", hardware: "#eeeeee" };
/** A copy costs a pass over the bytes, a handed-over or mapped page does not: they must not look alike. */
const MOVES: Readonly<Record<string, string>> = { copy: "#D55E00", message: "#D55E00", zero: "#CC79A7", page: "#009E73", map: "#009E73", "sector in": "#0072B2", "sector out": "#0072B2" };

/** A line of text beside its lane, or an arrow's. */
interface Text {
  x: number;
  y: number;
  text: string;
  colour: string;
  align: "left" | "right" | "center";
  bold: boolean;
}

/** The diagram of `sequence`, as sequence() of a trace gives it. */
export function sequenceDiagram(sequence: SequenceOf, options: SequenceDiagramOptions = {}): Figure {
  const { lanes, steps, elapsedUs } = sequence;
  const { title = `${sequence.title}, ${shortTime(elapsedUs)}` } = options;
  const lanePx = Math.min(WIDEST_LANE_PX, LANES_PX / lanes.length);
  const characters = Math.floor((NOTE_LANES * lanePx) / CHARACTER_PX);
  const at = new Map(lanes.map(({ name }, i) => [name, i]));
  const arrows: object[] = [];
  const heads: object[] = [];
  const texts: Text[] = [];
  const times: object[] = [];
  const marks: object[] = [];
  let y = HEAD_ROWS;
  for (const step of steps) {
    const [from, to] = [at.get(step.from)!, at.get(step.to)!];
    if (step.number === undefined) {
      const right = to >= lanes.length - 1 && to > 0; // the last lane has its room on the left
      const colour = step.kind === "data" ? (MOVES[step.move ?? ""] ?? INK) : QUIET;
      const words = step.kind === "data" ? `${step.label}, ${step.bytes}\u00a0bytes` : step.label;
      if (step.kind === "data") marks.push({ x: to, y, colour, move: step.move });
      for (const line of wrapped(words, characters)) {
        texts.push({ x: to, y, text: line, colour, align: right ? "right" : "left", bold: step.kind === "data" });
        y += 0.75;
      }
      y += 0.25;
      continue;
    }
    const words = `${step.number}${step.label === "" ? "" : `  ${step.label}`}`;
    times.push({ y: y + 0.55, text: shortTime(step.timeUs) });
    if (from === to) {
      texts.push({ x: from, y: y + 0.3, text: `${words} ↺`, colour: INK, align: from >= lanes.length - 1 ? "right" : "left", bold: true });
    } else {
      const side = to > from ? 1 : -1;
      arrows.push({ x: from, x2: to, y: y + 0.55, dash: step.kind === "return" ? "return" : step.kind });
      heads.push({ x: to - side * 0.03, y: y + 0.55, angle: side > 0 ? 90 : -90 });
      texts.push({ x: (from + to) / 2, y, text: words, colour: INK, align: "center", bold: false });
    }
    y += 1.3;
  }
  const bottom = y + 0.2;
  const bands = [...new Set(lanes.map(({ band }) => band))].map((band) => {
    const places = lanes.flatMap((lane, i) => (lane.band === band ? [i] : []));
    return { x: places[0]! - 0.48, x2: places.at(-1)! + 0.48, y: 0, y2: bottom, middle: (places[0]! + places.at(-1)!) / 2, band, colour: BANDS[band] ?? "#ffffff" };
  });
  const x = { field: "x", type: "quantitative", scale: { domain: [-0.95, lanes.length - 0.5], nice: false, zero: false }, axis: null };
  const row = { field: "y", type: "quantitative", scale: { domain: [0, bottom], reverse: true, nice: false, zero: false }, axis: null };
  const fill = { field: "colour", type: "nominal", scale: null };
  const written = (align: Text["align"], halo: boolean) => ({
    data: { values: texts.filter((text) => text.align === align) },
    mark: { type: "text", align, dx: align === "left" ? 9 : align === "right" ? -9 : 0, baseline: "middle", fontSize: TEXT_PX, ...(halo && { stroke: "#ffffff", strokeWidth: 3, opacity: 0.75 }) },
    encoding: { x, y: row, text: { field: "text" }, ...(!halo && { color: fill }) },
  });
  const vegaLite = {
    title: { text: title, subtitle: ["solid: control or a message goes there  ·  dashed: it comes back", "squares: bytes that are copied (orange), handed over or mapped (green), moved sector by sector (blue)"] },
    width: (lanes.length + 0.45) * lanePx,
    height: bottom * ROW_PX,
    layer: [
      { data: { values: bands }, mark: { type: "rect" }, encoding: { x, x2: { field: "x2" }, y: row, y2: { field: "y2" }, color: fill } },
      { data: { values: bands }, mark: { type: "text", fontSize: TEXT_PX + 1, fontStyle: "italic", baseline: "top", dy: 5, color: INK }, encoding: { x: { ...x, field: "middle" }, y: row, text: { field: "band" } } },
      { data: { values: lanes.map(({ name }, i) => ({ x: i, y: 1.45, name })) }, mark: { type: "text", fontSize: TEXT_PX + 1, fontWeight: "bold", baseline: "middle", color: INK }, encoding: { x, y: row, text: { field: "name" } } },
      { data: { values: lanes.map((_lane, i) => ({ x: i, y: HEAD_ROWS - 0.4, y2: bottom })) }, mark: { type: "rule", color: "#b0b0b0", strokeWidth: 1 }, encoding: { x, y: row, y2: { field: "y2" } } },
      { data: { values: arrows }, mark: { type: "rule", color: INK, strokeWidth: 1.4 }, encoding: { x, x2: { field: "x2" }, y: row, strokeDash: { field: "dash", type: "nominal", scale: { domain: ["call", "return", "message", "disk"], range: [[1, 0], [5, 4], [1, 0], [1, 0]] }, legend: null } } },
      { data: { values: heads }, mark: { type: "point", shape: "triangle", filled: true, size: 70, color: INK, opacity: 1 }, encoding: { x, y: row, angle: { field: "angle", type: "quantitative", scale: null } } },
      { data: { values: marks }, mark: { type: "point", shape: "square", filled: true, size: 80, opacity: 1 }, encoding: { x, y: row, color: fill } },
      ...(["left", "right", "center"] as const).flatMap((align) => [written(align, true), written(align, false)]),
      { data: { values: times }, mark: { type: "text", align: "right", fontSize: TEXT_PX, baseline: "middle", color: QUIET }, encoding: { x: { ...x, datum: -0.55, field: undefined }, y: row, text: { field: "text" } } },
    ],
    config: vegaLiteConfig,
  };
  return new Figure({ alt: `${title}: ${steps.map(({ number, from, to, label }) => (number === undefined ? `${label} in ${to}` : `${number}. ${from} to ${to}: ${label}`)).join("; ")}`, vegaLite });
}
