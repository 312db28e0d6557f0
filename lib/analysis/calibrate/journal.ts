/**
 * What has been simulated already, on disk: a calibration that was killed goes on where it was.
 *
 * Layer: analysis. One line for each point, appended as soon as it is known. The search
 * follows from its seed, so that it asks for the same points again and finds them here. A
 * journal of other models or other values is not used.
 */
import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Values } from "./objective.ts";

const LIB = new URL("../../", import.meta.url);
const DATA = new URL("../../../data/", import.meta.url);

/** The rooms whose code decides what a simulation gives, and the files that say what is simulated. */
const MODELS = ["engine", "schema", "trace", "hardware", "fs", "unix", "kernels", "servers", "systems", "workloads"];
const MEASURES = ["experiments", "samples", "moves", "parameters"].map((name) => `analysis/${name}.ts`);

export class Journal {
  readonly #known = new Map<string, Values | undefined>();
  readonly #path: string;

  /** The journal at `path` of the problem that `what` tells and the values of `files` below data/, begun anew when it is one of something else. */
  constructor(path: string, what: string, files: readonly string[] = []) {
    this.#path = path;
    const heading = JSON.stringify({ of: fingerprint(what, files) });
    const lines = existsSync(path) ? readFileSync(path, "utf8").split("\n") : [];
    if (lines[0] !== heading) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, `${heading}\n`);
      return;
    }
    for (const line of lines.slice(1)) {
      try {
        const { point, values } = JSON.parse(line) as { point: string; values: Values | null };
        this.#known.set(point, values ?? undefined);
      } catch {
        continue; // the line at which it was killed
      }
    }
    appendFileSync(path, "\n"); // after such a line
  }

  /** Points that are known. */
  get size(): number {
    return this.#known.size;
  }

  /** The values at `point`, simulated now unless they are known. */
  look(point: string, simulate: () => Values | undefined): Values | undefined {
    if (!this.#known.has(point)) {
      const values = simulate();
      this.#known.set(point, values);
      appendFileSync(this.#path, `${JSON.stringify({ point, values: values ?? null })}\n`);
    }
    return this.#known.get(point);
  }
}

/** What identifies the models, the data and the problem. */
function fingerprint(what: string, files: readonly string[]): string {
  const hash = createHash("sha256").update(what);
  for (const folder of MODELS.map((room) => new URL(`${room}/`, LIB)).filter(existsSync)) {
    for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" }).sort()) {
      if (name.endsWith(".ts")) hash.update(name).update(readFileSync(new URL(name, folder)));
    }
  }
  for (const name of MEASURES) hash.update(name).update(readFileSync(new URL(name, LIB)));
  for (const file of files) hash.update(file).update(readFileSync(new URL(file, DATA)));
  return hash.digest("hex");
}
