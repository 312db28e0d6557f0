/**
 * Numbers, tables and colours for a terminal of 100 columns.
 *
 * Layer: cli. Colour is for a terminal only; a file or a pipe gets plain text.
 */
import { styleText } from "node:util";
import CliTable from "cli-table3";
import type { Claim, Finding } from "../paper/index.ts";

const COLUMNS = 100;

const colourful = process.stdout.isTTY === true && process.env.NO_COLOR === undefined;

/** `text` in a colour or style, on a terminal. */
export function paint(style: Parameters<typeof styleText>[0], text: string): string {
  return colourful ? styleText(style, text) : text;
}

/** A ratio in percent: 3.4 %. */
export function percent(ratio: number): string {
  return `${(100 * ratio).toFixed(1)} %`;
}

const SIGNS: Record<Claim["sense"], string> = { exactly: "", about: "about ", between: "", "at least": "≥ ", above: "> ", below: "< " };

/** What the paper's text states, with its unit: ≥ 94 %. */
export function statement(sense: Claim["sense"], value: Finding["printed"], unit: string): string {
  return `${SIGNS[sense]}${typeof value === "number" ? value : value.join(" to ")}${unit === "ratio" ? "" : ` ${unit}`}`;
}

export interface Column {
  heading: string;
  /** Numbers are lined up at the right. */
  align?: "left" | "right";
  /** Longer text is wrapped at so many characters. */
  width?: number;
}

/** Rows of text under headings, without rules. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const laidOut = new CliTable({
    head: columns.map(({ heading }) => paint("bold", heading)),
    colAligns: columns.map(({ align = "left" }) => align),
    colWidths: columns.map(({ width }) => (width === undefined ? null : width + GAP.length)),
    wordWrap: true,
    chars: { ...NO_RULES, middle: "" },
    style: { head: [], border: [], "padding-left": 0, "padding-right": GAP.length },
  });
  laidOut.push(...rows.map((row) => [...row]));
  return laidOut
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}

const GAP = "  ";
const RULES = ["top", "top-mid", "top-left", "top-right", "bottom", "bottom-mid", "bottom-left", "bottom-right", "left", "left-mid", "mid", "mid-mid", "right", "right-mid"];
const NO_RULES = Object.fromEntries(RULES.map((rule) => [rule, ""]));

/** `text` in lines of at most COLUMNS characters, all but the first indented. */
export function wrap(text: string, indent = "  "): string {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1)!;
    if (line.length + 1 + word.length > COLUMNS) lines.push(indent + word);
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
  }
  return lines.join("\n");
}
