/**
 * Outputs of cells as HTML: of several representations the richest that a page can show.
 * Layer: cli.
 */
import { stripVTControlCharacters } from "node:util";
import { joined } from "../../notebook/document.ts";
import type { Output } from "../../notebook/document.ts";
import { escapeHtml } from "../../notebook/table.ts";
import { toVega } from "../../plots/render.ts";

export async function outputHtml(output: Output): Promise<string> {
  if (output.output_type === "stream") return `<pre class="output ${output.name}">${escapeHtml(stripVTControlCharacters(joined(output.text)))}</pre>`;
  if (output.output_type === "error") return `<pre class="output error">${escapeHtml(stripVTControlCharacters(output.traceback.join("\n")))}</pre>`;
  return `<div class="output">${await bundleHtml(output.data)}</div>`;
}

async function bundleHtml(data: Readonly<Record<string, unknown>>): Promise<string> {
  const text = (type: string) => (type in data ? joined(data[type] as string | string[]) : undefined);
  const vegaLite = Object.keys(data).find((type) => /^application\/vnd\.vegalite\.v\d+\+json$/.test(type));
  const alt = text("text/plain") ?? "";
  const picture = pictureHtml(text("image/png"), alt);
  if (vegaLite !== undefined) return figureHtml("vega", await toVega(data[vegaLite] as object), alt, picture);
  if ("application/vnd.plotly.v1+json" in data) return figureHtml("plotly", data["application/vnd.plotly.v1+json"] as object, alt, picture);
  return text("text/html") ?? (picture || `<pre>${escapeHtml(alt)}</pre>`);
}

/** A place where book.js draws the figure; who runs no scripts sees its picture. */
function figureHtml(kind: "vega" | "plotly", figure: object, alt: string, picture: string): string {
  const json = JSON.stringify(figure).replaceAll("<", "\\u003c");
  return `<figure class="${kind}" aria-label="${escapeHtml(alt)}"><script type="application/json">${json}</script><noscript>${picture}</noscript></figure>`;
}

function pictureHtml(base64: string | undefined, alt: string): string {
  return base64 === undefined ? "" : `<img src="data:image/png;base64,${base64.replaceAll("\n", "")}" alt="${escapeHtml(alt)}">`;
}
