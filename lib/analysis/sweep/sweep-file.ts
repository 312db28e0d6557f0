/**
 * Sweeps as files: the grid, the workload and the options in YAML or JSON.
 *
 * Layer: analysis.
 */
import { readFileSync } from "node:fs";
import { z } from "zod";
import { parse } from "yaml";
import { check, InputError, withoutAddresses } from "../../schema/index.ts";
import { plainOptions } from "./setup.ts";
import type { SweepOptions } from "./setup.ts";
import { gridSpec } from "./spec.ts";
import type { Grid } from "./spec.ts";

const sweepFile = plainOptions.partial().extend({
  workload: z.string(),
  grid: z.union([gridSpec, z.array(gridSpec).min(1)]),
  /** Where the rows go in the end: .csv or .parquet. */
  out: z.string().optional(),
});

export interface SweepFile {
  grid: Grid | readonly Grid[];
  workload: string;
  out: string | undefined;
  options: SweepOptions;
}

/** @throws InputError when there is no such file, it is no YAML, or says something else than a sweep. */
export function readSweepFile(path: string): SweepFile {
  const { grid, workload, out, ...options } = check(sweepFile, parsed(path), path);
  return { grid, workload, out, options };
}

function parsed(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new InputError(`${withoutAddresses(path)}: ${code === "ENOENT" ? "no such file" : code === "EISDIR" ? "expected a file, found a folder" : `cannot be read (${code})`}`);
  }
  try {
    return parse(text);
  } catch (error) {
    throw new InputError(`${path}: ${(error as Error).message.split("\n")[0]!.replace(/:$/, "")}`);
  }
}
