/**
 * A system call as a sequence of arrows between address spaces, in the manner of figures
 * 3-1, 4-1 and 4-2.
 *
 * Layer: trace. A lane is an address space, an actor or server in it, or the disk. Only
 * what comes of the call is told. Going into the kernel merely to send or to receive is
 * no arrow: the message is.
 */
import type { MoveKind } from "../engine/index.ts";
import { caused } from "./causes.ts";
import { plainPlace } from "./places.ts";
import type { Flow, Movement, Operation, Span, Trace, Track } from "./trace.ts";

export interface Lane {
  readonly name: string;
  readonly band: "user space" | "kernel space" | "hardware";
}

/** Control that goes to another lane or back, a message, a request to the disk or its end; within a lane, bytes that move and what is done. */
export type SequenceStepKind = "call" | "return" | "message" | "disk" | "data" | "note";

export interface SequenceStep {
  readonly kind: SequenceStepKind;
  /** Of an arrow, counted from 1. */
  readonly number: number | undefined;
  /** Lanes; both the same for data and notes. */
  readonly from: string;
  readonly to: string;
  readonly label: string;
  /** Of data: how the bytes move, and how many. */
  readonly move: MoveKind | undefined;
  readonly bytes: number;
  /** Since the call began, in µs. */
  readonly timeUs: number;
}

export interface Sequence {
  readonly title: string;
  /** As they stand side by side: user space, kernel space, hardware. */
  readonly lanes: readonly Lane[];
  readonly steps: readonly SequenceStep[];
  readonly elapsedUs: number;
}

type TraceParts = Pick<Trace, "spans" | "flows" | "movements" | "sleeps">;

const DISK = "disk";
/** Work that the movement of bytes beside it tells of. */
const MOVING = /^(Bcopy |Zero fill$|map$|uiomove$)/;
const BANDS: readonly Lane["band"][] = ["user space", "kernel space", "hardware"];
/** What is done to get a message through, and no more. */
const TRANSPORT = new Set(["Trap", "stub", "server thread", "out-of-line memory", "pages handed over", "parameters copied", "msg_send", "msg_receive", "ipcCall", "ipcSend", "ipcReceive", "ipcReply", "message handler"]);
/** How movements are told; the others are the programs' own. */
const MOVES: Partial<Record<MoveKind, string>> = { "sector in": "programmed I/O", "sector out": "programmed I/O", copy: "copy", zero: "fill with zeros", page: "hand over", map: "map", message: "message" };

/** The system call `operation` of `trace` as a sequence. */
export function sequence(trace: TraceParts, operation: Operation): Sequence {
  const teller = new Teller(trace, operation);
  return teller.tell();
}

/** Something that happens on a track: a span begins, bytes move, a flow begins or ends. */
interface Event {
  readonly timeNs: number;
  readonly order: number;
  readonly track: Track;
  readonly span: Span | undefined;
  readonly what: { begins: Span } | { moves: Movement } | { departs: Flow } | { arrives: Flow };
}

class Teller {
  readonly #trace: TraceParts;
  readonly #operation: Operation;
  readonly #lanes = new Map<string, Lane>();
  readonly #steps: SequenceStep[] = [];
  /** The lane in which a thread's code is, and in which it is at home. */
  readonly #present = new Map<Track, { lane: string; since: number }>();
  readonly #homes = new Map<Track, Span>();
  #arrows = 0;

  constructor(trace: TraceParts, operation: Operation) {
    this.#trace = trace;
    this.#operation = operation;
    const gates = new Set(trace.spans.filter(({ name }) => name.startsWith("msg_") || name.startsWith("ipc")).map(({ space }) => space?.name));
    for (const span of trace.spans) {
      const home = this.#homes.get(span.track);
      if (span.space !== undefined && (home === undefined || (gates.has(home.space!.name) && !gates.has(span.space.name)))) this.#homes.set(span.track, span);
    }
  }

  tell(): Sequence {
    const { span, name, bytes } = this.#operation;
    for (const event of this.#events()) this.#tellEvent(event);
    this.#goTo(span.track, this.#laneOf(span), undefined, Infinity, span.endNs);
    const lanes = [...this.#lanes.values()].sort((a, b) => BANDS.indexOf(a.band) - BANDS.indexOf(b.band));
    return { title: `${name}() of ${bytes} bytes`, lanes, steps: this.#steps, elapsedUs: (span.endNs - span.beginNs) / 1000 };
  }

  /** What comes of the call, in the order in which it happened. */
  #events(): Event[] {
    const { spans, movements, flows } = this.#trace;
    const { span: call } = this.#operation;
    const comesOfIt = caused(this.#trace, call);
    const events: Event[] = [];
    const add = (timeNs: number, order: number, track: Track | undefined, span: Span | undefined, what: Event["what"]) => {
      if (track !== undefined && comesOfIt(track, timeNs) && (track !== call.track || inside(span, call))) events.push({ timeNs, order, track, span, what });
    };
    for (const span of spans) if (span.track.kind === "thread") add(span.beginNs, span.order, span.track, span, { begins: span });
    for (const move of movements) if (MOVES[move.kind] !== undefined) add(move.timeNs, move.order, move.track, move.span, { moves: move });
    for (const flow of flows) {
      add(flow.from.timeNs, flow.from.order, flow.from.track, flow.from.span, { departs: flow });
      if (flow.to !== undefined) add(flow.to.timeNs, flow.to.order, flow.to.track, flow.to.span, { arrives: flow });
    }
    return events.sort((a, b) => a.timeNs - b.timeNs || a.order - b.order);
  }

  #tellEvent({ timeNs, order, track, span, what }: Event): void {
    if ("begins" in what) return this.#tellSpan(what.begins);
    const lane = track.kind === "device" ? DISK : this.#laneAt(track, span);
    if ("moves" in what) {
      this.#goTo(track, lane, span, order, timeNs);
      this.#tellMove(what.moves, lane, timeNs);
    } else if ("departs" in what) {
      this.#goTo(track, lane, span, order, timeNs);
      if (what.departs.to?.track?.kind === "device") this.#add({ kind: "disk", from: lane, to: DISK, label: what.departs.name, timeNs });
    } else {
      const { from, name } = what.arrives;
      const sender = from.track!.kind === "device" ? DISK : this.#laneAt(from.track!, from.span);
      if (track.kind === "device") return this.#add({ kind: "disk", from: DISK, to: sender, label: "interrupt", timeNs });
      this.#add({ kind: "message", from: sender, to: lane, label: name, timeNs });
      this.#present.set(track, { lane, since: order });
    }
  }

  /** An arrow if the span leads to another lane, else a note. */
  #tellSpan(span: Span): void {
    const { track, name, order, beginNs } = span;
    if (TRANSPORT.has(name)) return;
    const lane = this.#laneOf(span);
    const arrow = this.#goTo(track, lane, span, order, beginNs);
    const told = arrow === "call" || name === lane || span === this.#operation.span || MOVING.test(name);
    if (!told) this.#add({ kind: "note", from: lane, to: lane, label: name, timeNs: beginNs });
  }

  #tellMove({ kind, bytes, fromPlace, toPlace }: Movement, lane: string, timeNs: number): void {
    const label = kind === "zero" || kind === "message" ? MOVES[kind]! : `${MOVES[kind]}: ${plainPlace(fromPlace)} → ${plainPlace(toPlace)}`;
    this.#add({ kind: "data", from: lane, to: lane, label, move: kind, bytes, timeNs });
  }

  /** The thread's code is in `lane` now, inside `span`: an arrow if it was elsewhere; a return if it comes back to what it was doing there. */
  #goTo(track: Track, lane: string, span: Span | undefined, order: number, timeNs: number): "call" | "return" | undefined {
    const before = track.kind === "device" ? undefined : this.#present.get(track);
    if (track.kind === "device" || before?.lane === lane) return undefined;
    this.#present.set(track, { lane, since: order });
    if (before === undefined) return undefined;
    const stay = this.#stay(carrierless(span), lane);
    const kind = stay === undefined || stay.order < before.since ? "return" : "call";
    this.#add({ kind, from: before.lane, to: lane, label: kind === "return" ? "" : labelOf(stay!, lane), timeNs });
    return kind;
  }

  /** The outermost span round and including `span` from which on the thread has not left `lane`. */
  #stay(span: Span | undefined, lane: string): Span | undefined {
    let at = span;
    for (let outer = carrierless(at?.parent); outer !== undefined && this.#laneOf(outer) === lane; outer = carrierless(outer.parent)) at = outer;
    return at;
  }

  #add({ kind, from, to, label, timeNs, move, bytes = 0 }: { kind: SequenceStepKind; from: string; to: string; label: string; timeNs: number; move?: MoveKind; bytes?: number }): void {
    const steps = this.#steps;
    const last = steps.at(-1);
    if (from === DISK || to === DISK) this.#lanes.set(DISK, { name: DISK, band: "hardware" });
    if (kind === "note" && last?.to === to && last.label === label) return; // the arrow says it
    if (last !== undefined && last.kind === kind && last.to === to && kind === "note") {
      if (!last.label.split(", ").includes(label)) steps[steps.length - 1] = { ...last, label: `${last.label}, ${label}` };
    } else if (last !== undefined && kind === "data" && last.label === label) steps[steps.length - 1] = { ...last, bytes: last.bytes + bytes };
    else {
      const number = kind === "note" || kind === "data" ? undefined : ++this.#arrows;
      steps.push({ kind, number, from, to, label, move, bytes, timeUs: (timeNs - this.#operation.span.beginNs) / 1000 });
    }
  }

  /** The lane of what happens on a thread inside `span`, what only carries messages left out. */
  #laneAt(track: Track, span: Span | undefined): string {
    return this.#laneOf(carrierless(span) ?? this.#homes.get(track));
  }

  #laneOf(span: Span | undefined): string {
    const space = span?.space;
    if (space === undefined) return DISK;
    if (!this.#lanes.has(space.name)) this.#lanes.set(space.name, { name: space.name, band: space.mode === "user" ? "user space" : "kernel space" });
    return space.name;
  }
}

const inside = (one: Span | undefined, outer: Span): boolean => one === outer || (one !== undefined && inside(one.parent, outer));

/** The innermost span round and including `span` that does more than carry a message. */
function carrierless(span: Span | undefined): Span | undefined {
  let at = span;
  while (at !== undefined && TRANSPORT.has(at.name)) at = at.parent;
  return at;
}

/** What an arrow to `lane` is called: a span that bears the lane's own name says nothing new, so what led to it does. */
function labelOf(span: Span, lane: string): string {
  let at: Span | undefined = span;
  while (at !== undefined && (at.name === lane || TRANSPORT.has(at.name))) at = at.parent;
  return (at ?? span).name;
}

/** The sequence as Mermaid text, for documents that draw it themselves. */
export function mermaid({ lanes, steps, title }: Sequence): string {
  const id = new Map(lanes.map(({ name }, i) => [name, `lane${i}`]));
  const boxes = BANDS.flatMap((band) => {
    const inBand = lanes.filter((lane) => lane.band === band);
    return inBand.length === 0 ? [] : [`  box ${band}`, ...inBand.map(({ name }) => `    participant ${id.get(name)} as ${name}`), "  end"];
  });
  const arrows: Record<SequenceStepKind, string> = { call: "->>", return: "-->>", message: "-)", disk: "-)", data: "", note: "" };
  const lines = steps.map(({ kind, number, from, to, label, bytes }) => {
    if (kind === "note" || kind === "data") return `  Note over ${id.get(to)}: ${label}${kind === "data" ? `, ${bytes} bytes` : ""}`;
    return `  ${id.get(from)}${arrows[kind]}${id.get(to)}: ${number}${label === "" ? "" : ` ${label}`}`;
  });
  return ["---", `title: ${title}`, "---", "sequenceDiagram", ...boxes, ...lines, ""].join("\n");
}
