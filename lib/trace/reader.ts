/**
 * Reads a recording: rows of numbers become spans, flows, sleeps and movements.
 *
 * Layer: trace. A first pass finds who had the processor when, so that the second can
 * tell when a thread's work was done. The events of each track were recorded in the
 * order in which they happened there.
 */
import { moveKinds } from "../engine/index.ts";
import type { Counts, System } from "../systems/system.ts";
import { SYSTEM_CALL } from "../unix/observed.ts";
import { difference } from "./counts.ts";
import { stationOf } from "./places.ts";
import { EVENTS, NO_TRACK } from "./recorder.ts";
import type { Recorder } from "./recorder.ts";
import type { Flow, FlowEnd, Instant, Movement, Sleep, Span, Trace, Track, Turn } from "./trace.ts";
import { WorkClock } from "./work-clock.ts";

/** What is known of a track up to the event that is being read. */
interface TrackState {
  readonly track: Track;
  readonly turns: Turn[];
  clock: WorkClock;
  /** The innermost open span. */
  open: Span | undefined;
  /** Since when it has slept, or -1, and its last sleep once it has been woken. */
  asleepNs: number;
  slept: Sleep | undefined;
  /** Since when it has had the processor, or -1, and what the switch took. */
  runningNs: number;
  switchNs: number;
  /** What belongs to the interrupt that is being served: its span is recorded when it ends. */
  readonly pending: { span: Span | undefined }[];
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** The trace that `recorder` has recorded of `system` since `beginNs`, when the system had counted `before`. */
export function readRecording<T>(recorder: Recorder, system: System, { result, beginNs, before }: { result: T; beginNs: number; before: Counts }): Trace<T> {
  const { disk } = system.machine.controller;
  const reader = new Reader(recorder, beginNs, system.sim.now);
  reader.read();
  const operations = recorder.calls.flatMap(({ event, before: had, after }) => {
    const span = reader.calls.get(event);
    return span === undefined || after === undefined ? [] : [{ name: span.name.slice(SYSTEM_CALL.length), span, bytes: span.value, counts: difference(had(), after()) }];
  });
  return {
    system: system.name, result, beginNs, endNs: system.sim.now, tracks: reader.tracks.map(({ track }) => track),
    spans: reader.spans, instants: reader.instants, flows: reader.flows, sleeps: reader.sleeps, movements: reader.movements,
    turns: reader.tracks.flatMap(({ turns }) => turns).sort((a, b) => a.fromNs - b.fromNs),
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
  readonly movements: Movement[] = [];
  /** The spans of system calls, by the numbers of the events with which they began. */
  readonly calls = new Map<number, Span>();
  readonly #recorder: Recorder;
  readonly #beginNs: number;
  readonly #endNs: number;
  readonly #departed = new Map<number, Mutable<Flow>>();
  readonly #callEvents: ReadonlySet<number>;
  #order = 0; // of events and moves together
  #copied: Movement | undefined = undefined; // the copy that the event being read is the work of

  constructor(recorder: Recorder, beginNs: number, endNs: number) {
    this.#recorder = recorder;
    this.#beginNs = beginNs;
    this.#endNs = endNs;
    this.#callEvents = new Set(recorder.calls.map(({ event }) => event));
    const clock = new WorkClock([], []);
    this.tracks = recorder.tracks.map(({ name, thread }) => ({
      track: { name, kind: thread ? "thread" : "device" }, turns: [], clock, open: undefined, asleepNs: -1, slept: undefined, runningNs: -1, switchNs: 0, pending: [],
    }));
  }

  read(): void {
    const { events, moves } = this.#recorder;
    this.#findTurns();
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

  /** Who had the processor when, and so when each thread's work was done. */
  #findTurns(): void {
    const { events } = this.#recorder;
    const interrupts: { fromNs: number; toNs: number }[] = [];
    for (let event = 0; event < events.length; event++) {
      const kind = events.kind[event]!;
      const state = this.tracks[events.track[event]!];
      const timeNs = events.timeNs[event]!;
      if (kind === EVENTS.busy && state!.track.name.startsWith("interrupts")) interrupts.push({ fromNs: timeNs, toNs: timeNs + events.first[event]! });
      else if (kind === EVENTS.blocked || kind === EVENTS.preempted) endTurn(state!, timeNs);
      else if (kind === EVENTS.dispatched) {
        state!.runningNs = timeNs;
        state!.switchNs = events.first[event]!;
      }
    }
    for (const state of this.tracks) {
      endTurn(state, this.#endNs);
      state.clock = new WorkClock(state.turns, interrupts);
    }
  }

  #event(event: number): void {
    const { events, names } = this.#recorder;
    const kind = events.kind[event]!;
    const state = this.tracks[events.track[event]!];
    const name = names[events.name[event]!]!;
    const first = events.first[event]!;
    if (kind <= EVENTS.work || kind === EVENTS.instant || kind === EVENTS.depart || kind === EVENTS.arrive) {
      const owedNs = events.second[event]!;
      const sinceNs = events.timeNs[event]! - owedNs;
      this.#done(state, kind, event, name, first, sinceNs, owedNs);
    } else this.#happened(state!, kind, event, name, events.timeNs[event]!, first);
  }

  /** Something that a thread did when it had done the work that it owed since `sinceNs`. */
  #done(state: TrackState | undefined, kind: number, event: number, name: string, first: number, sinceNs: number, owedNs: number): void {
    const { events } = this.#recorder;
    const timeNs = state === undefined ? sinceNs : state.clock.done(sinceNs, owedNs);
    const order = this.#order++;
    const end = { track: state?.track, timeNs, order, span: undefined };
    switch (kind) {
      case EVENTS.begin:
        state!.open = this.#open(state!, order, name, timeNs, events.space[event]!, first);
        if (this.#callEvents.has(event)) this.calls.set(event, state!.open);
        break;
      case EVENTS.end:
        if (!Number.isNaN(first)) state!.open!.value = first;
        close(state!, timeNs);
        break;
      case EVENTS.work:
        state!.open = this.#open(state!, order, name + this.#direction(state!), timeNs, events.space[event]!, 0);
        if (this.#copied !== undefined) this.#copied.span = state!.open;
        close(state!, state!.clock.done(sinceNs, owedNs + first));
        break;
      case EVENTS.depart: {
        const flow: Mutable<Flow> = { name, from: attach<FlowEnd>(end, state), to: undefined };
        this.#departed.set(first, flow);
        this.flows.push(flow);
        break;
      }
      case EVENTS.arrive:
        this.#departed.get(first)!.to = attach<FlowEnd>(end, state);
        break;
      default: // an instant
        this.instants.push(attach<Instant>({ name, ...end }, state));
    }
  }

  /** Something that happened to a thread, or in a device. */
  #happened(state: TrackState, kind: number, event: number, name: string, timeNs: number, first: number): void {
    const second = this.#recorder.events.second[event]!;
    switch (kind) {
      case EVENTS.busy: {
        const span: Span = {
          name, track: state.track, space: undefined, beginNs: timeNs, endNs: timeNs + first, order: this.#order++, selfNs: first, value: second, parent: undefined, children: [],
        };
        this.spans.push(span);
        for (const one of state.pending.splice(0)) one.span = span;
        break;
      }
      case EVENTS.blocked:
        state.asleepNs = timeNs;
        break;
      case EVENTS.woken: {
        const by = this.tracks[first];
        const fromNs = state.asleepNs < 0 ? this.#beginNs : state.asleepNs;
        state.slept = { track: state.track, fromNs, toNs: by === undefined ? timeNs : by.clock.done(timeNs, second), by: by?.track };
        this.sleeps.push(state.slept);
        state.asleepNs = -1;
        break;
      }
      case EVENTS.dispatched:
        if (state.slept !== undefined && state.slept.toNs > timeNs) state.slept.toNs = timeNs;
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

  #move(row: number): void {
    const { moves, names } = this.#recorder;
    const track = moves.track[row]!;
    const state = track === NO_TRACK ? undefined : this.tracks[track];
    const owedNs = moves.owedNs[row]!;
    const sinceNs = moves.timeNs[row]! - owedNs;
    const movement = attach<Movement>({
      kind: moveKinds[moves.kind[row]!]!, timeNs: state === undefined ? sinceNs : state.clock.done(sinceNs, owedNs), order: this.#order++,
      ns: moves.ns[row]!, bytes: moves.byteCount[row]!, from: moves.from[row]!, to: moves.to[row]!,
      fromPlace: names[moves.fromPlace[row]!]!, toPlace: names[moves.toPlace[row]!]!, track: state?.track, span: undefined,
    }, state);
    this.movements.push(movement);
    if (movement.kind !== "store" && movement.kind !== "load") this.#copied = movement; // those are no work
  }

  /** What is still going on at the end of the trace ends there. */
  #finish(state: TrackState): void {
    while (state.open !== undefined) close(state, Math.max(this.#endNs, state.open.beginNs));
    if (state.asleepNs >= 0) this.sleeps.push({ track: state.track, fromNs: state.asleepNs, toNs: this.#endNs, by: undefined });
  }
}

function endTurn(state: TrackState, toNs: number): void {
  if (state.runningNs >= 0) state.turns.push({ track: state.track, fromNs: state.runningNs, toNs, switchNs: state.switchNs });
  state.runningNs = -1;
}

function close(state: TrackState, endNs: number): void {
  const span = state.open!;
  span.endNs = endNs;
  span.selfNs += endNs - span.beginNs;
  if (span.parent !== undefined) span.parent.selfNs -= endNs - span.beginNs;
  state.open = span.parent;
}

/** `one` belongs to the span that is open on its track, or to the interrupt that is being served. */
function attach<One extends { span: Span | undefined }>(one: One, state: TrackState | undefined): One {
  if (state?.track.kind === "device") state.pending.push(one);
  else one.span = state?.open;
  return one;
}
