/** boot(): what may be asked for, and that a run depends on nothing else. */
import { describe, expect, test } from "vitest";
import { InputError } from "../../lib/schema/index.ts";
import { boot, machineNames, machineParameters, systemNames, systemParameters } from "../../lib/systems/boot.ts";
import type { BootOptions, SystemName } from "../../lib/systems/boot.ts";
import type { System } from "../../lib/systems/system.ts";
import { rawRead } from "../../lib/workloads/raw.ts";
import { sequentialRead, sequentialWrite } from "../../lib/workloads/files.ts";

const KB = 1024;

/** The message of the InputError that `action` throws. */
function complaint(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return (error as InputError).message;
  }
  throw new Error("nothing was complained of");
}

describe("one line says what is wrong, where, and what is allowed", () => {
  test.each<[string, unknown, RegExp]>([
    ["an unknown machine", { machine: "hp-vector" }, /^options of mach26: machine: "hp-vector" is not allowed; nearest is "hp-vectra"/],
    ["an unknown base", { machine: { base: "compact" } }, /machine\.base: "compact" is not allowed; nearest is "compaq"/],
    ["an unknown option", { sede: 3 }, /unknown name "sede"; nearest is "seed"/],
    ["an unknown group of a machine", { machine: { disc: { rpm: 3600 } } }, /machine: unknown name "disc"; nearest is "disk"/],
    ["an unknown value of a machine", { machine: { disk: { rmp: 3600 } } }, /machine\.disk: unknown name "rmp"; nearest is "rpm"/],
    ["an unknown cost", { costs: { reedUs: 1 } }, /costs: unknown name "reedUs"; nearest is "readUs"/],
    ["another system's cost", { costs: { segmapUs: 1 } }, /costs: unknown name "segmapUs"/],
    ["a word for a number", { machine: { disk: { rpm: "fast" } } }, /machine\.disk\.rpm: expected number, found "fast"/],
    ["a number too small", { machine: { disk: { rpm: 0 } } }, /machine\.disk\.rpm: .*>=1, found 0/],
    ["a negative cost", { costs: { readUs: -5 } }, /costs\.readUs: .*>=0, found -5/],
    ["no number", { costs: { readUs: Number.NaN } }, /costs\.readUs: .*found NaN/],
    ["half a head", { machine: { disk: { heads: 1.5 } } }, /machine\.disk\.heads: expected whole number, found 1\.5/],
    ["an unknown word", { machine: { controller: { lookAhead: "strem" } } }, /machine\.controller\.lookAhead: "strem" is not allowed; nearest is "stream"/],
    ["a seed that is no integer", { seed: 0.5 }, /seed: expected whole number, found 0\.5/],
    ["options that are none", 5, /^options of mach26: expected object, found 5/],
    ["a block size that no file system has", { fileSystem: { blockBytes: 5000 } }, /blockBytes is 4096 or 8192, found 5000/],
    ["a disk too small", { machine: { disk: { cylinders: 1, heads: 1 } } }, /disk of 4 blocks is too small/],
    ["more buffers than memory", { kernel: { bufferCachePercent: 200 } }, /memory has no room for 8192 buffers/],
    ["a path longer than memory", { kernel: { pathBytes: 1e9 } }, /^kernel\.pathBytes: expected 16777216 at most, the memory of the machine, found 1000000000$/],
    ["half a sector of a raw transfer", { kernel: { rawTransferBytes: 4352 } }, /^options of mach26: kernel\.rawTransferBytes: must be a multiple of 512, found 4352/],
    ["a part that is dearer than the whole", { costs: { bmapUs: 500 } }, /^costs\.readUs: 390 - 79 - 61 - bmapUs - bufferHitUs comes to -310 with these options/],
    ["a clock that leaves no time", { machine: { processor: { tickUs: 10_000 } } }, /machine\.processor\.tickUs: expected less than the 10000 µs/],
    ["a processor too slow for its clock", { machine: { processor: { speed: 0.002 } } }, /machine\.processor\.tickUs: expected less than the 20 µs .*found 40/],
    ["a cache that is no power of 2", { machine: { cache: { sizeKB: 33 } } }, /machine\.cache\.sizeKB: expected a power of 2, found 33/],
    ["a cache that slows copies down", { machine: { cache: { copyCachedUs: 500 } } }, /machine\.cache\.copyUncachedUs: expected copyCachedUs, 500, or more/],
    ["memory that an 80386 cannot address", { machine: { memory: { sizeMB: 1e6 } } }, /machine\.memory\.sizeMB: expected 4096 at most/],
  ])("%s", (_what, options, message) => {
    const text = complaint(() => boot("mach26", options as BootOptions<"mach26">));
    expect(text).toMatch(message);
    expect(text).not.toContain("\n");
  });

  test("an unknown system", () => {
    expect(complaint(() => boot("mach27" as SystemName))).toBe('unknown system "mach27"; nearest is "mach26" (of mach3, mach26, mix, svr4)');
    expect(complaint(() => boot("constructor" as SystemName))).toMatch(/^unknown system "constructor"/);
    expect(complaint(() => systemParameters("svr5" as SystemName))).toMatch(/nearest is "svr4"/);
    expect(complaint(() => machineParameters("compact" as "compaq"))).toMatch(/^unknown machine "compact"; nearest is "compaq"/);
  });
});

test("a quantum ends with a clock interrupt, however short it is said to be", () => {
  const ends = [0, 1, 10].map((quantumMs) => {
    const system = boot("mach26", { machine: { processor: { quantumMs } } });
    system.run(function* (unix) {
      yield* unix.creat("/file");
      for (let i = 0; i < 3; i++) yield* unix.fork(function* (child) {
        const fd = yield* child.open("/file");
        for (let written = 0; written < 20; written++) yield* child.write(fd, new Uint8Array(8192));
      });
      for (let i = 0; i < 3; i++) yield* unix.wait();
    });
    return [system.sim.now, system.machine.processor.switches];
  });
  expect(ends[0]).toEqual(ends[2]);
  expect(ends[1]).toEqual(ends[2]);
});

/** Some work, and everything by which another run could differ. */
function fingerprint(system: System): unknown {
  const read = sequentialRead(system, { fileBytes: 150 * KB });
  const write = sequentialWrite(system, { fileBytes: 150 * KB });
  const { processor, copiedBytes, controller } = system.machine;
  return [read, write, system.sim.now, system.sim.events, processor.statistics, Object.fromEntries(processor.interrupts), copiedBytes, controller.arm.seeks];
}

describe.each(systemNames)("%s", (name) => {
  test.each(machineNames)("boots on %s and moves data", (machine) => {
    const system = boot(name, { machine });
    expect(system.machine.spec.disk).toEqual(machineParameters(machine).values.disk);
    const bytes = Uint8Array.from({ length: 10_000 }, (_, i) => i % 251);
    const result = system.run(function* (unix) {
      const fd = yield* unix.creat("/file");
      yield* unix.write(fd, bytes);
      yield* unix.close(fd);
      return yield* unix.read(yield* unix.open("/file"), 20_000);
    });
    expect(result).toEqual(bytes);
    expect(system.image().read("/file")).toEqual(bytes);
  });

  test("the same seed gives the same to the last bit", () => {
    expect(fingerprint(boot(name, { seed: 7 }))).toEqual(fingerprint(boot(name, { seed: 7 })));
  });

  test("other seeds find the platter at another angle and the clock at another phase", () => {
    const seeds = Array.from({ length: 8 }, (_, i) => i);
    const firstRead = seeds.map((seed) => rawRead(boot(name, { seed }), { readBytes: 512 * 7, reads: 1 }).elapsedNs);
    const phase = seeds.map((seed) => firstTick(boot(name, { seed })) % 10_000_000);
    expect(new Set(firstRead).size).toBeGreaterThan(4);
    expect(new Set(phase).size).toBe(8);
  });

  test("a system does not feel another in the same process", () => {
    const alone = boot(name, { seed: 3 });
    const expected = [sequentialRead(alone, { fileBytes: 60 * KB }), fingerprint(alone)];
    const one = boot(name, { seed: 3 });
    const other = boot(name === "svr4" ? "mach26" : "svr4", { seed: 4 });
    const first = sequentialRead(one, { fileBytes: 60 * KB });
    fingerprint(other);
    expect([first, fingerprint(one)]).toEqual(expected);
  });
});

/** When the next clock interrupt of a system comes. */
function firstTick(system: System): number {
  const { processor } = system.machine;
  const interrupt = processor.interrupt.bind(processor);
  let time: number | undefined;
  processor.interrupt = (interruptName, costNs, effect) => {
    if (interruptName === "clock") time ??= system.sim.now;
    interrupt(interruptName, costNs, effect);
  };
  system.run(() => system.sim.sleep(11_000_000));
  return time!;
}

describe("what-if", () => {
  test("a machine's values can be changed by their path, on either base", () => {
    const { spec } = boot("mach26", { machine: { base: "compaq", disk: { rpm: 5400 }, memory: { sizeMB: 8 } } }).machine;
    const { disk, memory, ...rest } = machineParameters("compaq").values;
    expect(spec).toEqual({ ...rest, disk: { ...disk, rpm: 5400 }, memory: { ...memory, sizeMB: 8 } });
  });

  test("without a base it is the machine of the paper", () => {
    expect(boot("svr4", { machine: { disk: { rpm: 5400 } } }).machine.spec.disk).toEqual({ ...machineParameters("compaq").values.disk, rpm: 5400 });
  });

  test("a change shows in the results, and in nobody else's", () => {
    const before = sequentialRead(boot("mach26"), { fileBytes: 150 * KB });
    const slower = sequentialRead(boot("mach26", { machine: { disk: { rpm: 1800 } } }), { fileBytes: 150 * KB });
    expect(slower.kbPerSec).toBeLessThan(0.75 * before.kbPerSec);
    expect(sequentialRead(boot("mach26"), { fileBytes: 150 * KB })).toEqual(before);
  });

  test("undefined is as good as not said", () => {
    const options = { seed: undefined, machine: { disk: { rpm: undefined } }, costs: { readUs: undefined } } as unknown as BootOptions<"mach26">;
    expect(sequentialRead(boot("mach26", options), { fileBytes: 20 * KB })).toEqual(sequentialRead(boot("mach26"), { fileBytes: 20 * KB }));
  });
});

describe("files prepared on the disk", () => {
  test("are not in memory", () => {
    const system = boot("svr4");
    system.prepare({ "/dir/file": Uint8Array.of(1, 2, 3), "/zeros": 5000 });
    const moved = system.machine.controller.sectorsMoved;
    const found = system.run(function* (unix) {
      return [yield* unix.read(yield* unix.open("/dir/file"), 10), (yield* unix.stat("/zeros")).size];
    });
    expect(found).toEqual([Uint8Array.of(1, 2, 3), 5000]);
    expect(system.machine.controller.sectorsMoved).toBeGreaterThan(moved);
  });

  test("when one does not fit the disk, the system lives on without it", () => {
    const system = boot("mach26", { machine: { disk: { cylinders: 20 } } });
    expect(() => system.prepare({ "/small": 10, "/large": 1e9 })).toThrow("ENOSPC");
    expect(complaint(() => system.prepare({ "/half": 0.5 }))).toMatch(/^files to prepare: \/half: .*found 0\.5$/);
    expect(system.image().files).toEqual(["/small"]);
    expect(system.run((unix) => unix.getpid())).toBeGreaterThan(0);
  });
});
