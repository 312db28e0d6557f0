/**
 * Takes a picture of every figure in JupyterLab's light and dark theme, for people to look at:
 *   node --import tsx test/notebook/pictures.ts [NAMES…]
 * They go to build/pictures. The notebooks are shown with their stored outputs; nothing is run.
 */
import { mkdirSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { allNotebooks } from "../../lib/cli/notebooks.ts";
import { projectRoot } from "../../lib/notebook/places.ts";
import { Lab } from "./lab.ts";

const folder = join(projectRoot, "build/pictures");
const wanted = process.argv.slice(2);
const paths = allNotebooks().filter((path) => wanted.length === 0 || wanted.some((name) => basename(path).startsWith(name)));

mkdirSync(folder, { recursive: true });
const lab = await Lab.start();
try {
  const page = await lab.page();
  for (const theme of ["light", "dark"] as const) {
    for (const path of paths) {
      await page.open(path, theme);
      await page.drawn({ vega: 0, plotly: 0 });
      await page.page.waitForTimeout(2000); // until the last is drawn
      const figures = await page.page.locator(".jp-OutputArea-output:has(.vega-embed), .jp-OutputArea-output:has(.jp-RenderedPlotly), .jp-RenderedPlotly").all();
      for (const [i, figure] of figures.entries()) {
        const picture = join(folder, `${basename(path, ".ipynb")}-${i + 1}-${theme}.png`);
        await figure.screenshot({ path: picture });
        console.log(relative(process.cwd(), picture));
      }
      await page.close();
    }
  }
} finally {
  await lab.stop();
}
