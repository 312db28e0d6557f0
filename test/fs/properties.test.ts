/**
 * Random programs do to the file system what they do to a model, and leave a clean image.
 *
 * A failure prints its seed and the shortest program that fails; SEED=... RUNS=... in
 * the environment reproduce it, or look further.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Steps } from "../../lib/engine/index.ts";
import { check, isDirectory, locked, readImage } from "../../lib/fs/index.ts";
import type { Errno, FileSystem, Inode } from "../../lib/fs/index.ts";
import { Expected, Model, resizeModel, writeModel } from "./model.ts";
import type { ModelFile } from "./model.ts";
import { emptyDisk, errorOf, pattern, Rig, smallDisk } from "./rig.ts";
import type { RigOptions } from "./rig.ts";

type Operation =
  | { op: "create" | "mkdir" | "unlink" | "rmdir" | "find" | "open"; path: string }
  | { op: "write"; file: number; offset: number; bytes: number; seed: number }
  | { op: "read"; file: number; offset: number; bytes: number }
  | { op: "truncate"; file: number; size: number }
  | { op: "close"; file: number }
  | { op: "fsync"; file: number }
  | { op: "sync" }
  | { op: "purge" };

const names = ["a", "b", "long-name-".repeat(12)];
const path = fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 3 }).map((parts) => `/${parts.join("/")}`);
const file = fc.constantFrom(0, 0, 1, 1, 2, 3);
/** Around the ends of blocks, of the direct pointers and of the first indirect block. */
const block = fc.oneof({ weight: 30, arbitrary: fc.constantFrom(0, 0, 1, 2, 11, 12, 13, 20) }, { weight: 1, arbitrary: fc.constant(12 + 1024) });
const place = fc.tuple(block, fc.constantFrom(0, 0, 1, 511, 4095)).map(([index, byte]) => index * 4096 + byte);
const length = fc.oneof(fc.nat(20), fc.constantFrom(512, 4096, 8192, 12_000, 40_000));
const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ op: fc.constantFrom("create", "mkdir", "unlink", "rmdir", "find" as const), path }) },
  { weight: 4, arbitrary: fc.record({ op: fc.constant("open" as const), path }) },
  { weight: 6, arbitrary: fc.record({ op: fc.constant("write" as const), file, offset: place, bytes: length, seed: fc.nat(1000) }) },
  { weight: 4, arbitrary: fc.record({ op: fc.constant("read" as const), file, offset: place, bytes: length }) },
  { weight: 4, arbitrary: fc.record({ op: fc.constant("truncate" as const), file, size: place }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constantFrom("close", "fsync" as const), file }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constantFrom("sync", "purge" as const) }) },
);
/** Two files are open from the beginning, so that reading and writing have something to do. */
const opened: Operation[] = ["/f", "/g"].map((path) => ({ op: "open", path }));
const program = fc.array(operation, { maxLength: 50 }).map((operations) => [...opened, ...operations]);

/** One process: its files in the system and in the model. */
class Process {
  readonly #fs: FileSystem;
  readonly #rig: Rig;
  readonly #model: Model;
  readonly #root: string;
  /** A full disk may refuse what the model allows. */
  readonly #mayBeFull: boolean;
  readonly #open: { inode: Inode; model: ModelFile }[] = [];

  constructor(fs: FileSystem, rig: Rig, model: Model, root: string, mayBeFull: boolean) {
    this.#fs = fs;
    this.#rig = rig;
    this.#model = model;
    this.#root = root;
    this.#mayBeFull = mayBeFull;
  }

  *run(operations: readonly Operation[]): Steps {
    for (const operation of operations) yield* this.#do(operation);
    for (const { inode } of this.#open) yield* this.#fs.iput(inode);
  }

  *#do(operation: Operation): Steps {
    const fs = this.#fs;
    if (operation.op === "sync") return yield* fs.sync();
    if (operation.op === "purge") return yield* fs.cache.purge();
    if ("path" in operation) return yield* this.#named(operation.op, this.#root + operation.path);
    const open = this.#open[operation.file];
    if (open === undefined) return;
    if (operation.op === "fsync") yield* locked(open.inode, fs.fsync(open.inode));
    else if (operation.op === "close") {
      this.#open.splice(operation.file, 1);
      yield* fs.iput(open.inode);
    } else if (operation.op === "read") {
      const found = yield* locked(open.inode, this.#rig.read(fs, open.inode, operation.offset, operation.bytes));
      const expected = open.model.bytes.subarray(operation.offset, operation.offset + operation.bytes);
      expect(Buffer.compare(found, expected)).toBe(0);
    } else if (operation.op === "truncate") {
      yield* locked(open.inode, fs.itrunc(open.inode, operation.size));
      resizeModel(open.model, operation.size);
    } else {
      const bytes = pattern(operation.bytes, operation.seed);
      let written = 0;
      const error = yield* errorOf(this.#write(open.inode, operation.offset, bytes, (count) => (written = count)));
      if (!this.#mayBeFull) expect([error, written]).toEqual([undefined, bytes.length]);
      else if (error !== undefined) expect([error, written]).toEqual(["ENOSPC", 0]);
      writeModel(open.model, operation.offset, bytes.subarray(0, written));
      expect(open.inode.size).toBe(open.model.bytes.length);
    }
  }

  *#write(inode: Inode, offset: number, bytes: Uint8Array, tell: (written: number) => void): Steps {
    tell(yield* locked(inode, this.#rig.write(this.#fs, inode, offset, bytes)));
  }

  *#named(op: "create" | "mkdir" | "unlink" | "rmdir" | "find" | "open", path: string): Steps {
    if (op === "open") return yield* this.#openFile(path);
    const error = yield* errorOf(this.#change(op, path));
    if (error === "ENOSPC" && this.#mayBeFull) return;
    expect([op, path, error]).toEqual([op, path, this.#expected(op, path)]);
  }

  *#change(op: "create" | "mkdir" | "unlink" | "rmdir" | "find", path: string): Steps {
    const fs = this.#fs;
    if (op === "create") yield* fs.iput(yield* fs.create(path));
    else if (op === "find") yield* fs.iput(yield* fs.namei(path));
    else yield* fs[op](path);
  }

  #expected(op: "create" | "mkdir" | "unlink" | "rmdir" | "find", path: string): Errno | undefined {
    try {
      this.#model[op](path);
      return undefined;
    } catch (error) {
      if (error instanceof Expected) return error.code;
      throw error;
    }
  }

  *#openFile(path: string): Steps {
    if (this.#open.length === 4) return;
    let inode: Inode | undefined;
    const fs = this.#fs;
    const error = yield* errorOf(
      (function* () {
        inode = yield* fs.create(path);
      })(),
    );
    if (error === "ENOSPC" && this.#mayBeFull) return;
    expect(error).toBe(this.#expected("create", path));
    if (inode !== undefined) this.#open.push({ inode, model: this.#model.find(path) as ModelFile });
  }
}

/** Run one program a process, at the same time, each in its own directory if there are several. */
function runOn(options: RigOptions, programs: readonly (readonly Operation[])[], mayBeFull = false): void {
  const rig = new Rig(options);
  const models = programs.map(() => new Model());
  const root = (i: number) => (programs.length === 1 ? "" : `/${i}`);
  const free = rig.use(function* (fs) {
    const before = fs.groups.superblock.freeBlocks;
    for (let i = 0; i < programs.length && programs.length > 1; i++) yield* fs.mkdir(root(i));
    const threads = programs.map((operations, i) => {
      const model = models[i]!;
      if (programs.length > 1) model.mkdir(root(i));
      return rig.sim.spawn(`process ${i}`, new Process(fs, rig, model, root(i), mayBeFull).run(operations));
    });
    for (const thread of threads) yield* rig.sim.join(thread);
    yield* fs.sync();
    expect(check(rig.store)).toEqual([]); // clean after sync as well
    return before;
  });
  expect(check(rig.store)).toEqual([]);
  const image = readImage(rig.store);
  const expected = new Map(models.flatMap((model) => [...model.list()]));
  expect([...image.entries.keys()].sort()).toEqual([...expected.keys()].sort());
  for (const [path, node] of expected) {
    expect(isDirectory(image.entries.get(path)!.inode)).toBe(node.kind === "directory");
    if (node.kind === "file") expect(Buffer.compare(image.read(path), node.bytes)).toBe(0);
  }
  if (expected.size === 0) expect(image.superblock.freeBlocks).toBe(free);
}

const runs = (usual: number) => ({ seed: Number(process.env.SEED ?? 1992), numRuns: Number(process.env.RUNS ?? usual) });

test("on a roomy disk every call gives what the model gives", () => {
  fc.assert(
    fc.property(program, (operations) => runOn({}, [operations])),
    runs(700),
  );
});

test("so it is with blocks of 8192 bytes, gaps and runs", () => {
  const parameters = { blockBytes: 8192, maxcontig: 2, rotdelayMs: 2, maxbpg: 5 };
  fc.assert(
    fc.property(program, (operations) => runOn({ store: emptyDisk({ ...smallDisk, cylinders: 128 }, parameters), blockBytes: 8192 }, [operations])),
    runs(200),
  );
});

test("with a single buffer and a disk that takes its time", () => {
  fc.assert(
    fc.property(program, (operations) => runOn({ buffers: 1, requestNs: 10_000 }, [operations])),
    runs(300),
  );
});

test("on a disk that fills up a call gives what the model gives, or ENOSPC and no change", () => {
  const tiny = { ...smallDisk, cylinders: 8 };
  fc.assert(
    fc.property(program, fc.constantFrom(0, 10), (operations, minfreePercent) =>
      runOn({ store: emptyDisk(tiny, { minfreePercent, bytesPerInode: 8192, cylindersPerGroup: 4 }) }, [operations], true),
    ),
    runs(700),
  );
});

test("for processes that run at the same time, each in its own directory", () => {
  fc.assert(
    fc.property(fc.array(program, { minLength: 2, maxLength: 4 }), fc.integer({ min: 1, max: 8 }), (programs, buffers) => runOn({ buffers, requestNs: 10_000, costNs: 100 }, programs)),
    runs(300),
  );
});

test("for such processes on a disk that fills up", () => {
  fc.assert(
    fc.property(fc.array(program, { minLength: 2, maxLength: 4 }), fc.integer({ min: 1, max: 8 }), (programs, buffers) =>
      runOn({ store: emptyDisk({ ...smallDisk, cylinders: 16 }), buffers, requestNs: 10_000, costNs: 100 }, programs, true),
    ),
    runs(300),
  );
});
