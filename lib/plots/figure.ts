/**
 * A figure: seen in JupyterLab, on GitHub, in a terminal, or saved to a file.
 *
 * Layer: plots. One bundle carries the live figure (Vega-Lite or Plotly), a PNG for who
 * cannot draw it, and words for who cannot see it. HTML is left out, for JupyterLab
 * would prefer it to Vega-Lite. The PNG is as large as it is to be seen: JupyterLab shows
 * it in place of a Plotly figure until the mouse enters it.
 */
import { extname } from "node:path";
import type { Spec } from "vega";
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

/** What is to be seen in words, and the figure for Vega-Lite; or for Plotly, with the same as a picture for Vega-Lite or Vega. */
export type FigureOptions = { alt: string } & ({ vegaLite: object; plotly?: PlotlyFigure } | { vega: object; plotly: PlotlyFigure });

export class Figure implements Displayable {
  readonly alt: string;
  /** The figure for Vega-Lite; undefined where only Vega can draw the picture. */
  readonly vegaLite: object | undefined;
  /** The figure for Plotly, which then is the live one. */
  readonly plotly: PlotlyFigure | undefined;
  readonly #toVega: () => Promise<Spec>;

  constructor(options: FigureOptions) {
    this.alt = options.alt;
    this.plotly = options.plotly;
    if ("vega" in options) {
      this.#toVega = async () => options.vega;
    } else {
      const vegaLite = { $schema: VEGA_LITE.$schema, ...options.vegaLite };
      this.vegaLite = vegaLite;
      this.#toVega = () => toVega(vegaLite);
    }
  }

  /** The figure as an SVG picture. */
  async svg(): Promise<string> {
    return toSvg(await this.#toVega());
  }

  /** The figure as a PNG picture, with `scale` pixels to one of the figure. */
  async png(scale = 2): Promise<Uint8Array> {
    return toPng(await this.svg(), scale);
  }

  /** The figure as a page that needs no network; it reacts to the mouse. */
  async html(): Promise<string> {
    return this.plotly === undefined ? vegaPage(await this.#toVega(), this.alt) : plotlyPage(this.plotly, this.alt);
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
