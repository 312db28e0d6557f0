/** A process that the server kills while a call of its sleeps there: nobody else notices (section 4.1.1). */
import { describe, expect, it } from "vitest";
import type { Steps } from "../../../lib/engine/index.ts";
import type { Bsd43Server } from "../../../lib/servers/bsd43/server.ts";
import { boot } from "../../../lib/systems/boot.ts";
import type { Unix } from "../../../lib/unix/interface.ts";
import { soundImage } from "../../unix/small.ts";

const machine = { base: "hp-vectra", disk: { cylinders: 40 }, memory: { sizeMB: 2 } } as const;

/** Boot; a child writes to /f, keeps the share lock of that, and makes `call`, in the middle of which the parent wants /f. */
function killedIn(call: (child: Unix) => Steps<unknown>, prepare: (unix: Unix, server: Bsd43Server) => Steps, after: (unix: Unix) => Steps = function* () {}): void {
  const system = boot("mach3", { machine, server: { lockTimeoutMs: 100 } });
  const server = system.os as unknown as Bsd43Server;
  let [went, dead] = [false, 0];
  system.run(function* (unix) {
    const fd = yield* unix.open("/f", { create: true });
    yield* prepare(unix, server);
    yield* unix.write(fd, new Uint8Array(1));
    const pid = yield* unix.fork(function* (child) {
      yield* child.write(fd, new Uint8Array(1));
      server.processes.get(yield* child.getpid()).library.pages.descriptor(fd).lock = 1;
      yield* call(child);
      went = true;
    });
    yield* system.sim.sleep(200_000_000);
    expect(yield* unix.write(fd, new Uint8Array(2))).toBe(2);
    expect(yield* unix.wait()).toEqual({ pid, status: 137 });
    expect(() => server.processes.get(pid)).toThrow("ESRCH");
    yield* after(unix);
    expect(yield* unix.write(fd, new Uint8Array(3)), "the Token of /f goes round").toBe(3);
    yield* unix.fork(function* (child) {
      expect(yield* child.write(fd, new Uint8Array(1))).toBe(1);
    });
    expect((yield* unix.wait()).status).toBe(0);
    dead = [...server.task.names.names()].filter((name) => server.task.names.rights(name).dead).length;
  });
  expect(went, "the killed process went on").toBe(false);
  expect(dead, "dead names that are left in the server").toBe(0);
  const pool = [...server.task.threads].filter(({ name, ended }) => name.startsWith("server thread") && !ended);
  for (const { queue } of pool) expect(queue?.describe(), "where a thread of the pool sleeps").toMatch(/requests of BSD4.3 server/);
  soundImage(system);
}

describe("a process that is killed while the server sleeps for it", () => {
  let [reader, writer, other] = [0, 0, 0];
  const makePipe = function* (unix: Unix): Steps {
    [reader, writer] = yield* unix.pipe();
  };

  it("in a read from a pipe: what is written then is for others", () => {
    killedIn((child) => child.read(reader, 10), makePipe, function* (unix) {
      yield* unix.write(writer, Uint8Array.of(7, 8));
      expect([...(yield* unix.read(reader, 10))]).toEqual([7, 8]);
      yield* unix.close(writer);
      expect((yield* unix.read(reader, 10)).length, "nobody else has the other end").toBe(0);
    });
  });

  it("in a write to a full pipe: no byte of it comes after that", () => {
    killedIn((child) => child.write(writer, new Uint8Array(3000).fill(2)), function* (unix) {
      yield* makePipe(unix);
      yield* unix.write(writer, new Uint8Array(4000).fill(1));
    }, function* (unix) {
      expect((yield* unix.read(reader, 8000)).length).toBe(4000);
      yield* unix.close(writer);
      expect((yield* unix.read(reader, 8000)).length).toBe(0);
    });
  });

  it("in a long write to a pipe: what went in is there, and no byte comes after that", () => {
    killedIn((child) => child.write(writer, new Uint8Array(30_000).fill(2)), makePipe, function* (unix) {
      expect((yield* unix.read(reader, 8000)).length).toBe(4096);
      yield* unix.close(writer);
      expect((yield* unix.read(reader, 8000)).length).toBe(0);
    });
  });

  it("in wait(): the grandchild goes on and ends", () => {
    let [waited, ended] = [false, false];
    killedIn(function* (child) {
      yield* child.fork(function* (grandchild) {
        yield* grandchild.read(reader, 1);
        ended = true;
      });
      yield* child.wait();
      waited = true;
    }, makePipe, function* (unix) {
      yield* unix.write(writer, Uint8Array.of(1));
      while (!ended) yield* unix.write(writer, new Uint8Array(0));
    });
    expect([waited, ended]).toEqual([false, true]);
  });

  it("in open() of a named pipe: the end that it had is gone", () => {
    let met = false;
    killedIn((child) => child.open("/fifo", { access: "write" }), (unix) => unix.mkfifo("/fifo"), function* (unix) {
      yield* unix.fork(function* (one) {
        const fd = yield* one.open("/fifo", { access: "read" });
        met = true;
        yield* one.read(fd, 1);
      });
      yield* unix.stat("/fifo");
      expect(met, "a reader meets the writer that was killed").toBe(false);
      yield* unix.close(yield* unix.open("/fifo", { access: "write" }));
      yield* unix.wait();
      expect(met).toBe(true);
    });
  });

  it("in a request for the Token of another file, which its holder keeps, and others get after that", () => {
    killedIn((child) => child.write(other, new Uint8Array(1)), function* (unix, server) {
      other = yield* unix.open("/other", { create: true });
      yield* unix.write(other, new Uint8Array(3));
      server.processes.get(yield* unix.getpid()).library.pages.descriptor(other).inUse = 1; // as in the middle of a long read
    }, function* (unix) {
      yield* unix.lseek(other, 0);
      expect((yield* unix.read(other, 10)).length, "what the killed one was about to write").toBe(3);
      yield* unix.fork(function* (child) {
        yield* child.write(other, new Uint8Array(5));
      });
      yield* unix.wait();
      expect((yield* unix.stat("/other")).size).toBe(8);
    });
  });
});
