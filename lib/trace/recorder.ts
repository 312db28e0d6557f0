/**
 * The recorder: a probe that writes down what a simulation tells.
 *
 * Layer: trace. It changes nothing that is simulated. Names are kept once and events
 * are rows of numbers (columns.ts); what they mean is worked out when the recording
 * is over (trace.ts).
 */
import { moveKinds } from "../engine/index.ts";
import type { MoveKind, Place, Probe, Simulation, Space, Thread } from "../engine/index.ts";
import { PAGE_BYTES } from "../hardware/memory.ts";
import type { Memory } from "../hardware/memory.ts";
import type { Counts } from "../systems/system.ts";
import { SYSTEM_CALL } from "../unix/observed.ts";
import { Events, Moves } from "./columns.ts";

/**
 * Kinds of events, and what their two numbers are. The time of what a thread does is when it
 * will have done what it owes; what it owes is the second number, where no other is named.
 */
export const EVENTS = {
  /** A span begins or ends: its value, NaN at the end if it stays as it is. */
  begin: 0,
  end: 1,
  /** A span without others: how long, in ns. */
  work: 2,
  instant: 3,
  /** A device's span: how long, in ns, and its value. */
  busy: 4,
  /** A flow begins or ends: its number. */
  depart: 5,
  arrive: 6,
  blocked: 7,
  /** The track of whoever woke the thread, and what that one owed. */
  woken: 8,
  /** What the switch took, in ns. */
  dispatched: 9,
  preempted: 10,
} as const;

/** Bytes outside of the simulated memory have addresses from here on, as if they were in one. */
const OUTSIDE = 2 ** 40;

/** The track of what nobody does: timers. */
export const NO_TRACK = -1;

const moveNumbers = new Map(moveKinds.map((kind, number) => [kind, number]));

/** Where things happen one after the other: a thread, or a part of a device. */
export interface RecordedTrack {
  readonly name: string;
  readonly thread: boolean;
}

/** A system call: the number of the event with which it begins, and what the system had counted before and after it. */
export interface RecordedCall {
  readonly event: number;
  readonly before: () => Counts;
  after: (() => Counts) | undefined;
}

export class Recorder implements Probe {
  readonly events = new Events();
  readonly moves = new Moves();
  readonly names: string[] = [];
  readonly spaces: Space[] = [];
  readonly tracks: RecordedTrack[] = [];
  readonly #sim: Simulation;
  readonly #memory: Memory;
  readonly #tally: () => () => Counts;
  readonly #nameNumbers = new Map<string, number>();
  readonly #spaceNumbers = new Map<string, number>();
  readonly #threadTracks = new Map<Thread, number>();
  #lastThread: Thread | undefined = undefined; // most often the next event is of the same one
  #lastTrack = NO_TRACK;
  readonly #deviceTracks = new Map<object, Map<string, number>>();
  /** The system calls of programs, in the order in which they began. */
  readonly calls: RecordedCall[] = [];
  readonly #openCalls = new Map<number, RecordedCall>(); // by track
  readonly #depths: number[] = []; // of each track: spans that have begun and not ended
  readonly #presentNs: number[] = []; // of each track: time does not go back there
  readonly #flows = new Map<object, number>();
  #lastFlow = 0;
  #effectTrack = NO_TRACK;
  readonly #outside = new WeakMap<object, number>(); // addresses
  readonly #outsidePlaces = new Map<number, number>(); // by address
  #nextOutside = OUTSIDE;

  /** Records what happens in `sim`, with the owners of the frames of `memory` as places, and what `tally` tells of the system. */
  constructor(sim: Simulation, memory: Memory, tally: () => () => Counts) {
    this.#sim = sim;
    this.#memory = memory;
    this.#tally = tally;
  }

  /** Bytes that the recording takes for each event and each move, names and tracks left out. */
  get bytesPerEvent(): number {
    return (this.events.bytes + this.moves.bytes) / (this.events.length + this.moves.length);
  }

  begin(thread: Thread, name: string, space?: Space, value = 0): void {
    const track = this.#trackOf(thread);
    if (this.#depths[track]!++ === 0 && name.startsWith(SYSTEM_CALL)) this.#beginCall(track);
    this.events.add(EVENTS.begin, track, this.#present(thread, track), this.#name(name), this.#space(space), value, this.#owed(track));
  }

  end(thread: Thread, value = NaN): void {
    const track = this.#trackOf(thread);
    if (--this.#depths[track]! === 0) this.#endCall(track);
    this.events.add(EVENTS.end, track, this.#present(thread, track), 0, 0, value, this.#owed(track));
  }

  work(thread: Thread, name: string, ns: number, space?: Space): void {
    if (ns === 0) return;
    const track = this.#trackOf(thread);
    this.events.add(EVENTS.work, track, this.#present(thread, track), this.#name(name), this.#space(space), ns, this.#owed(track));
  }

  instant(name: string): void {
    const track = this.#here();
    this.events.add(EVENTS.instant, track, this.#time(track), this.#name(name), 0, 0, this.#owed(track));
  }

  busy(device: object, track: string, name: string, fromNs: number, toNs: number, value = 0): void {
    this.events.add(EVENTS.busy, this.#deviceTrack(device, track), fromNs, this.#name(name), 0, toNs - fromNs, value);
  }

  effect(processor: object | undefined): void {
    this.#effectTrack = processor === undefined ? NO_TRACK : this.#deviceTrack(processor, "interrupts");
  }

  depart(key: object, name: string): void {
    this.#flows.set(key, ++this.#lastFlow);
    const track = this.#here();
    this.events.add(EVENTS.depart, track, this.#time(track), this.#name(name), 0, this.#lastFlow, this.#owed(track));
  }

  arrive(key: object): void {
    const flow = this.#flows.get(key);
    if (flow === undefined) return; // it left before the recording began
    this.#flows.delete(key);
    const track = this.#here();
    this.events.add(EVENTS.arrive, track, this.#time(track), 0, 0, flow, this.#owed(track));
  }

  blocked(thread: Thread): void {
    this.#happens(EVENTS.blocked, thread, 0);
  }

  woken(thread: Thread): void {
    const by = this.#here();
    this.#time(by);
    this.#happens(EVENTS.woken, thread, by, this.#owed(by));
  }

  dispatched(thread: Thread, ns: number): void {
    this.#happens(EVENTS.dispatched, thread, ns);
  }

  preempted(thread: Thread): void {
    this.#happens(EVENTS.preempted, thread, 0);
  }

  move(kind: MoveKind, source: Place, target: Place, bytes: number, ns: number, place?: string): void {
    const track = this.#here();
    const [from, to] = [this.#address(source, bytes), this.#address(target, bytes)];
    const fromPlace = kind === "sector in" ? this.#name("disk") : this.#place(from);
    const toPlace = place !== undefined ? this.#name(place) : kind === "sector out" ? this.#name("disk") : kind === "load" ? fromPlace : this.#place(to);
    if (to >= OUTSIDE) this.#outsidePlaces.set(to, toPlace);
    this.moves.add(moveNumbers.get(kind)!, this.events.length, track, this.#time(track), from, to, bytes, ns, fromPlace, toPlace, this.#owed(track));
  }

  #beginCall(track: number): void {
    const call = { event: this.events.length, before: this.#tally(), after: undefined };
    this.calls.push(call);
    this.#openCalls.set(track, call);
  }

  #endCall(track: number): void {
    const call = this.#openCalls.get(track);
    if (call === undefined) return;
    call.after = this.#tally();
    this.#openCalls.delete(track);
  }

  /** Something happens to `thread` now, whatever it owes. */
  #happens(kind: number, thread: Thread, first: number, second = 0): void {
    this.events.add(kind, this.#trackOf(thread), this.#sim.now, 0, 0, first, second);
  }

  /** How much of the present of `track` still has to pass. */
  #owed(track: number): number {
    return this.#sim.current === undefined ? 0 : Math.max(0, this.#presentNs[track]! - this.#sim.now);
  }

  /** The track of whoever is running. */
  #here(): number {
    const { current } = this.#sim;
    return current === undefined ? this.#effectTrack : this.#trackOf(current);
  }

  #time(track: number): number {
    const { current } = this.#sim;
    return current === undefined ? this.#sim.now : this.#present(current, track);
  }

  /** When `thread` will have done what it owes. A thread that is ended from outside owes nothing any more. */
  #present(thread: Thread, track: number): number {
    return (this.#presentNs[track] = Math.max(this.#presentNs[track]!, this.#sim.now + thread.owedNs));
  }

  #trackOf(thread: Thread): number {
    if (thread === this.#lastThread) return this.#lastTrack;
    let track = this.#threadTracks.get(thread);
    if (track === undefined) this.#threadTracks.set(thread, (track = this.#addTrack(thread.name, true)));
    this.#lastThread = thread;
    return (this.#lastTrack = track);
  }

  #deviceTrack(device: object, name: string): number {
    let tracks = this.#deviceTracks.get(device);
    if (tracks === undefined) this.#deviceTracks.set(device, (tracks = new Map<string, number>()));
    let track = tracks.get(name);
    if (track === undefined) tracks.set(name, (track = this.#addTrack(name, false)));
    return track;
  }

  #addTrack(name: string, thread: boolean): number {
    const same = this.tracks.filter((track) => track.name === name || track.name.startsWith(`${name} (`)).length;
    this.#presentNs.push(0);
    this.#depths.push(0);
    return this.tracks.push({ name: same === 0 ? name : `${name} (${same + 1})`, thread }) - 1;
  }

  #name(name: string): number {
    let number = this.#nameNumbers.get(name);
    if (number === undefined) this.#nameNumbers.set(name, (number = this.names.push(name) - 1));
    return number;
  }

  #space(space: Space | undefined): number {
    if (space === undefined) return -1;
    let number = this.#spaceNumbers.get(space.name);
    if (number === undefined) this.#spaceNumbers.set(space.name, (number = this.spaces.push({ name: space.name, mode: space.mode }) - 1));
    return number;
  }

  /** The address of a place in which there are `bytes` bytes. A part of an array lies in it. */
  #address(place: Place, bytes: number): number {
    if (typeof place === "number") return place;
    const [whole, offset, room] = place instanceof Uint8Array ? [place.buffer, place.byteOffset, place.buffer.byteLength] : [place, 0, bytes];
    let address = this.#outside.get(whole);
    if (address === undefined) {
      this.#outside.set(whole, (address = this.#nextOutside));
      this.#nextOutside += Math.ceil(room / PAGE_BYTES) * PAGE_BYTES;
    }
    return address + offset;
  }

  /** Whose the frame at a physical address is, or what was said of bytes outside of memory when they came there. */
  #place(address: number): number {
    if (address >= OUTSIDE) return this.#outsidePlaces.get(address) ?? this.#name("");
    return this.#name(address < 0 ? "" : (this.#memory.tenant(Math.floor(address / PAGE_BYTES)) ?? "free memory"));
  }
}
