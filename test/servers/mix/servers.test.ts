import { describe, expect, it } from "vitest";
import type { Steps } from "../../../lib/engine/index.ts";
import { check } from "../../../lib/fs/check.ts";
import type { Mix } from "../../../lib/servers/mix/mix.ts";
import type { Unix } from "../../../lib/unix/interface.ts";
import { pattern, perform, rig } from "./rig.ts";

const modes = ["supervisor", "user"] as const;

function* failing(steps: Steps<unknown>): Steps<string> {
  try {
    yield* steps;
    return "no error";
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe.each(modes)("a full disk, servers in %s space", (servers) => {
  it("shows at write(), before any byte is lost, and everything comes back with unlink()", () => {
    const { run, sites, sim } = rig({ values: { structure: { servers }, om: { swapMB: 10 } }, sizeMB: 4 });
    const [mix] = sites as [Mix];
    const before = mix.freeBlocks;
    const bytes = pattern(5, 65536);
    run(function* (unix: Unix) {
      const fd = yield* unix.open("/big", { create: true });
      let written = 0;
      let last = bytes.length;
      while (last === bytes.length) {
        const outcome = yield* partial(unix, fd, bytes);
        last = outcome;
        written += Math.max(0, outcome);
      }
      expect(written).toBeGreaterThan(1_000_000);
      expect(yield* failing(unix.write(fd, bytes.subarray(0, 8192)))).toBe("ENOSPC");
      expect((yield* unix.stat("/big")).size).toBe(written);
      yield* unix.lseek(fd, 0);
      for (let at = 0; at < written; at += bytes.length) {
        const found = yield* unix.read(fd, bytes.length);
        expect(Buffer.compare(found, bytes.subarray(0, found.length))).toBe(0);
      }
      yield* unix.close(fd);
      yield* unix.unlink("/big");
    });
    expect(mix.freeBlocks).toBe(before);
    perform(sim, mix, mix.unmount());
    expect(check(mix.machine.controller.store)).toEqual([]);
  });
});

function* partial(unix: Unix, fd: number, bytes: Uint8Array): Steps<number> {
  try {
    return yield* unix.write(fd, bytes);
  } catch {
    return -1;
  }
}

describe.each(modes)("streams, servers in %s space", (servers) => {
  it("carry bytes in order from several writers, each write whole, and end when the last of them has closed", () => {
    const { run } = rig({ values: { structure: { servers, serverThreads: 1 } } });
    const received = run(function* (unix: Unix) {
      const [readFd, writeFd] = yield* unix.pipe();
      for (const value of [1, 2, 3]) {
        yield* unix.fork(function* (child) {
          for (let i = 0; i < 20; i++) yield* child.write(writeFd, new Uint8Array(500).fill(value));
        });
      }
      yield* unix.close(writeFd);
      const all: number[] = [];
      for (;;) {
        const bytes = yield* unix.read(readFd, 700);
        if (bytes.length === 0) break;
        all.push(...bytes);
      }
      for (let i = 0; i < 3; i++) yield* unix.wait();
      return all;
    });
    expect(received).toHaveLength(3 * 20 * 500);
    for (let at = 0; at < received.length; at += 500) expect(new Set(received.slice(at, at + 500)).size).toBe(1);
  });
});

describe("the Object Manager", () => {
  it("gives all opens of a file the same capability, and Process Managers ask nothing while they have the Token", () => {
    const { run, sites } = rig();
    const { nucleus } = sites[0];
    run(function* (unix: Unix) {
      const one = yield* unix.open("/f", { create: true });
      yield* unix.write(one, pattern(1, 4096));
      const caches = nucleus.memory.caches;
      const two = yield* unix.open("/f");
      yield* unix.read(two, 10);
      expect(nucleus.memory.caches).toBe(caches);
      const before = nucleus.counters.messages;
      for (let i = 0; i < 10; i++) {
        yield* unix.lseek(one, 0);
        yield* unix.write(one, Uint8Array.of(i));
        yield* unix.lseek(two, 0);
        expect((yield* unix.read(two, 1))[0]).toBe(i);
      }
      expect(nucleus.counters.messages).toBe(before);
    });
  });

  it("keeps a file without a name for those who have it open, and its blocks go with the last of them", () => {
    const { run, sites } = rig();
    const [mix] = sites as [Mix];
    const before = mix.freeBlocks;
    run(function* (unix: Unix) {
      const fd = yield* unix.open("/f", { create: true });
      yield* unix.write(fd, pattern(1, 20_000));
      yield* unix.unlink("/f");
      yield* unix.lseek(fd, 0);
      expect(yield* unix.read(fd, 20_000)).toEqual(pattern(1, 20_000));
      yield* unix.close(fd);
    });
    expect(mix.freeBlocks).toBe(before);
    expect(mix.nucleus.memory.caches).toBe(0);
  });
});

describe("page-out under memory shortage", () => {
  const writeMuch = (asyncPushOut: boolean): number => {
    const { run, sites, sim } = rig({ sizeMB: 2, values: { om: { asyncPushOut, asyncPushOuts: 16 } } });
    const bytes = pattern(9, 32768);
    run(function* (unix: Unix) {
      const fd = yield* unix.open("/f", { create: true });
      for (let i = 0; i < 100; i++) yield* unix.write(fd, bytes);
      yield* unix.lseek(fd, 0);
      for (let i = 0; i < 100; i++) expect(Buffer.compare(yield* unix.read(fd, 32768), bytes)).toBe(0);
    });
    expect(sites[0].nucleus.counters.pushOuts).toBeGreaterThan(100);
    expect(sites[0].nucleus.counters.lostPages).toBe(0);
    return sim.now;
  };

  it("saves what was written, and takes less time when it is asynchronous", () => {
    expect(writeMuch(true)).toBeLessThan(writeMuch(false));
  });
});
