/**
 * Whether stored outputs are still what the cells give.
 *
 * Layer: notebook. Texts, tables and figures' data must agree to the character; pictures
 * must be there and have the same width and height, since their pixels may differ
 * between versions of what draws them.
 */
import { codeCells, joined } from "./document.ts";
import type { Notebook, Output } from "./document.ts";

/** Where stored and fresh outputs differ, one line each; none when they agree. */
export function drift(stored: Notebook, fresh: Notebook): string[] {
  const freshCells = codeCells(fresh);
  return codeCells(stored).flatMap((cell, c) => {
    const [before, after] = [cell.outputs, freshCells[c].outputs];
    if (before.length !== after.length) return [`code cell ${c + 1}: stored ${count(before)}, fresh ${count(after)}`];
    return before.flatMap((output, o) => differences(comparable(output), comparable(after[o])).map((line) => `code cell ${c + 1}, output ${o + 1}, ${line}`));
  });
}

function count(outputs: Output[]): string {
  return `${outputs.length} output${outputs.length === 1 ? "" : "s"}`;
}

/** What of an output counts, by name. */
function comparable(output: Output): Map<string, string> {
  if (output.output_type === "stream") return new Map([[output.name, joined(output.text)]]);
  if (output.output_type === "error") return new Map([["error", `${output.ename}: ${output.evalue}`]]);
  return new Map(Object.entries(output.data).map(([type, value]) => [type, type === "image/png" ? pngSize(joined(value as string)) : textOf(value)]));
}

function textOf(value: unknown): string {
  const isText = typeof value === "string" || (Array.isArray(value) && value.every((line) => typeof line === "string"));
  return isText ? joined(value) : JSON.stringify(value, (_, inner) => (isPlain(inner) ? Object.fromEntries(Object.entries(inner).sort()) : inner));
}

function isPlain(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Width and height stand in the header of a PNG, at fixed places. */
function pngSize(base64: string): string {
  const header = Buffer.from(base64.slice(0, 64), "base64");
  return `${header.readUInt32BE(16)}×${header.readUInt32BE(20)} pixels`;
}

function differences(stored: Map<string, string>, fresh: Map<string, string>): string[] {
  const names = new Set([...stored.keys(), ...fresh.keys()]);
  return [...names].flatMap((name) => {
    const [before, after] = [stored.get(name), fresh.get(name)];
    if (before === after) return [];
    if (before === undefined) return [`${name}: not stored`];
    if (after === undefined) return [`${name}: stored, but no longer given`];
    return [`${name}: ${firstDifference(before, after)}`];
  });
}

/** The first place where the texts part, with some of what is around it. */
function firstDifference(stored: string, fresh: string): string {
  let at = 0;
  while (stored[at] === fresh[at]) at++;
  const around = (text: string) => JSON.stringify(text.slice(Math.max(0, at - 20), at + 40));
  return `stored ${around(stored)}, fresh ${around(fresh)}`;
}
