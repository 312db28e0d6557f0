/**
 * Drawing without a browser: Vega-Lite to Vega, Vega to SVG, SVG to PNG.
 *
 * Layer: plots. The font comes with the project, so a picture is the same on every
 * machine. What draws is large and loaded when first used.
 */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Spec } from "vega";
import type { TopLevelSpec } from "vega-lite";

const require = createRequire(import.meta.url);

/** The Vega specification of a Vega-Lite one. */
export async function toVega(vegaLite: object): Promise<Spec> {
  const { compile } = await import("vega-lite");
  return compile(vegaLite as TopLevelSpec).spec;
}

/** Mean width of a character of DejaVu Sans, in parts of the size of the font. */
const CHARACTER_WIDTH = 0.55;

/** The figure that `spec` describes, as an SVG document. */
export async function toSvg(spec: Spec): Promise<string> {
  const vega = await import("vega");
  // Without a canvas Vega takes texts for a third wider than they are, and the room for them too.
  const { textMetrics } = vega as unknown as { textMetrics: { width(item: { fontSize?: number }, text: string): number } };
  textMetrics.width = ({ fontSize = 11 }, text) => CHARACTER_WIDTH * fontSize * String(text ?? "").length;
  const view = new vega.View(vega.parse(spec), { renderer: "none" });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}

/** An SVG document as a PNG picture, with `scale` pixels to one of the figure. */
export async function toPng(svg: string, scale: number): Promise<Uint8Array> {
  const { Resvg } = await import("@resvg/resvg-js");
  const fonts = join(dirname(require.resolve("dejavu-fonts-ttf/package.json")), "ttf");
  const fontFiles = ["DejaVuSans.ttf", "DejaVuSans-Bold.ttf"].map((file) => join(fonts, file));
  const font = { fontFiles, loadSystemFonts: false, defaultFontFamily: "DejaVu Sans" };
  return new Resvg(svg, { font, fitTo: { mode: "zoom", value: scale } }).render().asPng();
}
