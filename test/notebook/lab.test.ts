import { rmSync } from "node:fs";
import { basename, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { allNotebooks } from "../../lib/cli/notebooks.ts";
import { codeCells, hasTag, readNotebook } from "../../lib/notebook/document.ts";
import type { Notebook } from "../../lib/notebook/document.ts";
import { drift } from "../../lib/notebook/drift.ts";
import { projectRoot } from "../../lib/notebook/places.ts";
import { richBundle } from "../../lib/notebook/rich.ts";
import { breakdownBars, heatmap, sankey, slider, surface } from "../../lib/plots/index.ts";
import { flows, mach3Supplied, parts } from "../plots/whatif-rows.ts";
import { Pool } from "../tools/pool.ts";
import { Lab } from "./lab.ts";
import type { Drawn } from "./lab-page.ts";
import { scratchFolder, writeCells, writeOutputs } from "./scratch.ts";

const PAGES = 2;
/** For all of the series, since a test may wait for a page. */
const TIMEOUT_MS = 1_800_000;
const pictures = join(projectRoot, "build/screenshots");

/** The figures that the outputs of the notebook hold. */
function figuresIn(notebook: Notebook): Drawn {
  const outputs = codeCells(notebook).flatMap((cell) => cell.outputs);
  const count = (type: string) => outputs.filter((output) => (output.output_type === "display_data" || output.output_type === "execute_result") && type in output.data).length;
  return { vega: count("application/vnd.vegalite.v5+json"), plotly: count("application/vnd.plotly.v1+json") };
}

let lab: Lab;
const pages = new Pool(PAGES, () => lab.page());
beforeAll(async () => void (lab = await Lab.start()), 600_000);
afterAll(async () => lab?.stop());

test.concurrent.each(allNotebooks().map((path) => [basename(path), path]))("%s runs from beginning to end, shows all of its figures and gives the stored results", async (_, path) => {
  const stored = readNotebook(path);
  const picture = (theme: string) => join(pictures, `${basename(path, ".ipynb")}-${theme}.png`);
  await pages.use(async (page) => {
    await page.open(path, "dark");
    expect(await page.drawn(figuresIn(stored))).toEqual(figuresIn(stored));
    await page.picture(picture("dark"));
    await page.close();

    await page.open(path, "light", { isToRun: true });
    const document = await page.run();
    const failed = codeCells(document).filter((cell) => !hasTag(cell, "raises-exception") && cell.outputs.some((output) => output.output_type === "error"));
    expect(failed).toEqual([]);
    expect(codeCells(document).map((cell) => cell.execution_count)).toEqual(codeCells(stored).map((cell) => cell.execution_count));
    expect(await page.drawn(figuresIn(document))).toEqual(figuresIn(document));
    await page.picture(picture("light"));
    await page.close();
    expect(drift(stored, document)).toEqual([]);
  });
}, TIMEOUT_MS);

test("a fresh notebook that nobody trusts and no kernel runs has every kind of figure, sliders that move, and answers that stay hidden until asked for", async () => {
  const folder = scratchFolder();
  const { page, ...labPage } = await fresh(join(folder, "fresh.ipynb"));
  try {
    const figure = page.locator(".vega-embed").first();
    const drawing = () => figure.locator(".marks").screenshot();
    const before = await drawing();
    await figure.locator("input[type=range]").first().fill("16");
    await page.waitForTimeout(300);
    expect((await drawing()).equals(before)).toBe(false);

    const answer = page.locator("details p");
    expect(await answer.isVisible()).toBe(false);
    await page.locator(".jp-RenderedMarkdown summary").click();
    expect(await answer.isVisible()).toBe(true);
    expect(await page.locator(".jp-RenderedMarkdown details code").textContent()).toBe("this");
  } finally {
    await labPage.close();
    rmSync(folder, { recursive: true, force: true });
  }
}, 300_000);

test("the stop button ends a sweep within a second or two, with what is done, and the cells behind it do not run", async () => {
  const folder = scratchFolder();
  const path = join(folder, "stopped.ipynb");
  writeCells(path, [
    `import { progressBar, sequentialRead, sweep } from "kernelized";
const bar = progressBar({ unit: "points" });
const part = await sweep({ system: "mach3", fileBytes: 1048576, replications: 20_000 }, sequentialRead, { threads: 2, store: false, onProgress: bar });
[part.complete, part.length > 0, part.length < 20_000]`,
    "part.length",
  ]);
  const opened = await lab.page();
  try {
    const { page } = opened;
    await opened.open(path, "light", { isToRun: true });
    const ran = opened.run();
    await page.locator(".jp-OutputArea").getByText(/[1-9]\d{2,} of 20000 points/).waitFor({ timeout: 120_000 });
    await page.locator("[data-jp-item-name=interrupt] jp-button, [data-jp-item-name=interrupt] button").first().click();
    const [swept, behind] = codeCells(await ran);
    expect(swept!.outputs.at(-1)).toMatchObject({ data: { "text/plain": "[ false, true, true ]" } });
    expect(behind!.outputs).toEqual([]);
    await opened.picture(join(pictures, "stopped.png"));
  } finally {
    await opened.close();
    rmSync(folder, { recursive: true, force: true });
  }
}, 300_000);

/** A notebook with every kind of figure and an exercise, opened with its stored outputs. */
async function fresh(path: string) {
  const over = { x: "readBytes", y: "readAhead", value: "kbPerSec" };
  const vega = [slider(mach3Supplied, { x: "readBytes", y: "kbPerSec", controls: ["readAhead"] }), breakdownBars(parts, { paper: "paper" })];
  const plotly = [heatmap(mach3Supplied, over), surface(mach3Supplied, over), sankey(flows, { value: "us" })];
  const bundles = await Promise.all([...vega, ...plotly].map(async (figure) => richBundle(figure)));
  writeOutputs(path, "1. Why?\n<details><summary>Answer</summary>\n\nBecause of `this`.\n</details>", bundles);
  const opened = await lab.page();
  await opened.open(path, "light");
  const all = { vega: vega.length, plotly: plotly.length };
  expect(await opened.drawn(all)).toEqual(all);
  return { page: opened.page, close: () => opened.close() };
}
