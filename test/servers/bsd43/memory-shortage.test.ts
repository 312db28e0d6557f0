/** Too little memory makes the system slow, or a call fail with an errno; it never ends the simulation. */
import { describe, expect, it } from "vitest";
import { boot } from "../../../lib/systems/boot.ts";
import type { BootOptions } from "../../../lib/systems/boot.ts";
import type { System } from "../../../lib/systems/system.ts";
import { UnixError } from "../../../lib/fs/errno.ts";
import { errorOf, soundImage } from "../../unix/small.ts";

const KB = 1024;
const straight = { interface: "data_supply", throughBufferCache: false, readBytes: 64 * KB, readAhead: 4 } as const;
const bytes = Uint8Array.from({ length: 900_000 }, (_, i) => (i * 7 + (i >> 9)) & 255);

/** What each of `processes` gets that read all of a file with one call, at the same time; at last one reads a little. */
function readAtOnce(options: BootOptions<"mach3">, processes: number): string[] {
  const system = boot("mach3", options);
  system.prepare({ "/big": bytes });
  const got: string[] = [];
  system.run(function* (unix) {
    for (let i = 0; i < processes; i++) yield* unix.fork(function* (child) {
      try {
        const read = yield* child.read(yield* child.open("/big"), bytes.length);
        got.push(Buffer.compare(read, bytes) === 0 ? "all" : "something else");
      } catch (error) {
        if (!(error instanceof UnixError)) throw error;
        got.push(error.code);
      }
    });
    for (let i = 0; i < processes; i++) yield* unix.wait();
    got.push(`${(yield* unix.read(yield* unix.open("/big"), 100_000)).length} bytes`);
  });
  return got;
}

describe("processes that need more than there is", () => {
  it.each<[string, BootOptions<"mach3">]>([
    ["by way of the buffer cache", {}],
    ["straight from the disk", { pager: straight }],
    ["with the driver in the server", { pager: straight, mapping: { deviceDriver: "server" } }],
    ["out of line, since it is not mapped", { mapping: { mappedFiles: false } }],
  ])("read what is in the file, %s", (_how, options) => {
    expect(readAtOnce({ machine: { memory: { sizeMB: 2 } }, ...options }, 3)).toEqual(["all", "all", "all", "100000 bytes"]);
    expect(readAtOnce({ machine: { memory: { sizeMB: 1 } }, ...options }, 1)).toEqual(["all", "100000 bytes"]);
  });

  it("get ENOMEM when swap space is full too, keep what they have, and go on with less", () => {
    for (const options of [{}, { pager: straight }, { structure: { calls: "handler" } }] satisfies BootOptions<"mach3">[]) {
      const system = boot("mach3", { machine: { memory: { sizeMB: 2 }, disk: { cylinders: 60 } }, server: { swapPercent: 0 }, ...options });
      system.prepare({ "/big": bytes, "/vast": 1_900_000 });
      const free = system.machine.memory.freeFrames;
      system.run(function* (unix) {
        for (let i = 0; i < 3; i++) yield* unix.fork(function* (child) {
          const fd = yield* child.open("/vast");
          expect(yield* errorOf(child.read(fd, 1_900_000))).toBe("ENOMEM");
          const big = yield* child.open("/big");
          expect(Buffer.compare(yield* child.read(big, 100_000), bytes.subarray(0, 100_000))).toBe(0);
          expect(yield* child.write(big, bytes.subarray(100_000, 200_000))).toBe(100_000);
          return 7;
        });
        for (let i = 0; i < 3; i++) expect((yield* unix.wait()).status).toBe(7);
      });
      expect(Buffer.compare(soundImage(system).read("/big"), bytes)).toBe(0);
      expect(system.machine.memory.freeFrames).toBeGreaterThan(free - 300);
    }
  });
});

describe("a process that has lost pages of its memory to a broken swap device", () => {
  const swapPercent = 20;

  it.each([true, false])("gets an error, and reads and writes again when the device works again; files mapped: %s", (mappedFiles) => {
    const system = boot("mach3", { machine: { memory: { sizeMB: 1 }, disk: { cylinders: 60 } }, server: { swapPercent }, mapping: { mappedFiles } });
    system.prepare({ "/big": bytes });
    const { controller } = system.machine;
    const swap = Math.floor(controller.store.sectors * (1 - swapPercent / 100));
    const issue = controller.issue.bind(controller);
    let broken = true;
    controller.issue = (command) => issue(broken && command.op === "write" && command.sector >= swap ? { ...command, done: () => command.done("EIO") } : command);
    system.run(function* (unix) {
      const fd = yield* unix.open("/big");
      expect(mappedFiles ? ["EIO"] : ["EIO", "ENOMEM"], "lost by the process, or by the server").toContain(yield* errorOf(unix.read(fd, bytes.length)));
      yield* unix.lseek(fd, 0);
      yield* errorOf(unix.write(fd, bytes));
      broken = false;
      for (let times = 0; times < 2; times++) {
        yield* unix.lseek(fd, 0);
        expect(Buffer.compare(yield* unix.read(fd, bytes.length), bytes)).toBe(0);
      }
      yield* unix.lseek(fd, 0);
      expect(yield* unix.write(fd, bytes.subarray(0, 700_000))).toBe(700_000);
    });
    expect(Buffer.compare(soundImage(system).read("/big"), bytes)).toBe(0);
  });
});

it("a fork() for which there is no memory, or no place in the table, leaves nothing behind, and its parent has nobody to wait for", () => {
  for (const [sizeMB, expected] of [[1, "ENOMEM"], [16, "EAGAIN"]] as const) {
    const system = boot("mach3", { machine: { memory: { sizeMB } } });
    const outcome = () => system.run(function* (unix) {
      let [forked, error, ended] = [0, "none", 0];
      for (; error === "none"; forked++) error = yield* errorOf(unix.fork(function* () {
        yield* system.sim.sleep(300e9);
      }));
      expect(yield* errorOf(unix.fork(function* () {}))).toBe(expected);
      for (; (yield* errorOf(unix.wait())) === "none"; ended++);
      return [forked - 1 - ended, error, system.machine.memory.freeFrames];
    });
    const first = outcome();
    expect(first.slice(0, 2)).toEqual([0, expected]);
    expect(outcome()).toEqual(first);
  }
});

describe("raw reads", () => {
  const MB = 1024 * KB;

  /** How long, in bytes, are the reads of `processes` at the same time, or their errnos. */
  function rawReads(readBytes: number, processes: number): (number | string)[] {
    const system = boot("mach3", { machine: { memory: { sizeMB: 4 } } });
    const got: (number | string)[] = [];
    system.run(function* (unix) {
      for (let i = 0; i < processes; i++) yield* unix.fork(function* (child) {
        try {
          got.push((yield* child.read(yield* child.open(system.rawDevice), readBytes)).length);
        } catch (error) {
          got.push((error as UnixError).code);
        }
      });
      for (let i = 0; i < processes; i++) yield* unix.wait();
    });
    return got;
  }

  it("of more than there can be fail, those that fit one at a time wait for each other", () => {
    expect(rawReads(4 * MB, 2)).toEqual(["ENOMEM", "ENOMEM"]);
    expect(rawReads(2 * MB, 3)).toEqual([2 * MB, 2 * MB, 2 * MB]);
  });
});

describe("what is read ahead", () => {
  const readers = (sizeMB: number): System => boot("mach3", { machine: { memory: { sizeMB } }, pager: { ...straight, readAhead: 16 }, fileSystem: { maxcontig: 16 } });
  const files = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`/file${i}`, 1_500_000]));
  /** Pages in the server's address space. */
  const pagesOf = (system: System): number => {
    const { task } = system.os as unknown as { task: { map: { entries(): { start: number; end: number }[] } } };
    return task.map.entries().reduce((sum, { start, end }) => sum + (end - start) / 4096, 0);
  };

  it("is given up when the file is closed, or read elsewhere", () => {
    const system = readers(16);
    system.prepare(files);
    const before = pagesOf(system);
    system.run(function* (unix) {
      const fd = yield* unix.open("/file0");
      const sequence = function* () {
        for (let i = 0; i < 20; i++) yield* unix.read(fd, 4 * KB);
        yield* system.sim.sleep(2e9); // it has all come
      };
      yield* sequence();
      const ahead = pagesOf(system) - before;
      expect(ahead).toBeGreaterThan(150);
      yield* unix.lseek(fd, 1_400_000);
      yield* unix.read(fd, 1);
      expect(pagesOf(system) - before).toBeLessThan(20);
      yield* unix.lseek(fd, 0);
      yield* unix.close(fd);
      const other = yield* unix.open("/file1");
      for (let i = 0; i < 20; i++) yield* unix.read(other, 4 * KB);
      yield* unix.close(other);
      yield* system.sim.sleep(2e9);
      expect(pagesOf(system) - before).toBeLessThan(20);
    });
  });

  it("for all open files together leaves most of the memory to others", () => {
    const system = readers(4);
    system.prepare(files);
    const before = pagesOf(system);
    system.run(function* (unix) {
      for (const path of Object.keys(files)) {
        const fd = yield* unix.open(path);
        for (let i = 0; i < 20; i++) yield* unix.read(fd, 4 * KB);
        expect(pagesOf(system) - before).toBeLessThan((4 * 256) / 3);
      }
    });
    expect(system.counts()["pageOuts"]).toBe(0);
  });
});
