/** Processes: fork, exit and wait, and what they share. */
import { describe, expect, test } from "vitest";
import type { Steps } from "../../lib/engine/index.ts";
import { MAX_DESCRIPTORS } from "../../lib/unix/process.ts";
import { bootSmall, bytesOf, errorOf, smallSystems, soundImage } from "./small.ts";

describe.each(smallSystems)("%s", (name) => {
  test("a child shares the file pointers of its parent, and one it opens itself is its own", () => {
    const system = bootSmall(name);
    system.prepare({ "/file": bytesOf(1000) });
    system.run(function* (unix) {
      const fd = yield* unix.open("/file");
      yield* unix.read(fd, 100);
      yield* unix.fork(function* (child) {
        expect(yield* child.read(fd, 100)).toEqual(bytesOf(1000).subarray(100, 200));
        const own = yield* child.open("/file");
        expect(own).toBe(fd + 1);
        yield* child.lseek(own, 900);
      });
      yield* unix.wait();
      expect(yield* unix.lseek(fd, 0, "current")).toBe(200);
      expect(yield* errorOf(unix.lseek(fd + 1, 0))).toBe("EBADF");
    });
  });

  test("a child that closes a descriptor closes its own", () => {
    const system = bootSmall(name);
    system.run(function* (unix) {
      const fd = yield* unix.open("/file", { create: true });
      yield* unix.fork(function* (child) {
        yield* child.close(fd);
        expect(yield* errorOf(child.write(fd, bytesOf(1)))).toBe("EBADF");
      });
      yield* unix.wait();
      expect(yield* unix.write(fd, bytesOf(10))).toBe(10);
    });
    expect(soundImage(system).read("/file")).toEqual(bytesOf(10));
  });

  test("what exit says, or a program returns, is what wait gives: its low 8 bits, 0 where there is no number", () => {
    const statuses = bootSmall(name).run(function* (unix) {
      const programs = [
        function* (child) {
          yield* child.exit(7);
          expect.unreachable();
        },
        function* () {
          return 300;
        },
        function* (child) {
          yield* child.exit(-1);
        },
        function* () {
          return "done";
        },
      ] satisfies Parameters<typeof unix.fork>[0][];
      const found: Record<number, number> = {};
      for (const program of programs) {
        const pid = yield* unix.fork(program);
        const ended = yield* unix.wait();
        expect(ended.pid).toBe(pid);
        found[pid] = ended.status;
      }
      return Object.values(found);
    });
    expect(statuses).toEqual([7, 44, 255, 0]);
  });

  test("wait gives each child once, those that ended before it first, and then ECHILD", () => {
    bootSmall(name).run(function* (unix) {
      const early = yield* unix.fork(function* () {});
      const late = yield* unix.fork(function* (child) {
        yield* child.fork(function* () {}); // no child of the parent's
        for (let i = 0; i < 1000; i++) yield* child.nullTrap();
      });
      expect((yield* unix.wait()).pid).toBe(early);
      expect((yield* unix.wait()).pid).toBe(late);
      expect(yield* errorOf(unix.wait())).toBe("ECHILD");
    });
  });

  test("a process knows its pid, the one that its parent has for it", () => {
    bootSmall(name).run(function* (unix) {
      let told = 0;
      const pid = yield* unix.fork(function* (child) {
        told = yield* child.getpid();
        expect(yield* child.getpid()).toBe(told);
      });
      yield* unix.wait();
      expect(told).toBe(pid);
      expect(yield* unix.getpid()).not.toBe(pid);
      expect(yield* unix.getuid()).toBe(0);
    });
  });

  test("no resource has a limit but descriptors, and there is none with another name", () => {
    bootSmall(name).run(function* (unix) {
      expect(yield* unix.getrlimit("nofile")).toEqual({ current: MAX_DESCRIPTORS, maximum: MAX_DESCRIPTORS });
      for (const resource of ["cpu", "fsize", "data", "stack", "core", "rss"] as const) {
        expect(yield* unix.getrlimit(resource)).toEqual({ current: Infinity, maximum: Infinity });
      }
      expect(yield* errorOf(unix.getrlimit("paper" as "rss"))).toBe("EINVAL");
    });
  });

  test("the signals that a process holds back: blocked, set, inherited by a child and from then on its own; not KILL and STOP", () => {
    bootSmall(name).run(function* (unix) {
      expect(yield* unix.sigblock(0b0010)).toBe(0);
      expect(yield* unix.sigblock(0b1000)).toBe(0b0010);
      expect(yield* unix.sigsetmask(0b0101)).toBe(0b1010);
      yield* unix.fork(function* (child) {
        expect(yield* child.sigblock(0)).toBe(0b0101);
        yield* child.sigsetmask(0);
        yield* child.fork(function* (grandchild) {
          expect(yield* grandchild.sigblock(0)).toBe(0);
        });
        yield* child.wait();
      });
      yield* unix.wait();
      expect(yield* unix.sigsetmask(~0)).toBe(0b0101);
      expect(yield* unix.sigblock(0)).toBe(~((1 << 8) | (1 << 16)));
    });
  });

  test("run() ends when the last descendant has, also one whose parent did not wait for it", () => {
    const system = bootSmall(name);
    system.run(function* (unix) {
      yield* unix.fork(function* (child) {
        yield* child.fork(function* (grandchild) {
          for (let i = 0; i < 1000; i++) yield* grandchild.nullTrap();
          const fd = yield* grandchild.creat("/last");
          yield* grandchild.write(fd, bytesOf(5));
        });
      });
    });
    expect(soundImage(system).read("/last")).toEqual(bytesOf(5));
  });

  test("exit closes what the process had open, and gives its memory back", () => {
    const system = bootSmall(name);
    system.image(); // nothing of earlier files is in memory
    const free = system.machine.memory.freeFrames;
    for (let i = 0; i < 10; i++) {
      system.run(function* (unix) {
        const [reader] = yield* unix.pipe();
        const fd = yield* unix.open("/file", { create: true });
        yield* unix.write(fd, bytesOf(50_000));
        yield* unix.unlink("/file");
        yield* unix.fork(function* (child) {
          yield* child.lseek(fd, 0);
          yield* child.read(fd, 50_000);
          yield* child.exit(reader);
        });
        yield* unix.exit(0);
      });
    }
    expect(soundImage(system).files).toEqual([]);
    expect(system.machine.memory.freeFrames).toBe(free);
  });

  test("what a program throws comes out of run(), and the system can still be used", () => {
    const system = bootSmall(name);
    const failing = function* (): Steps {
      throw new Error("a mistake in the program");
    };
    expect(() => system.run(failing)).toThrow("a mistake in the program");
    expect(() => system.run((unix) => unix.open("/none"))).toThrow(/ENOENT/);
    expect(system.run((unix) => unix.creat("/file"))).toBe(0);
    expect(soundImage(system).files).toEqual(["/file"]);
  });

  test("two runs of the same program take the same time to the nanosecond", () => {
    const elapsed = () => {
      const system = bootSmall(name);
      const start = system.sim.now;
      system.run(function* (unix) {
        for (let process = 0; process < 3; process++) {
          yield* unix.fork(function* (child) {
            const fd = yield* child.creat(`/${process}`);
            for (let i = 0; i < 10; i++) yield* child.write(fd, bytesOf(10_000));
            yield* child.fsync(fd);
          });
        }
      });
      return [start, system.sim.now];
    };
    expect(elapsed()).toEqual(elapsed());
  });
});
