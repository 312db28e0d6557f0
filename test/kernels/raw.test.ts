/** Raw reads: straight between the disk and the process, in pieces that each system's driver allows. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Steps } from "../../lib/engine/index.ts";
import { UnixError } from "../../lib/fs/errno.ts";
import { boot } from "../../lib/systems/boot.ts";
import type { SystemName } from "../../lib/systems/boot.ts";
import type { Unix } from "../../lib/unix/interface.ts";
import { expectBytes } from "../tools/bytes.ts";
import { errorOf } from "../unix/small.ts";
import { commandsOf } from "./commands.ts";

const KB = 1024;
const SECTOR = 512;

describe("a read goes in pieces of", () => {
  test.each<[SystemName, number, number]>([
    ["mach26", 4 * KB, 4 * KB],
    ["mach26", 4 * KB, 64 * KB],
    ["mach26", 4 * KB, 10 * KB],
    ["svr4", 128 * KB, 4 * KB],
    ["svr4", 128 * KB, 64 * KB],
    ["svr4", 128 * KB, 300 * KB],
  ])("%s: %i bytes: a read of %i", (name, piece, readBytes) => {
    const system = boot(name);
    const commands = commandsOf(system);
    const from = 1000 * SECTOR;
    const length = system.run(function* (unix) {
      const fd = yield* unix.open(system.rawDevice, { access: "read" });
      yield* unix.lseek(fd, from);
      return (yield* unix.read(fd, readBytes)).length;
    });
    expect(length).toBe(readBytes);
    const expected = Array.from({ length: Math.ceil(readBytes / piece) }, (_, i) => {
      const sectors = Math.min(piece, readBytes - i * piece) / SECTOR;
      return { op: "read", sector: 1000 + (i * piece) / SECTOR, sectors };
    });
    expect(commands).toEqual(expected);
  });
});

describe.each(["mach26", "svr4", "mix", "mach3"] as const)("%s", (name) => {
  const system = boot(name, { machine: { base: "hp-vectra", disk: { cylinders: 20 } }, ...(name === "mix" ? { om: { swapMB: 1 } } : {}) });
  const { store } = system.machine.controller;
  const diskBytes = store.sectors * SECTOR;

  function attempt(offset: number, count: number, write = false): Uint8Array | number | string {
    return system.run(function* (unix) {
      const fd = yield* unix.open(system.rawDevice);
      yield* unix.lseek(fd, offset);
      try {
        return write ? yield* unix.write(fd, new Uint8Array(count).fill(0x77)) : yield* unix.read(fd, count);
      } catch (error) {
        if (error instanceof UnixError) return error.code;
        throw error;
      }
    });
  }

  test("gives the disk's own bytes, at any sector and of any number of them", () => {
    const base = 4096; // behind the file system's first blocks
    const noise = Uint8Array.from({ length: 400 * SECTOR }, (_, i) => (i * 31 + (i >> 9)) % 256);
    store.writeRange(base, noise);
    fc.assert(
      fc.property(fc.nat(100), fc.integer({ min: 1, max: 80 }), (sector, sectors) => {
        const bytes = attempt((base + sector) * SECTOR, sectors * SECTOR) as Uint8Array;
        expectBytes(bytes, noise.subarray(sector * SECTOR, (sector + sectors) * SECTOR));
      }),
      { seed: 1992, numRuns: 25 },
    );
  });

  test("takes whole sectors only", () => {
    expect(attempt(1, SECTOR)).toBe("EINVAL");
    expect(attempt(SECTOR - 1, SECTOR)).toBe("EINVAL");
    expect(attempt(0, SECTOR + 1)).toBe("EINVAL");
    expect(attempt(0, 1)).toBe("EINVAL");
    expect(attempt(100, SECTOR, true)).toBe("EINVAL");
    expect(attempt(0, 0)).toEqual(new Uint8Array(0));
  });

  test("is one open disk to a process and its children, with one pointer, and allows what it was opened for", () => {
    store.writeRange(2000, Uint8Array.from({ length: 8 * SECTOR }, (_, i) => Math.floor(i / SECTOR)));
    const firstOf = function* (unix: Unix, fd: number): Steps<number> {
      return (yield* unix.read(fd, SECTOR))[0]!;
    };
    system.run(function* (unix) {
      const fd = yield* unix.open(system.rawDevice, { access: "read" });
      yield* unix.lseek(fd, 2000 * SECTOR);
      expect(yield* firstOf(unix, fd)).toBe(0);
      yield* unix.fork(function* (child) {
        expect(yield* firstOf(child, fd)).toBe(1);
        yield* child.lseek(fd, 2 * SECTOR, "current");
        yield* child.close(fd);
      });
      yield* unix.wait();
      expect(yield* firstOf(unix, fd)).toBe(4);
      expect(yield* errorOf(unix.write(fd, new Uint8Array(SECTOR)))).toBe("EBADF");
      yield* unix.close(fd);
      expect(yield* errorOf(unix.read(fd, SECTOR))).toBe("EBADF");
      const writer = yield* unix.open(system.rawDevice, { access: "write" });
      expect(yield* errorOf(unix.read(writer, SECTOR))).toBe("EBADF");
    });
  });

  test("ends where the disk ends", () => {
    expect(attempt(diskBytes, SECTOR)).toEqual(new Uint8Array(0));
    expect(attempt(diskBytes - 3 * SECTOR, 10 * SECTOR)).toHaveLength(3 * SECTOR);
    expect(attempt(diskBytes - 3 * SECTOR, 10 * SECTOR, true)).toBe(3 * SECTOR);
    expect(store.read(store.sectors - 1)).toEqual(new Uint8Array(SECTOR).fill(0x77));
    expect(attempt(diskBytes, SECTOR, true)).toBe("ENXIO");
    expect(attempt(1e12 * SECTOR, SECTOR)).toEqual(new Uint8Array(0));
  });
});
