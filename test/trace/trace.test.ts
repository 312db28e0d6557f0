/** Tracing changes nothing, tells the same of the same run, and tells it in the paper's words. */
import { describe, expect, it } from "vitest";
import { boot, systemNames } from "../../lib/systems/boot.ts";
import { outline, platterAngle, record, trace } from "../../lib/trace/index.ts";
import type { Steps } from "../../lib/engine/index.ts";
import type { Unix } from "../../lib/unix/interface.ts";
import { sequentialRead } from "../../lib/workloads/index.ts";

const PAGE = 4096;

/** Reads, writes and forks: most of what a system can do. */
function* busy(unix: Unix): Steps<number> {
  yield* unix.fork(function* (child) {
    const fd = yield* child.creat("/child");
    for (let i = 0; i < 5; i++) yield* child.write(fd, new Uint8Array(3000).fill(i));
    yield* child.fsync(fd);
  });
  const fd = yield* unix.open("/file");
  let total = 0;
  for (let i = 0; i < 12; i++) total += (yield* unix.read(fd, PAGE)).reduce((sum, byte) => sum + byte, 0);
  yield* unix.wait();
  yield* unix.lseek(fd, 0);
  yield* unix.write(fd, new Uint8Array(PAGE));
  yield* unix.close(fd);
  return total;
}

const prepared = (name: (typeof systemNames)[number]) => {
  const system = boot(name, { seed: 5 });
  system.prepare({ "/file": Uint8Array.from({ length: 16 * PAGE }, (_, i) => i % 251) });
  return system;
};

describe.each(systemNames)("a trace of %s", (name) => {
  it("changes nothing that is simulated", () => {
    const plain = prepared(name);
    const traced = prepared(name);
    const result = plain.run(busy);
    expect(trace(traced, busy).result).toBe(result);
    expect(traced.sim.now).toBe(plain.sim.now);
    expect(traced.counts()).toEqual(plain.counts());
    expect(traced.run(busy)).toBe(plain.run(busy)); // nor anything afterwards
    expect(traced.sim.now).toBe(plain.sim.now);
  });

  it("is the same for the same run", () => {
    const [a, b] = [trace(prepared(name), busy), trace(prepared(name), busy)];
    expect(outline(a)).toBe(outline(b));
    expect({ ...a, spans: a.spans.length, movements: a.movements.length }).toMatchObject({ events: b.events, spans: b.spans.length, movements: b.movements.length, counts: b.counts });
  });

  it("calls all work by a name, and every call by what it is", () => {
    const traced = trace(prepared(name), busy);
    expect(traced.spans.filter((span) => span.name === "work")).toEqual([]);
    expect(traced.operations.map((operation) => operation.name)).toEqual(expect.arrayContaining(["fork", "creat", "write", "fsync", "open", "read", "lseek", "close", "wait"]));
    const reads = traced.operations.filter((operation) => operation.name === "read");
    expect(reads.map(({ bytes }) => bytes)).toEqual(new Array(12).fill(PAGE));
    expect(reads.every(({ counts }) => counts.traps! >= 1 && counts.copiedBytes! >= PAGE)).toBe(true);
  });

  it("takes less than 100 bytes for an event", () => {
    const system = boot(name);
    expect(record(system, () => sequentialRead(system, { fileBytes: 128 * 1024 })).bytesPerEvent).toBeLessThan(100);
  });

  it("shows every message, request and wake-up leaving and arriving", () => {
    const { flows, sleeps } = trace(prepared(name), busy);
    expect(flows.filter((flow) => flow.name === "disk read").length).toBeGreaterThan(10);
    for (const { from, to } of flows) if (to !== undefined) expect(to.timeNs).toBeGreaterThanOrEqual(from.timeNs);
    expect(sleeps.some(({ by }) => by?.name === "interrupts")).toBe(true);
    for (const { fromNs, toNs } of sleeps) expect(toNs).toBeGreaterThanOrEqual(fromNs);
  });
});

it("a system is traced once at a time, and again afterwards", () => {
  const system = boot("mach26");
  record(system, () => expect(() => record(system, () => {})).toThrow(/being traced already/));
  expect(record(system, () => 7).result).toBe(7);
});

it("what a program throws is thrown, and ends the trace", () => {
  const system = boot("mach26");
  expect(() => trace(system, function* (unix) {
    yield* unix.open("/nothing");
  })).toThrow("ENOENT");
  expect(system.sim.probe).toBeUndefined();
});

it("the platter's angle is that of the sectors which pass", () => {
  const system = boot("mach26");
  const traced = record(system, () => sequentialRead(system, { fileBytes: 64 * 1024 }));
  const sectors = traced.spans.filter(({ track }) => track.name === "platter");
  expect(sectors.length).toBeGreaterThanOrEqual(128);
  for (const { beginNs } of sectors) {
    const slot = platterAngle(traced, beginNs) * traced.disk.sectorsPerTrack;
    expect(Math.abs(slot - Math.round(slot))).toBeLessThan(0.001); // a sector begins where a sector begins
  }
});
