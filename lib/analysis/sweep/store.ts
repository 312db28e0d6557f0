/**
 * Where the rows of a sweep go while it runs.
 *
 * Layer: analysis. A store is a folder. Every process that adds to it writes a file of
 * its own there: a line with the spec, then a line for each chunk, written at once when
 * the chunk is done. A line that a kill cut short is no JSON and is passed over, and no
 * file is ever opened again for writing. So whatever is killed at whatever moment, each
 * chunk is there as a whole or not at all, and processes on many machines may share the
 * folder without a lock.
 */
import { randomUUID } from "node:crypto";
import { closeSync, fdatasyncSync, mkdirSync, openSync, readdirSync, readSync, rmdirSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { InputError } from "../../schema/index.ts";
import type { ChunkRows } from "./points.ts";
import type { SweepSpec } from "./spec.ts";

/** The rows of the chunks that are done. */
export interface Store {
  /** The chunks that are there. */
  readonly chunks: ReadonlyMap<number, unknown>;
  /** The rows of a chunk that is there. */
  get(chunk: number): ChunkRows;
  /** Add rows; those of a chunk that is there already are dropped, they are the same. */
  put(rows: ChunkRows): void;
  close(): void;
}

/** Keeps the rows in memory. */
export class MemoryStore implements Store {
  readonly chunks = new Map<number, ChunkRows>();

  get(chunk: number): ChunkRows {
    return this.chunks.get(chunk)!;
  }
  put(rows: ChunkRows): void {
    this.chunks.set(rows.chunk, rows);
  }
  close(): void {}
}

/** Rows in memory, of which `folder` keeps a copy on disk. */
export class MirroredStore extends MemoryStore {
  readonly folder: FolderStore;

  constructor(folder: FolderStore) {
    super();
    this.folder = folder;
    for (const chunk of folder.chunks.keys()) super.put(folder.get(chunk));
  }
  override put(rows: ChunkRows): void {
    super.put(rows);
    this.folder.put(rows);
  }
  override close(): void {
    this.folder.close();
  }
}

const line = z.strictObject({
  chunk: z.int().min(0),
  measured: z.record(z.string(), z.array(z.number().nullable())),
  errors: z.record(z.string(), z.string()),
});

/** The rows of a chunk of `points` points as they come from outside; undefined when that is not what `value` is. */
export function chunkRows(value: unknown, points: number): ChunkRows | undefined {
  const { success, data } = line.safeParse(value);
  return success && Object.values(data.measured).every((column) => column.length === points) ? data : undefined;
}

const READ_BYTES = 1 << 20;
const NEWLINE = 10;
/** At most so much work is lost when the power fails. */
const SYNC_MS = 1000;
const SUFFIX = ".rows.ndjson";

/** Where the line of a chunk is. */
interface Place {
  file: string;
  offset: number;
  bytes: number;
}

/** Keeps the rows in a folder; in memory are only the places of the lines. */
export class FolderStore implements Store {
  readonly #folder: string;
  readonly chunks = new Map<number, Place>();
  /** What all files say the sweep is; undefined as long as there are none. */
  readonly spec: SweepSpec | undefined;
  #out: { path: string; file: number; end: number; synced: number } | undefined = undefined;
  #in: { path: string; file: number } | undefined = undefined;

  /**
   * The store in `folders`, of the sweep that `spec` describes or else of the one whose rows are there.
   * What is added goes to the first of them.
   * @throws InputError when rows of another sweep are there.
   */
  constructor(folders: readonly string[], spec?: SweepSpec) {
    this.#folder = folders[0]!;
    this.spec = spec;
    for (const path of folders.flatMap((folder) => names(folder).map((name) => join(folder, name)))) {
      for (const { text, ...place } of linesOf(path)) {
        const value = parsed(text) as { sweep?: SweepSpec; chunk?: number } | undefined;
        if (place.offset === 0) this.spec = same(value?.sweep, this.spec, path);
        else if (typeof value?.chunk === "number") this.chunks.set(value.chunk, place);
      }
    }
  }

  get(chunk: number): ChunkRows {
    const { file: path, offset, bytes } = this.chunks.get(chunk)!;
    if (this.#in?.path !== path) {
      if (this.#in !== undefined) closeSync(this.#in.file);
      this.#in = { path, file: openSync(path, "r") };
    }
    const text = Buffer.allocUnsafe(bytes);
    readSync(this.#in.file, text, 0, bytes, offset);
    return JSON.parse(text.toString("utf8")) as ChunkRows;
  }

  put(rows: ChunkRows): void {
    if (this.chunks.has(rows.chunk)) return;
    const out = (this.#out ??= this.#open());
    this.chunks.set(rows.chunk, { file: out.path, offset: out.end, bytes: append(out, rows) });
    if (performance.now() - out.synced < SYNC_MS) return;
    fdatasyncSync(out.file);
    out.synced = performance.now();
  }

  close(): void {
    if (this.#in !== undefined) closeSync(this.#in.file);
    if (this.#out === undefined) return;
    fdatasyncSync(this.#out.file);
    closeSync(this.#out.file);
  }

  #open() {
    const path = join(this.#folder, `${randomUUID().slice(0, 8)}${SUFFIX}`);
    mkdirSync(this.#folder, { recursive: true });
    const out = { path, file: openSync(path, "wx"), end: 0, synced: performance.now() };
    append(out, { sweep: this.spec });
    return out;
  }
}

/** Takes a store away, and its folder when nothing else is in it. */
export function removeStore(folder: string): void {
  for (const name of names(folder)) rmSync(join(folder, name), { force: true });
  try {
    rmdirSync(folder);
  } catch {
    // somebody else's files are there, or it never was
  }
}

/** The files of rows in a folder. */
function names(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith(SUFFIX)).sort();
  } catch {
    return [];
  }
}

/** Adds a line; how long it is. */
function append(out: { file: number; end: number }, value: unknown): number {
  const text = Buffer.from(`${JSON.stringify(value)}\n`);
  writeSync(out.file, text);
  out.end += text.length;
  return text.length;
}

/** The whole lines of a file. */
function* linesOf(path: string): Generator<Place & { text: string }> {
  const file = openSync(path, "r");
  try {
    let rest = Buffer.alloc(0);
    let offset = 0;
    for (;;) {
      const next = Buffer.allocUnsafe(READ_BYTES);
      const count = readSync(file, next, 0, READ_BYTES, offset + rest.length);
      if (count === 0) return;
      rest = Buffer.concat([rest, next.subarray(0, count)]);
      for (let end = rest.indexOf(NEWLINE); end >= 0; end = rest.indexOf(NEWLINE)) {
        yield { file: path, offset, bytes: end + 1, text: rest.toString("utf8", 0, end) };
        offset += end + 1;
        rest = rest.subarray(end + 1);
      }
    }
  } finally {
    closeSync(file);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The spec of a file, which must be the one that is wanted. */
function same(found: SweepSpec | undefined, wanted: SweepSpec | undefined, path: string): SweepSpec | undefined {
  if (found === undefined || wanted === undefined) return wanted ?? found;
  const differs = (Object.keys({ ...found, ...wanted }) as (keyof SweepSpec)[]).find((key) => JSON.stringify(found[key]) !== JSON.stringify(wanted[key]));
  if (differs === undefined) return wanted;
  throw new InputError(`${path}: rows of another sweep, its ${differs} is ${JSON.stringify(found[differs])}, not ${JSON.stringify(wanted[differs])}: choose another store, or delete these`);
}
