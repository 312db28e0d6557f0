import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Steps } from "../../../lib/engine/index.ts";
import { check } from "../../../lib/fs/check.ts";
import { readImage } from "../../../lib/fs/image.ts";
import { boot } from "../../../lib/systems/boot.ts";
import type { Unix } from "../../../lib/unix/interface.ts";
import { mixOf } from "../../../lib/workloads/chorus.ts";
import { pattern, perform, rig } from "./rig.ts";

describe("two sites", () => {
  it("read and write one file through the same capability, and each sees what the other wrote", () => {
    const { run, sites } = rig({ sites: 2 });
    run(function* (unix) {
      const fd = yield* unix.open("/f", { create: true });
      yield* unix.write(fd, pattern(1, 10_000));
      yield* unix.close(fd);
    });
    const there = run(function* (unix) {
      const fd = yield* unix.open("/f");
      const bytes = yield* unix.read(fd, 20_000);
      yield* unix.lseek(fd, 5_000);
      yield* unix.write(fd, pattern(2, 10_000));
      yield* unix.close(fd);
      return bytes;
    }, 1);
    expect(there).toEqual(pattern(1, 10_000));
    const here = run(function* (unix) {
      const fd = yield* unix.open("/f");
      const bytes = yield* unix.read(fd, 20_000);
      yield* unix.close(fd);
      return [bytes, yield* unix.stat("/f")] as const;
    });
    expect(here[0]).toEqual(Uint8Array.of(...pattern(1, 10_000).subarray(0, 5_000), ...pattern(2, 10_000)));
    expect(here[1].size).toBe(15_000);
    expect(sites[1]!.nucleus.counters.remoteMessages).toBeGreaterThan(0);
  });

  it("take the size Token from each other while both have the file open", () => {
    const { run, sites, sim } = rig({ sites: 2 });
    const sizes: number[] = [];
    run(function* (unix) {
      const fd = yield* unix.open("/log", { create: true, append: true });
      yield* unix.write(fd, pattern(1, 100));
      const other = sites[1]!.execute(function* (remote) {
        const far = yield* remote.open("/log", { append: true });
        yield* remote.write(far, pattern(2, 100));
        sizes.push(yield* remote.lseek(far, 0, "end"));
        yield* remote.close(far);
      });
      yield* sim.join(other);
      sizes.push(yield* unix.lseek(fd, 0, "end"));
      yield* unix.write(fd, pattern(3, 100));
      yield* unix.lseek(fd, 0);
      expect(yield* unix.read(fd, 1000)).toEqual(Uint8Array.of(...pattern(1, 100), ...pattern(2, 100), ...pattern(3, 100)));
      yield* unix.close(fd);
    });
    expect(sizes).toEqual([200, 200]);
  });

  it("append to one file at once without losing a record", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 1, max: 12 }), fc.integer({ min: 10, max: 3000 }), (seed, records, bytes) => {
        const { run, together } = rig({ sites: 2, seed });
        const writer = (value: number) =>
          function* (unix: Parameters<Parameters<typeof run>[0]>[0]): Steps {
            const fd = yield* unix.open("/log", { create: true, append: true });
            for (let i = 0; i < records; i++) yield* unix.write(fd, new Uint8Array(bytes).fill(value + i));
            yield* unix.close(fd);
          };
        together([[0, writer(1)], [1, writer(101)], [0, writer(51)]]);
        const found = run(function* (unix) {
          const fd = yield* unix.open("/log");
          return yield* unix.read(fd, 3 * records * bytes + 1);
        });
        expect(found.length).toBe(3 * records * bytes);
        const values: number[] = [];
        for (let at = 0; at < found.length; at += bytes) {
          expect(new Set(found.subarray(at, at + bytes)).size).toBe(1);
          values.push(found[at]!);
        }
        expect([...values].sort((a, b) => a - b)).toEqual([1, 51, 101].flatMap((first) => Array.from({ length: records }, (_, i) => first + i)));
      }),
      { numRuns: 25 },
    );
  });
});

describe("programs on two sites that take turns at shared files", () => {
  const step = fc.record({
    site: fc.nat(1),
    file: fc.nat(1),
    act: fc.constantFrom("read", "write", "append", "truncate", "reopen", "fsync"),
    at: fc.nat(40_000),
    bytes: fc.nat(12_000),
  });

  it("see what one flat file would show, and leave it on the disk", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), fc.constantFrom(4096, 8192), fc.constantFrom("supervisor" as const, "user" as const), (steps, blockBytes, servers) => {
        const { sites, sim } = rig({ sites: 2, sizeMB: 4, values: { fileSystem: { blockBytes }, structure: { servers } } });
        const model = [new Uint8Array(), new Uint8Array()];
        const turn = { now: 0 };
        const program = (site: number) =>
          function* (unix: Parameters<Parameters<(typeof sites)[0]["execute"]>[0]>[0]): Steps {
            const fds = [0, 0];
            for (const file of [0, 1]) fds[file] = yield* unix.open(`/file${file}`, { create: true });
            for (const [index, { site: whose, file, act, at, bytes }] of steps.entries()) {
              while (turn.now < index) yield* sim.sleep(1_000_000);
              if (whose !== site) continue;
              const before = model[file]!;
              if (act === "read") {
                yield* unix.lseek(fds[file]!, at);
                const found = yield* unix.read(fds[file]!, bytes);
                if (Buffer.compare(found, before.subarray(at, at + bytes)) !== 0) throw new Error(`step ${index}: site ${site} read wrong bytes`);
              } else if (act === "write" || act === "append") {
                const where = act === "append" ? before.length : at;
                const fresh = pattern(index, bytes);
                yield* unix.lseek(fds[file]!, act === "append" ? 0 : at, act === "append" ? "end" : "set");
                expect(yield* unix.write(fds[file]!, fresh)).toBe(bytes);
                if (bytes > 0) {
                  const after = new Uint8Array(Math.max(before.length, where + bytes));
                  after.set(before);
                  after.set(fresh, where);
                  model[file] = after;
                }
              } else if (act === "truncate") {
                yield* unix.ftruncate(fds[file]!, at);
                const after = new Uint8Array(at);
                after.set(before.subarray(0, at));
                model[file] = after;
              } else if (act === "reopen") {
                yield* unix.close(fds[file]!);
                fds[file] = yield* unix.open(`/file${file}`);
              } else yield* unix.fsync(fds[file]!);
              turn.now = index + 1;
            }
            for (const fd of fds) yield* unix.close(fd);
          };
        sites.forEach((site, index) => site.execute(program(index)));
        sim.run();
        perform(sim, sites[0], sites[0].unmount());
        const image = readImage(sites[0].machine.controller.store);
        for (const file of [0, 1]) if (Buffer.compare(image.read(`/file${file}`), model[file]!) !== 0) throw new Error(`file${file} is wrong on the disk`);
        expect(check(sites[0].machine.controller.store)).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});

it("a named pipe, on UFS or on S5, joins processes of two sites", () => {
  for (const path of ["/pipe", "/s5/pipe"]) {
    const { run, together } = rig({ sites: 2, values: { om: { s5MB: 1 } } });
    run((unix) => unix.mkfifo(path));
    let got = new Uint8Array();
    together([
      [0, function* (unix) {
        const fd = yield* unix.open(path, { access: "read" });
        for (let piece = yield* unix.read(fd, 3000); piece.length > 0; piece = yield* unix.read(fd, 3000)) got = Uint8Array.of(...got, ...piece);
      }],
      [1, function* (unix) {
        const fd = yield* unix.open(path, { access: "write" });
        yield* unix.write(fd, pattern(1, 10_000));
      }],
    ]);
    expect(got).toEqual(pattern(1, 10_000));
    expect(run((unix) => unix.stat(path), 1).kind).toBe("fifo");
  }
});

it("a mandatory lock posted on one site keeps processes of the other out, and none waits for itself over both", () => {
  const order: string[] = [];
  const { together, sim } = rig({ sites: 2 });
  const both = (site: number, mine: number, other: number) =>
    [site, function* (unix: Unix): Steps {
      const fd = yield* unix.open("/f", { create: true });
      yield* unix.lseek(fd, mine);
      yield* unix.lockf(fd, "lock", 1);
      yield* sim.sleep(500_000_000); // the other has its lock too
      yield* unix.lseek(fd, other);
      try {
        yield* unix.write(fd, Uint8Array.of(site)); // the other's byte
        order.push(`${site} wrote`);
      } catch (error) {
        order.push((error as { code: string }).code);
      }
    }] as const;
  together([both(0, 0, 1), both(1, 1, 0)]);
  expect(order).toHaveLength(2);
  expect(order[0]).toBe("EDEADLK"); // and with its end its lock is gone
  expect(order[1]).toMatch(/wrote/);
});

describe("boot() with several sites", () => {
  const options = { structure: { sites: 2 } } as const;

  it("lets a program run on any of them, and refuses others", () => {
    const system = boot("mix", options);
    expect(system.sites).toBe(2);
    const pids = [1, 2].map((site) => system.run((unix) => unix.getpid(), { site }));
    expect(new Set(pids).size).toBe(2);
    expect(() => system.run((unix) => unix.getpid(), { site: 3 })).toThrow(/^options of a run: site: .*<=2, found 3/);
    expect(() => boot("mach26").run((unix) => unix.getpid(), { site: 2 })).toThrow(/site: .*<=1, found 2/);
    expect(() => boot("mix", { structure: { sites: 0 } })).toThrow(/structure\.sites: .*>=1, found 0/);
  });

  it("reads a remote file at the price of messages once, and then from the site's own memory", () => {
    const system = boot("mix", options);
    const bytes = pattern(3, 40_000);
    system.prepare({ "/f": bytes });
    const remote = () => mixOf(system).sites[1]!.nucleus.counters.remoteMessages;
    const [first, again] = system.run(function* (unix) {
      const fd = yield* unix.open("/f");
      const costs: number[] = [];
      for (let pass = 0; pass < 2; pass++) {
        yield* unix.lseek(fd, 0);
        const before = remote();
        expect(yield* unix.read(fd, 50_000)).toEqual(bytes);
        costs.push(remote() - before);
      }
      return costs;
    }, { site: 2 });
    expect(first).toBe(10); // one pullIn a page
    expect(again).toBe(0);
    expect(system.counts().diskRequests).toBeGreaterThan(10); // those of the first site, which the program was not on
  });

  it("runs programs side by side until all have ended", () => {
    const system = boot("mix", options);
    const threads = [1, 2].map((site) =>
      system.start(function* (unix) {
        const fd = yield* unix.open("/log", { create: true, append: true });
        for (let i = 0; i < 5; i++) yield* unix.write(fd, new Uint8Array(100).fill(site));
        return site;
      }, { site }),
    );
    expect(system.run((unix) => unix.getpid())).toBeGreaterThan(1);
    expect(threads.map(({ result }) => result)).toEqual([1, 2]);
    expect([...system.image().read("/log")].sort()).toEqual([...new Array<number>(500).fill(1), ...new Array<number>(500).fill(2)]);
  });
});
