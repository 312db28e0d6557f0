/**
 * What the tests do in the page of JupyterLab, which hands out its application as `jupyterapp`.
 *
 * These functions are sent to the browser and see nothing of this file but themselves.
 */

/** What is to be seen of a notebook after all its cells have run. */
export interface LabRun {
  /** The errors that cells show. */
  errors: string[];
  /** Cells without an execution count. */
  cellsNotRun: number;
  vegaFigures: number;
  plotlyFigures: number;
  tables: number;
  /** The notebook as saved by JupyterLab. */
  saved: unknown;
}

interface Cell {
  model: { type: string; executionCount: number | null; outputs?: { toJSON(): { output_type: string; ename?: string; evalue?: string }[] } };
}
interface JupyterApp {
  commands: { execute(command: string): Promise<void> };
  shell: { currentWidget: { content: { widgets: Cell[]; model: { toJSON(): unknown } }; sessionContext: { session: { kernel: { status: string } } | null } } };
}

declare const window: { jupyterapp: JupyterApp };
declare const document: { querySelectorAll(selector: string): Iterable<PageElement> & { length: number } };
interface PageElement {
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

/** What is to be seen. */
export function look(): LabRun {
  const { jupyterapp } = window;
  const notebook = jupyterapp.shell.currentWidget.content;
  const code = notebook.widgets.map(({ model }) => model).filter(({ type }) => type === "code");
  const outputs = code.flatMap((cell) => cell.outputs!.toJSON());
  // A figure that is drawn takes room; a JSON tree or an empty box does not count.
  const drawn = (selector: string) => [...document.querySelectorAll(selector)].filter((element) => element.getBoundingClientRect().height > 100).length;
  return {
    errors: outputs.filter((output) => output.output_type === "error").map((output) => `${output.ename}: ${output.evalue}`),
    cellsNotRun: code.filter((cell) => cell.executionCount === null).length,
    vegaFigures: drawn(".vega-embed canvas, .vega-embed svg"),
    plotlyFigures: drawn(".js-plotly-plot .main-svg:first-child"),
    tables: document.querySelectorAll(".jp-RenderedHTML table").length,
    saved: notebook.model.toJSON(),
  };
}

/** Where in the window the cells are. */
export function placeOfCells(): { x: number; y: number; width: number; height: number } {
  const cells = [...document.querySelectorAll(".jp-Notebook .jp-Cell")].map((cell) => cell.getBoundingClientRect());
  const { x, y, width } = cells[0];
  return { x, y, width, height: cells.at(-1)!.bottom - y };
}
