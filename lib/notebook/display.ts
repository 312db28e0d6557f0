/**
 * Showing things below a cell, from the library and from cells.
 *
 * Layer: notebook. Who runs the notebook installs a host, to which bundles go; without
 * one, their text goes to the terminal.
 */
import { installInterruption } from "../analysis/interruption.ts";
import type { MimeBundle } from "./bundle.ts";
import { richBundle } from "./rich.ts";

/** Something shown that can be replaced in place. */
export interface Shown {
  /** Shows `value` where the former value was: a progress bar that moves. */
  update(value: unknown): void;
}

/** What runs the notebook. Outputs appear in the order of the calls, also when a bundle is still being drawn. */
export interface Host {
  show(bundle: MimeBundle | Promise<MimeBundle>, displayId: string, update: boolean): void;
  /** Aborted when the reader interrupts the running cell. */
  readonly interruption: AbortSignal;
  /** The running cell will end by itself when that happens. */
  heed(): void;
}

// A notebook may lie in another checkout than the kernel that runs it: two copies of this module, one host.
const HOST = Symbol.for("kernelized.notebook.host");
const shared = globalThis as { [HOST]?: Host };

/** Makes `host` the one that shows what is displayed, and tells of interruptions, from now on. */
export function installHost(host: Host): void {
  shared[HOST] = host;
  installInterruption(() => {
    host.heed();
    return host.interruption;
  });
}

let displays = 0;

/**
 * Shows `value` below the running cell: a figure, a table, a bundle of media types, any value.
 * A string is shown as it is.
 */
export function display(value: unknown): Shown {
  const id = `${process.pid}-${++displays}`;
  show(value, id, false);
  return { update: (next) => show(next, id, true) };
}

/** Whether the reader has interrupted the cell that is running now. */
export const isInterrupted = (): boolean => shared[HOST]?.interruption.aborted ?? false;

function show(value: unknown, id: string, update: boolean): void {
  const bundle = typeof value === "string" ? { "text/plain": value } : richBundle(value);
  const host = shared[HOST];
  if (host !== undefined) host.show(bundle, id, update);
  else void Promise.resolve(bundle).then((drawn) => console.log(drawn["text/plain"] ?? `(${Object.keys(drawn).join(", ")})`));
}
