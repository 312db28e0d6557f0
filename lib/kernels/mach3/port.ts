/**
 * Ports and port sets: queues of messages with one receiver and counted senders.
 *
 * Layer: kernels/mach3; section 2. A port lives as long as its receive right. It
 * counts the send and send-once rights to it wherever they are: in name spaces,
 * in messages, with the kernel. When the last send right goes, or the port dies,
 * those who asked for it get a notification, itself a message.
 */
import { WaitQueue } from "../../engine/index.ts";
import type { Simulation, Steps, Thread } from "../../engine/index.ts";
import { kernelMessage } from "./message.ts";
import type { KernelMessage, PortName, Right } from "./message.ts";
import type { NameSpace } from "./name-space.ts";
import { discardCopy } from "./vm-copy.ts";

/** Carries out a message that is for the kernel itself; what it returns goes to the reply port. One that throws has taken nothing of the message. */
export type KernelService = (message: KernelMessage) => Steps<KernelMessage | undefined>;

export interface PortOptions {
  name: string;
  /** Messages that fit into the queue. */
  limit: number;
  /** The kernel receives on this port: the sender's thread does the work, in the kernel. */
  service?: KernelService;
}

export class Port {
  readonly name: string;
  readonly limit: number;
  readonly service: KernelService | undefined;
  dead = false;
  sendRights = 0;
  sendOnceRights = 0;
  /** What the kernel does when the port dies. */
  whenDead: (() => void) | undefined = undefined;
  readonly queue: KernelMessage[] = [];
  readonly receivers: WaitQueue;
  readonly senders: WaitQueue;
  set: PortSet | undefined = undefined;
  /** Of a port on which an answer is awaited: the port where the request waits, or the thread that has taken it. */
  answerer: Port | Thread | undefined = undefined;
  /** A send-once right for the notification that no send rights are left. */
  noSenders: Port | undefined = undefined;
  /** Who wants to hear of the port's death: a send-once right, and the name that dies in which name space. */
  readonly deathRequests: { notify: Port; name: PortName; space: NameSpace }[] = [];

  constructor(sim: Simulation, options: PortOptions) {
    this.name = options.name;
    this.limit = options.limit;
    this.service = options.service;
    this.receivers = new Receivers(sim, this);
    this.senders = new WaitQueue(sim, `room in the queue of ${this.name}`);
  }

  /** The queue takes no more from those who have to wait. */
  get full(): boolean {
    return this.queue.length >= this.limit;
  }

  /** Queue `message` whatever the limit; to a dead port it is lost. */
  enqueue(message: KernelMessage): void {
    if (this.dead) {
      discardMessage(message);
      return;
    }
    this.queue.push(message);
    this.receivers.sim.probe?.depart(message, message.id);
    if (this.set === undefined) this.receivers.wakeOne();
    else this.set.arrived(this);
  }

  /** The oldest message, if there is one; makes room for a sender. */
  dequeue(): KernelMessage | undefined {
    const message = this.queue.shift();
    if (message !== undefined) {
      this.receivers.sim.probe?.arrive(message);
      this.senders.wakeAll();
    }
    return message;
  }

  /** The receive right is gone: the port dies with its messages, and all who wait or asked are told. */
  destroy(): void {
    if (this.dead) return;
    this.dead = true;
    this.set?.remove(this);
    this.receivers.wakeAll();
    this.senders.wakeAll();
    for (const message of this.queue.splice(0)) discardMessage(message);
    for (const { notify, name } of this.deathRequests.splice(0)) sendNotification(notify, "dead_name", name);
    if (this.noSenders !== undefined) releaseSendOnce(this.noSenders);
    this.noSenders = undefined;
    this.whenDead?.();
  }
}

/** Those who wait for a message: if it is an answer, they wait for whoever has the request. */
class Receivers extends WaitQueue {
  readonly #port: Port;
  #describing = false;

  constructor(sim: Simulation, port: Port) {
    super(sim, `a message on ${port.name}`);
    this.#port = port;
  }

  override describe(): string {
    const { answerer } = this.#port;
    if (answerer === undefined || this.#describing) return this.name;
    if (answerer instanceof Port) return answerer.service === undefined ? `a thread to receive from ${answerer.name}` : `an answer of ${answerer.name}`;
    if (answerer.queue === undefined) return answerer.name;
    this.#describing = true; // whom it waits for may wait for this one
    const reason = answerer.queue.describe();
    this.#describing = false;
    return `${answerer.name}, which waits for ${reason}`;
  }
}

/** Ports that one thread receives from together. Messages come in the order of their arrival. */
export class PortSet {
  readonly name: string;
  dead = false;
  readonly members = new Set<Port>();
  readonly receivers: WaitQueue;
  #arrivals: Port[] = []; // one entry for each queued message

  constructor(sim: Simulation, name: string) {
    this.name = name;
    this.receivers = new WaitQueue(sim, `a message on ${name}`);
  }

  add(port: Port): void {
    this.members.add(port);
    port.set = this;
    for (const _ of port.queue) this.arrived(port);
  }

  remove(port: Port): void {
    this.members.delete(port);
    port.set = undefined;
    this.#arrivals = this.#arrivals.filter((other) => other !== port);
  }

  arrived(port: Port): void {
    this.#arrivals.push(port);
    this.receivers.wakeOne();
  }

  /** The member whose message is next. */
  next(): Port | undefined {
    return this.#arrivals.shift();
  }

  destroy(): void {
    this.dead = true;
    for (const port of [...this.members]) this.remove(port);
    this.receivers.wakeAll();
  }
}

/** A send right to `port` is given up; the last one may be waited for. */
export function releaseSend(port: Port): void {
  port.sendRights--;
  if (port.sendRights > 0 || port.noSenders === undefined) return;
  const notify = port.noSenders;
  port.noSenders = undefined;
  sendNotification(notify, "no_senders", 0);
}

/** A send-once right to `port` is given up unused: its holder promised one message, and this is it. */
export function releaseSendOnce(port: Port): void {
  sendNotification(port, "send_once", 0);
}

/** Give up a right in flight. */
export function releaseRight(right: Right): void {
  if (right.kind === "send") releaseSend(right.port);
  else if (right.kind === "send-once") releaseSendOnce(right.port);
  else if (right.kind === "receive") right.port.destroy();
}

/** Give up all that `message` holds. */
export function discardMessage(message: KernelMessage): void {
  if (message.reply !== undefined) releaseRight(message.reply);
  message.ports.forEach(releaseRight);
  message.memory.forEach(discardCopy);
}

/** Use the send-once right to `notify` for the notification `what` about `name`. */
function sendNotification(notify: Port, what: "dead_name" | "no_senders" | "send_once", name: PortName): void {
  notify.sendOnceRights--;
  notify.enqueue(kernelMessage(`mach_notify_${what}`, { name }));
}
