/** The data of a long read() or write() of a file that is not mapped: they go out of line (sections 2 and 3.1.1). */
import { describe, expect, it } from "vitest";
import { boot } from "../../../lib/systems/boot.ts";
import { bytesOf, errorOf, KB, MB, soundImage } from "../../unix/small.ts";
import { counted, FILE, pagesOf, reading, sent, serverOf, unmapped } from "./unmapped.ts";

describe("more than two pages", () => {
  it("go out of line, in one message there and one back", () => {
    const { messages, inLineBytes, outOfLineBytes } = counted(unmapped(), reading(64 * KB));
    expect(messages).toBe(2);
    expect(inLineBytes).toBeLessThan(100);
    expect(outOfLineBytes).toBe(64 * KB);
    expect(sent(unmapped(), 64 * KB)).toEqual([[0, 64 * KB]]);
  });

  it("leave nothing in the server, whatever becomes of the call", () => {
    const system = unmapped();
    system.run(function* (unix) {
      const fd = yield* unix.open("/file", { access: "read" });
      const out = yield* unix.open("/out", { access: "write", create: true });
      const directory = yield* unix.open("/", { access: "read" });
      const before = pagesOf(system);
      for (let i = 0; i < 3; i++) {
        yield* unix.lseek(fd, 0);
        expect((yield* unix.read(fd, 20_000)).length).toBe(20_000);
        expect(yield* errorOf(unix.read(out, 20_000))).toBe("EBADF");
        expect(yield* errorOf(unix.read(60, 20_000))).toBe("EBADF");
        expect(yield* errorOf(unix.read(directory, 20_000))).toBe("EISDIR");
        expect(yield* errorOf(unix.read(fd, Number.NaN))).toBe("EINVAL");
        expect(yield* errorOf(unix.write(fd, FILE))).toBe("EBADF");
        expect(yield* errorOf(unix.write(60, FILE))).toBe("EBADF");
        expect(yield* unix.write(out, FILE)).toBe(FILE.length);
        yield* unix.lseek(fd, 0, "end");
        expect((yield* unix.read(fd, 20_000)).length, "at the end").toBe(0);
      }
      expect(pagesOf(system)).toBe(before);
    });
    const image = soundImage(system);
    expect(image.read("/out")).toEqual(Uint8Array.from([...FILE, ...FILE, ...FILE]));
  });

  it("that a killed process asked for are given up", () => {
    const system = unmapped();
    const { processes } = serverOf(system);
    system.run(function* (unix) {
      const before = pagesOf(system);
      let read = false;
      yield* unix.fork(function* (child) {
        yield* child.read(yield* child.open("/file"), 80_000);
        read = true;
      });
      yield* system.sim.sleep(200_000_000); // in the middle of the read
      yield* processes.kill((yield* unix.getpid()) + 1);
      expect((yield* unix.wait()).status).toBe(137);
      yield* system.sim.sleep(2e9);
      expect(read).toBe(false);
      expect(pagesOf(system)).toBe(before);
    });
  });

  it("of more than there is are refused, those that fit are right, and a count beyond the file is no matter", () => {
    const big = bytesOf(900_000);
    const outcome = (count: number) => {
      const system = boot("mach3", { machine: { memory: { sizeMB: 1 } }, mapping: { mappedFiles: false } });
      system.prepare({ "/big": big, "/huge": 3 * MB });
      return system.run(function* (unix) {
        const fd = yield* unix.open("/huge");
        const error = yield* errorOf(unix.read(fd, count));
        const at = yield* unix.lseek(fd, 0, "current");
        const all = yield* unix.read(yield* unix.open("/big"), 2 ** 40);
        return [error, at, Buffer.compare(all, big)];
      });
    };
    expect(outcome(2 * MB)).toEqual(["ENOMEM", 0, 0]);
    expect(outcome(2 ** 50)).toEqual(["ENOMEM", 0, 0]);
    expect(outcome(800_000)).toEqual(["none", 800_000, 0]);
  });
});
