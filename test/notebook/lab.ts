/**
 * Notebooks in real JupyterLab, in a real browser.
 *
 * A copy of the notebook is opened, so that what JupyterLab saves touches nothing.
 */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { basename, dirname, join } from "node:path";
import type { Browser, Page } from "playwright-core";
import type { Notebook } from "../../lib/notebook/document.ts";
import { projectRoot } from "../../lib/notebook/places.ts";
import { ensureTypings } from "../../lib/notebook/typings.ts";
import { ensureVenv, venvPython } from "../../lib/notebook/venv.ts";
import { launchBrowser } from "../tools/browser.ts";
import { figuresDrawn, isIdle, notebookOfPage, placeOfCells, runAll } from "./lab-page.ts";
import type { Drawn } from "./lab-page.ts";

export type Theme = "JupyterLab Light" | "JupyterLab Dark";

/** What came of a notebook when all its cells had run. */
export interface LabRun {
  /** The notebook as JupyterLab would save it. */
  document: Notebook;
  drawn: Drawn;
}

const WIDTH_PX = 1280;
const START_TIMEOUT_MS = 60_000;
const RUN_TIMEOUT_MS = 300_000;

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

  static async start(theme: Theme = "JupyterLab Light"): Promise<Lab> {
    await ensureVenv();
    await ensureTypings();
    mkdirSync(join(projectRoot, "build"), { recursive: true });
    const folder = mkdtempSync(join(projectRoot, "build/lab-"));
    const settings = join(folder, ".settings");
    set(settings, "apputils-extension/themes", { theme });
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
    const browser = await launchBrowser();
    return new Lab(folder, server, url, token, browser);
  }

  /** Opens the notebook, runs all cells, waits until all is drawn, and takes a picture of it. */
  async run(notebook: string, picture: string): Promise<LabRun> {
    const name = basename(notebook);
    copyFileSync(notebook, join(this.#folder, name));
    const page = await this.#browser.newPage({ viewport: { width: WIDTH_PX, height: 1000 } });
    try {
      await page.goto(`${this.#url}/lab/tree/${encodeURIComponent(name)}?reset&token=${this.#token}`);
      await page.waitForSelector(".jp-Notebook .jp-CodeCell", { timeout: START_TIMEOUT_MS });
      await page.evaluate(runAll);
      await page.waitForFunction(isIdle, undefined, { timeout: RUN_TIMEOUT_MS, polling: 250 });
      await page.waitForLoadState("networkidle");
      const document = (await page.evaluate(notebookOfPage)) as Notebook;
      await growToShowAll(page);
      await bringPlotlyToLife(page);
      const drawn = await page.evaluate(figuresDrawn);
      mkdirSync(dirname(picture), { recursive: true });
      await page.screenshot({ path: picture, clip: await page.evaluate(placeOfCells) });
      return { document, drawn };
    } finally {
      await page.close();
    }
  }

  async stop(): Promise<void> {
    await this.#browser.close();
    this.#server.kill("SIGTERM");
    if (this.#server.exitCode === null) await once(this.#server, "exit");
    rmSync(this.#folder, { recursive: true, force: true });
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

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
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

/** Makes the window as tall as the notebook, so that one picture shows all of it. */
async function growToShowAll(page: Page): Promise<void> {
  const { y, height } = await page.evaluate(placeOfCells);
  await page.setViewportSize({ width: WIDTH_PX, height: Math.min(Math.ceil(y + height) + 40, 12_000) });
  await page.waitForTimeout(500); // figures adapt to the window
}

/** A Plotly figure that comes with a picture shows it until the mouse enters. */
async function bringPlotlyToLife(page: Page): Promise<void> {
  for (const figure of await page.locator(".jp-RenderedPlotly").all()) {
    await figure.locator(".plot-img").dispatchEvent("mouseenter");
    await figure.locator(".main-svg").first().waitFor({ timeout: RUN_TIMEOUT_MS });
  }
  await page.waitForTimeout(500);
}
