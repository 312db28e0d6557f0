/**
 * Which code and data the rows of a sweep come from.
 *
 * Layer: analysis. The version of the package and a fingerprint of everything that a
 * simulated number depends on: the code, the data, and the libraries, one of which draws
 * the random numbers. Rows of two versions are never mixed.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder that holds lib/ and data/. */
export const projectRoot = fileURLToPath(new URL("../../..", import.meta.url));
const rooms = ["lib/engine", "lib/schema", "lib/trace", "lib/hardware", "lib/fs", "lib/unix", "lib/kernels", "lib/servers", "lib/systems", "lib/workloads", "lib/analysis/sweep", "data/machines", "data/systems"];
/** Says which libraries are installed. */
const LOCK = "package-lock.json";

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
  for (const path of versionedFiles()) hash.update(path).update("\0").update(readFileSync(join(projectRoot, path))).update("\0");
  return hash.digest("hex").slice(0, 12);
}

/** What the fingerprint is of: paths from the project's folder on. */
export function versionedFiles(): string[] {
  return [LOCK, ...rooms.flatMap(filesIn)];
}

function filesIn(room: string): string[] {
  return readdirSync(join(projectRoot, room), { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(ts|m?js|json)$/.test(name))
    .sort()
    .map((name) => join(room, name));
}
