import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DISPLAY } from "../../lib/notebook/bundle.ts";
import { paperTable } from "../../lib/paper/index.ts";
import { staircase, throughputChart } from "../../lib/plots/index.ts";
import { offByPercents } from "./cells.ts";

const vega = throughputChart(offByPercents("5-3"), paperTable("5-3"));
const plotly = staircase(offByPercents("5-6"), paperTable("5-6"));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "kernelized-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Width and height of a PNG picture. */
function sizeOf(png: Uint8Array): [number, number] {
  const view = new DataView(png.buffer, png.byteOffset);
  expect(Buffer.from(png.subarray(0, 8)).toString("latin1")).toBe("\x89PNG\r\n\x1a\n");
  return [view.getUint32(16), view.getUint32(20)];
}

test.each([
  ["Vega-Lite", vega, "application/vnd.vegalite.v5+json"],
  ["Plotly", plotly, "application/vnd.plotly.v1+json"],
])("a %s figure's bundle has the live figure, a picture and words, and no HTML", async (_, figure, type) => {
  const bundle = await figure[DISPLAY]();
  expect(Object.keys(bundle)).toEqual([type, "image/png", "text/plain"]);
  expect(bundle["text/plain"]).toBe(figure.alt);
  const [width, height] = sizeOf(bundle["image/png"] as Uint8Array);
  expect(width).toBeGreaterThan(600);
  expect(width).toBeLessThanOrEqual(900); // the width of a notebook
  expect(height).toBeGreaterThan(300);
});

test("a picture is the same every time, and twice as fine in a file", async () => {
  expect(await vega.png()).toEqual(await vega.png());
  const [[width, height], [fineWidth, fineHeight]] = [sizeOf(await vega.png(1)), sizeOf(await vega.png())];
  expect([fineWidth, fineHeight]).toEqual([2 * width, 2 * height]);
});

test("texts are drawn, with the project's own font", async () => {
  // Without a font resvg leaves texts out; then the picture of the words alone would be blank.
  const { toPng } = await import("../../lib/plots/render.ts");
  const svg = (text: string) => `<svg xmlns="http://www.w3.org/2000/svg" width="100" height="20"><text x="5" y="15" font-size="13">${text}</text></svg>`;
  expect(await toPng(svg("Mach"), 1)).not.toEqual(await toPng(svg(""), 1));
});

test.each([
  ["png", /^\x89PNG/],
  ["svg", /^<svg /],
  ["html", /^<!doctype html>/],
])("a figure is saved as .%s", async (suffix, start) => {
  const path = join(folder, `figure.${suffix}`);
  await vega.save(path);
  expect(readFileSync(path, "latin1")).toMatch(start);
});

test("another suffix is refused with the nearest, and nothing is written", async () => {
  await expect(vega.save(join(folder, "refused.pgn"))).rejects.toThrow(/refused\.pgn: a figure cannot be saved as "\.pgn"; nearest is "\.png"/);
  expect(readdirSync(folder)).not.toContain("refused.pgn");
});

test.each([["Vega-Lite", vega], ["Plotly", plotly]])("a page of a %s figure loads nothing from anywhere", async (_, figure) => {
  const html = await figure.html();
  expect(html).not.toMatch(/<(script|link|img)[^>]+(src|href)=/);
  expect(html).toContain(`aria-label="${figure.alt.split("\n")[0]}`);
});
