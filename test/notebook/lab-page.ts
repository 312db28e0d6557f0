/**
 * What the tests do in the page of JupyterLab, which hands out its application as `jupyterapp`.
 *
 * These functions are sent to the browser and see nothing of this file but themselves.
 */

/** Figures that are to be seen in the page. */
export interface Drawn {
  vega: number;
  plotly: number;
}

interface NotebookWidget {
  content: { model: { toJSON(): unknown } };
  revealed: Promise<void>;
  sessionContext: { ready: Promise<void>; session: { kernel: { status: string } | null } | null; shutdown(): Promise<void> };
  dispose(): void;
}

interface JupyterApp {
  restored: Promise<void>;
  commands: { execute(command: string, args?: object): Promise<unknown> };
}

/** `opened` is the notebook that openNotebook opened. */
declare const window: { jupyterapp: JupyterApp; opened: NotebookWidget };
declare const MouseEvent: new (type: string) => object;
declare const document: { querySelectorAll(selector: string): Iterable<PageElement> & { length: number }; body: { dataset: Record<string, string> } };
interface PageElement {
  scrollTop: number;
  dispatchEvent(event: object): void;
  getBoundingClientRect(): { x: number; y: number; width: number; height: number; bottom: number };
}

/** Opens a notebook with its stored outputs, in a theme; with a kernel only if `isToRun`. */
export async function openNotebook({ path, theme, isToRun }: { path: string; theme: string; isToRun: boolean }): Promise<void> {
  const { jupyterapp } = window;
  await jupyterapp.restored;
  if (document.body.dataset.jpThemeName !== theme) {
    await jupyterapp.commands.execute("apputils:change-theme", { theme });
    while (document.body.dataset.jpThemeName !== theme) await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const preference = isToRun ? {} : { kernelPreference: { shouldStart: false, autoStartDefault: false } };
  const widget = (await jupyterapp.commands.execute("docmanager:open", { path, factory: "Notebook", ...preference })) as NotebookWidget;
  window.opened = widget;
  await widget.revealed;
}

/** Runs all cells, once the kernel is ready; ends when they have. */
export async function runAll(): Promise<void> {
  const { jupyterapp, opened } = window;
  const { sessionContext } = opened;
  await sessionContext.ready;
  while (sessionContext.session?.kernel?.status !== "idle") await new Promise((resolve) => setTimeout(resolve, 100));
  await jupyterapp.commands.execute("notebook:run-all-cells");
  while (sessionContext.session?.kernel?.status !== "idle") await new Promise((resolve) => setTimeout(resolve, 100));
}

/** Closes the notebook and stops its kernel. */
export async function closeNotebook(): Promise<void> {
  const { opened } = window;
  if (opened.sessionContext.session !== null) await opened.sessionContext.shutdown();
  opened.dispose();
}

/** The notebook as JupyterLab would save it. */
export function notebookOfPage(): unknown {
  return window.opened.content.model.toJSON();
}

/** A Plotly figure that comes with a picture shows it until the mouse enters. */
export function bringPlotlyToLife(): void {
  for (const picture of document.querySelectorAll(".jp-RenderedPlotly .plot-img")) picture.dispatchEvent(new MouseEvent("mouseenter"));
}

/** The figures that are drawn: one that is takes room, and a tree of JSON in its place does not count. */
export function figuresDrawn(): Drawn {
  const drawn = (selector: string) => [...document.querySelectorAll(selector)].filter((element) => element.getBoundingClientRect().height > 100).length;
  return { vega: drawn(".vega-embed .marks"), plotly: drawn(".jp-RenderedPlotly:has(.main-svg)") };
}

/** Scrolls to the first cell, and tells where in the window the cells are. */
export function placeOfCells(): { x: number; y: number; width: number; height: number } {
  for (const panel of document.querySelectorAll(".jp-WindowedPanel-outer")) panel.scrollTop = 0;
  const cells = [...document.querySelectorAll(".jp-Notebook .jp-Cell")].map((cell) => cell.getBoundingClientRect());
  const { x, y, width } = cells[0];
  return { x, y, width, height: cells.at(-1)!.bottom - y };
}
