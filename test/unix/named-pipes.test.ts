/** Named pipes: how their ends find each other, and what is left of them. */
import { describe, expect, test } from "vitest";
import type { Steps } from "../../lib/engine/index.ts";
import type { Unix } from "../../lib/unix/interface.ts";
import { bootSmall, bytesOf, errorOf, smallSystems, soundImage } from "./small.ts";

/** Let other processes run until they sleep. */
function* idle(unix: Unix): Steps {
  for (let i = 0; i < 5000; i++) yield* unix.nullTrap();
}

/** All that comes from `fd`. */
function* readAll(unix: Unix, fd: number): Steps<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for (;;) {
    const piece = yield* unix.read(fd, 700);
    if (piece.length === 0) return Uint8Array.from(Buffer.concat(pieces));
    pieces.push(piece);
  }
}

describe.each(smallSystems)("%s", (name) => {
  test("who opens one end sleeps until somebody opens the other; then bytes go through, more than it holds", () => {
    const system = bootSmall(name);
    const order: string[] = [];
    let got: Uint8Array | undefined;
    system.run(function* (unix) {
      yield* unix.mkfifo("/pipe");
      yield* unix.fork(function* (child) {
        const fd = yield* child.open("/pipe", { access: "read" });
        order.push("reader");
        got = yield* readAll(child, fd);
      });
      yield* idle(unix);
      order.push("late");
      const fd = yield* unix.open("/pipe", { access: "write" });
      expect(yield* unix.write(fd, bytesOf(10_000))).toBe(10_000);
      expect(yield* errorOf(unix.lseek(fd, 0))).toBe("ESPIPE");
      expect(yield* errorOf(unix.read(fd, 1))).toBe("EBADF");
      yield* unix.close(fd);
      yield* unix.wait();
    });
    expect(order).toEqual(["late", "reader"]);
    expect(got).toEqual(bytesOf(10_000));
    const image = soundImage(system);
    expect([...image.entries.keys()]).toEqual(["/pipe"]);
    expect(image.files).toEqual([]);
    expect(image.entries.get("/pipe")!.inode.size).toBe(0);
  });

  test("a writer that comes first sleeps too, several writers share the pipe, and their writes are not mixed", () => {
    let got: Uint8Array | undefined;
    bootSmall(name).run(function* (unix) {
      yield* unix.mkfifo("/pipe");
      for (const mark of [1, 2, 3]) {
        yield* unix.fork(function* (child) {
          const fd = yield* child.open("/pipe", { access: "write" });
          for (let i = 0; i < 4; i++) yield* child.write(fd, new Uint8Array(1500).fill(mark));
        });
      }
      const fd = yield* unix.open("/pipe", { access: "read" });
      yield* idle(unix); // all three are there
      got = yield* readAll(unix, fd);
    });
    expect(got).toHaveLength(3 * 4 * 1500);
    for (let at = 0; at < got!.length; at += 1500) expect(new Set(got!.subarray(at, at + 1500)).size).toBe(1);
  });

  test("without readers a writer gets EPIPE; without ends what was in it is gone; with both ends nobody sleeps", () => {
    bootSmall(name).run(function* (unix) {
      yield* unix.mkfifo("/pipe");
      const both = yield* unix.open("/pipe");
      const writer = yield* unix.open("/pipe", { access: "write" });
      expect(yield* unix.write(writer, bytesOf(10))).toBe(10);
      expect(yield* unix.read(both, 4)).toEqual(bytesOf(4));
      yield* unix.close(both);
      expect(yield* errorOf(unix.write(writer, bytesOf(1)))).toBe("EPIPE");
      yield* unix.close(writer);
      const again = yield* unix.open("/pipe");
      yield* unix.write(again, Uint8Array.of(9));
      expect(yield* unix.read(again, 10)).toEqual(Uint8Array.of(9));
    });
  });

  test("its name is one like others: stat tells what it is and when it was used, unlink leaves it to those who have it open", () => {
    const system = bootSmall(name);
    system.run(function* (unix) {
      yield* unix.mkdir("/dir");
      yield* unix.mkfifo("/dir/pipe");
      expect(yield* errorOf(unix.mkfifo("/dir/pipe"))).toBe("EEXIST");
      expect(yield* errorOf(unix.mkfifo("/none/pipe"))).toBe("ENOENT");
      expect(yield* errorOf(unix.mkdir("/dir/pipe"))).toBe("EEXIST");
      const fresh = yield* unix.stat("/dir/pipe");
      expect(fresh).toMatchObject({ kind: "fifo", size: 0, links: 1 });
      yield* idle(unix);
      const fd = yield* unix.open("/dir/pipe", { create: true, truncate: true });
      yield* unix.write(fd, bytesOf(100));
      yield* unix.close(fd);
      const used = yield* unix.stat("/dir/pipe");
      expect(used.size).toBe(0);
      expect(used.modifiedNs).toBeGreaterThan(fresh.modifiedNs);
      const held = yield* unix.open("/dir/pipe");
      yield* unix.unlink("/dir/pipe");
      expect(yield* errorOf(unix.stat("/dir/pipe"))).toBe("ENOENT");
      yield* unix.write(held, bytesOf(50));
      expect(yield* unix.read(held, 100)).toEqual(bytesOf(50));
      expect(yield* errorOf(unix.ftruncate(held, 0))).toBe("EINVAL");
      expect(yield* errorOf(unix.fsync(held))).toBe("EINVAL");
    });
    expect([...soundImage(system).entries.keys()]).toEqual(["/dir"]);
  });

  test("they give their memory back when the last end is closed", () => {
    const system = bootSmall(name);
    const use = function* (unix: Unix): Steps {
      for (let i = 0; i < 50; i++) {
        const fd = yield* unix.open("/pipe");
        yield* unix.write(fd, bytesOf(10));
        if (i % 2 === 0) yield* unix.close(fd); // the others are left for exit
      }
    };
    const frees = [1, 2].map(() => {
      system.run(function* (unix) {
        yield* unix.mkfifo("/pipe");
        yield* use(unix);
        yield* unix.unlink("/pipe");
      });
      system.image(); // forgets what the disk has
      return system.machine.memory.freeFrames;
    });
    expect(frees[1]).toBe(frees[0]);
  });

  test("an end that nobody ever meets is a deadlock that says so", () => {
    const system = bootSmall(name);
    const alone = function* (unix: Unix): Steps {
      yield* unix.mkfifo("/pipe");
      yield* unix.open("/pipe", { access: "write" });
    };
    const missing = name === "mix, from another site" ? /waits for the reply to a call of process/ : /waits for (.*, which waits for )?the other end of a named pipe$/;
    expect(() => system.run(alone)).toThrow(missing);
  });
});
