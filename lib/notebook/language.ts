/**
 * What notebooks and front ends are told of the kernel and its language.
 *
 * Layer: notebook. The runner without Jupyter writes the same into a notebook as
 * JupyterLab does, so that a file does not change with the one who saved it.
 */
import { cellTypeScriptVersion } from "./tslab.ts";

/** The kernel's folder among the kernels of Jupyter, and the name by which notebooks ask for it. */
export const KERNEL_NAME = "kernelized";

export const kernelspec = { display_name: "TypeScript (kernelized)", language: "typescript", name: KERNEL_NAME } as const;

/** The language of the cells, as Jupyter's kernel_info_reply and the metadata of a notebook state it. */
export function languageInfo(): Record<string, unknown> {
  return {
    codemirror_mode: { mode: "typescript", name: "javascript", typescript: true },
    file_extension: ".ts",
    mimetype: "text/typescript",
    name: "typescript",
    version: cellTypeScriptVersion(),
  };
}
