/**
 * Actors: execution environments and the basic unit of resource allocation, section 2.
 *
 * Layer: kernels/chorus. An actor has ports and memory, and threads run in it. An
 * actor in supervisor space shares the supervisor's address space, so entering it
 * costs no address-space switch; one in user space has an address space of its own.
 */
import type { Simulation, Thread } from "../../engine/index.ts";
import type { AddressSpace } from "./address-space.ts";
import { Replies } from "./port.ts";
import type { Port } from "./port.ts";
import type { UniqueIdentifier } from "./unique-identifier.ts";

export type Mode = "user" | "supervisor";

export class Actor {
  readonly ui: UniqueIdentifier;
  readonly name: string;
  readonly mode: Mode;
  readonly space: AddressSpace;
  readonly ports = new Set<Port>();

  constructor(ui: UniqueIdentifier, name: string, mode: Mode, space: AddressSpace) {
    this.ui = ui;
    this.name = name;
    this.mode = mode;
    this.space = space;
  }
}

/** What the nucleus keeps for each thread. */
export class ThreadContext {
  /** The actor that the thread was created in; its address space stays loaded while the thread runs. */
  readonly home: Actor;
  /** The actor in whose context the thread executes now: another one inside a trap or message handler. */
  actor: Actor;
  /** Software register: the subsystem's own context of the thread, section 4.3.1. */
  software: unknown = undefined;
  readonly replies: Replies;

  constructor(sim: Simulation, home: Actor, threadName: string) {
    this.home = home;
    this.actor = home;
    this.replies = new Replies(sim, `the reply to a call of ${threadName}`);
  }
}

/** The context of a thread that the nucleus created. */
export function contextOf(thread: Thread): ThreadContext {
  return thread.context as ThreadContext;
}
