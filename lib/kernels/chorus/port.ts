/**
 * Ports and port groups, section 2.
 *
 * Layer: kernels/chorus. A port is where messages arrive; it belongs to an actor,
 * which receives from it with threads or has a handler connected to it, and it can
 * migrate to another actor without changing its name. A group is a name for several
 * ports of any actors: a message goes to all of them, or to one that will do.
 */
import { WaitQueue } from "../../engine/index.ts";
import type { Simulation, Thread } from "../../engine/index.ts";
import type { Frame } from "../../hardware/memory.ts";
import type { Actor } from "./actor.ts";
import type { Area } from "./area.ts";
import type { Message, MessageHandler } from "./message.ts";
import type { Site, UniqueIdentifier } from "./unique-identifier.ts";

/** A call that waits for its reply. */
export interface Call {
  readonly caller: Thread;
  readonly port: Port;
  /** The thread that received it. */
  server: Thread | undefined;
  /** Where the reply's body goes. */
  readonly response: Area | undefined;
  annex: Uint8Array | undefined;
  /** Bytes of the response that were filled. */
  bytes: number;
  failure: Error | undefined;
  /** The caller does not wait any more. */
  over: boolean;
}

/** Where a thread waits for the reply to its call. */
export class Replies extends WaitQueue {
  /** The call, if it is one to a thread of this site. */
  call: Call | undefined = undefined;

  override describe(): string {
    if (this.call === undefined) return super.describe();
    const { server, port } = this.call;
    if (server === undefined) return `${port.actor.name} to receive its message`;
    return server.queue === undefined ? `the reply of ${server.name}` : `the reply of ${server.name}, which waits for ${server.queue.describe()}`;
  }
}

/** A message that stands in a port's queue. */
export interface Delivery {
  readonly message: Message;
  /** The call it belongs to; undefined if nobody waits for a reply. */
  readonly call: Call | undefined;
  /** Page frames of the nucleus that keep the body of a message without a call. */
  readonly frames: readonly Frame[];
}

export class Port {
  readonly ui: UniqueIdentifier;
  actor: Actor;
  handler: MessageHandler | undefined = undefined;
  readonly queue: Delivery[] = [];
  /** Threads that wait for a message. */
  readonly receivers: WaitQueue;
  /** Grows when the port changes hands, which ends the waiting of its receivers. */
  moves = 0;

  constructor(sim: Simulation, ui: UniqueIdentifier, actor: Actor) {
    this.ui = ui;
    this.actor = actor;
    this.receivers = new WaitQueue(sim, `a message on port ${ui} of ${actor.name}`);
  }
}

/** The members of a group that live on this site. */
export class PortGroup {
  readonly ui: UniqueIdentifier;
  readonly members: Port[] = [];

  constructor(ui: UniqueIdentifier) {
    this.ui = ui;
  }
}

/**
 * Whom a message is for. A port has one way; a group has four: "all" broadcasts,
 * "any" takes one member, here if there is one; "site" takes one on the given site;
 * "other" takes one that is not the port given, for servers that look for their peers.
 */
export type Target =
  | { readonly ui: UniqueIdentifier; readonly to: "port" | "all" | "any" }
  | { readonly ui: UniqueIdentifier; readonly to: "site"; readonly site: Site }
  | { readonly ui: UniqueIdentifier; readonly to: "other"; readonly than: UniqueIdentifier };

/** A target as ipcTarget() makes it of a name: the port itself. */
export function portTarget(ui: UniqueIdentifier): Target {
  return { ui, to: "port" };
}
