/**
 * A process that writes nonsense into the page that it shares with the server: "the BSD4.3
 * Single Server does not trust the Emulation Library" (section 4.1.1). It gets an errno or
 * is killed, and nobody else notices.
 */
import { describe, expect, it } from "vitest";
import { RandomStream } from "../../../lib/engine/index.ts";
import type { Steps } from "../../../lib/engine/index.ts";
import type { Bsd43Server } from "../../../lib/servers/bsd43/server.ts";
import type { SharedDescriptor } from "../../../lib/servers/bsd43/shared-pages.ts";
import { boot } from "../../../lib/systems/boot.ts";
import type { Unix } from "../../../lib/unix/interface.ts";
import { bytesOf, errorOf, soundImage } from "../../unix/small.ts";

const machine = { base: "hp-vectra", disk: { cylinders: 40 }, memory: { sizeMB: 2 } } as const;

type Field = "pointer" | "size" | "windowStart" | "windowAddress" | "windowBytes" | "control" | "inUse" | "wanted" | "written" | "needWakeup";

const LONGS = [NaN, -7, 0.5, 1e18, -1e300, Infinity, 2 ** 33, 70_000];
const WORDS = [-1, 7, 0x123, 0x7fff_f000, 0];
const NONSENSE: Record<Field, readonly number[]> = {
  pointer: LONGS, size: LONGS, windowStart: LONGS, windowAddress: WORDS, windowBytes: WORDS,
  control: WORDS, inUse: WORDS, wanted: WORDS, written: WORDS, needWakeup: WORDS,
};

/** What the process does with the damaged descriptor before it ends. */
const USES: Record<string, (unix: Unix, fd: number) => Steps<unknown>> = {
  *nothing() {},
  read: (unix, fd) => unix.read(fd, 100_000),
  write: (unix, fd) => unix.write(fd, new Uint8Array(100_000)),
  lseek: (unix, fd) => unix.lseek(fd, 0, "end"),
  close: (unix, fd) => unix.close(fd),
  fork: (unix) => unix.fork(function* () {}),
};

/** The status of a process that damages its descriptor of /shared and then uses it, while another uses /shared and /own. */
function statusOf(damage: (d: SharedDescriptor) => void, use: keyof typeof USES): number {
  const system = boot("mach3", { machine, server: { lockTimeoutMs: 100 } });
  const server = system.os as unknown as Bsd43Server;
  let status = -1;
  system.run(function* (unix) {
    const own = yield* unix.open("/own", { create: true });
    yield* unix.write(own, bytesOf(9000));
    yield* unix.fork(function* (child) {
      const fd = yield* child.open("/shared", { create: true });
      yield* child.write(fd, bytesOf(5000));
      damage(server.processes.get(yield* child.getpid()).library.pages.descriptor(fd));
      yield* errorOf(USES[use]!(child, fd));
      yield* system.sim.sleep(300_000_000);
      return 5;
    });
    yield* system.sim.sleep(100_000_000);
    yield* unix.fork(function* (child) {
      const shared = yield* child.open("/shared", { create: true });
      expect(yield* child.write(shared, bytesOf(200, 3))).toBe(200);
      yield* child.lseek(shared, 0);
      expect(yield* child.read(shared, 200)).toEqual(bytesOf(200, 3));
      const { size } = yield* child.stat("/shared");
      expect(Number.isSafeInteger(size) && size >= 200, `size ${size}`).toBe(true);
      yield* child.fsync(shared);
      return 6;
    });
    const ends = [(yield* unix.wait()).status, (yield* unix.wait()).status];
    expect(ends).toContain(6);
    status = ends.find((end) => end !== 6)!;
    yield* unix.lseek(own, 0);
    expect(yield* unix.read(own, 10_000)).toEqual(bytesOf(9000));
  });
  expect(soundImage(system).read("/own")).toEqual(bytesOf(9000));
  return status;
}

describe("nonsense in the writable page", () => {
  it("is noticed where it can be: a pointer or a size that no file has, a Token denied", () => {
    expect(statusOf(() => {}, "nothing")).toBe(5);
    expect(statusOf((d) => (d.pointer = -7), "nothing")).toBe(137);
    expect(statusOf((d) => (d.size = NaN), "nothing")).toBe(137);
    expect(statusOf((d) => (d.size = 1e18), "nothing")).toBe(137);
    expect(statusOf((d) => (d.control = 0), "nothing")).toBe(137);
    expect(statusOf((d) => (d.windowAddress = 0x123), "close"), "the server knows where the window is").toBe(5);
  });

  it.each(Object.keys(USES))("does nothing to others, whatever it is, and %s after it", (use) => {
    const random = new RandomStream(1, use);
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random.uniform() * list.length)]!;
    for (let run = 0; run < 12; run++) {
      const damages = Array.from({ length: 1 + Math.floor(random.uniform() * 3) }, () => {
        const field = pick(Object.keys(NONSENSE) as Field[]);
        return { field, value: pick(NONSENSE[field]) };
      });
      const what = damages.map(({ field, value }) => `${field} ${value}`).join(", ");
      let status: number | string;
      try {
        status = statusOf((d) => damages.forEach(({ field, value }) => (d[field] = value)), use);
      } catch (error) {
        throw new Error(`${what}, then ${use}`, { cause: error });
      }
      expect([5, 137], what).toContain(status);
    }
  });
});

describe("a size that a file can have, but smaller than what was written", () => {
  /** A process that writes pages and says that the file is shorter, at each chance: when its window moves, when it ends, when memory is short. */
  function lie(seed: number): void {
    const random = new RandomStream(seed, "lie");
    const system = boot("mach3", { machine });
    const server = system.os as unknown as Bsd43Server;
    const upTo = (most: number): number => Math.floor(random.uniform() * most);
    system.run(function* (unix) {
      const own = yield* unix.open("/own", { create: true });
      yield* unix.write(own, bytesOf(9000));
      yield* unix.fork(function* (child) {
        const fd = yield* child.open("/shared", { create: true });
        const d = server.processes.get(yield* child.getpid()).library.pages.descriptor(fd);
        for (let i = 0; i < 4; i++) {
          yield* child.lseek(fd, upTo(300_000));
          yield* child.write(fd, bytesOf(1 + upTo(80_000), i));
          d.size = upTo(6000);
          if (upTo(3) === 0) d.written = 0;
          if (upTo(3) === 0) yield* child.read(yield* child.open("/own"), 9000);
          if (upTo(3) === 0) yield* system.sim.sleep(100_000_000);
        }
      });
      if (upTo(2) === 0) yield* unix.wait();
      const shared = yield* unix.open("/shared", { create: true, append: true });
      yield* unix.write(shared, bytesOf(100, 9));
      yield* unix.close(shared);
      yield* unix.lseek(own, 0);
      expect(yield* unix.read(own, 10_000)).toEqual(bytesOf(9000));
    });
    expect(soundImage(system).read("/own")).toEqual(bytesOf(9000));
  }

  it("leaves no blocks behind the end of the file", () => {
    for (let seed = 1; seed <= 20; seed++) {
      try {
        lie(seed);
      } catch (error) {
        throw new Error(`seed ${seed}`, { cause: error });
      }
    }
  });
});
