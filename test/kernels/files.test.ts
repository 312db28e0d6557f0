/**
 * Files read back what was written to them and zeros elsewhere, whatever the disk
 * held before, however little memory there is.
 *
 * Random operations on one file beside a plain array of bytes. The disk starts full
 * of garbage, so a block that was not cleared shows itself; the frames left decide
 * how soon pages go back to the disk.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { check } from "../../lib/fs/check.ts";
import type { Steps } from "../../lib/engine/index.ts";
import type { SystemName } from "../../lib/systems/boot.ts";
import type { Unix } from "../../lib/unix/interface.ts";
import { expectBytes } from "../tools/bytes.ts";
import { bootOnUsedDisk } from "./garbage.ts";

const PAGE = 4096;

type Operation =
  | { do: "write"; at: number; bytes: number }
  | { do: "read"; at: number; bytes: number }
  | { do: "truncate"; size: number }
  | { do: "reopen" | "fsync" | "replace" | "scan" };

/** Near the edges of pages and blocks, and now and then beyond the direct pointers. */
const place = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 5 * PAGE }) },
  { weight: 4, arbitrary: fc.tuple(fc.nat(9), fc.integer({ min: -2, max: 2 })).map(([page, by]) => Math.max(0, page * PAGE + by)) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 30 * PAGE }) },
);
const length = fc.oneof(fc.integer({ min: 1, max: 300 }), fc.constantFrom(PAGE - 1, PAGE, PAGE + 1, 2 * PAGE), fc.integer({ min: 1, max: 4 * PAGE }));

const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant("write" as const), at: place, bytes: length }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant("read" as const), at: place, bytes: length }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("truncate" as const), size: place }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("reopen" as const, "fsync", "replace", "scan") }) },
);

const machine = { base: "hp-vectra", disk: { cylinders: 20 }, memory: { sizeMB: 1 } } as const;

/** What a file holds, byte by byte; `version` makes the bytes of each write its own. */
class Model {
  bytes = new Uint8Array(0);
  #version = 0;

  resize(size: number): void {
    const bytes = new Uint8Array(size);
    bytes.set(this.bytes.subarray(0, size));
    this.bytes = bytes;
  }

  write(at: number, count: number): Uint8Array {
    const version = ++this.#version;
    const written = Uint8Array.from({ length: count }, (_, i) => 1 + ((version * 31 + i * 7 + (i >> 8)) % 200));
    if (at + count > this.bytes.length) this.resize(at + count);
    this.bytes.set(written, at);
    return written;
  }
}

function* perform(unix: Unix, operations: readonly Operation[], model: Model): Steps {
  let fd = yield* unix.open("/file", { create: true });
  yield* unix.write(fd, model.write(0, 4 * PAGE)); // the process has the memory that it needs
  yield* unix.ftruncate(fd, 0);
  model.resize(0);
  for (const one of operations) {
    switch (one.do) {
      case "write":
        yield* unix.lseek(fd, one.at);
        expect(yield* unix.write(fd, model.write(one.at, one.bytes))).toBe(one.bytes);
        break;
      case "read":
        yield* unix.lseek(fd, one.at);
        expectBytes(yield* unix.read(fd, one.bytes), model.bytes.subarray(one.at, one.at + one.bytes));
        break;
      case "truncate":
        yield* unix.ftruncate(fd, one.size);
        model.resize(one.size);
        break;
      case "fsync":
        yield* unix.fsync(fd);
        break;
      case "scan":
        yield* unix.lseek(fd, 0);
        for (let at = 0; at < model.bytes.length; at += PAGE) expectBytes(yield* unix.read(fd, PAGE), model.bytes.subarray(at, at + PAGE));
        break;
      case "replace":
        yield* unix.unlink("/file");
        yield* unix.close(fd);
        fd = yield* unix.open("/file", { create: true });
        model.resize(0);
        break;
      case "reopen":
        yield* unix.close(fd);
        fd = yield* unix.open("/file");
        break;
    }
  }
  yield* unix.close(fd);
}

function holds(name: SystemName, blockBytes: number, operations: readonly Operation[], frames: number): void {
  const system = bootOnUsedDisk(name, { machine, fileSystem: { blockBytes } });
  const { memory, controller } = system.machine;
  while (memory.freeFrames > frames) memory.allocate("test");
  const model = new Model();
  system.run((unix) => perform(unix, operations, model));
  expectBytes(system.image().read("/file"), model.bytes);
  expect(check(controller.store)).toEqual([]);
}

/** Frames left at least: those of the process and, on Mach 3.0, what its page-out daemon always keeps free. */
const FEWEST = { mach26: 10, svr4: 10, mix: 10, mach3: 20 };

describe.each(["mach26", "svr4", "mix", "mach3"] as const)("%s", (name) => {
  test.each([4096, 8192])("blocks of %i bytes", (blockBytes) => {
    const scripts = fc.array(operation, { minLength: 1, maxLength: 25 });
    fc.assert(
      fc.property(scripts, fc.integer({ min: FEWEST[name], max: 60 }), (operations, frames) => holds(name, blockBytes, operations, frames)),
      { seed: 1992, numRuns: Number(process.env.RUNS ?? 60) },
    );
  });
});
