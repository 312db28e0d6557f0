/**
 * The bundle: one thing in several formats, of which each reader takes the richest it knows.
 *
 * Layer: notebook. JupyterLab, GitHub and a terminal each find something in it.
 */

/** Representations of one thing by media type: text as a string, binary as bytes or base64, JSON types as objects. */
export type MimeBundle = Record<string, unknown>;

/** The method by which an object says how it is shown; the name is shared among JavaScript kernels. */
export const DISPLAY: unique symbol = Symbol.for("Jupyter.display") as never;

export interface Displayable {
  /** The bundle, which always has text/plain; a promise when it has to be drawn first. */
  [DISPLAY](): MimeBundle | Promise<MimeBundle>;
}
