/** How data travel when files are not mapped: over the bounce buffer, in line, or out of line (sections 3.1.1 and 6.1). */
import { describe, expect, it } from "vitest";
import type { Steps } from "../../../lib/engine/index.ts";
import type { System } from "../../../lib/systems/system.ts";
import { journey, scene } from "../../../lib/trace/index.ts";
import type { Unix } from "../../../lib/unix/interface.ts";
import { bytesOf, errorOf, soundImage } from "../../unix/small.ts";
import { counted, FILE, PAGE, pagesOf, reading, sent, serverOf, unmapped, withMessages } from "./unmapped.ts";

describe("the bounce buffer", () => {
  it("is two pages that a process and the server share, a child has its own, and they are free again at the end", () => {
    const system = unmapped();
    const { memory } = system.machine;
    system.run(function* (unix) {
      const frames = function* (self: Unix): Steps<readonly number[]> {
        return serverOf(system).processes.get(yield* self.getpid()).bounce!.frames;
      };
      const own = yield* frames(unix);
      expect(own).toHaveLength(2);
      const fd = yield* unix.open("/file");
      yield* unix.read(fd, 2 * PAGE);
      expect(Buffer.concat(own.map((frame) => memory.page(frame)))).toEqual(Buffer.from(FILE.subarray(0, 2 * PAGE)));
      yield* unix.fork(function* (child) {
        expect((yield* frames(child)).some((frame) => own.includes(frame))).toBe(false);
        expect(yield* child.read(fd, PAGE)).toEqual(FILE.subarray(2 * PAGE, 3 * PAGE));
        expect(yield* frames(child)).not.toEqual(own);
      });
      yield* unix.wait();
      expect(yield* unix.read(fd, PAGE), "the file pointer is shared").toEqual(FILE.subarray(3 * PAGE, 4 * PAGE));
    });
    const ends = [1, 2].map(() => {
      system.run(function* (unix) {
        yield* unix.fork(function* (child) {
          yield* child.read(yield* child.open("/file"), 2 * PAGE);
        });
        yield* unix.wait();
      });
      return [memory.freeFrames, pagesOf(system)];
    });
    expect(ends[1]).toEqual(ends[0]);
  });

  it("takes one and two pages, each copied twice, and the message has no data", () => {
    const nothing = counted(unmapped(), reading(0));
    for (const pages of [1, 2]) {
      const { messages, inLineBytes, outOfLineBytes, copiedBytes } = counted(unmapped(), reading(pages * PAGE));
      expect({ messages, inLineBytes, outOfLineBytes, copiedBytes }).toEqual({ messages: nothing["messages"], inLineBytes: nothing["inLineBytes"], outOfLineBytes: 0, copiedBytes: 2 * pages * PAGE });
      expect(sent(unmapped(), pages * PAGE)).toEqual([[0, 0]]);
    }
  });

  it("has no more in it than it holds, whatever a message says", () => {
    for (const system of [unmapped(), withMessages()]) {
      system.run(function* (unix) {
        const fd = yield* unix.creat("/out");
        const { library } = serverOf(system).processes.get(yield* unix.getpid());
        for (const what of [8193, -1, Number.NaN, new Uint8Array(8193)]) expect(yield* errorOf(library.call("write", [fd, what]))).toBe("EINVAL");
        expect((yield* unix.stat("/out")).size).toBe(0);
      });
    }
  });

  it("shows in a trace: the server's copy, and the library's under a name of its own", () => {
    const read = scene("mach3", "read from disk", { mapping: { mappedFiles: false } });
    expect(journey(read).slice(-2).map(({ from, to, how }) => `${from} > ${to}: ${how}`)).toEqual(["buffer cache > bounce buffer: copied", "bounce buffer > memory of process: copied"]);
    const { beginNs, endNs, children } = read.trace.spans.find(({ name }) => name === "from the bounce buffer")!;
    expect(endNs - beginNs).toBeGreaterThan(0);
    expect(children.map(({ name }) => name)).toContainEqual(expect.stringMatching(/^Bcopy/));
  });

  it("is not there in a handler, which copies to the process at once", () => {
    const { messages, copiedBytes } = counted(unmapped({ structure: { calls: "handler" } }), reading(5 * PAGE));
    expect([messages, copiedBytes]).toEqual([0, 5 * PAGE]);
  });
});

describe.each<[string, () => System]>([
  ["with shared pages", unmapped], ["with messages of 8 KB", () => withMessages()], ["with messages of 4 KB", () => withMessages(4096)], ["in a handler", () => unmapped({ structure: { calls: "handler" } })],
])("%s", (_how, make) => {
  it("a read() or write() of any length is one operation on a file pointer that processes share", () => {
    const system = make();
    const RECORD = 20_000;
    const [taken, processes] = [[] as number[], 4];
    system.run(function* (unix) {
      const input = yield* unix.open("/file", { access: "read" });
      const output = yield* unix.open("/out", { access: "write", create: true });
      const log = yield* unix.open("/log", { access: "write", create: true, append: true });
      for (let i = 0; i < processes; i++) yield* unix.fork(function* (child) {
        const record = yield* child.read(input, RECORD);
        taken.push(FILE.findIndex((_, at) => at % RECORD === 0 && Buffer.compare(FILE.subarray(at, at + RECORD), record) === 0) / RECORD);
        yield* child.write(output, new Uint8Array(RECORD).fill(i + 1));
        yield* child.write(log, new Uint8Array(RECORD).fill(i + 1));
      });
      for (let i = 0; i < processes; i++) yield* unix.wait();
    });
    expect([...taken].sort()).toEqual([0, 1, 2, 3]);
    for (const path of ["/out", "/log"]) {
      const found = soundImage(system).read(path);
      expect(found.length).toBe(processes * RECORD);
      const writers = Array.from({ length: processes }, (_, i) => new Set(found.subarray(i * RECORD, (i + 1) * RECORD)));
      expect(writers.map(({ size }) => size), `mixed in ${path}`).toEqual([1, 1, 1, 1]);
    }
  });

  it("a pipe takes any length, and a page at a time in whole", () => {
    const system = make();
    const bytes = bytesOf(30_000, 5);
    system.run(function* (unix) {
      const [reader, writer] = yield* unix.pipe();
      yield* unix.fork(function* (child) {
        yield* child.close(reader);
        expect(yield* child.write(writer, bytes)).toBe(bytes.length);
        for (let i = 0; i < 5; i++) expect(yield* child.write(writer, new Uint8Array(PAGE).fill(i))).toBe(PAGE);
      });
      yield* unix.fork(function* (child) {
        yield* child.close(reader);
      });
      yield* unix.close(writer);
      const got: number[] = [];
      for (let piece = new Uint8Array(1); piece.length > 0; got.push(...piece)) piece = (yield* unix.read(reader, 50_000)) as Uint8Array<ArrayBuffer>;
      expect(got).toEqual([...bytes, ...[0, 1, 2, 3, 4].flatMap((i) => Array<number>(PAGE).fill(i))]);
    });
  });

  it("a write to a pipe that nobody reads any more tells what had gone in, or EPIPE", () => {
    const system = make();
    const [written, after] = system.run(function* (unix) {
      const [reader, writer] = yield* unix.pipe();
      yield* unix.fork(function* (child) {
        yield* child.close(writer);
        yield* child.read(reader, PAGE);
      });
      yield* unix.close(reader);
      return [yield* unix.write(writer, new Uint8Array(30_000)), yield* errorOf(unix.write(writer, new Uint8Array(30_000)))] as const;
    });
    expect([PAGE, 2 * PAGE], "a page, and what fitted behind it").toContain(written);
    expect(after).toBe("EPIPE");
  });
});

describe("without shared pages", () => {
  it("data travel in line up to what a message buffer of the server holds, and out of line beyond", () => {
    for (const messageBytes of [4096, 8192, 16384]) {
      const full = counted(withMessages(messageBytes), reading(messageBytes));
      expect(full["inLineBytes"]).toBeGreaterThan(messageBytes);
      expect(full["outOfLineBytes"]).toBe(0);
      const more = counted(withMessages(messageBytes), reading(messageBytes + 1));
      expect(more["inLineBytes"]).toBeLessThan(100);
      expect(more["outOfLineBytes"]).toBe(messageBytes + 1);
      expect(sent(withMessages(messageBytes), messageBytes)).toEqual([[messageBytes, 0]]);
      expect(sent(withMessages(messageBytes), messageBytes + 1)).toEqual([[0, messageBytes + 1]]);
    }
  });

  it("a message costs more than the bounce buffer, for the same bytes", () => {
    const us = (system: System) => {
      const begin = system.sim.now;
      counted(system, reading(PAGE));
      return system.sim.now - begin;
    };
    expect(us(withMessages())).toBeGreaterThan(us(unmapped()));
  });
});
