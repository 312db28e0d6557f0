/**
 * What a call waited for: the path through threads and devices that its time went along.
 *
 * Layer: trace. While a thread sleeps, its time goes to whoever wakes it in the end, and
 * while that one sleeps in turn, to the next. So every nanosecond of a call belongs to
 * one span somewhere, and the pieces add up to the call's time exactly.
 */
import type { Interval } from "./timeline.ts";
import { Timeline } from "./timeline.ts";
import type { Span, Trace, Track } from "./trace.ts";

/**
 * work: a thread computes; switch: it is being given the processor; ready: it waits for the processor;
 * interrupt: an interrupt has the processor; sleep: it waits for a timer, or for something before the trace;
 * device: the disk works, or its platter turns.
 */
export type PieceKind = "work" | "switch" | "ready" | "interrupt" | "sleep" | "device";

/** A stretch of a call's time. */
export interface Piece extends Interval {
  readonly kind: PieceKind;
  readonly track: Track;
  /** The spans that it lies in, from the call inwards: first those of the thread that waits, then those of the one it waits for. */
  readonly spans: readonly Span[];
  /** What is done: the innermost span's name, or what the device does. */
  readonly name: string;
}

/** Where the time of `span`, such as that of a system call, went, in the order of time. Give a Timeline of the trace when many are asked for. */
export function pathOf(trace: Trace, span: Span, timeline = new Timeline(trace)): Piece[] {
  const pieces: Piece[] = [];
  new PathFinder(timeline, pieces).thread(span.track, { fromNs: span.beginNs, toNs: span.endNs }, []);
  return pieces.sort((a, b) => a.fromNs - b.fromNs);
}

class PathFinder {
  readonly #timeline: Timeline;
  readonly #pieces: Piece[];

  constructor(timeline: Timeline, pieces: Piece[]) {
    this.#timeline = timeline;
    this.#pieces = pieces;
  }

  /** What `track`, a thread, did in `when`, on behalf of what `outer` stands for. */
  thread(track: Track, when: Interval, outer: readonly Span[]): void {
    let { fromNs } = when;
    for (const sleep of this.#timeline.sleeps(track, when)) {
      const asleep = { fromNs: Math.max(fromNs, sleep.fromNs), toNs: Math.min(sleep.toNs, when.toNs) };
      this.#awake(track, { fromNs, toNs: asleep.fromNs }, outer);
      const spans = [...outer, ...this.#stack(track, asleep)];
      if (sleep.by?.kind === "thread" && sleep.by !== track) this.thread(sleep.by, asleep, spans);
      else if (sleep.by?.kind === "device") this.#device(asleep, spans);
      else this.#add(asleep, "sleep", track, spans);
      fromNs = asleep.toNs;
    }
    this.#awake(track, { fromNs, toNs: when.toNs }, outer);
  }

  /** The thread does not sleep in `when`: it computes, is interrupted, or waits for the processor. */
  #awake(track: Track, when: Interval, outer: readonly Span[]): void {
    let { fromNs } = when;
    for (const turn of this.#timeline.turns(track, when)) {
      const begin = Math.max(fromNs, turn.fromNs);
      const end = Math.min(turn.toNs, when.toNs);
      this.#split(track, { fromNs, toNs: begin }, "ready", outer);
      const switched = Math.min(end, Math.max(begin, turn.fromNs + turn.switchNs));
      this.#split(track, { fromNs: begin, toNs: switched }, "switch", outer);
      this.#computing(track, { fromNs: switched, toNs: end }, outer);
      fromNs = end;
    }
    this.#split(track, { fromNs, toNs: when.toNs }, "ready", outer);
  }

  #computing(track: Track, when: Interval, outer: readonly Span[]): void {
    let { fromNs } = when;
    for (const device of this.#timeline.devices("interrupts")) {
      for (const interrupt of this.#timeline.roots(device, when)) {
        const begin = Math.max(fromNs, interrupt.beginNs);
        const end = Math.min(interrupt.endNs, when.toNs);
        if (end <= begin) continue;
        this.#split(track, { fromNs, toNs: begin }, "work", outer);
        this.#split(track, { fromNs: begin, toNs: end }, "interrupt", outer);
        fromNs = end;
      }
    }
    this.#split(track, { fromNs, toNs: when.toNs }, "work", outer);
  }

  /** Give the time of `when` to the innermost spans of `track`. */
  #split(track: Track, when: Interval, kind: PieceKind, outer: readonly Span[]): void {
    if (when.toNs <= when.fromNs) return;
    this.#inside(track, when, kind, outer, this.#timeline.roots(track, when));
  }

  #inside(track: Track, when: Interval, kind: PieceKind, outer: readonly Span[], children: readonly Span[]): void {
    let { fromNs } = when;
    for (const child of children) {
      const begin = Math.max(fromNs, child.beginNs);
      const end = Math.min(child.endNs, when.toNs);
      if (end <= begin) continue;
      this.#add({ fromNs, toNs: begin }, kind, track, outer);
      this.#inside(track, { fromNs: begin, toNs: end }, kind, [...outer, child], child.children);
      fromNs = end;
    }
    this.#add({ fromNs, toNs: when.toNs }, kind, track, outer);
  }

  /** The spans of `track` that were open all through `when`, which is a sleep. */
  #stack(track: Track, when: Interval): Span[] {
    const stack: Span[] = [];
    let candidates: readonly Span[] = this.#timeline.roots(track, when);
    for (;;) {
      const open = candidates.find((span) => span.beginNs <= when.fromNs && span.endNs >= when.toNs && span.endNs > span.beginNs);
      if (open === undefined) return stack;
      stack.push(open);
      candidates = open.children;
    }
  }

  /** The disk was waited for: what of it was busy. */
  #device(when: Interval, spans: readonly Span[]): void {
    const busy = ["interrupts", "disk arm", "platter"].flatMap((name) => this.#timeline.devices(name).flatMap((track) => this.#timeline.roots(track, when)));
    const [controller] = this.#timeline.devices("controller");
    const edges = [...new Set([when.fromNs, when.toNs, ...busy.flatMap(({ beginNs, endNs }) => [Math.round(beginNs), Math.round(endNs)])])]
      .filter((edge) => edge >= when.fromNs && edge <= when.toNs).sort((a, b) => a - b);
    edges.slice(1).forEach((toNs, i) => {
      const fromNs = edges[i]!;
      const span = busy.find(({ beginNs, endNs }) => Math.round(beginNs) <= fromNs && Math.round(endNs) >= toNs);
      const track = span?.track ?? controller ?? spans.at(-1)!.track;
      this.#pieces.push({ fromNs, toNs, kind: "device", track, spans, name: span === undefined ? "the platter turns" : `${span.track.name}: ${span.name}` });
    });
  }

  #add({ fromNs, toNs }: Interval, kind: PieceKind, track: Track, spans: readonly Span[]): void {
    if (toNs > fromNs) this.#pieces.push({ fromNs, toNs, kind, track, spans, name: spans.at(-1)?.name ?? track.name });
  }
}
