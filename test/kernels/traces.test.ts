/**
 * How the monolithic systems read and write a page, step by step: sections 4 and 5 as
 * these systems do it, in the files *.golden.txt beside this one.
 */
import { describe, test } from "vitest";
import type { Steps } from "../../lib/engine/index.ts";
import { boot } from "../../lib/systems/boot.ts";
import type { Unix } from "../../lib/unix/interface.ts";
import { expectGolden, Trace } from "../tools/trace.ts";

const PAGE = 4096;
const FILE_PAGES = 32;
const names = ["mach26", "svr4"] as const;

/** Blocks of a file that is on the disk alone: the third is read ahead while the second is wanted. */
function* coldRead(unix: Unix, trace: Trace): Steps {
  const fd = yield* unix.open("/file", { access: "read" });
  yield* unix.lseek(fd, 4 * PAGE); // so far that the controller has not got it yet
  yield* trace.call("read 4096 bytes: block 4, out of sequence", unix.read(fd, PAGE));
  yield* trace.call("read 4096 bytes: block 5, in sequence", unix.read(fd, PAGE));
  yield* trace.call("read 4096 bytes: block 6, under way", unix.read(fd, PAGE));
  yield* trace.rest(60);
}

/** Blocks that are in memory, but no longer in the processor's cache. */
function* warmRead(unix: Unix, trace: Trace): Steps {
  const fd = yield* unix.open("/file", { access: "read" });
  for (let i = 0; i < FILE_PAGES; i++) yield* unix.read(fd, PAGE);
  yield* unix.lseek(fd, 0);
  for (let i = 0; i < 5; i++) yield* unix.read(fd, PAGE);
  yield* trace.call("read 4096 bytes: block 5", unix.read(fd, PAGE));
  yield* trace.call("read 4096 bytes: block 6", unix.read(fd, PAGE));
  yield* trace.call("lseek", unix.lseek(fd, 0));
  yield* trace.call("read 1 byte of block 0", unix.read(fd, 1));
}

/** A new file: a block to its end, and a part of one. */
function* write(unix: Unix, trace: Trace): Steps {
  const fd = yield* unix.open("/new", { create: true });
  yield* trace.call("write 4096 bytes: block 0, all of it", unix.write(fd, new Uint8Array(PAGE)));
  yield* trace.call("write 100 bytes: the first of block 1", unix.write(fd, new Uint8Array(100)));
  yield* trace.call("write 100 bytes: the next of block 1", unix.write(fd, new Uint8Array(100)));
  yield* trace.rest(60);
  yield* trace.call("fsync", unix.fsync(fd));
}

describe.each(names)("%s", (name) => {
  test.each(Object.entries({ "cold-read": coldRead, "warm-read": warmRead, write }))("%s", (what, program) => {
    const system = boot(name);
    system.prepare({ "/file": FILE_PAGES * PAGE });
    const trace = new Trace(system);
    system.run((unix) => program(unix, trace));
    expectGolden(trace.text(), new URL(`${name}/${what}.golden.txt`, import.meta.url));
  });
});
