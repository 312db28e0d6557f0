/**
 * The server's side of the Token protocol, in simulated time (sections 4.1.1, 4.1.2).
 *
 * Layer: servers/bsd43. Drives the steps of token.ts; waits become sleeps, work is
 * done on the files, and a client that keeps a share lock too long is killed.
 */
import { WaitQueue } from "../../engine/index.ts";
import type { Steps } from "../../engine/index.ts";
import { msToNs } from "../../engine/index.ts";
import { UnixError } from "../../fs/errno.ts";
import { locked } from "../../fs/inodes.ts";
import { discardBehind } from "./files.ts";
import type { Client, MappedFile } from "./mapped-file.ts";
import type { Point, Protocol } from "./protocol.ts";
import type { Bsd43Server } from "./server.ts";
import type { SharedDescriptor } from "./shared-pages.ts";
import { grantToken, letGo, recallToken, releaseToken } from "./token.ts";

type Wait = Extract<Point<SharedDescriptor>, { kind: "wait" }>;

export class TokenServer {
  /** Times that a client gave the Token up. */
  transfers = 0;
  readonly #server: Bsd43Server;
  readonly #stepNs: number;
  readonly #clients = new Map<SharedDescriptor, Client>();

  constructor(server: Bsd43Server) {
    this.#server = server;
    this.#stepNs = Math.round(server.machine.netNs(server.values.library.stepUs));
  }

  /** `client` may ask for the Token of its file. */
  add(client: Client): void {
    client.descriptor.clear();
    this.#clients.set(client.descriptor, client);
  }

  /** The client closes its descriptor: what it has of the Token and the window goes. */
  *remove(client: Client): Steps {
    yield* this.release(client);
    client.file.dropWindow(client);
    this.#clients.delete(client.descriptor);
    client.descriptor.clear();
  }

  /** token_request: the Token goes to `client`, and is active there. */
  request(client: Client): Steps {
    this.#server.task.charge(this.#server.costs.tokenNs, "Token");
    return this.#drive(client.file, grantToken(client.file, client.descriptor));
  }

  /** token_release: `client` gives the Token back. */
  release(client: Client): Steps {
    this.#server.task.charge(this.#server.costs.tokenNs, "Token");
    return this.#drive(client.file, releaseToken(client.file, client.descriptor));
  }

  *withToken<T>(file: MappedFile, steps: () => Steps<T>): Steps<T> {
    if (!(yield* this.#drive(file, recallToken(file)))) throw new UnixError("EINTR");
    try {
      return yield* steps();
    } finally {
      letGo(file);
    }
  }

  *#drive<T>(file: MappedFile, protocol: Protocol<SharedDescriptor, T>): Steps<T> {
    let answer = true;
    for (;;) {
      const { done, value: point } = protocol.next(answer);
      if (done === true) return point;
      answer = true;
      if (point.kind === "step" && this.#stepNs > 0) yield* this.#server.kernel.pass(this.#stepNs, "share lock");
      else if (point.kind === "wait") answer = yield* this.#wait(point);
      else if (point.kind === "work") answer = yield* this.#work(file, point.at, point.descriptor);
    }
  }

  *#wait({ event, until, unless }: Wait): Steps<boolean> {
    const { sim, softclock, processes, values } = this.#server;
    const queue = event as WaitQueue;
    let late = false;
    if (unless === "late" && !until()) {
      softclock.timeout(msToNs(values.server.lockTimeoutMs), () => {
        late = true;
        queue.wakeAll();
      });
    }
    const wait = function* (): Steps {
      while (!until() && !late) yield* queue.wait();
    };
    try {
      yield* unless === "killed" ? processes.interruptible(wait()) : wait();
    } catch (error) {
      if (!(error instanceof UnixError)) throw error;
      return false;
    }
    yield* sim.settle();
    return until();
  }

  *#work(file: MappedFile, what: "absorb" | "disown" | "grant" | "kill", descriptor: SharedDescriptor): Steps<boolean> {
    const client = this.#clients.get(descriptor);
    if (client?.file !== file) return true; // it has closed the file meanwhile
    if (what === "grant") file.grant(client);
    else if (what === "absorb") {
      this.transfers++;
      const believed = yield* file.absorb(client);
      if (!believed || file.pastEnd) yield* this.#cutOff(file);
      return believed;
    } else if (what === "disown") yield* this.#cutOff(file);
    else yield* this.#server.processes.kill(client.pid);
    return true;
  }

  /** The holder may have written past the end: what is there goes. */
  *#cutOff(file: MappedFile): Steps {
    const { inode } = file;
    file.pastEnd = false;
    yield* discardBehind(file, inode.size);
    yield* locked(inode, this.#server.fs.itrunc(inode, inode.size));
  }
}
