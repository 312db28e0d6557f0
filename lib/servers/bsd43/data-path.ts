/**
 * How data travel between a process and the server when no mapping brings them: files that are not mapped, and pipes.
 *
 * Layer: servers/bsd43, the Emulation Library's side; sections 3.1.1 and 6.1. Up to
 * two pages go over the third area that a process and the server share, the bounce
 * buffer: the server copies between its buffer cache and that, the library between
 * that and the user's buffer, and the message carries no data. More go out of line,
 * all in one message, whose memory the library copies from, or the server. Pieces over
 * the bounce buffer would be the other way; but then one read() would be many calls of
 * the server, between which another process could move a file pointer that it shares,
 * or write into the middle, and the server would have to keep both locked while it
 * waits for a client that may never come back.
 *
 * Where no memory can be shared, as on NUMA and NORMA machines, data travel in line up to
 * what a message buffer of the server holds, and again out of line beyond that. The
 * message is built behind the user's buffer, where the library copies as well.
 */
import { spanned } from "../../engine/index.ts";
import type { Steps } from "../../engine/index.ts";
import { UnixError } from "../../fs/errno.ts";
import { PAGE_BYTES } from "../../hardware/memory.ts";
import { userCopy, userRead, userWrite, vmDeallocate } from "../../kernels/mach3/index.ts";
import type { Message, Received, Task } from "../../kernels/mach3/index.ts";
import type { ServerAnswer } from "./server-call.ts";
import type { Mach3Values } from "./shape.ts";
import type { UserMemory } from "./user-memory.ts";

/** Length of the bounce buffer. */
export const BOUNCE_BYTES = 2 * PAGE_BYTES;

export type MessageParts = Pick<Message, "inLine" | "memory">;

/** How short data travel: in a handler not at all, else in the bounce buffer or in messages. */
export function dataWay({ structure, mapping }: Mach3Values): "direct" | "bounce buffer" | "messages" {
  if (structure.calls === "handler") return "direct";
  return mapping.sharedPages ? "bounce buffer" : "messages";
}

type Ask = (name: string, args: readonly unknown[], parts?: MessageParts) => Steps<Received<ServerAnswer>>;

export class DataPath {
  readonly #task: Task;
  readonly #bounce: number | undefined;
  readonly #shortBytes: number;
  readonly #ask: Ask;
  readonly #user: UserMemory;

  /** Of the library in `task`, which asks the server with `ask`, to and from the `user` buffer. */
  constructor(task: Task, options: { bounceAddress: number | undefined; shortBytes: number }, ask: Ask, user: UserMemory) {
    this.#task = task;
    this.#bounce = options.bounceAddress;
    this.#shortBytes = options.shortBytes;
    this.#ask = ask;
    this.#user = user;
  }

  /** read(). @throws UnixError as the server says; EIO if memory is lost on the way, ENOMEM if there is no room for it */
  *read(fd: number, count: number): Steps<Uint8Array> {
    const { data: { result }, memory: [sent] } = yield* this.#ask("read", [fd, count]);
    try {
      const bytes = typeof result === "number" ? result : yield* this.#takeMessage(result as Uint8Array);
      if (bytes > this.#shortBytes && sent === undefined) throw new UnixError("ENOMEM"); // there was no room for them here
      if (sent !== undefined) yield* this.#copy("from out-of-line memory", sent.address, this.#user.reserve(bytes), bytes);
      else if (typeof result === "number") yield* this.#copy("from the bounce buffer", this.#bounce!, this.#user.reserve(bytes), bytes);
      yield* this.#task.kernel.sim.settle();
      return yield* userRead(this.#task, this.#user.address, bytes);
    } catch (error) {
      throw this.#user.failed(error);
    } finally {
      if (sent !== undefined) vmDeallocate(this.#task, sent.address, sent.bytes);
    }
  }

  /** write(). @throws UnixError as the server says; EIO if memory is lost on the way */
  *write(fd: number, data: Uint8Array): Steps<number> {
    const bytes = data.length;
    const short = bytes <= this.#shortBytes;
    const inLine = short && this.#bounce === undefined;
    const user = this.#user.reserve(inLine ? 2 * whole(bytes) : bytes);
    let [what, parts]: [Uint8Array | number, MessageParts] = [bytes, {}];
    try {
      yield* userWrite(this.#task, user, data);
      if (inLine) {
        what = yield* this.#makeMessage(user, bytes);
        parts = { inLine: what };
      } else if (short) yield* this.#copy("to the bounce buffer", user, this.#bounce!, bytes);
      else parts = { memory: [{ address: user, bytes }] };
      return (yield* this.#ask("write", [fd, what], parts)).data.result as number;
    } catch (error) {
      if (parts.memory !== undefined && error instanceof UnixError && error.code === "EIO") this.#user.giveUp(); // the server may have missed pages of it
      throw this.#user.failed(error);
    }
  }

  /** The bytes of a message, which stands behind the user's buffer, are copied into that; how many. */
  *#takeMessage(inLine: Uint8Array): Steps<number> {
    const bytes = inLine.length;
    const user = this.#user.reserve(2 * whole(bytes));
    yield* userWrite(this.#task, user + whole(bytes), inLine);
    yield* this.#copy("from the message", user + whole(bytes), user, bytes);
    return bytes;
  }

  /** The first `bytes` bytes of the buffer at `user` are copied into a message behind it. */
  *#makeMessage(user: number, bytes: number): Steps<Uint8Array> {
    yield* this.#copy("to the message", user, user + whole(bytes), bytes);
    return yield* userRead(this.#task, user + whole(bytes), bytes);
  }

  #copy(name: string, from: number, to: number, bytes: number): Steps {
    return spanned(this.#task.kernel.sim, name, userCopy(this.#task, from, to, bytes));
  }
}

/** So many bytes in whole pages. */
const whole = (bytes: number): number => Math.ceil(bytes / PAGE_BYTES) * PAGE_BYTES;
