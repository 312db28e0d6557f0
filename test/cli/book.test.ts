import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { book } from "../../lib/cli/book.ts";
import { allNotebooks } from "../../lib/cli/notebooks.ts";
import { codeCells, readNotebook } from "../../lib/notebook/document.ts";
import { projectRoot } from "../../lib/notebook/places.ts";
import { richBundle } from "../../lib/notebook/rich.ts";
import { lines, sankey, slider, surface } from "../../lib/plots/index.ts";
import { scratchFolder } from "../notebook/scratch.ts";
import { flows, mach3Supplied } from "../plots/whatif-rows.ts";
import { launchBrowser } from "../tools/browser.ts";

const pictures = join(projectRoot, "build/screenshots");
const FIGURES = ["application/vnd.vegalite.v5+json", "application/vnd.plotly.v1+json"];

let folder: string;
let target: string;
let sample: string;
let browser: Browser;

beforeAll(async () => {
  folder = scratchFolder();
  target = join(folder, "book");
  sample = join(folder, "sample.ipynb");
  const over = { x: "readBytes", y: "readAhead", value: "kbPerSec" };
  const figures = [slider(mach3Supplied, { x: "readBytes", y: "kbPerSec", controls: ["readAhead"] }), surface(mach3Supplied, over), sankey(flows, { value: "us" }), lines(mach3Supplied, { x: "readBytes", y: "kbPerSec", series: "readAhead" })];
  const outputs = [...(await Promise.all(figures.map(async (figure) => richBundle(figure)))), { "text/html": "<table><tr><td>320</td></tr></table>", "text/plain": "320" }, { "text/plain": "a < b" }];
  const cells = [
    { cell_type: "markdown", metadata: {}, source: "# 99. A sample\n\n**It is *drawn*.** More.\n\n[other](01-other.ipynb) [data](../data/README.md#systems) [away](https://example.org/a.ipynb)\n\n1. Why?\n<details><summary>Answer</summary>\n\nBecause of `this`.\n</details>" },
    ...outputs.map((data, i) => ({ cell_type: "code", metadata: {}, source: 'const a = "</script>";', execution_count: i + 1, outputs: [{ output_type: "display_data", data, metadata: {} }] })),
    { cell_type: "code", metadata: { tags: ["raises-exception"] }, source: "throw 1", execution_count: 9, outputs: [{ output_type: "error", ename: "E", evalue: "no", traceback: ["\u001b[31mE: no\u001b[39m"] }] },
  ];
  writeFileSync(sample, JSON.stringify({ cells, metadata: {}, nbformat: 4, nbformat_minor: 4 }));
  await book([...allNotebooks(), sample], target);
  browser = await launchBrowser();
}, 300_000);

afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Opens a page of the book from the disk; tells what went wrong there and what it wanted from elsewhere. */
async function opened(name: string, colorScheme: "light" | "dark" = "light"): Promise<{ page: Page; troubles: string[] }> {
  const page = await browser.newPage({ viewport: { width: 1000, height: 1000 }, colorScheme });
  const troubles: string[] = [];
  page.on("pageerror", ({ message }) => troubles.push(message));
  page.on("console", (message) => message.type() === "error" && troubles.push(message.text()));
  page.on("request", (request) => /^(file|data|blob):/.test(request.url()) || troubles.push(`asks for ${request.url()}`));
  await page.goto(`file://${join(target, name)}`);
  await page.waitForTimeout(500);
  return { page, troubles };
}

test.each([...allNotebooks(), "sample.ipynb"].map((path) => basename(path, ".ipynb")))("%s opens from the disk and shows each of its figures", async (name) => {
  const path = name === "sample" ? sample : join(projectRoot, "notebooks", `${name}.ipynb`);
  const wanted = codeCells(readNotebook(path)).flatMap((cell) => cell.outputs).filter((output) => "data" in output && FIGURES.some((type) => type in (output.data as object)));
  await Promise.all((["light", "dark"] as const).map(async (scheme) => {
    const { page, troubles } = await opened(`${name}.html`, scheme);
    const drawn = await page.locator("figure").evaluateAll((figures) =>
      figures.filter((figure) => {
        const drawing = (figure as unknown as { querySelector(selector: string): { getBoundingClientRect(): { height: number } } | null }).querySelector(".marks, .main-svg, .gl-container");
        return (drawing?.getBoundingClientRect().height ?? 0) > 100;
      }).length);
    expect(drawn).toBe(wanted.length);
    expect(troubles).toEqual([]);
    await page.screenshot({ path: join(pictures, `book-${name}-${scheme}.png`), fullPage: true });
    await page.close();
  }));
}, 120_000);

test("a control moves its figure without a kernel", async () => {
  const { page } = await opened("sample.html");
  const figure = page.locator("figure").first();
  const values = () => figure.locator("text[font-weight=bold]").allTextContents();
  const before = await values();
  await figure.locator("input[type=range]").first().fill("16");
  await figure.locator("select").selectOption("8");
  await page.waitForTimeout(200);
  expect(await values()).not.toEqual(before);
  expect(await figure.textContent()).toContain("read ahead 8  ·  read 16 KB");
  await page.close();
});

test("answers are hidden until asked for", async () => {
  const { page } = await opened("sample.html");
  const answer = page.getByText("Because of");
  expect(await answer.isVisible()).toBe(false);
  await page.getByText("Answer", { exact: true }).click();
  expect(await answer.isVisible()).toBe(true);
  await page.close();
});

test("the index leads to every notebook with its answer", async () => {
  const { page, troubles } = await opened("index.html");
  expect(troubles).toEqual([]);
  expect(await page.locator(".index a").count()).toBe(allNotebooks().length + 1);
  await page.getByText("99. A sample").click();
  expect(page.url()).toMatch(/sample\.html$/);
  await page.close();
  expect(readFileSync(join(target, "index.html"), "utf8")).toContain("<strong>It is <em>drawn</em>.</strong> More.");
});

test("links lead to pages of the book, or to where they led", () => {
  const html = readFileSync(join(target, "sample.html"), "utf8");
  expect(html).toContain('href="../../../data/README.md#systems"'.replace("../../../data", "../../data"));
  expect(html).toContain('href="https://example.org/a.ipynb"');
});

test("code cannot break out of its page, and colours of terminals are left out", () => {
  const html = readFileSync(join(target, "sample.html"), "utf8");
  expect(html).toContain("&lt;/script&gt;");
  expect(html).toContain('<pre class="output error">E: no</pre>');
  expect(html).toContain("<pre>a &lt; b</pre>");
});

test("a notebook that was not executed is refused, and the old book stays", async () => {
  const before = readFileSync(join(target, "index.html"), "utf8");
  const path = join(folder, "fresh.ipynb");
  writeFileSync(path, JSON.stringify({ cells: [{ cell_type: "code", metadata: {}, source: "1", outputs: [], execution_count: null }], metadata: {}, nbformat: 4, nbformat_minor: 4 }));
  await expect(book([path], target)).rejects.toThrow(/fresh\.ipynb: code cell 1 was not executed; npm run notebooks executes it/);
  expect(readFileSync(join(target, "index.html"), "utf8")).toBe(before);
});
