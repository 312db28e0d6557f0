/**
 * Processes that together want more than there is, of memory and of swap space, with files beside: bytes are right or
 * an errno is told, everybody ends, and all that was taken comes back. A failing seed is printed and reproduces.
 */
import fc from "fast-check";
import { expect, it } from "vitest";
import { UnixError } from "../../../lib/fs/errno.ts";
import type { Bsd43Server } from "../../../lib/servers/bsd43/server.ts";
import { boot } from "../../../lib/systems/boot.ts";
import type { Steps } from "../../../lib/engine/index.ts";
import type { Unix } from "../../../lib/unix/interface.ts";
import { KB, soundImage } from "../../unix/small.ts";

const SECONDS = 1e9;
const LONG_NS = 1200 * SECONDS; // the longest of some hundred mixes took 280 s
const straight = { interface: "data_supply", throughBufferCache: false, readBytes: 64 * KB, readAhead: 4 } as const;

type Action = typeof action extends fc.Arbitrary<infer T> ? T : never;
/** What a process does: read or write so much of its file, or of the one for all, at a place; or sleep. */
const action = fc.record({
  what: fc.constantFrom("read" as const, "read" as const, "write" as const, "read all" as const, "raw read" as const, "fork" as const, "sleep" as const),
  own: fc.boolean(), at: fc.nat(600 * KB), bytes: fc.oneof(fc.nat(20 * KB), fc.nat(1600 * KB)),
});
const act = (what: Action["what"], bytes = 0, at = 0, own = false): Action => ({ what, own, at, bytes });

const mix = fc.record({
  processes: fc.array(fc.array(action, { minLength: 1, maxLength: 5 }), { minLength: 2, maxLength: 6 }),
  swapPercent: fc.constantFrom(0, 2, 5, 20), // of 60 cylinders of 64 pages
  sizeMB: fc.constantFrom(1, 2),
  pager: fc.constantFrom({}, straight, { ...straight, interface: "data_provided" as const }),
  calls: fc.constantFrom("rpc" as const, "rpc" as const, "handler" as const),
});

type Mix = typeof mix extends fc.Arbitrary<infer T> ? T : never;

/** Two processes that fill their memory, and one page after the other of a file brought in for others: these took each other's last frames for ever. */
const livelock: Mix = {
  processes: [
    [act("raw read", 553228)],
    [act("fork", 624048), act("raw read", 17483), act("raw read", 136584)],
    [act("write", 11660, 43775), act("read", 1559475, 435821, true), act("write", 1488139, 470596)],
    [act("read all"), act("read all"), act("read", 441406, 213911), act("fork", 882574), act("sleep", 11443)],
    [act("sleep", 669107), act("sleep", 14545), act("read", 17660, 156365, true), act("write", 764811, 304206)],
    [act("read", 1341271, 351799), act("read", 633858, 110915, true), act("write", 2968, 440441), act("fork", 1117075), act("sleep", 21)],
  ],
  swapPercent: 0, sizeMB: 1, pager: { ...straight, interface: "data_provided" }, calls: "rpc",
};

const SHARED = Uint8Array.from({ length: 1500 * KB }, (_, i) => (i * 13 + (i >> 10)) & 255); // nobody writes it
const ALLOWED = new Set(["ENOMEM", "EIO"]);
const counts = { done: 0, ENOMEM: 0, EIO: 0 };

function* attempt<T>(steps: Steps<T>): Steps<T | undefined> {
  try {
    const result = yield* steps;
    counts.done++;
    return result;
  } catch (error) {
    if (!(error instanceof UnixError)) throw error;
    expect(ALLOWED).toContain(error.code);
    counts[error.code as "EIO"]++;
    return undefined;
  }
}

/** A process: what its file must hold afterwards. Of a write that has failed the bytes may be there or not. */
function* live(unix: Unix, number: number, actions: readonly Action[], rawDevice: string, sleep: (ns: number) => Steps): Steps {
  const own = yield* attempt(unix.open(`/own${number}`, { create: true }));
  const shared = yield* attempt(unix.open("/shared"));
  if (own === undefined || shared === undefined) return;
  const model = new Uint8Array(2400 * KB);
  const unsure = new Uint8Array(model.length);
  let size = 0;
  const look = function* (fd: number, at: number, bytes: number): Steps {
    yield* unix.lseek(fd, at);
    const got = yield* attempt(unix.read(fd, bytes));
    if (got === undefined) return;
    if (fd === shared) expect(Buffer.compare(got, SHARED.subarray(at, at + got.length))).toBe(0);
    else for (let i = 0; i < got.length; i++) if (unsure[at + i] === 0 && got[i] !== model[at + i]) throw new Error(`byte ${at + i} of /own${number} is ${got[i]}, not ${model[at + i]}`);
    if (fd === shared) expect(got.length).toBe(Math.max(0, Math.min(bytes, SHARED.length - at)));
  };
  for (const { what, own: mine, at, bytes } of actions) {
    const fd = mine ? own : shared;
    if (what === "read") yield* look(fd, at, bytes);
    else if (what === "read all") yield* look(shared, 0, SHARED.length);
    else if (what === "sleep") yield* sleep(bytes * 10_000);
    else if (what === "raw read") {
      const raw = yield* attempt(unix.open(rawDevice));
      if (raw === undefined) continue;
      yield* attempt(unix.read(raw, Math.max(512, bytes - (bytes % 512))));
      yield* unix.close(raw);
    } else if (what === "fork") yield* attempt(unix.fork(function* (child) {
      const fd = yield* attempt(child.open("/shared"));
      const got = fd === undefined ? undefined : yield* attempt(child.read(fd, bytes));
      if (got !== undefined) expect(Buffer.compare(got, SHARED.subarray(0, got.length))).toBe(0);
    }));
    else {
      const data = new Uint8Array(bytes).map((_, i) => (i * 3 + number + (at >> 4)) & 255);
      yield* unix.lseek(own, at);
      const written = (yield* attempt(unix.write(own, data))) ?? 0;
      model.set(data.subarray(0, written), at);
      unsure.fill(0, at, at + written).fill(1, at + written, at + bytes);
      if (written > 0) size = Math.max(size, at + written);
    }
  }
  expect((yield* unix.stat(`/own${number}`)).size).toBeGreaterThanOrEqual(size);
  yield* attempt(unix.fsync(own));
}

it("processes that want more than memory and swap space all end, with their bytes or an errno, and nothing of theirs is kept", () => {
  fc.assert(fc.property(mix, ({ processes, swapPercent, sizeMB, pager, calls }) => {
    const system = boot("mach3", { machine: { memory: { sizeMB }, disk: { cylinders: 60 } }, pager, structure: { calls }, server: { swapPercent } });
    system.prepare({ "/shared": SHARED });
    const { kernel, defaultPager } = system.os as unknown as Bsd43Server;
    const slots = defaultPager.space.free;
    const hang = system.sim.at(LONG_NS, () => { throw new Error("somebody neither goes on nor gets an error"); });
    system.run(function* (unix) {
      for (const [number, actions] of processes.entries()) yield* attempt(unix.fork((child) => live(child, number, actions, system.rawDevice, (ns) => system.sim.sleep(ns))));
    });
    hang.cancel();
    system.run(() => system.sim.sleep(2 * SECONDS)); // what was begun is done
    soundImage(system);
    expect([defaultPager.space.free, kernel.defaultPager!.room], "slots").toEqual([slots, slots]);
    expect(kernel.pages.inTransit, "frames in transit").toBe(0);
    const anonymous: string[] = [];
    for (const queue of [kernel.pages.active, kernel.pages.inactive]) for (let page = queue.first; page !== undefined; page = page.next) if (page.object.temporary) anonymous.push(page.object.name);
    expect(anonymous, "what processes had, or was on its way").toEqual([]);
  }), { numRuns: 20, examples: [[livelock]] });
  expect(counts.done).toBeGreaterThan(200);
  expect(counts.ENOMEM).toBeGreaterThan(10);
}, 60_000);
