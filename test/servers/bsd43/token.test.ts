/** The Token between real processes: taken back and forth, in orders that come from seeds. */
import { describe, expect, it } from "vitest";
import { boot } from "../../../lib/systems/boot.ts";
import type { Bsd43Server } from "../../../lib/servers/bsd43/server.ts";
import { RandomStream } from "../../../lib/engine/index.ts";
import type { Steps } from "../../../lib/engine/index.ts";
import type { Unix } from "../../../lib/unix/interface.ts";

const machine = { base: "hp-vectra", disk: { cylinders: 40 }, memory: { sizeMB: 2 } } as const;
const SEEDS = Number(process.env.RUNS ?? 250);
const FIRST = Number(process.env.SEED ?? 1);

/**
 * Three processes share a file and one file pointer; each writes or reads records of its own number, and
 * sleeps random times between. Every record must be written once and whole, and read by one reader.
 */
function play(seed: number): { transfers: number } {
  const chance = new RandomStream(seed, "token test");
  const system = boot("mach3", { machine, seed });
  const server = system.os as unknown as Bsd43Server;
  const RECORD = 100 + chance.integer(0, 6000);
  const RECORDS = 8;
  const pause = (): number => chance.integer(0, 3_000_000) * chance.integer(0, 1);
  const read: number[] = [];
  system.run(function* (unix) {
    const shared = yield* unix.open("/shared", { create: true });
    const own = (id: number) => function* (self: Unix): Steps {
      const append = yield* self.open("/appended", { create: true, append: true });
      for (let i = 0; i < RECORDS; i++) {
        yield* system.sim.sleep(pause());
        yield* self.write(shared, new Uint8Array(RECORD).fill(id * RECORDS + i + 1));
        yield* system.sim.sleep(pause());
        yield* self.write(append, new Uint8Array(10).fill(id * RECORDS + i + 1));
      }
    };
    for (const id of [0, 1, 2]) yield* unix.fork(own(id));
    for (let i = 0; i < 3; i++) yield* unix.wait();
    expect(yield* unix.lseek(shared, 0, "current"), `seed ${seed}: the pointer`).toBe(3 * RECORDS * RECORD);
    yield* unix.lseek(shared, 0);
    const reader = function* (self: Unix): Steps {
      for (;;) {
        yield* system.sim.sleep(pause());
        const record = yield* self.read(shared, RECORD);
        if (record.length === 0) return;
        expect(record.every((byte) => byte === record[0]), `seed ${seed}: a whole record`).toBe(true);
        read.push(record[0]!);
      }
    };
    for (let i = 0; i < 3; i++) yield* unix.fork(reader);
    for (let i = 0; i < 3; i++) yield* unix.wait();
    const appended = yield* unix.open("/appended");
    const bytes = yield* unix.read(appended, 10_000);
    expect(bytes.length, `seed ${seed}: appended`).toBe(3 * RECORDS * 10);
    const counts = new Map<number, number>();
    for (const byte of bytes) counts.set(byte, (counts.get(byte) ?? 0) + 1);
    expect([...counts.values()].every((count) => count === 10)).toBe(true);
  });
  expect(read.sort((a, b) => a - b), `seed ${seed}: each record once`).toEqual(Array.from({ length: 3 * RECORDS }, (_, i) => i + 1));
  return { transfers: server.tokens.transfers };
}

describe("the Token", () => {
  it(`loses no record and no append in ${SEEDS} orders of three processes, ${20 * SEEDS} transfers and more`, () => {
    let transfers = 0;
    for (let seed = FIRST; seed < FIRST + SEEDS; seed++) transfers += play(seed).transfers;
    expect(transfers).toBeGreaterThan(20 * SEEDS);
  });

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
