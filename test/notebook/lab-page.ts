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

interface JupyterApp {
  commands: { execute(command: string): Promise<void> };
  shell: { currentWidget: { content: { model: { toJSON(): unknown } }; sessionContext: { session: { kernel: { status: string } } | null } } };
}

declare const window: { jupyterapp: JupyterApp };
declare const document: { querySelectorAll(selector: string): Iterable<PageElement> & { length: number } };
interface PageElement {
  scrollTop: number;
  getBoundingClientRect(): { x: number; y: number; width: number; height: number; bottom: number };
}

/** Runs all cells, once the kernel is ready. */
export async function runAll(): Promise<void> {
  const { jupyterapp } = window;
  while (jupyterapp.shell.currentWidget.sessionContext.session?.kernel.status !== "idle") await new Promise((resolve) => setTimeout(resolve, 100));
  await jupyterapp.commands.execute("notebook:run-all-cells");
}

/** Whether the kernel has nothing to do. */
export function isIdle(): boolean {
  const { jupyterapp } = window;
  return jupyterapp.shell.currentWidget.sessionContext.session?.kernel.status === "idle";
}

/** The notebook as JupyterLab would save it. */
export function notebookOfPage(): unknown {
  return window.jupyterapp.shell.currentWidget.content.model.toJSON();
}

/** The figures that are drawn: one that is takes room, and a tree of JSON in its place does not count. */
export function figuresDrawn(): Drawn {
  const drawn = (selector: string) => [...document.querySelectorAll(selector)].filter((element) => element.getBoundingClientRect().height > 100).length;
  return { vega: drawn(".vega-embed canvas, .vega-embed svg"), plotly: drawn(".js-plotly-plot .main-svg:first-child") };
}

/** Scrolls to the first cell, and tells where in the window the cells are. */
export function placeOfCells(): { x: number; y: number; width: number; height: number } {
  for (const panel of document.querySelectorAll(".jp-WindowedPanel-outer")) panel.scrollTop = 0;
  const cells = [...document.querySelectorAll(".jp-Notebook .jp-Cell")].map((cell) => cell.getBoundingClientRect());
  const { x, y, width } = cells[0];
  return { x, y, width, height: cells.at(-1)!.bottom - y };
}
