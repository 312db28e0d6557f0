/**
 * Two calls side by side, step by step, with what only one of them does marked.
 *
 * Layer: plots. Two systems, or one built in two ways, on the same program. Each side is
 * a list of what happens, with the time since the call began; steps that both have stand
 * in one line, the others have a ground of the side's own colour and a sign.
 */
import { beside } from "../trace/index.ts";
import type { Sequence, SequenceStep } from "../trace/index.ts";
import { Figure } from "./figure.ts";
import { shortTime, wrapped } from "./text.ts";
import { INK, vegaLiteConfig } from "./theme.ts";

export interface SideBySideOptions {
  /** What the two sides are called. */
  names: readonly [string, string];
  title?: string;
}

const ROW_PX = 17;
const SIDE_PX = 425;
const TIME_PX = 74;
const TEXT_PX = 11;
/** Of a line, normal and bold. */
const CHARACTERS = [52, 46] as const;
const QUIET = "#555555";
/** Grounds and signs of what only the left side does, and only the right. */
const ONLY = [{ ground: "#fbe3d3", sign: "−" }, { ground: "#d6e9f6", sign: "+" }] as const;
const HEAD_ROWS = 1.6;

/** The sequences of two calls, as sequence() of traces or scenes give them. */
export function sideBySide(a: Sequence, b: Sequence, { names, title = `${a.title}, side by side` }: SideBySideOptions): Figure {
  const rows = beside(a, b);
  const texts: object[] = [];
  const times: object[] = [];
  const grounds: object[] = [];
  let y = HEAD_ROWS;
  for (const row of rows) {
    const sides = [row.a, row.b].map((step) => (step === undefined ? [] : wrapped(words(step), CHARACTERS[step.number === undefined ? 0 : 1])));
    const height = Math.max(...sides.map(({ length }) => length));
    [row.a, row.b].forEach((step, side) => {
      if (step === undefined) return;
      const x = side * SIDE_PX;
      if (!row.same) grounds.push({ x, x2: x + SIDE_PX - 8, y: y - 0.5, y2: y + height - 0.5, colour: ONLY[side]!.ground });
      times.push({ x: x + TIME_PX - 18, y, text: shortTime(step.timeUs) });
      if (!row.same) texts.push({ x: x + TIME_PX - 13, y, text: ONLY[side]!.sign, bold: "bold" });
      sides[side]!.forEach((text, line) => texts.push({ x: x + TIME_PX, y: y + line, text, bold: step.number === undefined ? "normal" : "bold" }));
    });
    y += height;
  }
  const bottom = y + 0.2;
  const alike = rows.filter(({ same }) => same).length;
  const [onlyA, onlyB] = [a.steps.length - alike, b.steps.length - alike];
  const heads = [a, b].map(({ elapsedUs }, side) => ({ x: side * SIDE_PX + TIME_PX, y: 0.3, text: `${names[side]!}: ${shortTime(elapsedUs)}` }));
  const x = { field: "x", type: "quantitative", scale: { domain: [0, 2 * SIDE_PX], nice: false, zero: false }, axis: null };
  const row = { field: "y", type: "quantitative", scale: { domain: [-0.5, bottom], reverse: true, nice: false, zero: false }, axis: null };
  const left = { type: "text", align: "left", baseline: "middle", fontSize: TEXT_PX, color: INK };
  const vegaLite = {
    title: { text: title, subtitle: [`${alike} steps alike  ·  −: only ${names[0]}, ${onlyA}  ·  +: only ${names[1]}, ${onlyB}`, "bold: control or a message goes from one to the other  ·  on the left of each step: when, since the call began"] },
    width: 2 * SIDE_PX,
    height: (bottom + 0.5) * ROW_PX,
    layer: [
      { data: { values: grounds }, mark: { type: "rect" }, encoding: { x, x2: { field: "x2" }, y: row, y2: { field: "y2" }, color: { field: "colour", type: "nominal", scale: null } } },
      { data: { values: heads }, mark: { ...left, fontSize: TEXT_PX + 2, fontWeight: "bold" }, encoding: { x, y: row, text: { field: "text" } } },
      ...["normal", "bold"].map((weight) => ({
        data: { values: texts }, transform: [{ filter: { field: "bold", equal: weight } }], mark: { ...left, fontWeight: weight }, encoding: { x, y: row, text: { field: "text" } },
      })),
      { data: { values: times }, mark: { ...left, align: "right", color: QUIET }, encoding: { x, y: row, text: { field: "text" } } },
    ],
    config: vegaLiteConfig,
  };
  const told = rows.map(({ a: one, b: other, same }) => (same ? `= ${words(one!)}` : [one && `- ${words(one)}`, other && `+ ${words(other)}`].filter((text) => text !== undefined).join("\n")));
  return new Figure({ alt: `${title}\n${told.join("\n")}`, vegaLite });
}

/** What happens in a step. */
function words({ kind, number, from, to, label, bytes }: SequenceStep): string {
  if (number !== undefined) return `${from} → ${to}${label === "" ? "" : `: ${label}`}`;
  return kind === "data" ? `${to}: ${label}, ${bytes}\u00a0bytes` : `${to}: ${label}`;
}
