/** Mandatory locks: lockf() as System V has it. */
import { describe, expect, test } from "vitest";
import type { Steps } from "../../lib/engine/index.ts";
import type { Unix } from "../../lib/unix/interface.ts";
import { bootSmall, bytesOf, errorOf, smallSystems } from "./small.ts";

const SECOND = 1_000_000_000;

const locking = smallSystems.filter((name) => name === "svr4" || name.startsWith("mix"));

describe.each(locking)("%s", (name) => {
  test("processes that lock what they change lose no change of each other", () => {
    bootSmall(name).run(function* (unix) {
      const fd = yield* unix.creat("/counter");
      yield* unix.write(fd, Uint8Array.of(0));
      for (let process = 0; process < 3; process++) {
        yield* unix.fork(function* (child) {
          const own = yield* child.open("/counter");
          for (let i = 0; i < 10; i++) {
            yield* child.lseek(own, 0);
            yield* child.lockf(own, "lock", 1);
            const [count] = yield* child.read(own, 1);
            for (let j = 0; j < 10; j++) yield* child.nullTrap(); // the others want to go on
            yield* child.lseek(own, 0);
            yield* child.write(own, Uint8Array.of(count! + 1));
            yield* child.lseek(own, 0);
            yield* child.lockf(own, "ulock", 1);
          }
        });
      }
      for (let process = 0; process < 3; process++) yield* unix.wait();
      const own = yield* unix.open("/counter");
      expect(yield* unix.read(own, 1)).toEqual(Uint8Array.of(30));
    });
  });

  test("whoever reads or writes what another process has locked sleeps until it is free; elsewhere in the file nobody does", () => {
    const order: string[] = [];
    const system = bootSmall(name);
    system.run(function* (unix) {
      const fd = yield* unix.open("/file", { create: true });
      yield* unix.write(fd, bytesOf(10_000));
      yield* unix.lseek(fd, 4000);
      yield* unix.lockf(fd, "lock", 2000);
      yield* unix.fork(function* (reader) {
        const own = yield* reader.open("/file");
        yield* reader.read(own, 4000);
        order.push("read before");
        expect(yield* reader.read(own, 4096)).toEqual(Uint8Array.of(...new Array<number>(2000).fill(9), ...bytesOf(10_000).subarray(6000, 8096)));
        order.push("read");
      });
      yield* unix.fork(function* (writer) {
        const own = yield* writer.open("/file");
        yield* writer.lseek(own, 6000);
        yield* writer.write(own, bytesOf(10_000).subarray(6000, 7000));
        order.push("write behind");
        yield* writer.lseek(own, 5999);
        yield* writer.write(own, Uint8Array.of(9));
        order.push("write");
      });
      yield* system.sim.sleep(SECOND);
      expect(order.sort()).toEqual(["read before", "write behind"]);
      yield* unix.write(fd, new Uint8Array(2000).fill(9)); // the owner can
      yield* unix.lseek(fd, 4000);
      yield* unix.lockf(fd, "ulock", 2000);
      yield* unix.wait();
      yield* unix.wait();
    });
    expect(order.slice(2).sort()).toEqual(["read", "write"]);
  });

  test("tlock and test fail where others have locks, own locks are no hindrance, and a part can be given free", () => {
    bootSmall(name).run(function* (unix) {
      const fd = yield* unix.open("/file", { create: true });
      yield* unix.lockf(fd, "lock"); // all of it, also what is not there yet
      yield* unix.lockf(fd, "tlock", 50);
      yield* unix.lockf(fd, "test");
      yield* unix.lseek(fd, 100);
      yield* unix.lockf(fd, "ulock", 50);
      yield* unix.fork(function* (child) {
        const own = yield* child.open("/file");
        expect(yield* errorOf(child.lockf(own, "test", 100))).toBe("EAGAIN");
        expect(yield* errorOf(child.lockf(own, "tlock", 101))).toBe("EAGAIN");
        yield* child.lseek(own, 150);
        expect(yield* errorOf(child.lockf(own, "test", -50))).toBe("none");
        expect(yield* errorOf(child.lockf(own, "tlock", -50))).toBe("none");
        expect(yield* errorOf(child.lockf(own, "tlock", -51))).toBe("EAGAIN");
        expect(yield* errorOf(child.lockf(own, "tlock", 1))).toBe("EAGAIN");
        expect(yield* errorOf(child.lockf(fd, "test", 1))).toBe("none"); // the pointer that it shares is at 100
      });
      yield* unix.wait();
    });
  });

  test("a process's locks go when it closes any descriptor of the file, and when it ends; those of its parent stay", () => {
    bootSmall(name).run(function* (unix) {
      const fd = yield* unix.open("/file", { create: true });
      const free = function* (program: (unix: Unix) => Steps<unknown>): Steps<string> {
        yield* unix.fork(program);
        yield* unix.wait();
        return yield* errorOf(unix.lockf(fd, "test"));
      };
      expect(yield* free((child) => child.lockf(fd, "lock"))).toBe("none");
      const other = yield* unix.open("/file");
      yield* unix.lockf(fd, "lock");
      let found = "";
      const look = function* (child: Unix): Steps {
        found = yield* errorOf(child.lockf(yield* child.open("/file"), "test"));
      };
      yield* free(look);
      expect(found).toBe("EAGAIN");
      yield* unix.close(other);
      yield* free(look);
      expect(found).toBe("none");
    });
  });

  test("processes that would wait for each other for ever: EDEADLK for the one that comes last", () => {
    const outcomes: string[] = [];
    const system = bootSmall(name);
    system.run(function* (unix) {
      yield* unix.close(yield* unix.creat("/file"));
      for (const [first, second] of [[0, 1], [1, 0]] as const) {
        yield* unix.fork(function* (child) {
          const own = yield* child.open("/file");
          yield* child.lseek(own, first);
          yield* child.lockf(own, "lock", 1);
          yield* system.sim.sleep(SECOND);
          yield* child.lseek(own, second);
          outcomes.push(yield* errorOf(child.lockf(own, "lock", 1)));
        });
      }
    });
    expect(outcomes.sort()).toEqual(["EDEADLK", "none"]);
  });

  test("nobody cuts a file of which another process has locked a part that goes, or comes", () => {
    bootSmall(name).run(function* (unix) {
      const fd = yield* unix.open("/file", { create: true });
      yield* unix.write(fd, bytesOf(1000));
      yield* unix.lseek(fd, 500);
      yield* unix.lockf(fd, "lock", 100);
      yield* unix.fork(function* (child) {
        const own = yield* child.open("/file");
        expect(yield* errorOf(child.ftruncate(own, 599))).toBe("EAGAIN");
        expect(yield* errorOf(child.ftruncate(own, 600))).toBe("none");
        expect(yield* errorOf(child.creat("/file"))).toBe("EAGAIN");
        expect((yield* child.stat("/file")).size).toBe(600);
      });
      yield* unix.wait();
      yield* unix.ftruncate(fd, 10);
    });
  });

  test("what cannot be locked: EBADF, EINVAL", () => {
    bootSmall(name).run(function* (unix) {
      const [reader] = yield* unix.pipe();
      yield* unix.close(yield* unix.creat("/file"));
      const readOnly = yield* unix.open("/file", { access: "read" });
      const fd = yield* unix.open("/file");
      expect(yield* errorOf(unix.lockf(40, "lock"))).toBe("EBADF");
      expect(yield* errorOf(unix.lockf(readOnly, "tlock"))).toBe("EBADF");
      expect(yield* errorOf(unix.lockf(readOnly, "test"))).toBe("none");
      expect(yield* errorOf(unix.lockf(reader, "test"))).toBe("EINVAL");
      expect(yield* errorOf(unix.lockf(fd, "lock", -1))).toBe("EINVAL");
      expect(yield* errorOf(unix.lockf(fd, "lock", 0.5))).toBe("EINVAL");
      expect(yield* errorOf(unix.lockf(fd, "look" as "lock"))).toBe("EINVAL");
    });
  });
});

test.each(["mach26", "mach3"] as const)("%s has no such call: ENOSYS", (name) => {
  bootSmall(name).run(function* (unix) {
    expect(yield* errorOf(unix.lockf(yield* unix.creat("/file"), "lock"))).toBe("ENOSYS");
  });
});
