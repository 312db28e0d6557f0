/** Figures of traces, drawn from a read of one page of Mach 3.0. */
import { compile } from "vega-lite";
import type { TopLevelSpec } from "vega-lite";
import { beforeAll, expect, test, vi } from "vitest";
import { sequenceDiagram, sideBySide, timeline } from "../../lib/plots/index.ts";
import type { Figure } from "../../lib/plots/index.ts";
import { boot } from "../../lib/systems/boot.ts";
import { beside, scene, sequence, trace } from "../../lib/trace/index.ts";
import type { Sequence, Trace } from "../../lib/trace/index.ts";

const PAGE = 4096;
let traced: Trace;
let read: Sequence;

beforeAll(() => {
  const system = boot("mach3");
  system.prepare({ "/file": 16 * PAGE });
  traced = trace(system, function* (unix) {
    const fd = yield* unix.open("/file", { access: "read" });
    for (let page = 0; page < 16; page++) yield* unix.read(fd, PAGE);
  });
  read = sequence(traced, traced.operations[1]!);
});

/** The figure as SVG, after a look at what every figure must be. */
async function drawn(figure: Figure): Promise<string> {
  const warn = vi.spyOn(console, "warn");
  compile(figure.vegaLite as TopLevelSpec);
  const svg = await figure.svg();
  expect(warn).not.toHaveBeenCalled();
  expect(Number(/width="([\d.]+)"/.exec(svg)![1])).toBeLessThanOrEqual(900);
  return svg;
}

test("a sequence diagram has every lane, every numbered arrow and every movement of bytes", async () => {
  const svg = await drawn(sequenceDiagram(read));
  for (const { name, band } of read.lanes) for (const text of [name, band]) expect(svg).toContain(`>${text}<`);
  for (const { number, label } of read.steps) if (number !== undefined) expect(svg).toContain(label === "" ? `>${number}<` : `>${number}  ${label}`);
  expect(read.steps.filter(({ kind }) => kind === "data").length).toBeGreaterThan(3);
  expect(svg.match(/#D55E00/g)!.length).toBeGreaterThanOrEqual(2); // copies
});

test("a sequence diagram tells its arrows in words", () => {
  expect(sequenceDiagram(read).alt).toContain("memory_object_data_request");
});

test("side by side, both calls are there, and each step that only one has lies on a ground with a sign", async () => {
  const other = scene("mach3", "read from disk", { pager: { interface: "data_supply", throughBufferCache: false } }).sequence;
  const svg = await drawn(sideBySide(read, other, { names: ["provided", "supplied"] }));
  const marked = beside(read, other).filter(({ same }) => !same);
  const [left, right] = [marked.filter(({ a }) => a !== undefined).length, marked.filter(({ b }) => b !== undefined).length];
  expect(left).toBeGreaterThan(3);
  for (const text of ["provided: ", "supplied: "]) expect(svg).toContain(`>${text}`);
  expect(svg.match(/>−</g)).toHaveLength(left);
  expect(svg.match(/>\+</g)).toHaveLength(right);
  expect(svg.match(/fill="#fbe3d3"/g)).toHaveLength(left);
});

test("a timeline shows processor, interrupts, controller and arm above the platter's angle", async () => {
  const svg = await drawn(timeline(traced, { fromMs: 20, toMs: 80 }));
  for (const row of ["processor", "interrupts", "controller", "disk arm", "angle (°)", "time (ms)"]) expect(svg).toContain(`>${row}<`);
});

test("a timeline shows just the sectors that passed in its time", () => {
  const [from, to] = [20, 50];
  const layers = (timeline(traced, { fromMs: from, toMs: to }).vegaLite as { vconcat: { layer: { data: { values: { from: number; to: number }[] } }[] }[] }).vconcat[1]!.layer;
  const passed = traced.spans.filter(({ track, beginNs, endNs }) => track.name === "platter" && endNs >= traced.beginNs + from * 1e6 && beginNs <= traced.beginNs + to * 1e6);
  expect(passed.length).toBeGreaterThan(8);
  expect(layers[1]!.data.values).toHaveLength(passed.length);
});

test("a moment outside the trace is an error that says how long the trace is", () => {
  expect(() => timeline(traced, { fromMs: 1e6 })).toThrow(/timeline: from 1000000 to .* ms; the trace is [\d.]+ ms long/);
});
