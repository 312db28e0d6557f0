/**
 * A figure: seen in JupyterLab, on GitHub, in a terminal, or saved to a file.
 *
 * Layer: plots. One bundle carries the live figure (Vega-Lite or Plotly), a PNG for who
 * cannot draw it, and words for who cannot see it. HTML is left out, for JupyterLab
 * would prefer it to Vega-Lite. The PNG is as large as it is to be seen: JupyterLab shows
 * it in place of a Plotly figure until the mouse enters it.
 */
import { extname } from "node:path";
import { DISPLAY } from "../notebook/bundle.ts";
import type { Displayable, MimeBundle } from "../notebook/bundle.ts";
import { writeFileAtomically } from "../notebook/files.ts";
import { InputError, suggest } from "../schema/index.ts";
import { plotlyPage, vegaPage } from "./page.ts";
import { toPng, toSvg, toVega } from "./render.ts";

/** JupyterLab 4 knows Vega-Lite 5; what the figures use is the same in 6, which draws them here. */
const VEGA_LITE = { type: "application/vnd.vegalite.v5+json", $schema: "https://vega.github.io/schema/vega-lite/v5.json" };
const PLOTLY_TYPE = "application/vnd.plotly.v1+json";

export interface PlotlyFigure {
  data: object[];
  layout: object;
}

export interface FigureOptions {
  /** What is to be seen, in words. */
  alt: string;
  /** The figure for Vega-Lite; the picture is drawn from it. */
  vegaLite: object;
  /** The same figure for Plotly, which then is the live one. */
  plotly?: PlotlyFigure;
}

export class Figure implements Displayable {
  readonly alt: string;
  readonly vegaLite: object;
  readonly plotly: PlotlyFigure | undefined;

  constructor({ alt, vegaLite, plotly }: FigureOptions) {
    this.alt = alt;
    this.vegaLite = { $schema: VEGA_LITE.$schema, ...vegaLite };
    this.plotly = plotly;
  }

  /** The figure as an SVG picture. */
  async svg(): Promise<string> {
    return toSvg(await toVega(this.vegaLite));
  }

  /** The figure as a PNG picture, with `scale` pixels to one of the figure. */
  async png(scale = 2): Promise<Uint8Array> {
    return toPng(await this.svg(), scale);
  }

  /** The figure as a page that needs no network; it reacts to the mouse. */
  async html(): Promise<string> {
    return this.plotly === undefined ? vegaPage(await toVega(this.vegaLite), this.alt) : plotlyPage(this.plotly, this.alt);
  }

  /**
   * Writes the figure to `path`, as its suffix says: .png, .svg or .html.
   * @throws InputError for another suffix.
   */
  async save(path: string): Promise<void> {
    const draw = { ".png": () => this.png(), ".svg": () => this.svg(), ".html": () => this.html() };
    const suffix = extname(path).toLowerCase();
    if (!(suffix in draw)) throw new InputError(`${path}: a figure cannot be saved as "${suffix}"${suggest(suffix, Object.keys(draw))}`);
    writeFileAtomically(path, await draw[suffix as keyof typeof draw]());
  }

  async [DISPLAY](): Promise<MimeBundle> {
    const live = this.plotly === undefined ? { [VEGA_LITE.type]: this.vegaLite } : { [PLOTLY_TYPE]: this.plotly };
    return { ...live, "image/png": await this.png(1), "text/plain": this.alt };
  }
}
