/**
 * A descriptor of a mapped file in the Emulation Library: read(), write() and lseek() without the server (sections 3.1.2, 4.1.1).
 *
 * Layer: servers/bsd43, the Emulation Library's side. With the Token the library moves the data between
 * the window and the user's buffer by itself; it asks the server for the Token, and for another window.
 */
import { spanned } from "../../engine/index.ts";
import type { Steps } from "../../engine/index.ts";
import { UnixError } from "../../fs/errno.ts";
import { userCopy, userRead, userWrite } from "../../kernels/mach3/index.ts";
import type { Task } from "../../kernels/mach3/index.ts";
import type { Whence } from "../../unix/interface.ts";
import type { LibraryCosts } from "./costs.ts";
import type { Point, Protocol } from "./protocol.ts";
import type { MappedMode } from "./server-call.ts";
import type { SharedDescriptor, SharedPages } from "./shared-pages.ts";
import { leaveToken, takeToken } from "./token.ts";
import type { UserMemory } from "./user-memory.ts";

/** What the descriptors of a library have in common. */
export interface MappedHost {
  readonly task: Task;
  readonly pages: SharedPages;
  readonly costs: LibraryCosts;
  readonly maxFileBytes: number;
  /** The passive state is in use. */
  readonly tokenPassive: boolean;
  /** The user's buffer. */
  readonly buffer: UserMemory;
  /** A call that the server carries out. */
  call(name: string, args: readonly unknown[]): Steps<unknown>;
}

export class MappedDescriptor {
  readonly #host: MappedHost;
  readonly #fd: number;
  readonly #mode: MappedMode;
  readonly #shared: SharedDescriptor;
  /** What stopped the last write after some of its bytes: the next one fails with it. */
  #failure: UnixError | undefined;

  /** Descriptor `fd` of a file that has been opened so; or of a child, which has it from its `parent`. */
  constructor(host: MappedHost, fd: number, mode: MappedMode, parent?: MappedDescriptor) {
    this.#host = host;
    this.#fd = fd;
    this.#mode = mode;
    this.#shared = host.pages.descriptor(fd);
    this.#failure = parent === undefined ? undefined : parent.#failure;
  }

  /** The same descriptor in a child of which `host` is the library. */
  inherit(host: MappedHost): MappedDescriptor {
    return new MappedDescriptor(host, this.#fd, this.#mode, this);
  }

  *read(count: number): Steps<Uint8Array> {
    const { task, buffer, costs } = this.#host;
    if (!this.#mode.readable) throw new UnixError("EBADF");
    if (!Number.isSafeInteger(count) || count < 0) throw new UnixError("EINVAL");
    task.charge(costs.readNs, "Misc Costs");
    const d = this.#shared;
    let done = 0;
    yield* this.#take();
    try {
      const bytes = Math.max(0, Math.min(count, d.size - d.pointer));
      buffer.reserve(bytes);
      while (done < bytes) {
        if (!inWindow(d)) yield* this.#host.call("remap", [this.#fd, d.pointer, "read"]);
        const at = d.pointer - d.windowStart;
        const piece = Math.min(bytes - done, d.windowBytes - at);
        yield* userCopy(task, d.windowAddress + at, buffer.address + done, piece);
        d.pointer += piece;
        done += piece;
      }
    } catch (error) {
      throw buffer.failed(error);
    } finally {
      yield* this.#leave();
    }
    yield* task.kernel.sim.settle();
    try {
      return yield* userRead(task, buffer.address, done);
    } catch (error) {
      throw buffer.failed(error);
    }
  }

  *write(bytes: Uint8Array): Steps<number> {
    const { task, buffer, costs, maxFileBytes } = this.#host;
    if (!this.#mode.writable) throw new UnixError("EBADF");
    task.charge(costs.writeNs, "Misc Costs");
    const d = this.#shared;
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure;
    let done = 0;
    buffer.reserve(bytes.length);
    try {
      yield* userWrite(task, buffer.address, bytes);
    } catch (error) {
      throw buffer.failed(error);
    }
    yield* this.#take();
    try {
      if (this.#mode.append && bytes.length > 0) d.pointer = d.size;
      if (bytes.length > 0 && d.pointer >= maxFileBytes) throw new UnixError("EFBIG");
      const wanted = Math.min(bytes.length, maxFileBytes - d.pointer);
      while (done < wanted) {
        if (!inWindow(d)) yield* this.#host.call("remap", [this.#fd, d.pointer, "write"]);
        const at = d.pointer - d.windowStart;
        const piece = Math.min(wanted - done, d.windowBytes - at);
        d.written = 1;
        yield* userCopy(task, buffer.address + done, d.windowAddress + at, piece);
        d.pointer += piece;
        done += piece;
        if (d.pointer > d.size) d.size = d.pointer;
      }
    } catch (error) {
      if (done === 0 || !(error instanceof UnixError)) throw buffer.failed(error);
      this.#failure = error; // what was written counts
    } finally {
      yield* this.#leave();
    }
    yield* task.kernel.sim.settle();
    return done;
  }

  *seek(offset: number, whence: Whence): Steps<number> {
    const { task, costs } = this.#host;
    task.charge(costs.lseekNs, "Misc Costs");
    const d = this.#shared;
    yield* this.#take();
    const target = (whence === "set" ? 0 : whence === "current" ? d.pointer : d.size) + offset;
    const valid = Number.isSafeInteger(target) && target >= 0;
    if (valid) d.pointer = target;
    yield* this.#leave();
    yield* task.kernel.sim.settle();
    if (!valid) throw new UnixError("EINVAL");
    return target;
  }

  #take(): Steps {
    return this.#protocol(takeToken(this.#shared));
  }

  #leave(): Steps {
    return this.#protocol(leaveToken(this.#shared, this.#host.tokenPassive));
  }

  /** Drive a protocol: its messages go to the server. */
  #protocol(protocol: Protocol<SharedDescriptor>): Steps {
    return spanned(this.#host.task.kernel.sim, "share lock", this.#drive(protocol));
  }

  *#drive(protocol: Protocol<SharedDescriptor>): Steps {
    const { costs, task: { kernel } } = this.#host;
    for (;;) {
      const { done, value } = protocol.next(true);
      if (done === true) return;
      const point = value as Point<SharedDescriptor>;
      if (point.kind === "step" && costs.stepNs > 0) yield* kernel.pass(costs.stepNs, "share lock");
      else if (point.kind === "spin") yield* kernel.sim.sleep(costs.spinNs);
      else if (point.kind === "call") yield* this.#host.call(point.at, [this.#fd]);
    }
  }
}

/** Whether the file pointer is in the window; else the server has to move that. */
function inWindow(d: SharedDescriptor): boolean {
  const at = d.pointer - d.windowStart;
  return at >= 0 && at < d.windowBytes;
}
