/** What leaves the trace: a file that published readers of the format load, and a comparison with another trace. */
import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import { boot, systemNames } from "../../lib/systems/boot.ts";
import type { BootOptions, SystemName } from "../../lib/systems/boot.ts";
import { chromeTrace, compareTraces, ledger, perPage, record, stationOf, trace } from "../../lib/trace/index.ts";
import type { Trace } from "../../lib/trace/index.ts";
import { sequentialRead } from "../../lib/workloads/index.ts";

const { buildModel } = createRequire(import.meta.url)("@tracerbench/trace-model") as typeof import("@tracerbench/trace-model");

const PAGE = 4096;

function traced<N extends SystemName>(name: N, options: BootOptions<N> = {}) {
  const system = boot(name, options);
  return record(system, () => sequentialRead(system, { fileBytes: 16 * PAGE }));
}

describe.each(systemNames)("the Trace Event Format of %s", (name) => {
  it("is loaded by TracerBench's reader, with every span on its thread", () => {
    const from = traced(name);
    const model = buildModel(JSON.parse(JSON.stringify(chromeTrace(from))));
    const read = model.processes.flatMap(({ threads }) => [...threads]);
    for (const track of from.tracks) {
      const spans = from.spans.filter((span) => span.track === track);
      const thread = read.find((one) => one.name === track.name)!;
      expect([...thread.events].filter((event) => event.ph === "X")).toHaveLength(spans.length);
    }
    expect(read.map((thread) => thread.name)).toEqual(expect.arrayContaining(["interrupts", "controller", "platter"]));
  });

  it("keeps times, places and both ends of every flow", () => {
    const from = traced(name);
    const { traceEvents } = chromeTrace(from);
    const call = traceEvents.find((event) => event.name === "System call read")!;
    const { span } = from.operations.find((operation) => operation.name === "read")!;
    expect(call).toMatchObject({ ts: (span.beginNs - from.beginNs) / 1000, dur: (span.endNs - span.beginNs) / 1000, cat: "user process", args: { value: PAGE } });
    const ids = (ph: string) => traceEvents.filter((event) => event.ph === ph).map(({ id }) => id).sort((a, b) => a! - b!);
    expect(ids("s").length).toBeGreaterThan(10);
    expect(ids("f").length).toBeGreaterThanOrEqual(ids("s").length);
  });
});

describe("two traces side by side", () => {
  const provided = traced("mach3");
  const supplied = traced("mach3", { pager: { interface: "data_supply", throughBufferCache: false } });

  it("are the same if the runs are", () => {
    const { calls, spans, movements, counts } = compareTraces(provided, traced("mach3"));
    expect(calls.every(({ aUs, bUs }) => aUs === bUs)).toBe(true);
    expect([...spans, ...movements].every(({ mark }) => mark === "same")).toBe(true);
    expect(counts).toEqual([]);
  });

  it("show what data_supply saves: a copy within the kernel, and a page handed over instead", () => {
    const { movements, counts, spans } = compareTraces(provided, supplied);
    expect(movements.find(({ name }) => name === "copy from file cache to file cache")).toMatchObject({ mark: "only a", a: { count: 16, bytes: 16 * PAGE } });
    expect(counts).toContainEqual({ name: "framesStolen", a: 0, b: 16 });
    expect(spans.find(({ name }) => name === "memory_object_data_provided")!.mark).toBe("only a");
    expect(spans.find(({ name }) => name === "memory_object_data_supply")!.mark).toBe("only b");
  });

  it("of two systems match their calls", () => {
    const { calls } = compareTraces(traced("mach26"), traced("svr4"));
    expect(calls.map(({ name }) => name)).toEqual(["open", ...new Array<string>(17).fill("read"), "close"]);
    for (const { aUs, spans } of calls) expect(spans.reduce((sum, { a }) => sum + a.us, 0)).toBeCloseTo(aUs!, 6);
  });
});

describe("the ledger of a page", () => {
  const readOf = <N extends SystemName>(name: N, options: BootOptions<N> = {}) => {
    const system = boot(name, options);
    system.prepare({ "/page": PAGE });
    return trace(system, function* (unix) {
      yield* unix.read(yield* unix.open("/page"), PAGE);
    });
  };
  const entryOf = <N extends SystemName>(name: N, options: BootOptions<N> = {}) => ledger(readOf(name, options)).entries[0]!;
  const kinds = (entry: ReturnType<typeof entryOf>) => entry.ways[0]!.legs.map(({ kind }) => kind);

  it("is one copy on the monolithic systems and on CHORUS/MiX", () => {
    for (const name of ["mach26", "svr4", "mix"] as const) {
      const entry = entryOf(name);
      expect(entry.ways).toHaveLength(1);
      expect(kinds(entry).filter((kind) => kind !== "map")).toEqual(["sector in", "copy", "load"]);
      expect(entry.ways[0]).toMatchObject({ bytes: PAGE, origin: "disk" });
      expect(entry.ways[0]!.sectors).toHaveLength(8);
    }
  });

  it("is two on Mach 3.0, and one again with data_supply, which hands the page over", () => {
    const copies = (entry: ReturnType<typeof entryOf>) => kinds(entry).filter((kind) => kind === "copy").length;
    expect(copies(entryOf("mach3"))).toBe(2);
    const supplied = entryOf("mach3", { pager: { interface: "data_supply", throughBufferCache: false } });
    expect(copies(supplied)).toBe(1);
    expect(supplied.ways[0]!.legs.some(({ kind, from, to }) => kind === "page" && from.startsWith("memory of BSD4.3 server") && to.startsWith("memory object"))).toBe(true);
  });

  const toCache = ["sector in disk > in transit", "page in transit > server", "page server > file cache"];
  const wayOf = (traced: Trace) => {
    const [way] = ledger(traced).entries[0]!.ways;
    return { way, legs: way!.legs.filter(({ kind }) => kind !== "load" && kind !== "store").map(({ kind, from, to }) => `${kind} ${stationOf(from)} > ${stationOf(to)}`) };
  };

  it("goes over the bounce buffer where Mach 3.0 does not map files", () => {
    const { way, legs } = wayOf(readOf("mach3", { mapping: { mappedFiles: false } }));
    expect(legs).toEqual([...toCache, "copy file cache > in transit", "map in transit > user", "copy in transit > user"]);
    expect(way!.bytes).toBe(PAGE);
  });

  it("is followed through messages: where there are no shared pages either, the data are copied into one and out of it", () => {
    const traced = readOf("mach3", { mapping: { mappedFiles: false, sharedPages: false } });
    const { way, legs } = wayOf(traced);
    expect(legs).toEqual([...toCache, "copy file cache > server", "message server > in transit", "message in transit > user", "copy user > user"]);
    expect(way!.bytes).toBe(PAGE);
    const messages = way!.legs.filter(({ kind }) => kind === "message");
    const charged = traced.spans.filter(({ name }) => name === "in-line data").reduce((sum, { selfNs }) => sum + selfNs, 0);
    expect(messages.reduce((sum, { us }) => sum + us, 0)).toBeCloseTo(charged / 1000, 6);
    expect(charged).toBeGreaterThan(0);
  });

  it("is handed over, and not copied, where Mach 3.0 reads the raw disk", () => {
    const system = boot("mach3");
    const { ways } = ledger(trace(system, function* (unix) {
      yield* unix.read(yield* unix.open(system.rawDevice), PAGE);
    })).entries[0]!;
    expect(ways).toMatchObject([{ bytes: PAGE, origin: "disk", legs: [{ kind: "sector in" }, { kind: "page" }, { kind: "load" }] }]);
    expect(stationOf(ways[0]!.legs[1]!.to)).toBe("user");
  });

  it("counts for 4 KB in memory no message and no switch but those of a window change", () => {
    const [, cached] = perPage("mach3");
    expect(cached).toMatchObject({ call: "read", cached: true, copies: 1, mappings: 1, sectors: 0, messages: 2 / 16, threadSwitches: 2 / 16 });
    expect(perPage("mach26")[1]).toMatchObject({ copies: 1, messages: 0, traps: 1, diskRequests: 0 });
  });
});
