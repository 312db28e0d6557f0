/**
 * Notebooks in real JupyterLab, in a real browser.
 *
 * Copies of the notebooks are opened, so that what JupyterLab saves touches nothing; and
 * nobody has declared them trusted, as after a fresh clone.
 */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { freePort } from "../../lib/cli/free-port.ts";
import type { Notebook } from "../../lib/notebook/document.ts";
import { projectRoot } from "../../lib/notebook/places.ts";
import { ensureTypings } from "../../lib/notebook/typings.ts";
import { ensureVenv, venvPython } from "../../lib/notebook/venv.ts";
import { launchBrowser } from "../tools/browser.ts";
import { bringPlotlyToLife, closeNotebook, figuresDrawn, notebookOfPage, openNotebook, placeOfCells, runAll } from "./lab-page.ts";
import type { Drawn } from "./lab-page.ts";

export type Theme = "light" | "dark";

const THEMES: Readonly<Record<Theme, string>> = { light: "JupyterLab Light", dark: "JupyterLab Dark" };
const WIDTH_PX = 1280;
const START_TIMEOUT_MS = 120_000;
const RUN_TIMEOUT_MS = 300_000;
const DRAW_TIMEOUT_MS = 60_000;
/** Cells that the picture of a notebook may show, one below the other. */
const TALLEST_PX = 12_000;

/** JupyterLab on a folder of its own, and a browser. */
export class Lab {
  readonly #folder: string;
  readonly #server: ChildProcess;
  readonly #url: string;
  readonly #token: string;
  readonly #browser: Browser;

  private constructor(folder: string, server: ChildProcess, url: string, token: string, browser: Browser) {
    this.#folder = folder;
    this.#server = server;
    this.#url = url;
    this.#token = token;
    this.#browser = browser;
  }

  static async start(): Promise<Lab> {
    await ensureVenv();
    await ensureTypings();
    mkdirSync(join(projectRoot, "build"), { recursive: true });
    const folder = mkdtempSync(join(projectRoot, "build/lab-"));
    const settings = join(folder, ".settings");
    set(settings, "notebook-extension/tracker", { windowingMode: "none" }); // every cell is in the page, seen or not
    const token = randomUUID();
    const port = await freePort();
    const options = ["--no-browser", `--ServerApp.port=${port}`, "--ServerApp.port_retries=0", `--IdentityProvider.token=${token}`, "--LabApp.expose_app_in_browser=True"];
    const server = spawn(venvPython, ["-m", "jupyterlab", folder, ...options, ...(process.getuid?.() === 0 ? ["--allow-root"] : [])], {
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...process.env, ...ownFolders(folder), JUPYTERLAB_SETTINGS_DIR: settings },
    });
    const url = `http://127.0.0.1:${port}`;
    await answers(`${url}/api/status?token=${token}`, server);
    return new Lab(folder, server, url, token, await launchBrowser());
  }

  /** A page with JupyterLab, in which one notebook at a time can be opened. */
  async page(): Promise<LabPage> {
    const page = await this.#browser.newPage({ viewport: { width: WIDTH_PX, height: 1000 } });
    await page.addInitScript("globalThis.__name = (named) => named"); // tsx has functions that are sent here call it
    await page.goto(`${this.#url}/lab/workspaces/${randomUUID()}?token=${this.#token}`, { timeout: START_TIMEOUT_MS });
    await page.waitForFunction("window.jupyterapp !== undefined", undefined, { timeout: START_TIMEOUT_MS });
    return new LabPage(page, this.#folder);
  }

  async stop(): Promise<void> {
    await this.#browser.close();
    this.#server.kill("SIGTERM");
    if (this.#server.exitCode === null) await once(this.#server, "exit");
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** One page of JupyterLab. */
export class LabPage {
  /** For what a test does by hand. */
  readonly page: Page;
  readonly #folder: string;

  constructor(page: Page, folder: string) {
    this.page = page;
    this.#folder = folder;
  }

  /** Opens a copy of the notebook with its stored outputs. */
  async open(notebook: string, theme: Theme, { isToRun = false } = {}): Promise<void> {
    const name = basename(notebook);
    copyFileSync(notebook, join(this.#folder, name));
    await this.page.evaluate(openNotebook, { path: name, theme: THEMES[theme], isToRun });
    await this.page.waitForSelector(".jp-Notebook .jp-Cell", { timeout: START_TIMEOUT_MS });
  }

  /** Runs all cells and tells what JupyterLab would save. */
  async run(): Promise<Notebook> {
    this.page.setDefaultTimeout(RUN_TIMEOUT_MS);
    await this.page.evaluate(runAll);
    await this.page.waitForLoadState("networkidle");
    return (await this.page.evaluate(notebookOfPage)) as Notebook;
  }

  /** Waits until as many figures are drawn as `wanted`, or for long enough; tells how many are. */
  async drawn(wanted: Drawn): Promise<Drawn> {
    await this.#growToShowAll();
    const deadline = Date.now() + DRAW_TIMEOUT_MS;
    for (;;) {
      await this.page.evaluate(bringPlotlyToLife);
      const drawn = await this.page.evaluate(figuresDrawn);
      if ((drawn.vega >= wanted.vega && drawn.plotly >= wanted.plotly) || Date.now() > deadline) return drawn;
      await this.page.waitForTimeout(100);
    }
  }

  /** Takes a picture of all cells. */
  async picture(path: string): Promise<void> {
    await this.#growToShowAll();
    mkdirSync(dirname(path), { recursive: true });
    await this.page.screenshot({ path, clip: await this.page.evaluate(placeOfCells) });
  }

  /** Closes the notebook and stops its kernel. */
  async close(): Promise<void> {
    await this.page.evaluate(closeNotebook);
  }

  /** Makes the window as tall as the notebook, so that all of it is seen at once. */
  async #growToShowAll(): Promise<void> {
    const { y, height } = await this.page.evaluate(placeOfCells);
    await this.page.setViewportSize({ width: WIDTH_PX, height: Math.min(Math.ceil(y + height) + 40, TALLEST_PX) });
    await this.page.waitForTimeout(300); // figures adapt to the window
  }
}

function set(settings: string, plugin: string, values: object): void {
  const path = join(settings, "@jupyterlab", `${plugin}.jupyterlab-settings`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, JSON.stringify(values));
}

/** Nothing of the user's own Jupyter is read or written. */
function ownFolders(folder: string): Record<string, string> {
  const names = ["JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTERLAB_WORKSPACES_DIR", "IPYTHONDIR"];
  return Object.fromEntries(names.map((name) => [name, join(folder, `.${name.toLowerCase()}`)]));
}

async function answers(url: string, server: ChildProcess): Promise<void> {
  let log = "";
  server.stderr!.on("data", (chunk) => (log += chunk));
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline && server.exitCode === null) {
    const response = await fetch(url).catch(() => undefined);
    if (response?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`JupyterLab does not answer:\n${log.slice(-4000)}`);
}
