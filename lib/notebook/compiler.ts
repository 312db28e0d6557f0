/**
 * tslab's compiler as the thread of the cells sees it: calls to another thread, which it awaits standing still.
 * Layer: notebook.
 */
import { once } from "node:events";
import { MessageChannel, receiveMessageOnPort } from "node:worker_threads";
import type { MessagePort, Worker } from "node:worker_threads";
import type { Methods } from "./compiler-thread.ts";
import { startThread } from "./thread.ts";

/** A compiler that has died must not take the cells with it. */
const TIMEOUT_MS = 120_000;

/** A call of one of the thread's methods. */
export interface Call {
  method: keyof Methods;
  args: unknown[];
}

export class Compiler {
  readonly #thread: Worker;
  readonly #port: MessagePort;
  readonly #answered: Int32Array;

  private constructor(thread: Worker, port: MessagePort, answered: Int32Array) {
    this.#thread = thread;
    this.#port = port;
    this.#answered = answered;
  }

  /** Starts the compiler; cells resolve their imports from the working directory. */
  static async start(): Promise<Compiler> {
    const { port1: port, port2 } = new MessageChannel();
    const answered = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    const thread = startThread(new URL("compiler-thread.ts", import.meta.url), { port: port2, answered }, [port2]);
    await Promise.race([once(port, "message"), once(thread, "error").then(([error]) => Promise.reject(error))]);
    // A process that has nothing else to do ends.
    port.unref();
    thread.unref();
    return new Compiler(thread, port, answered);
  }

  /** @throws Error when the compiler fails or does not answer. */
  call<M extends keyof Methods>(method: M, ...args: unknown[]): ReturnType<Methods[M]> {
    Atomics.store(this.#answered, 0, 0);
    this.#port.postMessage({ method, args } satisfies Call);
    if (Atomics.wait(this.#answered, 0, 0, TIMEOUT_MS) === "timed-out") throw new Error("the compiler of the cells does not answer");
    const { value, error } = receiveMessageOnPort(this.#port)!.message;
    if (error !== undefined) throw new Error(error);
    return value;
  }

  async close(): Promise<void> {
    await this.#thread.terminate();
  }
}
