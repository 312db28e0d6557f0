/** Pipes: who sleeps, who is woken, and what comes through. */
import { describe, expect, test } from "vitest";
import { DeadlockError } from "../../lib/engine/index.ts";
import type { Steps } from "../../lib/engine/index.ts";
import type { Unix } from "../../lib/unix/interface.ts";
import { bootSmall, bytesOf, errorOf, KB, smallSystems, soundImage } from "./small.ts";

/** Let other processes run until they sleep. */
function* idle(unix: Unix): Steps {
  for (let i = 0; i < 20_000; i++) yield* unix.nullTrap();
}

describe.each(smallSystems)("%s", (name) => {
  test("a reader sleeps until bytes come, and gets them in order", () => {
    bootSmall(name).run(function* (unix) {
      const [reader, writer] = yield* unix.pipe();
      let got: Uint8Array | undefined;
      yield* unix.fork(function* (child) {
        got = yield* child.read(reader, 100);
      });
      yield* idle(unix);
      expect(got).toBeUndefined();
      yield* unix.write(writer, bytesOf(30));
      yield* unix.wait();
      expect(got).toEqual(bytesOf(30));
    });
  });

  test("a writer sleeps while the pipe is full, and a write of up to 4096 bytes goes in whole", () => {
    bootSmall(name).run(function* (unix) {
      const [reader, writer] = yield* unix.pipe();
      yield* unix.write(writer, bytesOf(3000, 1));
      let written: number | undefined;
      yield* unix.fork(function* (child) {
        written = yield* child.write(writer, bytesOf(2000, 2));
      });
      yield* idle(unix);
      expect(written).toBeUndefined();
      expect(yield* unix.read(reader, 900)).toEqual(bytesOf(3000, 1).subarray(0, 900));
      yield* idle(unix);
      expect(written).toBeUndefined(); // 1996 bytes would fit, 2000 do not
      yield* unix.read(reader, 4);
      yield* unix.wait();
      expect(written).toBe(2000);
      yield* unix.read(reader, 2096);
      expect(yield* unix.read(reader, 4096)).toEqual(bytesOf(2000, 2));
    });
  });

  test("more than a pipe holds goes through it, piece by piece, past its end and round again", () => {
    const contents = bytesOf(50_001);
    const got: Uint8Array[] = [];
    bootSmall(name).run(function* (unix) {
      const [reader, writer] = yield* unix.pipe();
      yield* unix.fork(function* (child) {
        yield* child.close(reader);
        for (let at = 0; at < contents.length; at += 7777) {
          const piece = contents.subarray(at, at + 7777);
          expect(yield* child.write(writer, piece)).toBe(piece.length);
        }
      });
      yield* unix.close(writer);
      for (let piece = yield* unix.read(reader, 1111); piece.length > 0; piece = yield* unix.read(reader, 1111)) got.push(piece);
    });
    expect(Buffer.concat(got).equals(contents)).toBe(true);
  });

  test("writes of several processes are not mixed", () => {
    const got: Uint8Array[] = [];
    bootSmall(name).run(function* (unix) {
      const [reader, writer] = yield* unix.pipe();
      for (let process = 1; process <= 3; process++) {
        yield* unix.fork(function* (child) {
          for (let i = 0; i < 10; i++) yield* child.write(writer, new Uint8Array(1500).fill(process));
        });
      }
      yield* unix.close(writer);
      for (let piece = yield* unix.read(reader, 700); piece.length > 0; piece = yield* unix.read(reader, 700)) got.push(piece);
    });
    const all = Buffer.concat(got);
    expect(all.length).toBe(3 * 10 * 1500);
    for (let at = 0; at < all.length; at += 1500) expect(new Set(all.subarray(at, at + 1500)).size).toBe(1);
  });

  test("a reader gets what is left, then the end, when the last writer has closed", () => {
    bootSmall(name).run(function* (unix) {
      const [reader, writer] = yield* unix.pipe();
      yield* unix.fork(function* (child) {
        yield* child.write(writer, bytesOf(10)); // and exit closes
      });
      yield* unix.write(writer, bytesOf(20));
      yield* unix.close(writer);
      yield* unix.wait();
      expect((yield* unix.read(reader, 100)).length).toBe(30);
      expect((yield* unix.read(reader, 100)).length).toBe(0);
      expect((yield* unix.read(reader, 100)).length).toBe(0);
    });
  });

  test("a reader that sleeps is woken by the end", () => {
    bootSmall(name).run(function* (unix) {
      const [reader, writer] = yield* unix.pipe();
      let got = -1;
      yield* unix.fork(function* (child) {
        yield* child.close(writer);
        got = (yield* child.read(reader, 1)).length;
      });
      yield* idle(unix);
      expect(got).toBe(-1);
      yield* unix.close(writer);
      yield* unix.wait();
      expect(got).toBe(0);
    });
  });

  test("a writer that sleeps gets EPIPE when the last reader closes; one that had written some gets how much", () => {
    bootSmall(name).run(function* (unix) {
      const outcomes: unknown[] = [];
      for (const bytes of [4 * KB, 10 * KB]) {
        const [reader, writer] = yield* unix.pipe();
        yield* unix.write(writer, bytesOf(KB));
        yield* unix.fork(function* (child) {
          yield* child.close(reader);
          try {
            outcomes.push(yield* child.write(writer, bytesOf(bytes)));
          } catch (error) {
            outcomes.push((error as { code: string }).code);
          }
        });
        yield* idle(unix);
        yield* unix.close(reader);
        yield* unix.wait();
        yield* unix.close(writer);
      }
      expect(outcomes).toEqual(["EPIPE", 3 * KB]);
    });
  });

  test("reading and writing nothing never sleeps and never fails", () => {
    bootSmall(name).run(function* (unix) {
      const [reader, writer] = yield* unix.pipe();
      expect((yield* unix.read(reader, 0)).length).toBe(0);
      yield* unix.write(writer, bytesOf(4096));
      expect(yield* unix.write(writer, bytesOf(0))).toBe(0);
      yield* unix.close(reader);
      expect(yield* unix.write(writer, bytesOf(0))).toBe(0);
      expect(yield* errorOf(unix.write(writer, bytesOf(1)))).toBe("EPIPE");
    });
  });

  test("a process that waits for itself is a deadlock, and the error names it and what it waits for", () => {
    const reading = bootSmall(name);
    let pid = 0;
    const readsItself = function* (unix: Unix): Steps {
      pid = yield* unix.getpid();
      const [reader] = yield* unix.pipe();
      yield* unix.read(reader, 1);
    };
    expect(() => reading.run(readsItself)).toThrow(DeadlockError);
    const waiting = bootSmall(name);
    const waitForEachOther = function* (unix: Unix): Steps {
      const [reader] = yield* unix.pipe();
      yield* unix.fork((child) => child.read(reader, 1));
      yield* unix.wait();
    };
    expect(() => waiting.run(waitForEachOther)).toThrow(new RegExp(`process ${pid} waits for (.*, which waits for )?a child of process ${pid}; process ${pid + 1} waits for (.*, which waits for )?bytes in a pipe$`));
  });

  test("pipes give their memory back", () => {
    const system = bootSmall(name);
    const free = system.machine.memory.freeFrames;
    system.run(function* (unix) {
      for (let i = 0; i < 1000; i++) {
        const [reader, writer] = yield* unix.pipe();
        yield* unix.close(reader);
        yield* unix.close(writer);
      }
      yield* unix.pipe(); // left for exit to close
    });
    expect(system.machine.memory.freeFrames).toBe(free);
    soundImage(system);
  });
});
