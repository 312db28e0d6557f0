/**
 * Where the rows of a sweep go while it runs.
 *
 * Layer: analysis. A store is a folder. Every process that adds to it writes a file of
 * its own there: a line with the spec, then a line for each chunk, written at once when
 * the chunk is done. Only what is a spec or the rows of a chunk is read: a line that a kill
 * or a full disk cut short is passed over, and so is a file whose first line is damaged. No
 * file is ever opened again for writing. So whatever is killed at whatever moment, each
 * chunk is there as a whole or not at all, and processes on many machines may share the
 * folder without a lock. Files stay open as long as their rows may be asked for, so
 * nobody minds when another process takes its own away.
 */
import { closeSync, fdatasyncSync, mkdirSync, rmdirSync, rmSync } from "node:fs";
import { z } from "zod";
import { InputError } from "../../schema/index.ts";
import { checkFolder, readWhole, unwritable } from "./files.ts";
import type { Plan } from "./plan.ts";
import type { ChunkRows } from "./points.ts";
import { append, isLeft, linesOf, newRowFile, opened, parsed, pathsIn } from "./row-files.ts";
import type { Place, RowFile } from "./row-files.ts";
import { sweepSpec } from "./spec.ts";
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
  /** Closes it, and takes away what it has on disk. */
  remove(): void;
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
  remove(): void {}
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
  override remove(): void {
    this.folder.remove();
  }
}

const header = z.strictObject({ sweep: sweepSpec });
const line = z.strictObject({
  chunk: z.int().min(0),
  measured: z.record(z.string(), z.array(z.number().nullable())),
  errors: z.record(z.string().regex(/^\d+$/), z.string()),
});

/** The rows of a chunk of `points` points as they come from outside; undefined when that is not what `value` is. */
export function chunkRows(value: unknown, points: number): ChunkRows | undefined {
  const { success, data } = line.safeParse(value);
  if (!success || Object.keys(data.errors).some((place) => Number(place) >= points)) return undefined;
  return Object.values(data.measured).every((column) => column.length === points) ? data : undefined;
}

/** At most so much work is lost when the power fails. */
const SYNC_MS = 1000;

/** Keeps the rows in a folder; in memory are only the places of the lines. */
export class FolderStore implements Store {
  readonly chunks = new Map<number, Place>();
  readonly #folder: string;
  readonly #plan: Plan;
  /** All that are open. */
  readonly #files: RowFile[] = [];
  /** Paths of those that this store has made. */
  readonly #own = new Set<string>();
  #out: (RowFile & { end: number; synced: number }) | undefined = undefined;

  /**
   * The rows of `plan` that are in `folders`. What is added goes to the first of them.
   * @throws InputError when rows of another sweep are there.
   */
  constructor(folders: readonly string[], plan: Plan) {
    this.#folder = folders[0]!;
    this.#plan = plan;
    try {
      for (const path of folders.flatMap(pathsIn)) this.#read(path);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  get(chunk: number): ChunkRows {
    const { source, offset, bytes } = this.chunks.get(chunk)!;
    const rows = this.#rows(readWhole(source.file, offset, bytes).toString("utf8"));
    if (rows?.chunk !== chunk) throw new InputError(`${source.path}: the rows of chunk ${chunk} are damaged since they were written: delete the file and start again`);
    return rows;
  }

  put(rows: ChunkRows): void {
    if (this.chunks.has(rows.chunk)) return;
    try {
      const out = (this.#out ??= this.#open());
      this.chunks.set(rows.chunk, append(out, rows));
      if (performance.now() - out.synced < SYNC_MS) return;
      fdatasyncSync(out.file);
      out.synced = performance.now();
    } catch (error) {
      this.#out = undefined; // its last line may be torn: nothing may follow it
      throw unwritable(this.#folder, error);
    }
  }

  close(): void {
    try {
      if (this.#out !== undefined) fdatasyncSync(this.#out.file);
    } catch (error) {
      throw unwritable(this.#folder, error);
    } finally {
      this.#out = undefined;
      for (const { file } of this.#files.splice(0)) closeSync(file);
    }
  }

  /** Takes away the files of this store and those that killed processes have left, and the folder when nothing else is in it. */
  remove(): void {
    this.close();
    for (const path of pathsIn(this.#folder)) if (this.#own.has(path) || isLeft(path)) rmSync(path, { force: true });
    try {
      rmdirSync(this.#folder);
    } catch {
      // somebody else's files are there, or it never was
    }
  }

  #read(path: string): void {
    const source = opened(path);
    if (source === undefined) return;
    this.#files.push(source);
    const lines = linesOf(source);
    const spec = specIn(lines);
    if (spec === undefined) return;
    checkSame(spec, this.#plan.spec, path);
    for (const { text, place } of lines) {
      const rows = this.#rows(text);
      if (rows !== undefined) this.chunks.set(rows.chunk, place);
    }
  }

  /** What a line says, when it is the rows of a chunk of the plan. */
  #rows(text: string): ChunkRows | undefined {
    const value = parsed(text) as { chunk?: unknown } | null | undefined;
    const chunk = value?.chunk;
    if (typeof chunk !== "number" || !(chunk < this.#plan.chunks)) return undefined;
    const [from, to] = this.#plan.range(chunk);
    return chunkRows(value, to - from);
  }

  #open() {
    mkdirSync(this.#folder, { recursive: true });
    const out = { ...newRowFile(this.#folder), end: 0, synced: performance.now() };
    this.#own.add(out.path);
    this.#files.push(out);
    append(out, { sweep: this.#plan.spec });
    return out;
  }
}

/**
 * The store in `folder`, to which rows of `plan` are added.
 * @throws InputError when nothing can be written there, or rows of another sweep are there.
 */
export function storeIn(folder: string, plan: Plan): FolderStore {
  checkFolder(folder);
  return new FolderStore([folder], plan);
}

/** The sweep whose rows are in `folders`: the first, should there be several. */
export function storedSpec(folders: readonly string[]): SweepSpec | undefined {
  for (const path of folders.flatMap(pathsIn)) {
    const source = opened(path);
    if (source === undefined) continue;
    const spec = specIn(linesOf(source));
    closeSync(source.file);
    if (spec !== undefined) return spec;
  }
  return undefined;
}

/** What the first of `lines` says the sweep is, if it says that. */
function specIn(lines: ReturnType<typeof linesOf>): SweepSpec | undefined {
  const first = lines.next().value;
  return first && header.safeParse(parsed(first.text)).data?.sweep;
}

/** @throws InputError when the rows in `path` are of another sweep than the one that is wanted. */
function checkSame(found: SweepSpec, wanted: SweepSpec, path: string): void {
  const differs = (Object.keys({ ...found, ...wanted }) as (keyof SweepSpec)[]).find((key) => JSON.stringify(found[key]) !== JSON.stringify(wanted[key]));
  if (differs === undefined) return;
  throw new InputError(`${path}: rows of another sweep, its ${differs} is ${JSON.stringify(found[differs])}, not ${JSON.stringify(wanted[differs])}: choose another store, or delete these`);
}
