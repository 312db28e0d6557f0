/**
 * CHORUS IPC: ipcSend, ipcReceive, ipcCall and ipcReply, section 2.
 *
 * Layer: kernels/chorus. A message to a port with a handler runs the handler on the
 * sender's thread, in the context of the receiving actor, on the sender's own bytes.
 * A message to any other port is queued, copied, and received by a thread. Senders
 * cannot tell which of the two it was, nor on which site the port lives.
 */
import { NOWHERE, spanned } from "../../engine/index.ts";
import type { Steps } from "../../engine/index.ts";
import { PAGE_BYTES } from "../../hardware/memory.ts";
import type { Frame } from "../../hardware/memory.ts";
import { contextOf } from "./actor.ts";
import type { Actor } from "./actor.ts";
import { copy, PartOfArea, WiredArea } from "./area.ts";
import type { Area } from "./area.ts";
import { NucleusError } from "./error.ts";
import type { Invocation, Message, MessageHandler, Reply } from "./message.ts";
import type { Nucleus } from "./nucleus.ts";
import { portTarget } from "./port.ts";
import type { Call, Delivery, Port, Target } from "./port.ts";
import { requireSupervisor } from "./traps.ts";

/** A message as a thread received it; ipcReply answers it. */
export interface Received extends Invocation {
  readonly call: Call | undefined;
}

export class Ipc {
  readonly #nucleus: Nucleus;

  constructor(nucleus: Nucleus) {
    this.#nucleus = nucleus;
  }

  /** svMsgHandler(): messages to `port` run `handler` from now on. @throws NucleusError notSupervisor */
  svMsgHandler(port: Port, handler: MessageHandler): void {
    requireSupervisor(port.actor, "a message handler");
    port.handler = handler;
  }

  /** Send `message` and go on; to a group with "all" it goes to every member. @throws NucleusError unknownPort */
  ipcSend(target: Target, message: Message): Steps {
    return spanned(this.#nucleus.machine.sim, "ipcSend", this.#ipcSend(target, message), this.#nucleus.own);
  }

  *#ipcSend(target: Target, message: Message): Steps {
    this.#begin(message);
    const ports = this.#nucleus.names.local(target);
    if (target.to === "all") {
      for (const port of ports) yield* this.#sendTo(port, message);
      yield* this.#nucleus.network.broadcast(target, message);
    } else if (ports.length > 0) yield* this.#sendTo(ports[0]!, message);
    else yield* this.#nucleus.network.send(target, message);
  }

  /**
   * Send `request` and wait for the reply, whose body goes to `response`.
   * @throws NucleusError unknownPort, timeout; and what a handler on this site throws
   */
  ipcCall(target: Target, request: Message, response?: Area, timeoutNs?: number): Steps<Reply> {
    return spanned(this.#nucleus.machine.sim, "ipcCall", this.#ipcCall(target, request, response, timeoutNs), this.#nucleus.own);
  }

  *#ipcCall(target: Target, request: Message, response: Area | undefined, timeoutNs: number | undefined): Steps<Reply> {
    this.#begin(request);
    const port = this.#nucleus.names.local(target)[0];
    if (port === undefined) return yield* this.#nucleus.network.call(target, request, response, timeoutNs);
    if (port.handler !== undefined) return yield* this.#handle(port, port.handler, request, response);
    return yield* this.#callThread(port, request, response, timeoutNs);
  }

  /**
   * Wait for a message on `port`, which must belong to the thread's actor; its body is copied to `into`.
   * @throws NucleusError notOwner, portMoved, timeout
   */
  ipcReceive(port: Port, into?: Area, timeoutNs?: number): Steps<Received> {
    return spanned(this.#nucleus.machine.sim, "ipcReceive", this.#ipcReceive(port, into, timeoutNs), this.#nucleus.own);
  }

  *#ipcReceive(port: Port, into: Area | undefined, timeoutNs: number | undefined): Steps<Received> {
    const { machine, costs } = this.#nucleus;
    this.#nucleus.enter();
    this.#requireOwner(port);
    machine.processor.charge(costs.ipcQueueNs, "ipcReceive");
    const { moves } = port;
    while (port.queue.length === 0) {
      if (!(yield* port.receivers.wait(timeoutNs))) throw new NucleusError("timeout", `no message on port ${port.ui}`);
      if (port.moves !== moves) throw new NucleusError("portMoved", `port ${port.ui} has left ${this.#running().name}`);
    }
    const delivery = port.queue.shift()!;
    const { message, call, frames } = delivery;
    machine.sim.probe?.arrive(delivery);
    if (call !== undefined) call.server = machine.sim.running();
    const annex = this.#copyAnnex(message.annex);
    let body: Area | undefined;
    try {
      body = yield* this.#copyBody(message.body, into);
    } catch (error) {
      if (call === undefined) throw error;
      this.abort(call, error as Error); // the sender's own memory cannot be read
      return yield* this.ipcReceive(port, into, timeoutNs);
    }
    for (const frame of frames) this.#nucleus.memory.replacement.release(frame);
    return { annex, body, response: into, call };
  }

  /** Answer a message: `reply.bytes` bytes of `body` go to the caller's response. Without effect if nobody waits. */
  ipcReply(received: Received, reply: Reply, body?: Area): Steps {
    return spanned(this.#nucleus.machine.sim, "ipcReply", this.#ipcReply(received, reply, body), this.#nucleus.own);
  }

  *#ipcReply(received: Received, reply: Reply, body: Area | undefined): Steps {
    const { machine, costs, counters } = this.#nucleus;
    this.#nucleus.enter();
    const { call } = received;
    if (call === undefined || call.over) return;
    machine.processor.charge(costs.ipcReplyNs, "ipcReply");
    counters.messages++;
    const bytes = Math.min(reply.bytes ?? 0, call.response?.bytes ?? 0);
    try {
      if (body !== undefined) yield* this.#copyBody(new PartOfArea(body, 0, bytes), call.response);
    } catch (error) {
      this.abort(call, error as Error); // the caller's own memory cannot be filled
    }
    if (call.over) return;
    call.annex = this.#copyAnnex(reply.annex);
    call.bytes = bytes;
    this.#finish(call);
  }

  /** Serve `port` for ever with the running thread: receive into `buffer`, let `handler` answer. What a handler does on the caller's thread, a server's own threads do with this. */
  *serve(port: Port, handler: MessageHandler, buffer: Area): Steps<never> {
    for (;;) {
      const received = yield* this.ipcReceive(port, buffer);
      const reply = yield* handler(received);
      yield* this.ipcReply(received, reply, buffer);
    }
  }

  /** End the call of a message that will not be received: its caller fails, or with `failure` undefined sends again. */
  abort(call: Call, failure: Error | undefined): void {
    call.failure = failure;
    this.#finish(call);
  }

  #begin(message: Message): void {
    const { machine, costs, counters } = this.#nucleus;
    this.#nucleus.enter();
    machine.processor.charge(costs.ipcSendNs, "ipcSend");
    counters.messages++;
    counters.messageBytes += message.annex.length + (message.body?.bytes ?? 0);
  }

  *#sendTo(port: Port, message: Message): Steps {
    if (port.handler !== undefined) {
      yield* this.#handle(port, port.handler, message, undefined);
      return;
    }
    const frames: Frame[] = [];
    let body: Area | undefined;
    if (message.body !== undefined) {
      const bytes = message.body.bytes;
      while (frames.length * PAGE_BYTES < bytes) frames.push(yield* this.#nucleus.memory.replacement.acquire());
      body = yield* this.#copyBody(message.body, new WiredArea(frames, bytes));
    }
    this.#queue(port, { message: { annex: this.#copyAnnex(message.annex), body }, call: undefined, frames });
  }

  /** Run the handler of `port` on this thread, in the context of the port's actor. */
  *#handle(port: Port, handler: MessageHandler, message: Message, response: Area | undefined): Steps<Reply> {
    const { machine, costs, counters } = this.#nucleus;
    machine.processor.charge(costs.handlerNs, "message handler");
    counters.handlerCalls++;
    machine.sim.probe?.instant(`message handler of ${port.actor.name}`);
    const context = contextOf(machine.sim.running());
    const caller = context.actor;
    context.actor = port.actor;
    try {
      return yield* spanned(machine.sim, port.actor.name, () => handler({ annex: message.annex, body: message.body, response }), port.actor);
    } finally {
      context.actor = caller;
      machine.processor.charge(costs.ipcReplyNs, "ipcReply");
      counters.messages++;
    }
  }

  /** Queue the request, whose body stays in the caller's memory, and sleep until a thread has replied. */
  *#callThread(port: Port, message: Message, response: Area | undefined, timeoutNs: number | undefined): Steps<Reply> {
    const caller = this.#nucleus.machine.sim.running();
    const { replies } = contextOf(caller);
    const call: Call = { caller, port, server: undefined, response, annex: undefined, bytes: 0, failure: undefined, over: false };
    const delivery: Delivery = { message, call, frames: [] };
    this.#queue(port, delivery);
    replies.call = call;
    const replied = yield* replies.wait(timeoutNs);
    replies.call = undefined;
    if (!replied) {
      call.over = true;
      const place = port.queue.indexOf(delivery);
      if (place >= 0) port.queue.splice(place, 1);
      throw new NucleusError("timeout", `no reply from port ${port.ui}`);
    }
    this.#nucleus.machine.sim.probe?.arrive(call);
    if (call.failure !== undefined) throw call.failure;
    if (call.annex === undefined) return yield* this.ipcCall(portTarget(port.ui), message, response, timeoutNs);
    return { annex: call.annex, bytes: call.bytes };
  }

  #queue(port: Port, delivery: Delivery): void {
    port.queue.push(delivery);
    this.#nucleus.machine.sim.probe?.depart(delivery, `message to ${port.actor.name}`);
    port.receivers.wakeOne();
  }

  #finish(call: Call): void {
    if (call.over) return;
    call.over = true;
    this.#nucleus.machine.sim.probe?.depart(call, "reply");
    contextOf(call.caller).replies.wakeOne();
  }

  #copyAnnex(annex: Uint8Array): Uint8Array {
    const { machine, costs, counters } = this.#nucleus;
    machine.processor.charge(costs.annexCopyNs, "parameters copied");
    counters.copies++;
    counters.copiedBytes += annex.length;
    machine.sim.probe?.move("message", NOWHERE, NOWHERE, annex.length, costs.annexCopyNs);
    return annex.slice();
  }

  /** Copy as much of `body` as fits into `into`; what was filled of it. */
  *#copyBody(body: Area | undefined, into: Area | undefined): Steps<Area | undefined> {
    if (body === undefined || into === undefined) return undefined;
    const bytes = Math.min(body.bytes, into.bytes);
    yield* copy(this.#nucleus.machine, this.#nucleus.counters, body, 0, into, 0, bytes);
    return new PartOfArea(into, 0, bytes);
  }

  #running(): Actor {
    return contextOf(this.#nucleus.machine.sim.running()).actor;
  }

  #requireOwner(port: Port): void {
    const actor = this.#running();
    if (port.actor !== actor) throw new NucleusError("notOwner", `port ${port.ui} belongs to ${port.actor.name}, not to ${actor.name}`);
  }
}
