/**
 * The pool of C threads that carry out what the Emulation Libraries ask for (section 3.1.1).
 *
 * Layer: servers/bsd43. All receive from one port set, in which each process has a port: a thread
 * takes on the identity of the client whose port the message came in on. The server does not trust
 * the library (section 4.1.1), so a message may be anything: what it brings is given back whether a
 * call takes it or not, one that makes no sense is answered with an errno, and one that wants no
 * answer gets none.
 */
import { spanned } from "../../engine/index.ts";
import type { Steps } from "../../engine/index.ts";
import { UnixError } from "../../fs/errno.ts";
import type { Errno } from "../../fs/errno.ts";
import { MachError, machMsgReceive, machMsgRpc, machMsgSend, replyTo, threadCreate, vmDeallocate } from "../../kernels/mach3/index.ts";
import type { Message, Received, Task } from "../../kernels/mach3/index.ts";
import { callIn, takesMemory } from "./calls.ts";
import { ReadAnswer } from "./data-calls.ts";
import type { Bsd43Server } from "./server.ts";
import type { ServerAnswer, ServerCall } from "./server-call.ts";

type Answer = Message<ServerAnswer>;

export class ThreadPool {
  readonly #server: Bsd43Server;
  #threads = 0;
  #idle = 0;

  /** The threads that `server` begins with. */
  constructor(server: Bsd43Server) {
    this.#server = server;
    while (this.#threads < server.values.server.minThreads) this.#add();
  }

  #add(): void {
    this.#idle++;
    threadCreate(this.#server.task, `server thread ${++this.#threads}`, this.#thread(), { daemon: true });
  }

  /** A thread of the pool: takes a request, becomes the client, answers, and waits again. */
  *#thread(): Steps {
    const { task, requests, sim, values } = this.#server;
    const { maxThreads, minIdleThreads, maxIdleThreads } = values.server;
    let message = yield* machMsgReceive(task, requests);
    for (;;) {
      if (--this.#idle < minIdleThreads && this.#threads < maxThreads) this.#add();
      const call = callIn(message);
      const reply = yield* spanned(sim, call?.name ?? "unknown call", this.#serve(message, call), task);
      const superfluous = this.#idle >= maxIdleThreads;
      if (superfluous) this.#threads--;
      else this.#idle++;
      if (reply !== undefined) {
        try {
          if (superfluous) return yield* machMsgSend(task, reply);
          message = yield* machMsgRpc(task, reply, requests);
          continue;
        } catch (error) {
          if (!(error instanceof MachError) || error.code !== "MACH_SEND_INVALID_DEST") throw error;
          task.names.deallocate(reply.remote); // the client has been killed: nobody waits for the answer
          releaseMemory(task, reply.memory);
        }
      }
      if (superfluous) return;
      message = yield* machMsgReceive(task, requests);
    }
  }

  /** Carry out the `call` of `message`; the answer to it, if one is wanted. */
  *#serve(message: Received, call: ServerCall | undefined): Steps<Answer | undefined> {
    const { task, costs, processes } = this.#server;
    task.charge(costs.callNs, "server thread");
    const taken = call !== undefined && takesMemory(call) ? message.memory.slice(0, 1) : [];
    releaseRights(task, message);
    releaseMemory(task, message.memory.slice(taken.length)); // at once: the call may sleep for long
    let result: unknown;
    let errno: Errno | undefined;
    try {
      result = yield* processes.serve(message.local, call, taken[0]);
    } catch (error) {
      errno = errnoOf(error);
    } finally {
      releaseMemory(task, taken);
    }
    const parts = result instanceof ReadAnswer ? result.parts : {};
    if (result instanceof ReadAnswer) result = result.result;
    if (message.remote !== undefined) return replyTo(message, { result, errno }, parts);
    releaseMemory(task, parts.memory);
    return undefined;
  }
}

/** What the client is told of `error`; a client can fill its address space so that nothing of the server's has room in it. */
function errnoOf(error: unknown): Errno {
  if (error instanceof UnixError) return error.code;
  if (error instanceof MachError && (error.code === "KERN_NO_SPACE" || error.code === "KERN_RESOURCE_SHORTAGE")) return "ENOMEM";
  throw error;
}

/** Give up the `memory` that came in a message, or would have gone in one. */
function releaseMemory(task: Task, memory: Received["memory"] = []): void {
  for (const { address, bytes } of memory) vmDeallocate(task, address, bytes);
}

/** Give up the rights that came in a message, before the names can come to mean others: no call takes any. */
function releaseRights({ names }: Task, { ports }: Received): void {
  for (const name of ports) {
    const { sends, sendOnce } = names.rights(name);
    if (sends > 0 || sendOnce) names.deallocate(name);
    else names.destroy(name); // a receive right
  }
}
