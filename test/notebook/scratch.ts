/** Folders and notebooks of the tests' own, inside the project so that cells find the library. */
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../lib/notebook/places.ts";

/** A new folder under build/. */
export function scratchFolder(): string {
  mkdirSync(join(projectRoot, "build"), { recursive: true });
  return mkdtempSync(join(projectRoot, "build/test-"));
}

/** Writes a notebook with the cells to `path`; a text that starts with "# " is prose, one with "// tag: " a cell with that tag. */
export function writeCells(path: string, sources: readonly string[]): void {
  const cells = sources.map((source, i) => {
    const tag = /^\/\/ tag: (.*)/.exec(source)?.[1];
    const common = { id: `cell-${i}`, metadata: tag === undefined ? {} : { tags: [tag] }, source };
    return source.startsWith("# ") ? { cell_type: "markdown", ...common } : { cell_type: "code", execution_count: null, outputs: [], ...common };
  });
  writeFileSync(path, JSON.stringify({ cells, metadata: { kernelspec: { name: "kernelized", display_name: "TypeScript (kernelized)", language: "typescript" } }, nbformat: 4, nbformat_minor: 5 }));
}

/** Writes a notebook of one cell of prose and a cell for each bundle, which is its stored output. */
export function writeOutputs(path: string, prose: string, bundles: readonly object[]): void {
  const cells = bundles.map((data, i) => ({ cell_type: "code", metadata: {}, source: `"${i + 1}"`, execution_count: i + 1, outputs: [{ output_type: "display_data", data, metadata: {} }] }));
  writeFileSync(path, JSON.stringify({ cells: [{ cell_type: "markdown", metadata: {}, source: prose }, ...cells], metadata: {}, nbformat: 4, nbformat_minor: 4 }));
}
