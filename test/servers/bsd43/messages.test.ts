/**
 * Which calls take messages, section 3.1.1: what a client "can already get through querying" and what it
 * "can already set" is in the shared pages; all else is sent to the server.
 */
import { describe, expect, it } from "vitest";
import type { Steps } from "../../../lib/engine/index.ts";
import { boot } from "../../../lib/systems/boot.ts";
import type { BootOptions } from "../../../lib/systems/boot.ts";
import type { Bsd43Server } from "../../../lib/servers/bsd43/server.ts";
import type { Unix } from "../../../lib/unix/interface.ts";

const machine = { base: "hp-vectra", disk: { cylinders: 40 }, memory: { sizeMB: 2 } } as const;

type Attempt = (unix: Unix, fd: number) => Steps<unknown>;

const local: Record<string, Attempt> = {
  getpid: (unix) => unix.getpid(),
  getuid: (unix) => unix.getuid(),
  getrlimit: (unix) => unix.getrlimit("nofile"),
  sigblock: (unix) => unix.sigblock(1),
  sigsetmask: (unix) => unix.sigsetmask(1),
  "lseek of a mapped file": (unix, fd) => unix.lseek(fd, 0),
  "read of a mapped file": (unix, fd) => unix.read(fd, 100),
  "write of a mapped file": (unix, fd) => unix.write(fd, new Uint8Array(10)),
};

const remote: Record<string, Attempt> = {
  open: (unix) => unix.open("/file"),
  stat: (unix) => unix.stat("/file"),
  mkdir: (unix) => unix.mkdir("/dir"),
  pipe: (unix) => unix.pipe(),
};

/** Messages that each attempt takes, made for the second time. */
function messagesOf(attempts: Record<string, Attempt>, options: BootOptions<"mach3"> = {}): Record<string, number> {
  const system = boot("mach3", { machine, ...options });
  const { counters } = (system.os as unknown as Bsd43Server).kernel;
  const found: Record<string, number> = {};
  system.run(function* (unix) {
    const fd = yield* unix.open("/file", { create: true });
    yield* unix.write(fd, new Uint8Array(4096));
    for (const [name, attempt] of Object.entries(attempts)) {
      const before = counters.messages;
      yield* attempt(unix, fd);
      found[name] = counters.messages - before;
    }
  });
  return found;
}

describe("messages of a call", () => {
  it("none where the library and the shared pages know it all", () => {
    expect(messagesOf(local)).toEqual(Object.fromEntries(Object.keys(local).map((name) => [name, 0])));
  });

  it("one there and one back where the server is asked", () => {
    expect(Object.values(messagesOf(remote)).every((count) => count >= 2)).toBe(true);
    expect(messagesOf({ pipe: remote["pipe"]! })).toEqual({ pipe: 2 });
  });

  it("without shared pages what was local is asked of the server, with the same answers", () => {
    const counts = messagesOf(local, { mapping: { sharedPages: false } });
    for (const name of ["getpid", "getuid", "getrlimit", "sigblock", "sigsetmask"]) expect([name, counts[name]]).toEqual([name, 2]);
    const answers = (sharedPages: boolean) => boot("mach3", { machine, mapping: { sharedPages } }).run(function* (unix) {
      yield* unix.sigsetmask(6);
      return [yield* unix.getpid(), yield* unix.getuid(), yield* unix.getrlimit("nofile"), yield* unix.getrlimit("cpu"), yield* unix.sigblock(1), yield* unix.sigsetmask(0)];
    });
    expect(answers(false)).toEqual(answers(true));
  });
});
