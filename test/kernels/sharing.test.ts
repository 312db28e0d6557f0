/**
 * Processes that make, use and remove the same files at the same time: no byte of one
 * file is ever seen in another, and the disk is left in good order.
 *
 * Every file holds one byte over and over, and zeros; inodes, blocks and page frames
 * change hands all the time.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { check } from "../../lib/fs/check.ts";
import { UnixError } from "../../lib/fs/errno.ts";
import type { Steps } from "../../lib/engine/index.ts";
import type { Unix } from "../../lib/unix/interface.ts";
import { bootOnUsedDisk } from "./garbage.ts";

const NAMES = ["/a", "/b", "/c"] as const;
const MOST = 30_000;

type Operation = { name: number; at: number; bytes: number; do: "write" | "read" | "cut" | "stat" | "unlink" | "exclusive" | "fsync" | "unlink while open" };

const operation: fc.Arbitrary<Operation> = fc.record({
  name: fc.nat(NAMES.length - 1),
  at: fc.nat(MOST),
  bytes: fc.nat(9000),
  do: fc.constantFrom("write", "write", "read", "read", "cut", "stat", "unlink", "unlink", "exclusive", "fsync", "unlink while open"),
});

/** Calls fail when somebody else was faster; that is all that may go wrong. */
function* attempt(steps: Steps<unknown>): Steps {
  try {
    yield* steps;
  } catch (error) {
    if (!(error instanceof UnixError && ["ENOENT", "EEXIST"].includes(error.code))) throw error;
  }
}

function* perform(unix: Unix, { name, at, bytes, do: what }: Operation): Steps {
  const path = NAMES[name]!;
  const mark = 1 + name;
  if (what === "stat") return void (yield* unix.stat(path));
  if (what === "unlink") return yield* unix.unlink(path);
  const fd = yield* unix.open(path, { create: true, exclusive: what === "exclusive" });
  if (what === "unlink while open") yield* unix.unlink(path);
  if (what === "cut") yield* unix.ftruncate(fd, at);
  yield* unix.lseek(fd, at);
  if (what !== "read") yield* unix.write(fd, new Uint8Array(bytes).fill(mark));
  yield* unix.lseek(fd, Math.max(0, at - 5000));
  const seen = yield* unix.read(fd, 10_000);
  const wrong = seen.find((byte) => byte !== 0 && byte !== mark);
  if (wrong !== undefined) throw new Error(`${path} shows the byte ${wrong}`);
  if (what === "fsync") yield* unix.fsync(fd);
  yield* unix.close(fd);
}

test.each(["mach26", "svr4", "mix"] as const)("%s", (name) => {
  const scripts = fc.array(fc.array(operation, { minLength: 5, maxLength: 12 }), { minLength: 2, maxLength: 4 });
  const machine = { base: "hp-vectra", disk: { cylinders: 20 }, memory: { sizeMB: 1 } } as const;
  const property = fc.property(scripts, fc.integer({ min: 25, max: 80 }), fc.constantFrom(4096, 8192), (processes, frames, blockBytes) => {
    const system = bootOnUsedDisk(name, { machine, fileSystem: { blockBytes } });
    while (system.machine.memory.freeFrames > frames) system.machine.memory.allocate("test");
    system.run(function* (unix) {
      for (const operations of processes) {
        yield* unix.fork(function* (child) {
          for (const operation of operations) yield* attempt(perform(child, operation));
        });
      }
    });
    system.image();
    expect(check(system.machine.controller.store)).toEqual([]);
  });
  fc.assert(property, { seed: 1992, numRuns: Number(process.env.RUNS ?? 60) });
});
