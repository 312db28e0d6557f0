import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { codeCells, readNotebook } from "../../lib/notebook/document.ts";
import type { Notebook } from "../../lib/notebook/document.ts";
import { drift } from "../../lib/notebook/drift.ts";
import { projectRoot } from "../../lib/notebook/places.ts";
import { Lab } from "./lab.ts";

const folder = join(projectRoot, "notebooks");
const notebooks = readdirSync(folder).filter((file) => file.endsWith(".ipynb")).sort();
const pictures = join(projectRoot, "build/screenshots");

/** How many outputs of the notebook have a representation of the type. */
function outputsOf(notebook: Notebook, type: string): number {
  const outputs = codeCells(notebook).flatMap((cell) => cell.outputs);
  return outputs.filter((output) => (output.output_type === "display_data" || output.output_type === "execute_result") && type in output.data).length;
}

describe.each(["JupyterLab Light", "JupyterLab Dark"] as const)("%s", (theme) => {
  let lab: Lab;
  beforeAll(async () => void (lab = await Lab.start(theme)), 600_000);
  afterAll(async () => lab?.stop());

  test.each(notebooks)("%s runs from beginning to end, shows all of its figures and gives the stored results", async (name) => {
    const picture = `${basename(name, ".ipynb")}-${theme === "JupyterLab Light" ? "light" : "dark"}.png`;
    const { document, drawn } = await lab.run(join(folder, name), join(pictures, picture));
    const cells = codeCells(document);
    expect(cells.flatMap(({ outputs }) => outputs.filter((output) => output.output_type === "error"))).toEqual([]);
    expect(cells.map((cell) => cell.execution_count)).toEqual(cells.map((_, i) => i + 1));
    expect(drawn).toEqual({ vega: outputsOf(document, "application/vnd.vegalite.v5+json"), plotly: outputsOf(document, "application/vnd.plotly.v1+json") });
    expect(drift(readNotebook(join(folder, name)), document)).toEqual([]);
  }, 600_000);
});
