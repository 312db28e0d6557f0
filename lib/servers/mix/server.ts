/**
 * How a server gets its messages: by a message handler, or with threads of its own.
 *
 * Layer: servers/mix; sections 2, 3.2.1 and 6.1. Loaded in the supervisor's space a
 * server connects a handler, and its clients' threads run it. In user space, or with
 * handlers switched off, threads receive each message into a buffer and reply from
 * it. The server's code is the same.
 */
import { spanned } from "../../engine/index.ts";
import type { Steps } from "../../engine/index.ts";
import { PAGE_BYTES } from "../../hardware/memory.ts";
import { FramesOnDemand, WiredArea } from "../../kernels/chorus/index.ts";
import type { Actor, MessageHandler, Mode, Nucleus, Port } from "../../kernels/chorus/index.ts";

/** Bytes that a server thread can receive or answer with at once. */
export const SERVER_BUFFER_BYTES = 65536;

export interface ServerStructure {
  readonly mode: Mode;
  readonly handlers: boolean;
  /** Threads to start with, if there are no handlers; more are made when all are busy. */
  readonly threads: number;
}

/** An actor with a port where `handler` is served. */
export class Server {
  readonly actor: Actor;
  readonly port: Port;
  readonly #nucleus: Nucleus;
  readonly #handler: MessageHandler;
  readonly #wired: boolean;
  #idle = 0;
  #made = 0;

  /** With `wired` the buffers of its threads are always in memory, as those of a mapper must be: it is called when memory is short. */
  constructor(nucleus: Nucleus, name: string, { mode, handlers, threads }: ServerStructure, handler: MessageHandler, wired = false) {
    this.#nucleus = nucleus;
    this.#handler = handler;
    this.#wired = wired;
    this.actor = nucleus.actorCreate(name, mode);
    this.port = nucleus.names.portCreate(this.actor);
    if (mode === "supervisor" && handlers) nucleus.ipc.svMsgHandler(this.port, handler);
    else while (this.#made < threads) this.#addThread();
  }

  #addThread(): void {
    const { machine, memory } = this.#nucleus;
    let buffer: WiredArea | FramesOnDemand;
    if (this.#wired) {
      const frames = machine.memory.allocateRun(this.actor.name, SERVER_BUFFER_BYTES / PAGE_BYTES);
      if (frames === undefined) return; // the others will have to do
      buffer = new WiredArea(frames);
    } else buffer = new FramesOnDemand(SERVER_BUFFER_BYTES, memory.replacement);
    this.#idle++;
    this.#nucleus.threadCreate(this.actor, `${this.actor.name} ${++this.#made}`, this.#work(buffer), { daemon: true });
  }

  *#work(buffer: WiredArea | FramesOnDemand): Steps {
    const { ipc, machine } = this.#nucleus;
    for (;;) {
      const received = yield* ipc.ipcReceive(this.port, buffer);
      if (--this.#idle === 0) this.#addThread();
      const reply = yield* spanned(machine.sim, this.actor.name, () => this.#handler(received), this.actor);
      yield* ipc.ipcReply(received, reply, buffer);
      if (buffer instanceof FramesOnDemand) buffer.release(); // a thread that sleeps in a call of another keeps no frames
      this.#idle++;
    }
  }
}
