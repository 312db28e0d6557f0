import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { codeCells, readNotebook } from "../../lib/notebook/document.ts";
import { projectRoot } from "../../lib/notebook/places.ts";
import { Lab } from "./lab.ts";

const folder = join(projectRoot, "notebooks");
const notebooks = readdirSync(folder).filter((file) => file.endsWith(".ipynb")).sort();

/** How many of a notebook's stored outputs have a representation of the type. */
function stored(notebook: string, type: string): number {
  const outputs = codeCells(readNotebook(notebook)).flatMap((cell) => cell.outputs);
  return outputs.filter((output) => (output.output_type === "display_data" || output.output_type === "execute_result") && type in output.data).length;
}

describe.each(["JupyterLab Light", "JupyterLab Dark"] as const)("%s", (theme) => {
  let lab: Lab;
  beforeAll(async () => void (lab = await Lab.start(theme)), 300_000);
  afterAll(async () => lab?.stop());

  test.each(notebooks)("%s runs from beginning to end and shows all of its figures", async (name) => {
    const notebook = join(folder, name);
    const seen = await lab.run(notebook, join(projectRoot, "build/screenshots", `${basename(name, ".ipynb")}-${theme.slice("JupyterLab ".length).toLowerCase()}.png`));
    expect(seen.errors).toEqual([]);
    expect(seen.cellsNotRun).toBe(0);
    expect(seen.vegaFigures).toBe(stored(notebook, "application/vnd.vegalite.v5+json"));
    expect(seen.plotlyFigures).toBe(stored(notebook, "application/vnd.plotly.v1+json"));
  }, 300_000);
});
