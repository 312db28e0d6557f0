/**
 * How each system reads and writes a page, step by step: section 4, figures 3-1, 4-1 and
 * 4-2, in the files golden/*.txt beside this one. They must be met to the letter;
 * UPDATE_GOLDEN=1 in the environment writes them anew, to be read and committed.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Steps } from "../../lib/engine/index.ts";
import { boot, systemNames } from "../../lib/systems/boot.ts";
import type { SystemName } from "../../lib/systems/boot.ts";
import { outline, trace } from "../../lib/trace/index.ts";
import type { Unix } from "../../lib/unix/interface.ts";

const PAGE = 4096;
const FILE_PAGES = 32;

/** A program, and which of its calls are written down; after them the rest of the trace, when there is any. */
interface Scene {
  program: (unix: Unix) => Steps;
  calls: readonly string[];
}

/** Blocks of a file that is on the disk alone: the third is read ahead while the second is wanted. */
const coldRead: Scene = {
  calls: ["open", "lseek", "read page 4, out of sequence", "read page 5, in sequence", "read page 6"],
  *program(unix) {
    const fd = yield* unix.open("/file", { access: "read" });
    yield* unix.lseek(fd, 4 * PAGE); // so far that the controller has not got it yet
    for (let page = 4; page < 7; page++) yield* unix.read(fd, PAGE);
  },
};

/** Blocks that are in memory, but no longer in the processor's cache. */
const warmRead: Scene = {
  calls: [...Array.from({ length: FILE_PAGES + 3 }, () => ""), "read page 1, which is in memory", "lseek to the beginning", "read 1 byte"],
  *program(unix) {
    const fd = yield* unix.open("/file", { access: "read" });
    for (let i = 0; i < FILE_PAGES; i++) yield* unix.read(fd, PAGE);
    yield* unix.lseek(fd, 0);
    for (let i = 0; i < 2; i++) yield* unix.read(fd, PAGE);
    yield* unix.lseek(fd, 0);
    yield* unix.read(fd, 1);
  },
};

/** A new file: a block to its end, and a part of one. */
const write: Scene = {
  calls: ["", "write page 0, all of it", "write 100 bytes: the first of page 1", "write 100 bytes: the next of page 1", "fsync"],
  *program(unix) {
    const fd = yield* unix.open("/new", { create: true });
    yield* unix.write(fd, new Uint8Array(PAGE));
    yield* unix.write(fd, new Uint8Array(100));
    yield* unix.write(fd, new Uint8Array(100));
    yield* unix.fsync(fd);
  },
};

function textOf(name: SystemName, { program, calls }: Scene): string {
  const system = boot(name);
  system.prepare({ "/file": FILE_PAGES * PAGE });
  const traced = trace(system, program);
  return calls.flatMap((title, i) => (title === "" ? [] : [`${title}\n${outline(traced, traced.operations[i]!.span)}\n`])).join("\n");
}

describe.each(systemNames)("%s", (name) => {
  test.each(Object.entries({ "cold-read": coldRead, "warm-read": warmRead, write }))("%s", (what, scene) => {
    const file = new URL(`golden/${name}-${what}.txt`, import.meta.url);
    const text = textOf(name, scene);
    if (process.env.UPDATE_GOLDEN !== undefined) writeFileSync(file, text);
    expect(text).toBe(readFileSync(file, "utf8"));
  });
});
