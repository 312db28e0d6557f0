import { describe, expect, it, test } from "vitest";
import { DeadlockError } from "../../../lib/engine/index.ts";
import type { Steps } from "../../../lib/engine/index.ts";
import { boot } from "../../../lib/systems/boot.ts";
import type { System } from "../../../lib/systems/system.ts";
import type { Unix } from "../../../lib/unix/interface.ts";
import { mixOf } from "../../../lib/workloads/chorus.ts";

const ascii = (text: string): Uint8Array => Buffer.from(text, "latin1");
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");
const modes = { "supervisor space": {}, "supervisor space, without handlers": { messageHandlers: false }, "user space": { servers: "user" }, "supervisor space, beside an Emulation Library": { emulationLibrary: true } } as const;

/** Everything that read() gives until the end of the input, piece by piece. */
function* readAll(unix: Unix, count = 1000): Steps<string[]> {
  const fd = yield* unix.open("/dev/tty", { access: "read" });
  const pieces: string[] = [];
  for (let bytes = yield* unix.read(fd, count); bytes.length > 0; bytes = yield* unix.read(fd, count)) pieces.push(text(bytes));
  yield* unix.close(fd);
  return pieces;
}

const typed = (system: System, keys: string, count?: number): string[] => {
  system.terminal.type(keys);
  return system.run((unix) => readAll(unix, count));
};

describe.each(Object.entries(modes))("a tty, servers in %s", (_name, structure) => {
  const start = () => boot("mix", { structure });

  test("gives what is typed line by line, however it was corrected, and shows it", () => {
    const system = start();
    expect(typed(system, "hello\nworx\bld\nnever\x15again\n\nno newline\x04\x04")).toEqual(["hello\n", "world\n", "again\n", "\n", "no newline"]);
    expect(system.terminal.screen).toBe("hello\r\nworx\b \bld\r\nnever^U\r\nagain\r\n\r\nno newline");
  });

  test("gives no part of a line before it is complete, and long lines in pieces", () => {
    const system = start();
    expect(typed(system, "abcdefgh\nij\n\x04", 3)).toEqual(["abc", "def", "gh\n", "ij\n"]);
    const { sim } = system;
    system.terminal.type("x\n", { afterMs: 500, betweenMs: 1000 });
    const begin = sim.now;
    const waited = system.run(function* (unix) {
      const fd = yield* unix.open("/dev/tty");
      yield* unix.read(fd, 10);
      return sim.now - begin;
    });
    expect(waited).toBeGreaterThan(2_500_000_000);
    expect(waited).toBeLessThan(2_520_000_000);
  });

  test("shows what is written, no faster than its line", () => {
    const system = start();
    const line = "The quick brown fox jumps over the lazy dog.\n";
    const before = system.sim.now;
    system.run(function* (unix) {
      const fd = yield* unix.open("/dev/tty", { access: "write" });
      for (let i = 0; i < 20; i++) expect(yield* unix.write(fd, ascii(line))).toBe(line.length);
      yield* unix.close(fd);
    });
    expect(system.terminal.screen).toBe(line.replace("\n", "\r\n").repeat(20));
    expect(system.sim.now - before).toBeGreaterThan(system.terminal.screen.length * 1_000_000);
  });

  test("serves two readers a line each, is no pipe and cannot be moved in", () => {
    const system = start();
    const lines: string[] = [];
    system.terminal.type("first\nsecond\n");
    system.run(function* (unix) {
      const fd = yield* unix.open("/dev/tty");
      for (let i = 0; i < 2; i++) yield* unix.fork(function* (child) {
        lines.push(text(yield* child.read(fd, 100)));
      });
      for (let i = 0; i < 2; i++) yield* unix.wait();
      for (const wrong of [unix.lseek(fd, 0), unix.fsync(fd), unix.ftruncate(fd, 0)]) {
        try {
          yield* wrong;
          expect.fail();
        } catch (error) {
          expect((error as { code: string }).code).toMatch(/ESPIPE|EINVAL/);
        }
      }
      yield* unix.close(fd);
    });
    expect(lines.sort()).toEqual(["first\n", "second\n"]);
  });
});

it("costs an interrupt for each character that comes, and one for each that goes", () => {
  const system = boot("mix");
  const { counters } = mixOf(system).nucleus;
  const before = counters.interrupts;
  typed(system, "four\n\x04");
  expect(counters.interrupts - before).toBe("four\n\x04".length + "four\r\n".length);
});

it("rings the bell when nobody reads and too much is typed, and keeps what came before", () => {
  const system = boot("mix");
  expect(typed(system, `${"a".repeat(300)}\n\x04`)).toEqual([`${"a".repeat(255)}\n`]);
  expect(system.terminal.screen).toBe(`${"a".repeat(255)}${"\x07".repeat(45)}\r\n`);
});

it("that nobody types at is a deadlock that says what is missing", () => {
  const system = boot("mix");
  expect(() => system.run((unix) => readAll(unix))).toThrow(DeadlockError);
  expect(() => boot("mix").run((unix) => readAll(unix))).toThrow(/a line from the terminal/);
});

it("gives its memory back when it is closed", () => {
  const system = boot("mix");
  typed(system, "x\n\x04");
  const free = system.machine.memory.freeFrames;
  for (let i = 0; i < 5; i++) typed(system, "x\n\x04");
  expect(system.machine.memory.freeFrames).toBe(free);
});

it("belongs to its site", () => {
  const system = boot("mix", { structure: { sites: 2 } });
  system.terminal.type("here\n\x04");
  expect(system.run(readAll, { site: 1 })).toEqual(["here\n"]);
  expect(() => boot("svr4").terminal).toThrow('system svr4 has no terminal; "mix" has one, /dev/tty');
  expect(() => system.terminal.type("x", { betweenMs: -1 })).toThrow(/^typing: betweenMs/);
});
