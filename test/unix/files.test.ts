/** Files as programs see them, beyond what the random programs do. */
import { describe, expect, test } from "vitest";
import type { Steps } from "../../lib/engine/index.ts";
import type { Unix } from "../../lib/unix/interface.ts";
import { allocatingAtWrite, bootSmall, bytesOf, errorOf, KB, MB, smallSystems, soundImage } from "./small.ts";

/** Read to the end of the file behind `fd`. */
function* readAll(unix: Unix, fd: number): Steps<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for (;;) {
    const piece = yield* unix.read(fd, 8 * KB);
    if (piece.length === 0) return Buffer.concat(pieces);
    pieces.push(piece);
  }
}

describe.each(smallSystems)("%s", (name) => {
  test("a read past the end gives what there is, then nothing, and moves the pointer no further", () => {
    bootSmall(name).run(function* (unix) {
      const fd = yield* unix.open("/file", { create: true });
      yield* unix.write(fd, bytesOf(5000));
      yield* unix.lseek(fd, 4000);
      expect(yield* unix.read(fd, 100_000)).toEqual(bytesOf(5000).subarray(4000));
      expect(yield* unix.read(fd, 100_000)).toEqual(new Uint8Array(0));
      expect(yield* unix.lseek(fd, 0, "current")).toBe(5000);
      yield* unix.lseek(fd, 9_000_000);
      expect(yield* unix.read(fd, 1)).toEqual(new Uint8Array(0));
      expect((yield* unix.stat("/file")).size).toBe(5000);
    });
  });

  test("what was unlinked can be used until it is closed, and then its blocks are free again", () => {
    const system = bootSmall(name, 16);
    const contents = bytesOf(300 * KB);
    system.run(function* (unix) {
      // Three times what the disk can hold, one after the other.
      for (let round = 0; round < 40; round++) {
        const fd = yield* unix.open("/file", { create: true, exclusive: true });
        yield* unix.write(fd, contents);
        yield* unix.unlink("/file");
        expect(yield* errorOf(unix.stat("/file"))).toBe("ENOENT");
        yield* unix.lseek(fd, 200_000);
        expect(yield* unix.read(fd, 1000)).toEqual(contents.subarray(200_000, 201_000));
        yield* unix.close(fd);
      }
    });
    expect(soundImage(system).files).toEqual([]);
  });

  test("a new file of the same name has nothing to do with an unlinked one that is still open", () => {
    const system = bootSmall(name);
    system.run(function* (unix) {
      const old = yield* unix.open("/file", { create: true });
      yield* unix.write(old, bytesOf(10_000, 1));
      yield* unix.unlink("/file");
      const young = yield* unix.open("/file", { create: true });
      yield* unix.write(young, bytesOf(9000, 2));
      yield* unix.write(old, bytesOf(10_000, 3));
      yield* unix.lseek(old, 0);
      expect(yield* readAll(unix, old)).toEqual(Buffer.concat([bytesOf(10_000, 1), bytesOf(10_000, 3)]));
    });
    expect(soundImage(system).read("/file")).toEqual(bytesOf(9000, 2));
  });

  test("processes that append at the same time lose nothing of each other", () => {
    const system = bootSmall(name);
    const [writers, records, recordBytes] = [4, 25, 3000];
    system.run(function* (unix) {
      for (let writer = 1; writer <= writers; writer++) {
        yield* unix.fork(function* (own) {
          const fd = yield* own.open("/log", { access: "write", create: true, append: true });
          for (let record = 0; record < records; record++) yield* own.write(fd, new Uint8Array(recordBytes).fill(writer));
        });
      }
    });
    expectRecords(soundImage(system).read("/log"), writers, records, recordBytes);
  });

  test("processes that write through one file pointer at the same time lose nothing of each other", () => {
    const system = bootSmall(name);
    const [writers, records, recordBytes] = [4, 25, 3000];
    system.run(function* (unix) {
      const fd = yield* unix.creat("/log");
      for (let writer = 1; writer <= writers; writer++) {
        yield* unix.fork(function* (own) {
          for (let record = 0; record < records; record++) yield* own.write(fd, new Uint8Array(recordBytes).fill(writer));
        });
      }
    });
    expectRecords(soundImage(system).read("/log"), writers, records, recordBytes);
  });

  test("processes that read through one file pointer at the same time get each piece once", () => {
    const system = bootSmall(name);
    const [readers, pieces, pieceBytes] = [4, 100, 5000];
    const contents = new Uint8Array(pieces * pieceBytes);
    for (let piece = 0; piece < pieces; piece++) contents.fill(piece, piece * pieceBytes, (piece + 1) * pieceBytes);
    system.prepare({ "/file": contents });
    const seen: number[] = [];
    system.run(function* (unix) {
      const fd = yield* unix.open("/file");
      for (let reader = 0; reader < readers; reader++) {
        yield* unix.fork(function* (own) {
          for (;;) {
            const piece = yield* own.read(fd, pieceBytes);
            if (piece.length === 0) return;
            expect(new Set(piece).size).toBe(1);
            seen.push(piece[0]!);
          }
        });
      }
    });
    expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: pieces }, (_, i) => i));
  });

  test("of processes that make the same name at the same time one succeeds, the others get EEXIST", () => {
    const system = bootSmall(name);
    const outcomes: string[] = [];
    system.run(function* (unix) {
      for (let process = 0; process < 4; process++) {
        yield* unix.fork(function* (own) {
          outcomes.push(yield* errorOf(own.open("/file", { create: true, exclusive: true })));
          outcomes.push(yield* errorOf(own.mkdir("/dir")));
        });
      }
    });
    expect(outcomes.sort()).toEqual([...Array<string>(6).fill("EEXIST"), "none", "none"]);
    expect([...soundImage(system).entries.keys()].sort()).toEqual(["/dir", "/file"]);
  });

  test("processes that make and remove files in one directory at the same time get in nobody's way", () => {
    const system = bootSmall(name);
    system.run(function* (unix) {
      yield* unix.mkdir("/dir");
      for (let process = 0; process < 4; process++) {
        yield* unix.fork(function* (own) {
          for (let round = 0; round < 20; round++) {
            for (const file of [1, 2, 3]) {
              const fd = yield* own.open(`/dir/${process}.${file}`, { create: true, exclusive: true });
              yield* own.write(fd, bytesOf(3000 * file, process));
              yield* own.close(fd);
            }
            for (const file of round < 19 ? [2, 1, 3] : [2]) yield* own.unlink(`/dir/${process}.${file}`);
          }
        });
      }
    });
    const image = soundImage(system);
    expect(image.files.length).toBe(8);
    for (const process of [0, 1, 2, 3]) for (const file of [1, 3]) expect(image.read(`/dir/${process}.${file}`)).toEqual(bytesOf(3000 * file, process));
  });

  test("a file reaches over its double indirect block, with holes that take no room", () => {
    const system = bootSmall(name);
    const places = [0, 11 * 4096 + 7, 12 * 4096, (12 + 1024) * 4096 - 1, (12 + 1024) * 4096, 40 * MB];
    system.run(function* (unix) {
      const fd = yield* unix.open("/file", { create: true });
      for (const [i, place] of places.entries()) {
        yield* unix.lseek(fd, place);
        yield* unix.write(fd, bytesOf(10, i));
      }
      for (const [i, place] of places.entries()) {
        yield* unix.lseek(fd, place);
        expect(yield* unix.read(fd, 10)).toEqual(bytesOf(10, i).map((byte, j) => (i === 3 && j > 0 ? bytesOf(9, 4)[j - 1]! : byte)));
      }
      yield* unix.lseek(fd, 30 * MB);
      expect(yield* unix.read(fd, 10_000)).toEqual(new Uint8Array(10_000));
    });
    expect(soundImage(system).read("/file").length).toBe(40 * MB + 10);
  });

  test("what a file had behind a cut never comes back", () => {
    const system = bootSmall(name);
    system.run(function* (unix) {
      const fd = yield* unix.open("/file", { create: true });
      yield* unix.write(fd, new Uint8Array(100_000).fill(9));
      for (const cut of [99_999, 70_001, 65_536, 4097, 4096, 1, 0]) {
        yield* unix.ftruncate(fd, cut);
        yield* unix.ftruncate(fd, 100_000);
        yield* unix.lseek(fd, 0);
        const found = yield* readAll(unix, fd);
        expect(found.lastIndexOf(9)).toBe(cut - 1);
        expect(found.length).toBe(100_000);
      }
    });
    soundImage(system);
  });

  test("what fsync has returned for is on the disk, where the raw device finds it", () => {
    const system = bootSmall(name);
    const contents = bytesOf(20_000, 5);
    const found = system.run(function* (unix) {
      const fd = yield* unix.creat("/file");
      yield* unix.write(fd, contents);
      yield* unix.fsync(fd);
      const disk: Uint8Array[] = [];
      const raw = yield* unix.open(system.rawDevice, { access: "read" });
      for (let piece = yield* unix.read(raw, 128 * KB); piece.length > 0; piece = yield* unix.read(raw, 128 * KB)) disk.push(piece);
      return Buffer.concat(disk);
    });
    const image = soundImage(system);
    expect(found.length).toBe(system.machine.controller.store.sectors * 512);
    for (const [i, block] of image.blocks("/file").entries()) {
      const expected = contents.subarray(i * 4096, (i + 1) * 4096);
      expect(found.subarray(block * 4096, block * 4096 + expected.length).equals(expected)).toBe(true);
    }
  });

  test("a raw transfer of parts of sectors is EINVAL, behind the end of the disk there is nothing", () => {
    const system = bootSmall(name);
    const end = system.machine.controller.store.sectors * 512;
    system.run(function* (unix) {
      const raw = yield* unix.open(system.rawDevice);
      expect(yield* errorOf(unix.read(raw, 100))).toBe("EINVAL");
      expect(yield* unix.lseek(raw, -512, "end")).toBe(end - 512);
      expect((yield* unix.read(raw, 4096)).length).toBe(512);
      expect((yield* unix.read(raw, 4096)).length).toBe(0);
      expect(yield* errorOf(unix.write(raw, new Uint8Array(512)))).toBe("ENXIO");
      yield* unix.lseek(raw, 1);
      expect(yield* errorOf(unix.read(raw, 512))).toBe("EINVAL");
    });
  });
});

/** Mach 3.0 does not see each read and write of a mapped file, and keeps no times of them. */
describe.each(allocatingAtWrite)("%s", (name) => {
  test("stat tells when a file was last read and written, while it is open and after, and the disk keeps it", () => {
    const system = bootSmall(name);
    const { sim } = system;
    const [written, read] = system.run(function* (unix) {
      const fd = yield* unix.open("/file", { create: true });
      const before = sim.now;
      yield* unix.write(fd, bytesOf(100));
      const first = yield* unix.stat("/file");
      expect(first.modifiedNs).toBeGreaterThanOrEqual(before);
      expect(first.modifiedNs).toBeLessThanOrEqual(sim.now);
      yield* sim.sleep(3_000_000_000);
      yield* unix.lseek(fd, 0);
      yield* unix.read(fd, 10);
      const second = yield* unix.stat("/file");
      expect(second.modifiedNs).toBe(first.modifiedNs);
      expect(second.accessedNs - first.modifiedNs).toBeGreaterThanOrEqual(3_000_000_000);
      yield* unix.close(fd);
      expect(yield* unix.stat("/file")).toEqual(second);
      return [first.modifiedNs, second.accessedNs];
    });
    const { inode } = soundImage(system).entries.get("/file")!;
    expect([inode.modifiedNs, inode.accessedNs]).toEqual([written, read]);
  });
});

/** All records are there, whole, each writer's as many as it wrote. */
function expectRecords(log: Uint8Array, writers: number, records: number, recordBytes: number): void {
  expect(log.length).toBe(writers * records * recordBytes);
  const counts = new Map<number, number>();
  for (let at = 0; at < log.length; at += recordBytes) {
    const record = log.subarray(at, at + recordBytes);
    expect(new Set(record).size).toBe(1);
    counts.set(record[0]!, (counts.get(record[0]!) ?? 0) + 1);
  }
  for (let writer = 1; writer <= writers; writer++) expect(counts.get(writer)).toBe(records);
}
