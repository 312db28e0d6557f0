/**
 * Reads a recording: rows of numbers become spans, flows, sleeps and movements.
 *
 * Layer: trace. One pass over the events in the order in which they were recorded,
 * which on each track is the order in which they happened.
 */
import { moveKinds } from "../engine/index.ts";
import type { Counts, System } from "../systems/system.ts";
import { SYSTEM_CALL } from "../unix/observed.ts";
import { difference } from "./counts.ts";
import { stationOf } from "./places.ts";
import { EVENTS, NO_TRACK } from "./recorder.ts";
import type { Recorder } from "./recorder.ts";
import type { Flow, FlowEnd, Instant, Movement, Span, Trace, Track, Turn, Sleep } from "./trace.ts";

/** What is known of a track up to the event that is being read. */
interface TrackState {
  readonly track: Track;
  /** The innermost open span. */
  open: Span | undefined;
  /** Since when it has slept, or -1. */
  asleepNs: number;
  /** Since when it has had the processor, or -1, and what the switch took. */
  runningNs: number;
  switchNs: number;
  /** What belongs to the interrupt that is being served: its span is recorded when it ends. */
  readonly pending: { span: Span | undefined }[];
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** The trace that `recorder` has recorded of `system` since `beginNs`. */
export function readRecording<T>(recorder: Recorder, system: System, { result, beginNs, before }: { result: T; beginNs: number; before: Counts }): Trace<T> {
  const { disk } = system.machine.controller;
  const reader = new Reader(recorder, beginNs, system.sim.now);
  reader.read();
  const operations = recorder.calls.flatMap(({ event, before: had, after }) => {
    const span = reader.begun.get(event);
    return span === undefined || after === undefined ? [] : [{ name: span.name.slice(SYSTEM_CALL.length), span, bytes: span.value, counts: difference(had, after) }];
  });
  return {
    system: system.name, result, beginNs, endNs: system.sim.now, tracks: reader.tracks.map(({ track }) => track),
    spans: reader.spans, instants: reader.instants, flows: reader.flows, sleeps: reader.sleeps, turns: reader.turns, movements: reader.movements,
    operations, counts: difference(before, system.counts()),
    disk: { revolutionNs: disk.revolutionNs, sectorsPerTrack: disk.spec.sectorsPerTrack },
    events: recorder.events.length + recorder.moves.length, bytesPerEvent: recorder.bytesPerEvent,
  };
}

class Reader {
  readonly tracks: TrackState[];
  readonly spans: Span[] = [];
  readonly instants: Instant[] = [];
  readonly flows: Flow[] = [];
  readonly sleeps: Sleep[] = [];
  readonly turns: Turn[] = [];
  readonly movements: Movement[] = [];
  /** Spans by the numbers of the events with which system calls began. */
  readonly begun = new Map<number, Span>();
  readonly #recorder: Recorder;
  readonly #beginNs: number;
  readonly #endNs: number;
  readonly #departed = new Map<number, Mutable<Flow>>();
  readonly #calls: ReadonlySet<number>;
  #copied: Movement | undefined = undefined; // the copy that the event being read is the work of

  constructor(recorder: Recorder, beginNs: number, endNs: number) {
    this.#recorder = recorder;
    this.#beginNs = beginNs;
    this.#endNs = endNs;
    this.#calls = new Set(recorder.calls.map(({ event }) => event));
    this.tracks = recorder.tracks.map(({ name, thread }) => ({
      track: { name, kind: thread ? "thread" : "device" }, open: undefined, asleepNs: -1, runningNs: -1, switchNs: 0, pending: [],
    }));
  }

  read(): void {
    const { events, moves } = this.#recorder;
    let move = 0;
    for (let event = 0; event < events.length; event++) {
      this.#copied = undefined;
      for (; move < moves.length && moves.event[move]! <= event; move++) this.#move(move);
      this.#event(event);
    }
    for (; move < moves.length; move++) this.#move(move);
    for (const state of this.tracks) this.#finish(state);
    this.sleeps.sort((a, b) => a.toNs - b.toNs);
  }

  #event(event: number): void {
    const { events, names } = this.#recorder;
    const kind = events.kind[event]!;
    const state = this.tracks[events.track[event]!];
    const timeNs = events.timeNs[event]!;
    const name = names[events.name[event]!]!;
    const first = events.first[event]!;
    if (kind === EVENTS.instant) this.instants.push(this.#attach({ name, track: state?.track, timeNs, span: undefined }, state));
    else if (kind === EVENTS.depart) this.#depart(first, name, { track: state?.track, timeNs, order: event, span: undefined }, state);
    else if (kind === EVENTS.arrive) this.#arrive(first, { track: state?.track, timeNs, order: event, span: undefined }, state);
    else this.#onTrack(state!, kind, event, name, timeNs, first);
  }

  #onTrack(state: TrackState, kind: number, event: number, name: string, timeNs: number, first: number): void {
    const { events } = this.#recorder;
    switch (kind) {
      case EVENTS.begin:
        state.open = this.#open(state, event, name, timeNs, events.space[event]!, first);
        if (this.#calls.has(event)) this.begun.set(event, state.open);
        break;
      case EVENTS.end:
        if (!Number.isNaN(first)) state.open!.value = first;
        this.#close(state, timeNs);
        break;
      case EVENTS.work:
        state.open = this.#open(state, event, name + this.#direction(state), timeNs, events.space[event]!, 0);
        if (this.#copied !== undefined) this.#copied.span = state.open;
        this.#close(state, timeNs + first);
        break;
      case EVENTS.busy: {
        const span = this.#leaf(state, event, name, timeNs, timeNs + first, events.second[event]!);
        for (const one of state.pending.splice(0)) one.span = span;
        break;
      }
      case EVENTS.blocked:
        state.asleepNs = timeNs;
        this.#endTurn(state, timeNs);
        break;
      case EVENTS.woken:
        this.sleeps.push({ track: state.track, fromNs: state.asleepNs < 0 ? this.#beginNs : state.asleepNs, toNs: timeNs, by: this.tracks[first]?.track });
        state.asleepNs = -1;
        break;
      case EVENTS.dispatched:
        state.runningNs = timeNs;
        state.switchNs = first;
        break;
      default: // preempted
        this.#endTurn(state, timeNs);
    }
  }

  /** Table 5-9 has a "Bcopy Uncached to User". */
  #direction({ track }: TrackState): string {
    if (this.#copied?.kind !== "copy" || this.#copied.track !== track) return "";
    if (stationOf(this.#copied.toPlace) === "user") return " to User";
    return stationOf(this.#copied.fromPlace) === "user" ? " from User" : "";
  }

  #open(state: TrackState, order: number, name: string, beginNs: number, space: number, value: number): Span {
    const parent = state.open;
    const span: Span = {
      name, track: state.track, space: space < 0 ? parent?.space : this.#recorder.spaces[space], beginNs, endNs: beginNs, order, selfNs: 0, value, parent, children: [],
    };
    parent?.children.push(span);
    this.spans.push(span);
    return span;
  }

  #close(state: TrackState, endNs: number): void {
    const span = state.open!;
    span.endNs = endNs;
    span.selfNs += endNs - span.beginNs;
    if (span.parent !== undefined) span.parent.selfNs -= endNs - span.beginNs;
    state.open = span.parent;
  }

  #leaf({ track }: TrackState, order: number, name: string, beginNs: number, endNs: number, value: number): Span {
    const span = { name, track, space: undefined, beginNs, endNs, order, selfNs: endNs - beginNs, value, parent: undefined, children: [] };
    this.spans.push(span);
    return span;
  }

  #endTurn(state: TrackState, toNs: number): void {
    if (state.runningNs >= 0) this.turns.push({ track: state.track, fromNs: state.runningNs, toNs, switchNs: state.switchNs });
    state.runningNs = -1;
  }

  /** `one` belongs to the span that is open on its track, or to the interrupt that is being served. */
  #attach<One extends { span: Span | undefined }>(one: One, state: TrackState | undefined): One {
    if (state?.track.kind === "device") state.pending.push(one);
    else one.span = state?.open;
    return one;
  }

  #depart(number: number, name: string, from: FlowEnd, state: TrackState | undefined): void {
    const flow: Mutable<Flow> = { name, from: this.#attach(from, state), to: undefined };
    this.#departed.set(number, flow);
    this.flows.push(flow);
  }

  #arrive(number: number, to: FlowEnd, state: TrackState | undefined): void {
    this.#departed.get(number)!.to = this.#attach(to, state);
  }

  #move(row: number): void {
    const { moves, names } = this.#recorder;
    const track = moves.track[row]!;
    const state = track === NO_TRACK ? undefined : this.tracks[track];
    this.#copied = this.#attach<Movement>({
      kind: moveKinds[moves.kind[row]!]!, timeNs: moves.timeNs[row]!, order: moves.event[row]! - 0.5, ns: moves.ns[row]!, bytes: moves.byteCount[row]!,
      from: moves.from[row]!, to: moves.to[row]!, fromPlace: names[moves.fromPlace[row]!]!, toPlace: names[moves.toPlace[row]!]!,
      track: state?.track, span: undefined,
    }, state);
    this.movements.push(this.#copied);
  }

  /** What is still going on at the end of the trace ends there. */
  #finish(state: TrackState): void {
    while (state.open !== undefined) this.#close(state, Math.max(this.#endNs, state.open.beginNs));
    if (state.asleepNs >= 0) this.sleeps.push({ track: state.track, fromNs: state.asleepNs, toNs: this.#endNs, by: undefined });
    this.#endTurn(state, this.#endNs);
  }
}
