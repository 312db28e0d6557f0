/** Processes on one file at the same time: a call sees another's whole or not at all. */
import { describe, expect, test } from "vitest";
import { boot } from "../../lib/systems/boot.ts";
import { expectBytes } from "../tools/bytes.ts";

const LENGTH = 5 * 4096 + 300;

describe.each(["mach26", "svr4", "mix", "mach3"] as const)("%s", (name) => {
  test("a read of the whole file never sees half a write", () => {
    const system = boot(name, { machine: { base: "hp-vectra", disk: { cylinders: 40 }, memory: { sizeMB: 1 } } });
    const seen = system.run(function* (unix) {
      const fd = yield* unix.creat("/file");
      yield* unix.write(fd, new Uint8Array(LENGTH).fill(1));
      for (const mark of [2, 3]) {
        yield* unix.fork(function* (child) {
          const own = yield* child.open("/file");
          for (let i = 0; i < 12; i++) {
            yield* system.sim.sleep(20_000_000);
            yield* child.lseek(own, 0);
            yield* child.write(own, new Uint8Array(LENGTH).fill(mark));
            if (i % 4 === 0) yield* child.fsync(own);
          }
        });
      }
      const own = yield* unix.open("/file", { access: "read" });
      const marks = new Set<number>();
      for (let i = 0; i < 300; i++) {
        yield* unix.lseek(own, 0);
        const bytes = yield* unix.read(own, LENGTH);
        expect(bytes).toHaveLength(LENGTH);
        const mark = bytes[0]!;
        expect(bytes.every((byte) => byte === mark)).toBe(true);
        marks.add(mark);
      }
      yield* unix.wait();
      yield* unix.wait();
      return marks;
    });
    expect(seen.size).toBeGreaterThan(1);
    const image = system.image().read("/file");
    expectBytes(image, new Uint8Array(LENGTH).fill(image[0]!));
  });

  test("appends of several processes all arrive, none in another", () => {
    const system = boot(name, { machine: { base: "hp-vectra", disk: { cylinders: 40 }, memory: { sizeMB: 1 } } });
    system.run(function* (unix) {
      for (const mark of [1, 2, 3, 4]) {
        yield* unix.fork(function* (child) {
          const fd = yield* child.open("/log", { create: true, append: true });
          for (let i = 0; i < 10; i++) yield* child.write(fd, new Uint8Array(1500).fill(mark));
        });
      }
    });
    const log = system.image().read("/log");
    expect(log).toHaveLength(4 * 10 * 1500);
    const counts = [0, 0, 0, 0];
    for (let at = 0; at < log.length; at += 1500) {
      const mark = log[at]!;
      expect(log.subarray(at, at + 1500).every((byte) => byte === mark)).toBe(true);
      counts[mark - 1]!++;
    }
    expect(counts).toEqual([10, 10, 10, 10]);
  });
});
