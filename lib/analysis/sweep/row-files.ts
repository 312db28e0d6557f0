/**
 * Files of rows: which there are, whose they are, and their lines.
 *
 * Layer: analysis.
 */
import { randomUUID } from "node:crypto";
import { openSync, readdirSync } from "node:fs";
import { hostname } from "node:os";
import { basename, join } from "node:path";
import { readWhole, writeWhole } from "./files.ts";

const READ_BYTES = 1 << 20;
const NEWLINE = 10;
/** The machine and the process that write a file are in its name. */
const NAME = /^(?<host>.+)-(?<pid>\d+)-[0-9a-f]{8}\.rows\.ndjson$/;
const SUFFIX = ".rows.ndjson";

/** A file of rows that is open. */
export interface RowFile {
  path: string;
  file: number;
}

/** Where a line is. */
export interface Place {
  source: RowFile;
  offset: number;
  bytes: number;
}

/** The files of rows in a folder. */
export function pathsIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith(SUFFIX)).sort().map((name) => join(folder, name));
  } catch {
    return [];
  }
}

/** A new file of this process in `folder`. */
export function newRowFile(folder: string): RowFile {
  const path = join(folder, `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}${SUFFIX}`);
  return { path, file: openSync(path, "ax+") };
}

/** A file of rows; undefined when the process whose it is has taken it away meanwhile. */
export function opened(path: string): RowFile | undefined {
  try {
    return { path, file: openSync(path, "r") };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Whether a process of this machine wrote a file that does not run any more. */
export function isLeft(path: string): boolean {
  const { host, pid } = NAME.exec(basename(path))?.groups ?? {};
  if (host !== hostname()) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}

/** Adds a line; where it is. */
export function append(out: RowFile & { end: number }, value: unknown): Place {
  const bytes = writeWhole(out.file, `${JSON.stringify(value)}\n`);
  const place = { source: out, offset: out.end, bytes };
  out.end += bytes;
  return place;
}

/** The whole lines of a file. */
export function* linesOf(source: RowFile): Generator<{ text: string; place: Place }, undefined> {
  let rest = Buffer.alloc(0);
  let offset = 0;
  for (;;) {
    const next = readWhole(source.file, offset + rest.length, READ_BYTES);
    if (next.length === 0) return undefined;
    rest = Buffer.concat([rest, next]);
    for (let end = rest.indexOf(NEWLINE); end >= 0; end = rest.indexOf(NEWLINE)) {
      yield { text: rest.toString("utf8", 0, end), place: { source, offset, bytes: end + 1 } };
      offset += end + 1;
      rest = rest.subarray(end + 1);
    }
  }
}

/** The value of a line; undefined when it is no JSON. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
