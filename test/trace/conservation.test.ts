/**
 * Nothing is lost and nothing is made in a trace: time, bytes and counts add up, for
 * random programs on all four systems however they are built.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { boot, systemNames } from "../../lib/systems/boot.ts";
import type { BootOptions, SystemName } from "../../lib/systems/boot.ts";
import type { System } from "../../lib/systems/system.ts";
import { Follower, pathOf, Timeline, trace } from "../../lib/trace/index.ts";
import type { Span, Trace } from "../../lib/trace/index.ts";
import { builds, OLD, OLD_BYTES, programOf, scripts } from "./programs.ts";

const RUNS = Number(process.env.RUNS ?? 15);

const oldBytes = Uint8Array.from({ length: OLD_BYTES }, (_, i) => (i * 31 + (i >> 8) * 7) & 0xff);

/** What `holds` says of the trace of any program on `name`. */
function forAny(name: SystemName, holds: (traced: Trace, system: System) => void): void {
  fc.assert(
    fc.property(builds(name), scripts, (options, script) => {
      const system = boot(name, options);
      system.prepare({ [OLD]: oldBytes });
      holds(trace(system, programOf(script, system)), system);
    }),
    { numRuns: RUNS },
  );
}

const elapsed = ({ beginNs, endNs }: Span): number => endNs - beginNs;
const all = (span: Span): Span[] => [span, ...span.children.flatMap(all)];
const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

describe.each(systemNames)("%s", (name) => {
  test("the spans of a call, and the path of what it waited for, add up to its time to the nanosecond", () => {
    forAny(name, (traced) => {
      const timeline = new Timeline(traced);
      for (const { span } of traced.operations) {
        expect(sum(all(span).map(({ selfNs }) => selfNs))).toBe(elapsed(span));
        const pieces = pathOf(traced, span, timeline);
        let at = span.beginNs;
        for (const { fromNs, toNs } of pieces) {
          expect(fromNs).toBe(at); // without a gap and without an overlap
          at = toNs;
        }
        expect(at).toBe(span.endNs);
      }
    });
  });

  test("spans lie inside their parents, and no device and no processor is busy for longer than there is time", () => {
    forAny(name, (traced) => {
      for (const span of traced.spans) {
        expect(span.selfNs).toBeGreaterThanOrEqual(0);
        if (span.parent === undefined) continue;
        expect(span.beginNs).toBeGreaterThanOrEqual(span.parent.beginNs);
        expect(span.endNs).toBeLessThanOrEqual(span.parent.endNs);
      }
      const together = (intervals: readonly [number, number][]) => {
        const sorted = [...intervals].sort((a, b) => a[0] - b[0]);
        sorted.slice(1).forEach(([from], i) => expect(from).toBeGreaterThanOrEqual(sorted[i]![1] - 1)); // sectors begin between nanoseconds
      };
      together(traced.turns.map(({ fromNs, toNs }) => [fromNs, toNs]));
      for (const track of traced.tracks.filter(({ kind }) => kind === "device")) {
        together(traced.spans.filter((span) => span.track === track).map(({ beginNs, endNs }) => [beginNs, endNs]));
      }
    });
  });

  test("every byte that a read() gave came from a sector, from zeros or from a program; every byte of a write() went somewhere", () => {
    forAny(name, (traced) => {
      const follower = new Follower(traced);
      for (const operation of traced.operations) {
        if (operation.name !== "read" && operation.name !== "write") continue;
        const covered = new Uint8Array(operation.bytes);
        for (const { at, bytes, origin, sector } of follower.follow(operation)) {
          for (let i = at; i < at + bytes; i++) covered[i]!++;
          if (operation.name === "read") expect(["disk", "zeros", "program"]).toContain(origin);
          expect(origin === "disk").toBe(sector !== undefined);
        }
        const times = (count: number) => (operation.name === "read" ? count === 1 : count >= 1); // a byte can be written out more than once
        expect(covered.every(times)).toBe(true);
      }
    });
  });

  test("the movements are those that machine and kernel counted, and each transfer moves whole sectors", () => {
    forAny(name, (traced, { machine }) => {
      const of = (kind: string) => traced.movements.filter((movement) => movement.kind === kind);
      expect(of("copy").length).toBe(traced.counts.copies);
      expect(sum(of("copy").map(({ bytes }) => bytes))).toBe(traced.counts.copiedBytes);
      expect(sum(of("copy").map(({ ns }) => ns)) / 1000).toBeCloseTo(traced.counts.copyingUs, 6);
      if (traced.counts.mappings !== undefined) expect(of("map").length).toBe(traced.counts.mappings);
      if (traced.counts.zeroFills !== undefined) expect(of("zero").length).toBeGreaterThanOrEqual(traced.counts.zeroFills);
      const commands = traced.spans.filter(({ track }) => track.name === "controller");
      const moved = [...of("sector in"), ...of("sector out")];
      expect(moved.every(({ bytes }) => bytes === 512)).toBe(true);
      if (!machine.controller.busy) expect(moved.length).toBe(sum(commands.map(({ value }) => value)));
      const interrupts = traced.spans.filter(({ track }) => track.name === "interrupts").length;
      expect(traced.counts.interrupts - interrupts).toBeLessThanOrEqual(1); // one may still be served
    });
  });
});

const ways: [SystemName, BootOptions][] = [...systemNames.map((name): [SystemName, BootOptions] => [name, {}]), ["mach3", { mapping: { mappedFiles: false } }], ["mach3", { structure: { calls: "handler" } }]];

test.each(ways)("what a program reads is what is in the sectors that the trace names: %s %j", (name, options) => {
  for (const raw of [false, true]) {
    const system = boot(name, options);
    system.prepare({ [OLD]: oldBytes });
    const pieces: Uint8Array[] = [];
    const traced = trace(system, function* (unix) {
      const fd = yield* unix.open(raw ? system.rawDevice : OLD, { access: "read" });
      for (let bytes = new Uint8Array(1); bytes.length > 0 && pieces.length < 12; ) {
        bytes = (yield* unix.read(fd, raw ? 20 * 512 : 10_000)) as Uint8Array<ArrayBuffer>;
        pieces.push(bytes);
      }
    });
    const follower = new Follower(traced);
    const reads = traced.operations.filter((operation) => operation.name === "read");
    reads.forEach((operation, i) => {
      const trails = follower.follow(operation);
      expect(sum(trails.map(({ bytes }) => bytes))).toBe(operation.bytes);
      for (const { at, bytes, sector, inSector } of trails) {
        expect(pieces[i]!.slice(at, at + bytes)).toEqual(system.machine.controller.store.read(sector!).slice(inSector, inSector + bytes));
      }
    });
    expect(sum(reads.map(({ bytes }) => bytes))).toBe(raw ? 12 * 20 * 512 : OLD_BYTES);
  }
});
