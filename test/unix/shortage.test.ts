/** What runs out: the disk, its inodes, memory. Clear errors, nothing half-done, and room again afterwards. */
import { describe, expect, test } from "vitest";
import type { Steps } from "../../lib/engine/index.ts";
import type { Unix } from "../../lib/unix/interface.ts";
import { allocatingAtWrite, bootSmall, bytesOf, errorOf, MB, smallSystems, soundImage } from "./small.ts";

/** A disk of 2 MB. */
const CYLINDERS = 8;

/** Write `piece` to `fd` until the disk is full; how many bytes it took. */
function* fill(unix: Unix, fd: number, piece: Uint8Array): Steps<number> {
  for (let total = 0; ; ) {
    const error = yield* errorOf(
      (function* () {
        total += yield* unix.write(fd, piece);
      })(),
    );
    if (error === "none") continue;
    expect(error).toBe("ENOSPC");
    return total;
  }
}

/** Blocks are allocated at write(); Mach 3.0 does so at page-out and fails differently: test/servers/bsd43/full-disk.test.ts. */
describe.each(allocatingAtWrite)("%s", (name) => {
  test("a file larger than the disk fills it, ENOSPC comes when nothing can be written any more, and the disk is sound", () => {
    const system = bootSmall(name, CYLINDERS);
    const piece = bytesOf(30_000);
    const total = system.run(function* (unix) {
      const fd = yield* unix.creat("/file");
      const taken = yield* fill(unix, fd, piece);
      expect(yield* unix.lseek(fd, 0, "current")).toBe(taken);
      expect((yield* unix.stat("/file")).size).toBe(taken);
      return taken;
    });
    expect(total).toBeGreaterThan(1 * MB);
    expect(total).toBeLessThan(2 * MB);
    const found = soundImage(system).read("/file");
    expect(found.length).toBe(total);
    for (let at = 0; at < total; at += piece.length) {
      expect(Buffer.compare(found.subarray(at, at + piece.length), piece.subarray(0, Math.min(piece.length, total - at)))).toBe(0);
    }
  });

  test("a full disk can be read, overwritten and listed; what grows fails, and removing a file makes room", () => {
    const system = bootSmall(name, CYLINDERS);
    system.run(function* (unix) {
      yield* unix.mkdir("/dir");
      const small = yield* unix.open("/small", { create: true });
      yield* unix.write(small, bytesOf(5000));
      const large = yield* unix.creat("/large");
      yield* fill(unix, large, bytesOf(4096));
      expect(yield* errorOf(unix.mkdir("/new"))).toBe("ENOSPC");
      yield* unix.lseek(small, 0);
      expect(yield* unix.write(small, bytesOf(5000, 1))).toBe(5000);
      yield* unix.lseek(small, 100_000);
      expect(yield* errorOf(unix.write(small, bytesOf(1)))).toBe("ENOSPC");
      expect((yield* unix.stat("/small")).size).toBe(5000);
      yield* unix.close(large);
      yield* unix.unlink("/large");
      expect(yield* unix.write(small, bytesOf(100_000))).toBe(100_000);
      yield* unix.mkdir("/new");
    });
    const image = soundImage(system);
    expect([...image.entries.keys()].sort()).toEqual(["/dir", "/new", "/small"]);
    expect(image.read("/small").subarray(0, 5000)).toEqual(bytesOf(5000, 1));
  });

  test("several processes that fill the disk together stay within it", () => {
    const system = bootSmall(name, CYLINDERS);
    const totals: number[] = [];
    system.run(function* (unix) {
      for (let process = 0; process < 3; process++) {
        yield* unix.fork(function* (child) {
          const fd = yield* child.creat(`/${process}`);
          totals[process] = yield* fill(child, fd, bytesOf(9000, process));
        });
      }
    });
    const image = soundImage(system);
    for (let process = 0; process < 3; process++) {
      const found = image.read(`/${process}`);
      expect(found.length).toBe(totals[process]);
      const record = bytesOf(9000, process);
      for (let at = 0; at < found.length; at += 9000) expect(Buffer.compare(found.subarray(at, at + 9000), record.subarray(0, Math.min(9000, found.length - at)))).toBe(0);
    }
  });
});

describe.each(smallSystems)("%s", (name) => {
  test("the same disk takes the same amount again and again: no block is lost", () => {
    const system = bootSmall(name, CYLINDERS);
    const amounts = [4096, 10_000, 1000].map((pieceBytes) =>
      system.run(function* (unix) {
        const fd = yield* unix.creat("/file");
        const total = yield* fill(unix, fd, bytesOf(pieceBytes));
        yield* unix.unlink("/file");
        return Math.ceil(total / 4096);
      }),
    );
    expect(new Set(amounts).size).toBe(1);
    soundImage(system);
  });

  test("files without contents take no blocks, but inodes, and those run out: ENOSPC", () => {
    const system = bootSmall(name, CYLINDERS);
    const made = system.run(function* (unix) {
      for (let number = 0; ; number++) {
        const directory = `/${Math.floor(number / 100)}`;
        const last = yield* errorOf(number % 100 === 0 ? unix.mkdir(directory) : create(unix, `${directory}/${number}`));
        if (last === "none") continue;
        expect(last).toBe("ENOSPC");
        expect(yield* errorOf(create(unix, "/one-more"))).toBe("ENOSPC");
        yield* unix.unlink("/0/1");
        yield* create(unix, "/one-more");
        return number;
      }
    });
    expect(made).toBeGreaterThan(100);
    expect(soundImage(system).entries.size).toBe(made);
  });

  test("a buffer larger than memory is ENOMEM, moves nothing, and takes no memory from others", () => {
    const system = bootSmall(name);
    system.run(function* (unix) {
      const fd = yield* unix.open("/file", { create: true });
      yield* unix.ftruncate(fd, 8 * MB);
      const [failed, tellFailed] = yield* unix.pipe();
      const [done, tellDone] = yield* unix.pipe();
      yield* unix.fork(function* (child) {
        const own = yield* child.open("/file");
        let moved = 0;
        const error = yield* errorOf(
          (function* () {
            moved = (yield* child.read(own, 8 * MB)).length;
          })(),
        );
        // Servers in user space move data in pieces, and what was moved counts.
        if (name === "mix, servers in user space") expect(moved).toBeGreaterThan(1 * MB);
        else expect(error).toBe("ENOMEM");
        expect(yield* child.lseek(own, 0, "current")).toBe(moved);
        expect(yield* errorOf(child.write(own, new Uint8Array(4 * MB)))).toBe("ENOMEM");
        yield* child.write(tellFailed, bytesOf(1));
        yield* child.read(done, 1); // it lives on
      });
      yield* unix.read(failed, 1);
      expect(yield* unix.write(fd, bytesOf(1 * MB))).toBe(1 * MB);
      expect((yield* unix.stat("/file")).size).toBe(8 * MB);
      yield* unix.write(tellDone, bytesOf(1));
    });
    expect(Buffer.compare(soundImage(system).read("/file").subarray(0, 1 * MB), bytesOf(1 * MB))).toBe(0);
  });

  test("a count larger than memory is no harm where the file is short", () => {
    bootSmall(name).run(function* (unix) {
      const fd = yield* unix.open("/file", { create: true });
      yield* unix.write(fd, bytesOf(100));
      yield* unix.lseek(fd, 0);
      expect(yield* unix.read(fd, 2 ** 40)).toEqual(bytesOf(100));
    });
  });
});

function* create(unix: Unix, path: string): Steps {
  yield* unix.close(yield* unix.creat(path));
}
