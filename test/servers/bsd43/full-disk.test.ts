/**
 * A full disk under delayed allocation. Section 4.2: "By not allocating at the time of the
 * initial fault, the semantics for failure in the BSD4.3 Single Server are not the same as
 * Mach 2.6": write() succeeds, and the disk is found full when the pages go out.
 */
import { describe, expect, it } from "vitest";
import type { Steps } from "../../../lib/engine/index.ts";
import type { Image } from "../../../lib/fs/image.ts";
import { tokenState } from "../../../lib/servers/bsd43/token.ts";
import { boot } from "../../../lib/systems/boot.ts";
import type { Bsd43Server } from "../../../lib/servers/bsd43/server.ts";
import type { Unix } from "../../../lib/unix/interface.ts";
import { bootSmall, bytesOf, errorOf, KB, MB, soundImage } from "../../unix/small.ts";

/** A disk of 2 MB. */
const CYLINDERS = 8;
const PAGE = 4096;

/** Write to a new file until an error comes: it is ENOSPC; how many bytes were taken. */
function* fill(unix: Unix, path: string, pieceBytes = 30_000): Steps<number> {
  const fd = yield* unix.creat(path);
  let total = 0;
  const write = function* (): Steps {
    total += yield* unix.write(fd, pattern(total, pieceBytes));
  };
  for (;;) {
    const error = yield* errorOf(write());
    if (error === "none") continue;
    expect(error).toBe("ENOSPC");
    yield* unix.close(fd);
    return total;
  }
}

/** Bytes that tell their place in the file, and none of which is zero. */
const pattern = (from: number, count: number): Uint8Array => Uint8Array.from({ length: count }, (_, i) => 1 + ((from + i) * 7 + ((from + i) >> 10)) % 255);

/** Pages of a file on the disk that hold what was written, and those that are holes; there are no others. */
function pagesOf(image: Image, path: string): { whole: number; holes: number } {
  const found = image.read(path);
  const blocks = image.blocks(path);
  let [whole, holes] = [0, 0];
  for (let at = 0; at < found.length; at += PAGE) {
    const page = found.subarray(at, at + PAGE);
    if (Buffer.compare(page, pattern(at, page.length)) === 0) whole++;
    else {
      expect(page.every((byte) => byte === 0), `byte ${at} of ${path}`).toBe(true);
      expect(blocks[at / PAGE], `a block at byte ${at} of ${path}`).toBeFalsy();
      holes++;
    }
  }
  return { whole, holes };
}

describe("a full disk", () => {
  it("takes a write, which fails on Mach 2.6, and says ENOSPC when the page is to go out: at fsync, once", () => {
    const outcomes = (name: "mach3" | "mach26") => {
      const system = bootSmall(name, CYLINDERS);
      return system.run(function* (unix) {
        const fd = yield* unix.open("/small", { create: true });
        yield* unix.write(fd, bytesOf(5000));
        yield* unix.fsync(fd);
        yield* fill(unix, "/large", PAGE);
        yield* unix.lseek(fd, 100 * KB);
        return [yield* errorOf(unix.write(fd, bytesOf(1))), yield* errorOf(unix.fsync(fd)), yield* errorOf(unix.fsync(fd))];
      });
    };
    expect(outcomes("mach26")).toEqual(["ENOSPC", "none", "none"]);
    expect(outcomes("mach3")).toEqual(["none", "ENOSPC", "none"]);
  });

  it("is found by a writer that goes on when its window moves, a window late; what had a block is whole, the rest is a hole", () => {
    const system = bootSmall("mach3", CYLINDERS);
    const total = system.run((unix) => fill(unix, "/file"));
    const image = soundImage(system);
    expect(image.read("/file").length).toBe(total);
    const { whole, holes } = pagesOf(image, "/file");
    expect(whole * PAGE).toBeGreaterThan(1 * MB);
    expect(holes).toBeGreaterThan(0);
    expect(holes, "pages of the window that found the disk full").toBeLessThanOrEqual(16);
  });

  it.each(["mach3", "mach3, handlers"] as const)("is nothing to those who only read what a writer has left, and who write elsewhere (%s); a writer of the file hears of it", (name) => {
    const system = bootSmall(name, CYLINDERS);
    system.run(function* (unix) {
      yield* fill(unix, "/large", PAGE);
      const left = yield* unix.creat("/left");
      yield* unix.write(left, pattern(0, 20_000));
      yield* unix.close(left); // its pages find no room now
      const reader = yield* unix.open("/left", { access: "read" });
      for (let at = 0; at < 20_000; at += 5000) expect((yield* unix.read(reader, 5000)).length).toBe(5000);
      const writer = yield* unix.open("/left");
      expect((yield* unix.read(writer, 5000)).length).toBe(5000);
      yield* unix.lseek(writer, 128 * KB);
      expect(yield* errorOf(unix.write(writer, bytesOf(1))), "the window moves").toBe("ENOSPC");
    });
    soundImage(system);
  });

  it("can be read and overwritten, and removing a file makes room for what is written then", () => {
    const system = bootSmall("mach3", CYLINDERS);
    system.run(function* (unix) {
      const fd = yield* unix.open("/small", { create: true });
      yield* unix.write(fd, bytesOf(5000));
      yield* fill(unix, "/large");
      expect(yield* errorOf(unix.mkdir("/new"))).toBe("ENOSPC");
      yield* unix.lseek(fd, 0);
      expect(yield* unix.read(fd, 6000)).toEqual(bytesOf(5000));
      yield* unix.lseek(fd, 0);
      yield* unix.write(fd, bytesOf(5000, 1));
      expect(yield* errorOf(unix.fsync(fd))).toBe("none");
      yield* unix.unlink("/large");
      yield* unix.write(fd, bytesOf(200_000, 2));
      expect(yield* errorOf(unix.fsync(fd))).toBe("none");
      yield* unix.mkdir("/new");
    });
    const image = soundImage(system);
    expect(image.read("/small").subarray(0, 5000)).toEqual(bytesOf(5000, 1));
    expect(image.read("/small").subarray(5000)).toEqual(bytesOf(200_000, 2));
  });

  it("is found by the page-out daemon too, while the writer sleeps: ENOSPC at its next fsync", () => {
    const machine = { base: "hp-vectra", disk: { cylinders: 20 }, memory: { sizeMB: 2 } } as const;
    const system = boot("mach3", { machine, server: { swapPercent: 60 } });
    const server = system.os as unknown as Bsd43Server;
    system.run(function* (unix) {
      const fd = yield* unix.creat("/late");
      yield* fill(unix, "/large");
      expect(yield* unix.write(fd, pattern(0, 60 * KB))).toBe(60 * KB);
      const { inode } = server.mappedFile((yield* unix.stat("/late")).inode)!;
      expect(inode.size, "only the writer knows the size").toBe(0);
      yield* unix.fork(function* (child) {
        const large = yield* child.open("/large");
        for (let i = 0; i < 2; i++) {
          yield* child.lseek(large, 0);
          yield* child.read(large, 1 * MB); // takes all memory
        }
      });
      yield* unix.wait();
      expect(inode.size, "the pager has asked the holder, for a page that went out").toBe(60 * KB);
      const { library } = server.processes.get(yield* unix.getpid());
      expect(tokenState(library.pages.descriptor(fd)), "and has left the Token there").toBe("passive");
      expect(yield* errorOf(unix.fsync(fd))).toBe("ENOSPC");
    });
    soundImage(system);
  });

  it("stays sound when several processes fill it together", () => {
    const system = bootSmall("mach3", CYLINDERS);
    const totals: number[] = [];
    system.run(function* (unix) {
      for (let process = 0; process < 3; process++) {
        yield* unix.fork(function* (child) {
          totals[process] = yield* fill(child, `/${process}`, 9000);
        });
      }
    });
    const image = soundImage(system);
    let whole = 0;
    for (let process = 0; process < 3; process++) {
      expect(image.read(`/${process}`).length).toBe(totals[process]);
      whole += pagesOf(image, `/${process}`).whole;
    }
    expect(whole * PAGE).toBeGreaterThan(1 * MB);
  });
});
