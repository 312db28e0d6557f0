/** Random programs give on an S5 file system of MiX what they give on its UFS. */
import fc from "fast-check";
import { expect, it } from "vitest";
import type { Steps } from "../../../lib/engine/index.ts";
import type { Unix } from "../../../lib/unix/interface.ts";
import { pattern, perform, rig } from "./rig.ts";

type Call = { act: "write" | "read" | "truncate" | "unlink" | "mkdir" | "stat" | "fsync" | "remount"; file: number; at: number; bytes: number };

const call: fc.Arbitrary<Call> = fc.record({
  act: fc.constantFrom("write", "write", "read", "truncate", "unlink", "mkdir", "stat", "fsync", "remount"),
  file: fc.nat(3),
  at: fc.nat(300_000),
  bytes: fc.nat(20_000),
});

/** What `calls` give under `root`. */
function outcomes(calls: readonly Call[], root: string): string[] {
  const { run, sites, sim } = rig({ values: { om: { s5MB: 3, swapMB: 1 } } });
  return calls.map((one, index) => {
    if (one.act !== "remount") return run((unix) => outcome(unix, one, index, root));
    perform(sim, sites[0], sites[0].unmount());
    perform(sim, sites[0], sites[0].mount());
    return "remounted";
  });
}

function* outcome(unix: Unix, { act, file, at, bytes }: Call, index: number, root: string): Steps<string> {
  const path = `${root}/${["a", "b", "dir/c", "dir/d"][file]}`;
  try {
    if (act === "mkdir") yield* unix.mkdir(`${root}/dir`);
    else if (act === "unlink") yield* unix.unlink(path);
    else if (act === "stat") {
      const { kind, size, links } = yield* unix.stat(path);
      return `${kind} ${size} ${links}`;
    } else {
      const fd = yield* unix.open(path, { create: act === "write" });
      try {
        if (act === "truncate") yield* unix.ftruncate(fd, at);
        else if (act === "fsync") yield* unix.fsync(fd);
        else {
          yield* unix.lseek(fd, at);
          if (act === "write") return `wrote ${yield* unix.write(fd, pattern(index, bytes))}`;
          return Buffer.from(yield* unix.read(fd, bytes)).toString("base64");
        }
      } finally {
        yield* unix.close(fd);
      }
    }
    return "done";
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

it("S5 gives what UFS gives, byte by byte, over remounts", () => {
  fc.assert(
    fc.property(fc.array(call, { minLength: 1, maxLength: 25 }), (calls) => {
      expect(outcomes(calls, "/s5")).toEqual(outcomes(calls, ""));
    }),
    { numRuns: 60, seed: 1992 },
  );
});

it("a file of S5 that fills the partition is cut off with ENOSPC, and unlink() gives all of it back", () => {
  const { run } = rig({ values: { om: { s5MB: 1, swapMB: 1 } } });
  const fill = () =>
    run(function* (unix) {
      const fd = yield* unix.open("/s5/big", { create: true });
      let written = 0;
      try {
        for (;;) {
          const moved = yield* unix.write(fd, pattern(1, 16384));
          written += moved;
          if (moved < 16384) break;
        }
      } catch (error) {
        expect((error as { code: string }).code).toBe("ENOSPC");
      }
      yield* unix.close(fd);
      yield* unix.unlink("/s5/big");
      return written;
    });
  const first = fill();
  expect(first).toBeGreaterThan(500_000);
  expect(fill()).toBe(first);
});
