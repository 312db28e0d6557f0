/**
 * Traces: what a system did while a program ran, down to the sector and the byte.
 *
 * Layer: trace. trace() runs a program, record() anything else. Times are simulated,
 * in ns. Reading order: this file, spans.ts (what took how long), ledger.ts (what
 * moved where), path.ts (what a call waited for), breakdown.ts (Table 5-9 from it).
 */
import type { MoveKind, Space } from "../engine/index.ts";
import { InputError } from "../schema/index.ts";
import type { SystemName } from "../systems/boot.ts";
import type { Counts, System } from "../systems/system.ts";
import type { Program } from "../unix/interface.ts";
import { readRecording } from "./reader.ts";
import { Recorder } from "./recorder.ts";

/** A place where things happen one after the other: a thread, or a part of a device ("interrupts", "controller", "disk arm", "platter"). */
export interface Track {
  readonly name: string;
  readonly kind: "thread" | "device";
}

/** Something done from a beginning to an end. Spans of a track nest. */
export interface Span {
  readonly name: string;
  readonly track: Track;
  /** Where the code ran; undefined on devices and where nothing told. */
  readonly space: Space | undefined;
  readonly beginNs: number;
  endNs: number;
  /** Its place among all that was recorded: of things at one time, which came first. */
  readonly order: number;
  /** What no span inside accounts for, sleep included, in ns. */
  selfNs: number;
  /** A number that belongs to it: bytes moved by a call, a sector, a distance in cylinders. */
  value: number;
  readonly parent: Span | undefined;
  readonly children: Span[];
}

/** Something without a length. */
export interface Instant {
  readonly name: string;
  readonly track: Track | undefined;
  readonly span: Span | undefined;
  readonly timeNs: number;
}

/** An end of a flow: when, and in which span of which track. */
export interface FlowEnd {
  readonly track: Track | undefined;
  span: Span | undefined;
  readonly timeNs: number;
  readonly order: number;
}

/** Something that goes from one track to another: a message, a request to the disk. */
export interface Flow {
  readonly name: string;
  readonly from: FlowEnd;
  /** Undefined when it had not arrived at the end of the trace. */
  readonly to: FlowEnd | undefined;
}

/**
 * A thread's sleep, and who ended it: undefined for a timer, or when it went on. Whoever ends it may first have
 * had to do what led to that: then the sleep lasts until that is done.
 */
export interface Sleep {
  readonly track: Track;
  readonly fromNs: number;
  toNs: number;
  readonly by: Track | undefined;
}

/** A thread's time on the processor, which begins with `switchNs` to get there. */
export interface Turn {
  readonly track: Track;
  readonly fromNs: number;
  readonly toNs: number;
  readonly switchNs: number;
}

/** A movement of bytes; see MoveKind for what the kinds are. */
export interface Movement {
  readonly kind: MoveKind;
  readonly timeNs: number;
  readonly order: number;
  /** What it took, in ns. */
  readonly ns: number;
  readonly bytes: number;
  /** Physical addresses; on the disk's side of a sector its number; -1 where there is none. */
  readonly from: number;
  readonly to: number;
  /** Whose memory it is there: "buffer cache", "process", "disk". */
  readonly fromPlace: string;
  readonly toPlace: string;
  readonly track: Track | undefined;
  span: Span | undefined;
}

/** A system call of the program. */
export interface Operation {
  /** The call's name: "read". */
  readonly name: string;
  readonly span: Span;
  /** Bytes that it moved. */
  readonly bytes: number;
  /** What the whole system counted from its beginning to its end. */
  readonly counts: Counts;
}

export interface Trace<T = unknown> {
  readonly system: SystemName;
  /** What the program returned. */
  readonly result: T;
  readonly beginNs: number;
  readonly endNs: number;
  readonly tracks: readonly Track[];
  /** All spans, in the order in which they began on their tracks; those without a parent are the roots. */
  readonly spans: readonly Span[];
  readonly instants: readonly Instant[];
  readonly flows: readonly Flow[];
  readonly sleeps: readonly Sleep[];
  readonly turns: readonly Turn[];
  readonly movements: readonly Movement[];
  readonly operations: readonly Operation[];
  /** What the system counted meanwhile. */
  readonly counts: Counts;
  /** The drive, whose angle follows from the time: see platterAngle. */
  readonly disk: { readonly revolutionNs: number; readonly sectorsPerTrack: number };
  /** Events recorded, and the bytes that each took in the recording. */
  readonly events: number;
  readonly bytesPerEvent: number;
}

/**
 * Run `program` on `system` as System.run does, and tell what happened.
 * @throws what the program throws; InputError when the system is being traced already.
 */
export function trace<T>(system: System, program: Program<T>): Trace<T> {
  return record(system, () => system.run(program));
}

/** Do `work` with `system`, such as one of the workloads, and tell what happened. Errors as trace(). */
export function record<T>(system: System, work: () => T): Trace<T> {
  const { sim, machine } = system;
  if (sim.probe !== undefined) throw new InputError(`trace: ${system.name} is being traced already`);
  const recorder = new Recorder(sim, machine.memory, () => system.tally());
  const before = system.counts();
  const beginNs = sim.now;
  sim.probe = recorder;
  let result: T;
  try {
    result = work();
  } finally {
    sim.probe = undefined;
  }
  return readRecording(recorder, system, { result, beginNs, before });
}

/** Where the platter stands at `timeNs`, as a share of a revolution from 0 up to 1. */
export function platterAngle({ disk }: Pick<Trace, "disk">, timeNs: number): number {
  return (timeNs / disk.revolutionNs) % 1;
}
