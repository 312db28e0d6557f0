import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PAGE_BYTES } from "../../../lib/hardware/memory.ts";
import { MapperError, serveMapper } from "../../../lib/kernels/chorus/index.ts";
import { asMapper, contents, costs, failing, pattern, runIn, StoreMapper, testSite, wired } from "./site.ts";

function setUp(frames = 64) {
  const nucleus = testSite(frames);
  const mapper = new StoreMapper(nucleus);
  const actor = nucleus.actorCreate("manager", "supervisor");
  return { nucleus, mapper, actor, segment: mapper.segment(7) };
}

describe("sgRead", () => {
  it("asks the mapper for an absent page once, and copies a present one without asking", () => {
    const { nucleus, mapper, actor, segment } = setUp();
    mapper.pages.set("7/1", pattern(1, PAGE_BYTES));
    const to = wired(nucleus, 100);
    runIn(nucleus, actor, nucleus.memory.sgRead(segment, PAGE_BYTES + 50, to, 100));
    expect(contents(nucleus, to)).toEqual(pattern(1, PAGE_BYTES).slice(50, 150));
    expect(mapper.log).toEqual(["pullIn 7 1 read"]);
    const before = nucleus.machine.sim.now;
    runIn(nucleus, actor, nucleus.memory.sgRead(segment, PAGE_BYTES, to, 100));
    expect(mapper.log).toHaveLength(1);
    expect(nucleus.machine.sim.now - before).toBe(costs.threadSwitchNs + costs.sgReadNs + 100 * 100);
  });

  it("has two threads that miss the same page wait for one pullIn", () => {
    const { nucleus, mapper, actor, segment } = setUp();
    for (const name of ["one", "two"]) nucleus.threadCreate(actor, name, nucleus.memory.sgRead(segment, 0, wired(nucleus, 10), 10));
    nucleus.machine.sim.run();
    expect(mapper.log).toEqual(["pullIn 7 0 read"]);
  });

  it("passes a mapper's error on to its caller and leaves nothing behind", () => {
    const nucleus = testSite();
    const mapper = new StoreMapper(nucleus);
    const refusing = { ...asMapper(mapper), *pullIn() { throw new MapperError(5); } };
    nucleus.ipc.svMsgHandler(mapper.port, (invocation) => serveMapper(refusing, invocation));
    const free = nucleus.machine.memory.freeFrames;
    const to = wired(nucleus, 10);
    const error = runIn(nucleus, mapper.actor, failing(nucleus.memory.sgRead(mapper.segment(1), 0, to, 10)));
    expect(error).toMatchObject({ name: "MapperError", status: 5 });
    expect(nucleus.machine.memory.freeFrames).toBe(free - 1);
    expect(nucleus.memory.caches).toBe(0);
  });
});

describe("sgWrite", () => {
  it("asks for the whole page to read and write when it is absent", () => {
    const { nucleus, mapper, actor, segment } = setUp();
    mapper.pages.set("7/0", pattern(3, PAGE_BYTES));
    runIn(nucleus, actor, nucleus.memory.sgWrite(segment, 10, wired(nucleus, 5, Uint8Array.of(1, 2, 3, 4, 5)), 5));
    expect(mapper.log).toEqual(["pullIn 7 0 write"]);
    runIn(nucleus, actor, nucleus.memory.control.sgSync(segment));
    const expected = pattern(3, PAGE_BYTES);
    expected.set([1, 2, 3, 4, 5], 10);
    expect(mapper.bytes(7, 0)).toEqual(expected);
  });

  it("asks for the permission alone when the page is present to be read, and not again", () => {
    const { nucleus, mapper, actor, segment } = setUp();
    const area = wired(nucleus, 5);
    runIn(nucleus, actor, nucleus.memory.sgRead(segment, 0, area, 5));
    runIn(nucleus, actor, nucleus.memory.sgWrite(segment, 0, area, 5));
    runIn(nucleus, actor, nucleus.memory.sgWrite(segment, 100, area, 5));
    expect(mapper.log).toEqual(["pullIn 7 0 read", "getAccess 7 0"]);
  });

  it("asks for nothing more when the mapper has granted more than was asked", () => {
    const { nucleus, mapper, actor, segment } = setUp();
    mapper.generous = true;
    runIn(nucleus, actor, nucleus.memory.sgRead(segment, 0, wired(nucleus, 5), 5));
    runIn(nucleus, actor, nucleus.memory.sgWrite(segment, 0, wired(nucleus, 5), 5));
    expect(mapper.log).toEqual(["pullIn 7 0 read"]);
  });
});

describe("overlapping operations on a segment", () => {
  it("are serialised: a read sees all of a write or nothing of it, however long the pages take to come", () => {
    const operation = fc.record({ write: fc.boolean(), start: fc.nat(3 * PAGE_BYTES), bytes: fc.integer({ min: 1, max: 2 * PAGE_BYTES }), delayNs: fc.nat(3_000_000) });
    fc.assert(
      fc.property(fc.array(operation, { minLength: 2, maxLength: 7 }), fc.integer({ min: 30, max: 60 }), (operations, frames) => {
        const { nucleus, mapper, actor, segment } = setUp(frames);
        mapper.delayNs = 700_000;
        const writes: { value: number; start: number; end: number }[] = [];
        const reads: { start: number; seen: Uint8Array }[] = [];
        operations.forEach(({ write, start, bytes, delayNs }, index) => {
          nucleus.threadCreate(actor, `operation ${index}`, (function* () {
            const area = wired(nucleus, bytes, new Uint8Array(bytes).fill(index + 1));
            yield* nucleus.machine.sim.sleep(delayNs);
            if (write) yield* nucleus.memory.sgWrite(segment, start, area, bytes);
            else yield* nucleus.memory.sgRead(segment, start, area, bytes);
            if (write) writes.push({ value: index + 1, start, end: start + bytes });
            else reads.push({ start, seen: contents(nucleus, area) });
          })());
        });
        nucleus.machine.sim.run();
        for (const { start, seen } of reads) {
          // Where the same writes reach, the same one of them is seen; and of two writes that both reach, never now one, now the other.
          const reaching = (at: number) => writes.filter((one) => one.start <= at && at < one.end).map((one) => one.value).join();
          let torn = 0;
          for (let at = 1; at < seen.length; at++) if (seen[at] !== seen[at - 1] && reaching(start + at) === reaching(start + at - 1)) torn++;
          expect(torn).toBe(0);
          for (const one of writes) for (const other of writes) {
            const from = Math.max(one.start, other.start, start) - start;
            const both = new Set(seen.slice(from, Math.max(from, Math.min(one.end, other.end, start + seen.length) - start)));
            expect(one !== other && both.has(one.value) && both.has(other.value)).toBe(false);
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  it("let operations on different parts run side by side", () => {
    const { nucleus, actor, segment } = setUp();
    for (const page of [0, 1, 2, 3]) nucleus.threadCreate(actor, `write ${page}`, nucleus.memory.sgWrite(segment, page * PAGE_BYTES, wired(nucleus, 10), 10));
    nucleus.machine.sim.run();
    expect(nucleus.machine.sim.now).toBeLessThan(3_000_000); // a pullIn takes 1 ms each
  });
});

describe("regions", () => {
  it("show the bytes that sgWrite wrote and give sgRead the bytes that were stored", () => {
    const { nucleus, actor, segment } = setUp();
    const user = nucleus.actorCreate("user", "user");
    nucleus.memory.rgnMap(user, 0x10000, 2 * PAGE_BYTES, segment, 0, "write");
    runIn(nucleus, actor, nucleus.memory.sgWrite(segment, 100, wired(nucleus, 3, Uint8Array.of(7, 8, 9)), 3));
    expect(runIn(nucleus, user, nucleus.memory.load(user, 0x10000 + 99, 5))).toEqual(Uint8Array.of(0, 7, 8, 9, 0));
    runIn(nucleus, user, nucleus.memory.store(user, 0x10000 + 101, Uint8Array.of(42)));
    const to = wired(nucleus, 3);
    runIn(nucleus, actor, nucleus.memory.sgRead(segment, 100, to, 3));
    expect(contents(nucleus, to)).toEqual(Uint8Array.of(7, 42, 9));
  });

  it("fault outside and when stored to without the right", () => {
    const { nucleus, segment } = setUp();
    const user = nucleus.actorCreate("user", "user");
    nucleus.memory.rgnMap(user, 0, PAGE_BYTES, segment, 0, "read");
    expect(runIn(nucleus, user, failing(nucleus.memory.load(user, PAGE_BYTES, 1)))).toMatchObject({ code: "badAddress" });
    expect(runIn(nucleus, user, failing(nucleus.memory.store(user, 0, Uint8Array.of(1))))).toMatchObject({ code: "badAddress" });
    expect(() => nucleus.memory.rgnMap(user, 0, PAGE_BYTES, segment, 0, "read")).toThrow(/no room/);
  });

  it("of temporary memory begin as zeros, survive a memory shortage through the default mapper, and are released", () => {
    const { nucleus, mapper } = setUp(8);
    nucleus.memory.pager.defaultMapper = mapper.port.ui;
    const user = nucleus.actorCreate("user", "user");
    const region = nucleus.memory.rgnAllocate(user, 0, 20 * PAGE_BYTES);
    runIn(nucleus, user, (function* () {
      for (let page = 0; page < 20; page++) {
        expect(yield* nucleus.memory.load(user, page * PAGE_BYTES, 2)).toEqual(Uint8Array.of(0, 0));
        yield* nucleus.memory.store(user, page * PAGE_BYTES, pattern(page, PAGE_BYTES));
      }
      for (let page = 0; page < 20; page++) expect(yield* nucleus.memory.load(user, page * PAGE_BYTES, PAGE_BYTES)).toEqual(pattern(page, PAGE_BYTES));
      yield* nucleus.memory.rgnFree(user, region);
    })());
    expect(nucleus.counters.pushOuts).toBeGreaterThan(10);
    expect(mapper.released).toHaveLength(1);
    expect(nucleus.machine.memory.freeFrames).toBe(8);
  });

  it("without a default mapper fail with noSegment when memory runs out", () => {
    const nucleus = testSite(4);
    const user = nucleus.actorCreate("user", "user");
    nucleus.memory.rgnAllocate(user, 0, 10 * PAGE_BYTES);
    expect(runIn(nucleus, user, failing(nucleus.memory.store(user, 0, new Uint8Array(10 * PAGE_BYTES))))).toMatchObject({ code: "noSegment" });
  });
});

describe("reserve and provide", () => {
  it("put pages into a cache that nobody asked for, and leave those alone that are there", () => {
    const { nucleus, mapper, actor, segment } = setUp();
    runIn(nucleus, actor, (function* () {
      const to = wired(nucleus, 10);
      yield* nucleus.memory.sgRead(segment, 3 * PAGE_BYTES, to, 10);
      const { key } = nucleus.memory.existingCache(segment)!;
      const frames = nucleus.memory.control.reserve(key, PAGE_BYTES, 5);
      expect(frames).toHaveLength(2); // page 3 is there
      frames.forEach((frame, index) => nucleus.machine.memory.page(frame).fill(index + 1));
      nucleus.memory.control.provide(key, PAGE_BYTES, 2, { access: "read", sequence: 1 });
      yield* nucleus.memory.sgRead(segment, 2 * PAGE_BYTES, to, 10);
      expect(contents(nucleus, to)).toEqual(new Uint8Array(10).fill(2));
      expect(mapper.log).toEqual(["pullIn 7 3 read"]);
      const more = nucleus.memory.control.reserve(key, 10 * PAGE_BYTES, 2);
      nucleus.memory.control.provide(key, 10 * PAGE_BYTES, more.length, undefined);
      yield* nucleus.memory.sgRead(segment, 10 * PAGE_BYTES, to, 10);
      expect(mapper.log).toEqual(["pullIn 7 3 read", "pullIn 7 10 read"]);
    })());
  });
});

describe("a recall", () => {
  it("voids a grant that was made before it and is still on its way", () => {
    const { nucleus, mapper, actor, segment } = setUp();
    const to = wired(nucleus, 4);
    let asked = 0;
    nucleus.ipc.svMsgHandler(mapper.port, (invocation) =>
      serveMapper({
        ...asMapper(mapper),
        *pullIn(_request, page) {
          const value = ++asked;
          nucleus.machine.memory.view(page.locate(0, "read"), PAGE_BYTES).fill(value);
          const grant = { access: "read" as const, sequence: value * 10 };
          yield* nucleus.machine.sim.sleep(3_000_000); // the reply is on its way
          return grant;
        },
      }, invocation));
    nucleus.threadCreate(actor, "reader", nucleus.memory.sgRead(segment, 0, to, 4));
    nucleus.threadCreate(actor, "recaller", (function* () {
      yield* nucleus.machine.sim.sleep(1_000_000);
      const { key } = nucleus.memory.existingCache(segment)!;
      yield* nucleus.memory.control.flush({ port: nucleus.memory.port.ui, key }, 0, PAGE_BYTES, "nothing", 15);
    })());
    nucleus.machine.sim.run();
    expect(asked).toBe(2);
    expect(contents(nucleus, to)).toEqual(new Uint8Array(4).fill(2));
  });
});
