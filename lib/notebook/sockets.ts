/**
 * The five sockets of a kernel.
 *
 * Layer: notebook. Requests come in on shell and control; what happens is published on
 * iopub; stdin is bound because the protocol wants it, and unused. Control and the
 * heartbeat live in a thread of their own.
 */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import type { Worker } from "node:worker_threads";
import { Publisher, Router } from "zeromq";
import { HEARD } from "./phase.ts";
import { startThread } from "./thread.ts";
import { addressOf, decode, encode } from "./wire.ts";
import type { Connection, Content, Header, Message } from "./wire.ts";

export type Channel = "shell" | "control";

export class Sockets {
  readonly #connection: Connection;
  readonly #session = randomUUID();
  readonly #shell = new Router();
  readonly #stdin = new Router();
  // Without a limit: a cell that prints faster than its reader reads must not lose lines.
  readonly #iopub = new Publisher({ sendHighWaterMark: 0 });
  readonly #control: Worker;
  readonly #shared: Int32Array;
  readonly #controlIsOpen: Promise<unknown>;

  /** `shared` tells the thread of the control socket how far this thread is. */
  constructor(connection: Connection, shared: Int32Array) {
    this.#connection = connection;
    this.#control = startThread(new URL("control-thread.ts", import.meta.url), { connection, shared });
    this.#shared = shared;
    this.#controlIsOpen = once(this.#control, "message");
  }

  /** Opens the sockets and hands every request to `receive` as it comes in. */
  async open(receive: (channel: Channel, request: Message) => void): Promise<void> {
    const { shell_port, stdin_port, iopub_port } = this.#connection;
    await Promise.all([
      this.#shell.bind(addressOf(this.#connection, shell_port)),
      this.#stdin.bind(addressOf(this.#connection, stdin_port)),
      this.#iopub.bind(addressOf(this.#connection, iopub_port)),
      this.#controlIsOpen,
    ]);
    this.#control.on("message", (frames: Uint8Array[]) => {
      Atomics.add(this.#shared, HEARD, 1);
      this.#deliver("control", frames.map((frame) => Buffer.from(frame)), receive);
    });
    void this.#serveShell(receive);
  }

  /** Publishes what happens because of `cause` to everyone who watches the kernel. */
  publish(type: string, content: Content, cause?: Header): void {
    void this.#iopub.send(this.#encode(type, content, cause, [Buffer.from(`kernel.${type}`)]));
  }

  /** Answers `request` on the socket that it came in on. */
  reply(channel: Channel, request: Message, type: string, content: Content): void {
    const frames = this.#encode(type, content, request.header, request.identities);
    if (channel === "shell") void this.#shell.send(frames);
    else this.#control.postMessage(frames);
  }

  /** Closes the sockets once what was sent is on its way. */
  async close(): Promise<void> {
    this.#shell.close();
    this.#stdin.close();
    this.#iopub.close();
    this.#control.postMessage("close");
    await once(this.#control, "exit");
  }

  async #serveShell(receive: (channel: Channel, request: Message) => void): Promise<void> {
    for await (const frames of this.#shell) this.#deliver("shell", frames, receive);
  }

  #deliver(channel: Channel, frames: Buffer[], receive: (channel: Channel, request: Message) => void): void {
    try {
      receive(channel, decode(frames, this.#connection.key));
    } catch (error) {
      process.stderr.write(`${(error as Error).message}\n`);
    }
  }

  #encode(type: string, content: Content, parent: Header | undefined, route: readonly Buffer[]): Buffer[] {
    return encode({ type, content, parent, route, session: this.#session }, this.#connection.key);
  }
}
