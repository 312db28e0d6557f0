/**
 * Where a running simulation tells what it does: the probe of a trace.
 *
 * Layer: engine. Without a probe nothing is told, and asking whether there is one is
 * all that it costs. A span is something that a thread does from a beginning to an
 * end; spans of a thread nest. A thread's present is the simulation's and the work
 * that it owes: work is charged first, and passes as time later.
 */
import type { Simulation } from "./simulation.ts";
import type { Steps } from "./steps.ts";
import type { Thread } from "./thread.ts";

/** Whose code runs, and where: an address space, or an actor or server in it. */
export interface Space {
  readonly name: string;
  readonly mode: "user" | "supervisor";
}

/**
 * How bytes move: sector in and out, by programmed I/O between the controller and memory;
 * a copy; zeros filled in; a page handed over, so that no byte moves; a mapping entered, likewise;
 * bytes in a message; what a program itself stores into its memory and loads from there.
 */
export const moveKinds = ["sector in", "sector out", "copy", "zero", "page", "map", "message", "store", "load"] as const;
export type MoveKind = (typeof moveKinds)[number];

/** The address of a place that has none: where a program makes its bytes, and where it uses them. */
export const NOWHERE = -1;

/**
 * Where bytes are: a physical address (the number of a sector, a virtual address that something is mapped to), or
 * what holds them outside of the simulated memory: a program's variable, by its array or a part of it; a message on its way.
 */
export type Place = number | object;

export interface Probe {
  /** `thread` begins what is called `name`, in `space` or where it was; `value` is a number that belongs to it. */
  begin(thread: Thread, name: string, space?: Space, value?: number): void;
  /** The innermost span of `thread` ends; its value is known only now if it is given. */
  end(thread: Thread, value?: number): void;
  /** `thread` does `ns` of work called `name`, in `space` or where it was: a span with none inside it. */
  work(thread: Thread, name: string, ns: number, space?: Space): void;
  /** The running thread, or the interrupt that is being served, comes to a point called `name`. */
  instant(name: string): void;
  /** A device's part called `track` does `name` from one time to another, in ns; both may lie in the future. */
  busy(device: object, track: string, name: string, fromNs: number, toNs: number, value?: number): void;
  /** From here on what happens outside of threads is the effect of an interrupt of `processor`; undefined: of none. */
  effect(processor: object | undefined): void;
  /** What `key` stands for, called `name`, leaves whoever is running; it arrives where `key` is given back. */
  depart(key: object, name: string): void;
  arrive(key: object): void;
  /** `thread` goes to sleep, or ends; is woken by whoever is running; gets the processor, after `ns` spent on the switch; loses it. */
  blocked(thread: Thread): void;
  woken(thread: Thread): void;
  dispatched(thread: Thread, ns: number): void;
  preempted(thread: Thread): void;
  /**
   * `bytes` bytes move between places, which takes `ns`. Where they come to is whosever memory that is, or `place`;
   * what a program loads into a variable is still its memory.
   */
  move(kind: MoveKind, from: Place, to: Place, bytes: number, ns: number, place?: string): void;
}

/** Take `steps` as a span called `name`, in `space` or where the thread was. A function that gives them is called inside. */
export function spanned<T>(sim: Simulation, name: string, steps: Steps<T> | (() => Steps<T>), space?: Space): Steps<T> {
  if (sim.probe !== undefined) return within(sim, sim.probe, name, steps, space);
  return typeof steps === "function" ? steps() : steps;
}

function* within<T>(sim: Simulation, probe: Probe, name: string, steps: Steps<T> | (() => Steps<T>), space: Space | undefined): Steps<T> {
  const thread = sim.running();
  probe.begin(thread, name, space);
  try {
    return yield* typeof steps === "function" ? steps() : steps;
  } finally {
    probe.end(thread); // the thread may be ended by another one
  }
}
