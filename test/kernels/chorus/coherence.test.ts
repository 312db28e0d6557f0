/** What sgRead, sgWrite and mapped regions show is one flat memory, however short the real one is. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Steps } from "../../../lib/engine/index.ts";
import { PAGE_BYTES } from "../../../lib/hardware/memory.ts";
import type { Actor } from "../../../lib/kernels/chorus/index.ts";
import { pattern, recall, runIn, StoreMapper, testSite } from "./site.ts";

/** The bytes of three segments as a flat model, three threads, and too little memory for all pages. */
describe("sgRead, sgWrite and mapped regions", () => {
  const SEGMENTS = 3;
  const PAGES = 4;
  const BYTES = PAGES * PAGE_BYTES;
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constantFrom("sgRead", "sgWrite", "load", "store"), segment: fc.nat(SEGMENTS - 1), at: fc.nat(BYTES - 1), bytes: fc.integer({ min: 1, max: 6000 }) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("sgSync", "flush", "recall", "downgrade"), segment: fc.nat(SEGMENTS - 1), at: fc.nat(BYTES - 1), bytes: fc.integer({ min: 1, max: 6000 }) }) },
  );

  const check = (scripts: { do: string; segment: number; at: number; bytes: number }[][], frames: number, lateNs: number | undefined) => {
    const nucleus = testSite(frames, { mostPushOuts: lateNs === undefined ? Infinity : 3 });
    const mapper = new StoreMapper(nucleus, 500_000);
    mapper.lateNs = lateNs;
    nucleus.memory.pager.defaultMapper = mapper.port.ui;
    const model = Array.from({ length: SEGMENTS }, () => new Uint8Array(BYTES));
    const free = nucleus.machine.memory.freeFrames;
    const users: Actor[] = [];
    scripts.forEach((script, index) => {
      const user = nucleus.actorCreate(`user ${index}`, "user");
      users.push(user);
      for (let segment = 0; segment < SEGMENTS; segment++) nucleus.memory.rgnMap(user, segment * BYTES, BYTES, mapper.segment(segment), 0, "write");
      const buffer = SEGMENTS * BYTES;
      nucleus.memory.rgnAllocate(user, buffer, 3 * PAGE_BYTES);
      nucleus.threadCreate(user, `thread ${index}`, (function* (): Steps {
        let serial = index;
        for (const { do: act, segment, at, bytes: wanted } of script) {
          // Each thread has the bytes of its own residue, so the model needs no order between threads.
          const bytes = Math.min(wanted, BYTES - at);
          const capability = mapper.segment(segment);
          const own = (from: number) => Array.from({ length: bytes }, (_, i) => from + i).filter((place) => Math.floor(place / 100) % scripts.length === index);
          serial += 17;
          if (act === "sgRead" || act === "load") {
            if (act === "sgRead") yield* nucleus.memory.sgRead(capability, at, nucleus.memory.area(user, buffer + 5, bytes), bytes);
            const seen = yield* nucleus.memory.load(user, act === "sgRead" ? buffer + 5 : segment * BYTES + at, bytes);
            for (const place of own(at)) if (seen[place - at] !== model[segment]![place]) throw new Error(`${act} saw a wrong byte at ${place} of segment ${segment}`);
          } else if (act === "sgWrite" || act === "store") {
            for (const place of own(at)) {
              if (place % 100 !== 0 && place !== at) continue;
              const length = Math.min(100 - (place % 100), at + bytes - place);
              const fresh = pattern(serial + place, length);
              model[segment]!.set(fresh, place);
              if (act === "store") yield* nucleus.memory.store(user, segment * BYTES + place, fresh);
              else {
                yield* nucleus.memory.store(user, buffer + 5, fresh);
                yield* nucleus.memory.sgWrite(capability, place, nucleus.memory.area(user, buffer + 5, length), length);
              }
            }
          } else if (act === "sgSync") yield* nucleus.memory.control.sgSync(capability);
          else yield* recall(nucleus, mapper, segment, at, bytes, act === "downgrade" ? "read" : "nothing");
        }
      })());
    });
    nucleus.machine.sim.run();
    runIn(nucleus, nucleus.own, (function* (): Steps {
      for (let segment = 0; segment < SEGMENTS; segment++) {
        yield* nucleus.memory.control.sgSync(mapper.segment(segment));
        for (let page = 0; page < PAGES; page++) {
          expect(mapper.bytes(segment, page * PAGE_BYTES)).toEqual(model[segment]!.slice(page * PAGE_BYTES, (page + 1) * PAGE_BYTES));
        }
        yield* recall(nucleus, mapper, segment, 0, BYTES, "nothing");
      }
      for (const user of users) yield* nucleus.actorDelete(user);
    })());
    expect(nucleus.machine.memory.freeFrames).toBe(free);
    expect(nucleus.memory.caches).toBe(0);
    expect(nucleus.counters.lostPages).toBe(0);
  };

  it("agree with one flat model under memory shortage, recalls and flushes, and leak no frame", () => {
    fc.assert(
      fc.property(fc.array(fc.array(step, { maxLength: 10 }), { minLength: 1, maxLength: 3 }), fc.integer({ min: 8, max: 20 }), (scripts, frames) => check(scripts, frames, undefined)),
      { numRuns: 60 },
    );
  });

  it("agree as well when the mapper answers a pushOut before it has saved the page", () => {
    fc.assert(
      fc.property(fc.array(fc.array(step, { maxLength: 10 }), { minLength: 1, maxLength: 3 }), fc.integer({ min: 8, max: 20 }), (scripts, frames) => check(scripts, frames, 2_000_000)),
      { numRuns: 60 },
    );
  });
});
