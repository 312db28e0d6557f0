/**
 * Figures as pages that open without a network: what draws them is inside.
 * Layer: plots.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { escapeHtml } from "../notebook/table.ts";
import { FONT, GROUND } from "./theme.ts";

const require = createRequire(import.meta.url);

/** What draws figures in a browser: files that set `vega` and `Plotly`. */
export const drawingLibraries = {
  vega: join(dirname(require.resolve("vega")), "vega.min.js"),
  plotly: require.resolve("plotly.js/dist/plotly.min.js"),
};

/** A page that draws the Vega specification `spec`. */
export function vegaPage(spec: object, alt: string): string {
  const library = readFileSync(drawingLibraries.vega, "utf8");
  return page(alt, library, `new vega.View(vega.parse(${inScript(spec)}), { container: "#figure", renderer: "svg", hover: true }).runAsync();`);
}

/** A page that draws the Plotly figure. */
export function plotlyPage({ data, layout }: { data: object[]; layout: object }, alt: string): string {
  const library = readFileSync(drawingLibraries.plotly, "utf8");
  return page(alt, library, `Plotly.newPlot("figure", ${inScript(data)}, ${inScript(layout)}, { responsive: true });`);
}

function page(alt: string, library: string, draw: string): string {
  const [title] = alt.split("\n");
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${escapeHtml(title)}</title>
<style>body { margin: 24px; background: ${GROUND}; font-family: ${FONT}; }</style>
<div id="figure" role="img" aria-label="${escapeHtml(alt)}"></div>
<script>${library.replaceAll("</script", "<\\/script")}</script>
<script>${draw}</script>
</html>
`;
}

/** A value as JavaScript that cannot end the script around it. */
function inScript(value: unknown): string {
  return JSON.stringify(value).replaceAll("<", "\\u003c");
}
