/** The pool of C threads that serve the processes (section 3.1.1): it grows to a limit, and what happens there. */
import { describe, expect, it } from "vitest";
import { DeadlockError } from "../../../lib/engine/index.ts";
import type { Steps } from "../../../lib/engine/index.ts";
import type { Bsd43Server } from "../../../lib/servers/bsd43/server.ts";
import { boot, systemParameters } from "../../../lib/systems/boot.ts";
import { MAX_PROCESSES } from "../../../lib/unix/process.ts";
import type { Unix } from "../../../lib/unix/interface.ts";
import { errorOf } from "../../unix/small.ts";

const machine = { base: "hp-vectra", disk: { cylinders: 60 }, memory: { sizeMB: 8 } } as const;

/** Let `count` children sleep in a read from an empty pipe, each in a thread of the server; the end that wakes them. */
function* sleepers(unix: Unix, count: number): Steps<number> {
  const [reader, writer] = yield* unix.pipe();
  for (let i = 0; i < count; i++) {
    yield* unix.fork(function* (child) {
      yield* child.close(writer);
      yield* child.read(reader, 1);
    });
  }
  return writer;
}

const threads = ({ task }: Bsd43Server): number => [...task.threads].filter(({ name, ended }) => name.startsWith("server thread") && !ended).length;

describe("the pool of server threads", () => {
  it("has the 4 to begin with, grows while calls sleep so that 2 more always wait for requests, and is 6 at most when they have ended", () => {
    const system = boot("mach3", { machine });
    const server = system.os as unknown as Bsd43Server;
    system.run(function* (unix) {
      expect(threads(server)).toBe(4);
      const writer = yield* sleepers(unix, 20);
      yield* system.sim.sleep(50_000_000);
      expect(threads(server)).toBe(20 + 2);
      yield* unix.close(writer);
      for (let i = 0; i < 20; i++) yield* unix.wait();
    });
    expect(threads(server)).toBeLessThanOrEqual(6);
  });

  it("serves others while all but one of its 80 threads sleep for processes; when the last one sleeps too nobody is served any more", () => {
    const limit = systemParameters("mach3").values["server"]!["maxThreads"] as number;
    expect(limit).toBe(80);
    const system = boot("mach3", { machine });
    system.run(function* (unix) {
      const writer = yield* sleepers(unix, limit - 1);
      expect((yield* unix.stat("/")).kind).toBe("directory");
      yield* unix.close(writer);
      for (let i = 1; i < limit; i++) yield* unix.wait();
    });
    const stuck = boot("mach3", { machine });
    const program = (unix: Unix) => sleepers(unix, limit + 1);
    expect(() => stuck.run(program)).toThrow(DeadlockError);
    expect(() => stuck.run(program)).toThrow(/process \d+ waits for (a thread to receive from|room in the queue of) requests of BSD4.3 server/);
  });

  it("what needs no message goes on when no thread is left: the library and the Inode Pager Thread do it", () => {
    const system = boot("mach3", { machine, server: { minThreads: 2, maxThreads: 3, minIdleThreads: 1, maxIdleThreads: 2 } });
    system.prepare({ "/file": Uint8Array.from({ length: 60_000 }, (_, i) => i % 251) });
    const done: string[] = [];
    expect(() => system.run(function* (unix) {
      const fd = yield* unix.open("/file");
      yield* unix.read(fd, 1); // the window and the Token are here
      yield* sleepers(unix, 3);
      done.push(`pid ${yield* unix.getpid()}`);
      const bytes = yield* unix.read(fd, 50_000); // from the disk
      expect(bytes[49_999]).toBe(50_000 % 251);
      done.push(`read ${bytes.length}`);
      yield* unix.stat("/file");
      done.push("stat");
    })).toThrow(DeadlockError);
    expect(done).toEqual([expect.stringMatching(/^pid/), "read 50000"]);
  });

  it(`${MAX_PROCESSES} processes that compute are no trouble; one more is EAGAIN, and one that has ended makes room`, () => {
    const system = boot("mach3", { machine });
    let mayEnd = false;
    const child = function* (): Steps {
      while (!mayEnd) yield* system.sim.sleep(20_000_000);
    };
    system.run(function* (unix) {
      for (let process = 1; process < MAX_PROCESSES; process++) yield* unix.fork(child);
      expect(yield* errorOf(unix.fork(child))).toBe("EAGAIN");
      mayEnd = true;
      yield* unix.wait();
      yield* unix.fork(function* () {});
    });
  });
});
