/**
 * What a trace's tracks were doing at a time.
 *
 * Layer: trace. Spans, sleeps and turns by track and in the order of time, found by
 * halving: a trace may have hundreds of thousands.
 */
import type { Sleep, Span, Trace, Track, Turn } from "./trace.ts";

/** From when to when. */
export interface Interval {
  readonly fromNs: number;
  readonly toNs: number;
}

/** What is needed of a trace. */
type Source = Pick<Trace, "spans" | "sleeps" | "turns" | "tracks">;

export class Timeline {
  readonly #roots = new Map<Track, Span[]>();
  readonly #sleeps = new Map<Track, Sleep[]>();
  readonly #turns = new Map<Track, Turn[]>();
  readonly #tracks: readonly Track[];

  constructor({ spans, sleeps, turns, tracks }: Source) {
    this.#tracks = tracks;
    for (const span of spans) if (span.parent === undefined) add(this.#roots, span.track, span);
    for (const sleep of sleeps) add(this.#sleeps, sleep.track, sleep);
    for (const turn of turns) add(this.#turns, turn.track, turn);
    for (const roots of this.#roots.values()) roots.sort((a, b) => a.beginNs - b.beginNs || a.order - b.order);
    for (const rows of [...this.#sleeps.values(), ...this.#turns.values()]) rows.sort((a, b) => a.fromNs - b.fromNs);
  }

  /** The devices' tracks called `name`. */
  devices(name: string): Track[] {
    return this.#tracks.filter((track) => track.kind === "device" && track.name.split(" (")[0] === name);
  }

  /** The sleeps of `track` that have some of their time between `fromNs` and `toNs`. */
  sleeps(track: Track, { fromNs, toNs }: Interval): Sleep[] {
    return overlapping(this.#sleeps.get(track) ?? [], (sleep) => sleep.fromNs, (sleep) => sleep.toNs, fromNs, toNs);
  }

  /** The turns of `track` likewise. */
  turns(track: Track, { fromNs, toNs }: Interval): Turn[] {
    return overlapping(this.#turns.get(track) ?? [], (turn) => turn.fromNs, (turn) => turn.toNs, fromNs, toNs);
  }

  /** The spans of `track` that are in no other, likewise. */
  roots(track: Track, { fromNs, toNs }: Interval): Span[] {
    return overlapping(this.#roots.get(track) ?? [], (span) => span.beginNs, (span) => span.endNs, fromNs, toNs);
  }
}

function add<One>(rows: Map<Track, One[]>, track: Track, one: One): void {
  const known = rows.get(track);
  if (known === undefined) rows.set(track, [one]);
  else known.push(one);
}

/** Of `rows`, which follow each other in time, those with some of their time between `from` and `to`. */
function overlapping<One>(rows: readonly One[], begin: (one: One) => number, end: (one: One) => number, from: number, to: number): One[] {
  let low = 0;
  for (let high = rows.length; low < high; ) {
    const middle = (low + high) >> 1;
    if (end(rows[middle]!) <= from) low = middle + 1;
    else high = middle;
  }
  const found: One[] = [];
  for (let i = low; i < rows.length && begin(rows[i]!) < to; i++) if (end(rows[i]!) > from) found.push(rows[i]!);
  return found;
}
