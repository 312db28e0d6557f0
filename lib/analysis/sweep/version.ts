/**
 * Which code and data the rows of a sweep come from.
 *
 * Layer: analysis. The version of the package and a fingerprint of everything that a
 * simulated number depends on. Rows of two versions are never mixed.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder that holds lib/ and data/. */
export const projectRoot = fileURLToPath(new URL("../../..", import.meta.url));
const rooms = ["lib/engine", "lib/schema", "lib/trace", "lib/hardware", "lib/fs", "lib/unix", "lib/kernels", "lib/servers", "lib/systems", "lib/workloads", "lib/analysis/sweep", "data/machines", "data/systems"];

let known: string | undefined = undefined;

/** The version of this code: "0.1.0+" and twelve digits. */
export function codeVersion(): string {
  return (known ??= `${packageVersion()}+${fingerprint()}`);
}

function packageVersion(): string {
  return (JSON.parse(readFileSync(join(projectRoot, "package.json"), "utf8")) as { version: string }).version;
}

function fingerprint(): string {
  const hash = createHash("sha256");
  for (const room of rooms) {
    for (const path of filesIn(join(projectRoot, room))) hash.update(path.slice(projectRoot.length)).update("\0").update(readFileSync(path)).update("\0");
  }
  return hash.digest("hex").slice(0, 12);
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => /\.(ts|json)$/.test(name))
      .sort()
      .map((name) => join(folder, name));
  } catch {
    return [];
  }
}
