/** Writing files so that a reader never meets half of one. Layer: notebook. */
import { renameSync, rmSync, writeFileSync } from "node:fs";

/** Writes a file beside `path` and puts it in its place; when that fails, `path` is as it was. */
export function writeFileAtomically(path: string, contents: string | Uint8Array): void {
  const draft = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(draft, contents);
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}
