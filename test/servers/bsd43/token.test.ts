/** The Token and the share lock between real processes; interleavings.test.ts has them in thousands of orders. */
import { describe, expect, it } from "vitest";
import { boot } from "../../../lib/systems/boot.ts";
import type { Bsd43Server } from "../../../lib/servers/bsd43/server.ts";
import type { Steps } from "../../../lib/engine/index.ts";

const machine = { base: "hp-vectra", disk: { cylinders: 40 }, memory: { sizeMB: 2 } } as const;
describe("the Token", () => {
  it("goes from passive to active without a message", () => {
    const system = boot("mach3", { machine });
    const { kernel } = system.os as unknown as Bsd43Server;
    system.run(function* (unix) {
      const fd = yield* unix.open("/f", { create: true });
      yield* unix.write(fd, new Uint8Array(4096));
      const { messages } = kernel.counters;
      for (let i = 0; i < 50; i++) {
        yield* unix.lseek(fd, 0);
        yield* unix.read(fd, 100);
        yield* unix.write(fd, new Uint8Array(100));
        yield* unix.getpid();
      }
      expect(kernel.counters.messages).toBe(messages);
    });
  });

  it("is taken from a library that never releases its share lock, which is killed; the others go on", () => {
    const system = boot("mach3", { machine, server: { lockTimeoutMs: 100 } });
    const server = system.os as unknown as Bsd43Server;
    const written = system.run(function* (unix) {
      const fd = yield* unix.open("/f", { create: true });
      const pid = yield* unix.fork(function* (self): Steps {
        yield* self.write(fd, new Uint8Array([1, 2, 3]));
        server.processes.get(yield* self.getpid()).library.pages.descriptor(fd).lock = 1; // overwrites its own library's memory
        for (;;) yield* system.sim.sleep(1_000_000); // and computes for ever
      });
      yield* system.sim.sleep(200_000_000);
      const count = yield* unix.write(fd, new Uint8Array([4, 5]));
      expect(yield* unix.wait()).toEqual({ pid, status: 137 });
      return count;
    });
    expect(written).toBe(2);
  });

  it("a client that releases its lock late is waited for", () => {
    const system = boot("mach3", { machine, server: { lockTimeoutMs: 500 } });
    const server = system.os as unknown as Bsd43Server;
    system.run(function* (unix) {
      const fd = yield* unix.open("/f", { create: true });
      yield* unix.fork(function* (self): Steps<number> {
        yield* self.write(fd, new Uint8Array([1, 2, 3]));
        const { library } = server.processes.get(yield* self.getpid());
        const d = library.pages.descriptor(fd);
        d.lock = 1;
        yield* system.sim.sleep(300_000_000);
        d.lock = 0;
        if (d.needWakeup === 1) {
          d.needWakeup = 0;
          yield* library.call("lock_wakeup", [fd]);
        }
        return 7;
      });
      yield* system.sim.sleep(100_000_000);
      const begin = system.sim.now;
      expect(yield* unix.write(fd, new Uint8Array([4]))).toBe(1);
      expect((system.sim.now - begin) / 1e6).toBeGreaterThan(190);
      expect((yield* unix.wait()).status).toBe(7);
      yield* unix.lseek(fd, 0);
      expect([...(yield* unix.read(fd, 9))]).toEqual([1, 2, 3, 4]);
    });
  });
});
