/**
 * Every order of steps of the Token and share-lock protocol, for three clients of
 * two operations each. The search runs the protocol's own code: a state is reached
 * by running the generators from the start along a path of choices.
 */
import { describe, expect, it } from "vitest";
import { Simulation } from "../../../lib/engine/index.ts";
import type { Inode } from "../../../lib/fs/inode.ts";
import type { Task } from "../../../lib/kernels/mach3/index.ts";
import { MappedFile } from "../../../lib/servers/bsd43/mapped-file.ts";
import type { Client } from "../../../lib/servers/bsd43/mapped-file.ts";
import type { Event, Point, Protocol } from "../../../lib/servers/bsd43/protocol.ts";
import type { TokenDescriptor } from "../../../lib/servers/bsd43/shared-pages.ts";
import { shareLock } from "../../../lib/servers/bsd43/share-lock.ts";
import { grantToken, leaveToken, letGo, recallToken, releaseToken, takeToken } from "../../../lib/servers/bsd43/token.ts";
import type { Token } from "../../../lib/servers/bsd43/token.ts";

interface Descriptor extends TokenDescriptor {
  id: number;
  pointer: number;
  size: number;
  written: number;
}

/** As much of the server's task as a mapped file without pages needs. */
const SERVER = { kernel: { sim: new Simulation() } } as unknown as Task;

/** What a client does: use the Token; close its file, whoever has the Token; have the server get it (fsync); take the share lock and never give it back. */
type Operation = "read" | "append" | "close" | "sync" | "stick";

interface Runner {
  protocol: Protocol<Descriptor, unknown>;
  point: Point<Descriptor> | undefined;
  /** The server thread that carries out the message this client waits for. */
  server: { protocol: Protocol<Descriptor, unknown>; point: Point<Descriptor> | undefined; awake: boolean } | undefined;
  operation: number;
}

class World {
  readonly token: Token<Descriptor>;
  readonly descriptors: Descriptor[];
  readonly runners: Runner[];
  readonly mayStay: boolean;
  readonly #scripts: readonly (readonly Operation[])[];
  /** The client that sticks has its lock; the server has killed it. */
  stuck: Descriptor | undefined = undefined;
  killed = false;
  /** The open file that all share, as after fork(). */
  readonly open = { pointer: 0 };
  readonly inode = { number: 1, size: 0, markChanged() {} };
  readonly file = new MappedFile(SERVER, this.inode as unknown as Inode, 1, 2 ** 31);

  constructor(scripts: readonly (readonly Operation[])[], mayStay: boolean) {
    const changed = { wakeAll: () => this.#wake(changed) };
    const released = { wakeAll: () => this.#wake(released) };
    this.mayStay = mayStay;
    this.#scripts = scripts;
    this.token = { holder: undefined, moving: false, leaving: false, changed, released };
    this.descriptors = scripts.map((_, id) => ({ id, lock: 0, needWakeup: 0, control: 0, inUse: 0, wanted: 0, pointer: -1, size: -1, written: 0 }));
    this.runners = scripts.map((script, i) => ({ protocol: this.#client(i, script), point: undefined, server: undefined, operation: 0 }));
    for (const runner of this.runners) this.#advance(runner, true);
  }

  *#client(i: number, script: readonly Operation[]): Protocol<Descriptor> {
    const d = this.descriptors[i]!;
    for (const operation of script) {
      if (operation === "stick") {
        yield* shareLock(d);
        this.stuck = d;
        return;
      }
      if (operation === "sync" || operation === "close") {
        yield { kind: "call", at: operation === "close" ? "token_release" : "sync", descriptor: d } as never;
        this.runners[i]!.operation++;
        continue;
      }
      yield* takeToken(d);
      expect(d.control && d.inUse, "an operation needs an active Token").toBe(1);
      const { pointer, size } = d;
      yield { kind: "step", at: `uses ${pointer} ${size}` };
      d.pointer = pointer + 1;
      if (operation === "append") d.size = size + 1;
      yield { kind: "step", at: "has used" };
      yield* leaveToken(d, this.mayStay);
      this.runners[i]!.operation++;
    }
  }

  /** Whether client `i`, or the server thread on its behalf, can take a step. Who sleeps can only if it has been woken. */
  enabled(i: number): boolean {
    const runner = this.runners[i]!;
    const point = runner.server?.point ?? runner.point;
    if (point === undefined) return false;
    return point.kind !== "wait" || runner.server!.awake || this.#late(point);
  }

  /** wakeAll: as in WaitQueue, who does not sleep on `event` yet is not woken. */
  #wake(event: Event): void {
    for (const { server } of this.runners ?? []) if (server?.point?.kind === "wait" && server.point.event === event) server.awake = true;
  }

  /** The server has waited for the share lock as long as it does: so long that whoever is not stuck has released it. */
  #late(point: Extract<Point<Descriptor>, { kind: "wait" }>): boolean {
    return point.unless === "late" && !this.killed && this.stuck?.needWakeup === 1;
  }

  step(i: number): void {
    const runner = this.runners[i]!;
    if (runner.server !== undefined) {
      const { server } = runner;
      const before = server.point!;
      if (before.kind === "wait" && !before.until() && !this.#late(before)) {
        server.awake = false; // not what it waits for: it sleeps again
        return;
      }
      if (before.kind === "work") this.#work(before, server);
      const { done, value } = server.protocol.next(before.kind !== "wait" || before.until());
      server.point = done === true ? undefined : (value as Point<Descriptor>);
      server.awake = server.point?.kind === "wait" && server.point.until(); // then it does not go to sleep
      if (done === true) {
        runner.server = undefined;
        this.#advance(runner, true);
      }
    } else this.#advance(runner, true);
  }

  #advance(runner: Runner, answer: boolean): void {
    const { done, value } = runner.protocol.next(answer);
    runner.point = done === true ? undefined : (value as Point<Descriptor>);
    const { point } = runner;
    if (point?.kind !== "call") return;
    const protocol = point.at === "token_request" ? grantToken(this.token, point.descriptor)
      : point.at === "token_release" ? releaseToken(this.token, point.descriptor)
      : point.at === "lock_wakeup" ? wakeup(this.token)
      : this.#sync();
    runner.server = { protocol, point: { kind: "step", at: `${point.at} sent` }, awake: false };
  }

  *#sync(): Protocol<Descriptor> {
    yield* recallToken(this.token);
    expect(this.descriptors.filter((d) => d.control === 1 && d !== this.stuck), "the server has the Token alone").toEqual([]);
    yield { kind: "step", at: "server: syncs" };
    letGo(this.token);
  }

  /** What the end of a process does to its descriptor; after it the server thread goes on with `rest`. */
  *#ended(d: Descriptor, rest: Protocol<Descriptor, unknown>): Protocol<Descriptor> {
    this.killed = true;
    yield* releaseToken(this.token, d);
    Object.assign(d, { lock: 0, needWakeup: 0, control: 0, inUse: 0, wanted: 0 });
    yield* rest;
  }

  /** The work of the server, done on a mapped file that has no window. */
  #work({ at, descriptor }: Extract<Point<Descriptor>, { kind: "work" }>, server: NonNullable<Runner["server"]>): void {
    const client = { descriptor, open: this.open, window: { address: 0, bytes: 0, start: 0 } } as unknown as Client;
    if (at === "absorb") expect([...this.file.absorb(client)], "nothing was written that has to be cleaned").toEqual([]);
    else if (at === "grant") this.file.grant(client);
    else if (descriptor !== this.stuck) throw new Error("only who sticks is to be killed");
    else if (at === "kill") server.protocol = this.#ended(descriptor, server.protocol);
  }

  get done(): boolean {
    return this.runners.every((runner) => runner.point === undefined);
  }

  /**
   * All that the future depends on. What a descriptor says without the Token is overwritten when it comes; clients
   * with the same script may change places.
   */
  key(): string {
    const clients = this.runners.map(({ point, server, operation }, i) => {
      const d = this.descriptors[i]!;
      const holder = this.token.holder === d;
      const own = d.control === 1 || holder ? `${d.pointer} ${d.size}` : "";
      const flags = `${d.lock}${d.needWakeup}${d.control}${d.inUse}${d.wanted}${holder ? "h" : ""}`;
      return `${this.#scripts[i]!.join()}|${operation}|${point?.at}|${server?.point?.at} ${server?.awake}|${flags}|${own}`;
    });
    return `${this.open.pointer} ${this.inode.size} ${this.token.moving} ${this.token.leaving} ${this.killed} ${clients.sort().join(";")}`;
  }
}

function* wakeup({ released }: Token<Descriptor>): Protocol<Descriptor> {
  released.wakeAll();
}

/** Visit every state, each of which must be one from which the end can be reached; the number of states. */
function search(scripts: readonly (readonly Operation[])[], mayStay: boolean): number {
  const seen = new Map<string, string[]>(); // the states from which it was reached
  const ends: string[] = [];
  const paths: number[][] = [[]];
  const operations = scripts.flat();
  while (paths.length > 0) {
    const path = paths.pop()!;
    const world = new World(scripts, mayStay);
    let before: string | undefined = undefined;
    path.forEach((i, at) => {
      if (at === path.length - 1) before = world.key();
      world.step(i);
    });
    for (;;) {
      const key = world.key();
      const from = seen.get(key);
      if (before !== undefined) from?.push(before);
      if (from !== undefined) break;
      seen.set(key, before === undefined ? [] : [before]);
      before = key;
      const holders = world.descriptors.filter((d) => d.control === 1 && !(world.killed && d === world.stuck)).length;
      if (holders > 1) throw new Error(`two holders after ${path.join(" ")}`);
      if (world.done) {
        ends.push(key);
        const holder = world.token.holder;
        const [pointer, size] = holder === undefined ? [world.open.pointer, world.inode.size] : [holder.pointer, holder.size];
        const lost = world.killed ? 1 : 0; // of the killed one nothing is believed, and it has read once
        const uses = operations.filter((operation) => operation === "read" || operation === "append").length;
        if (pointer !== uses && pointer !== uses - lost) throw new Error(`pointer ${pointer} after ${path.join(" ")}`);
        if (size !== operations.filter((operation) => operation === "append").length) throw new Error(`size ${size} after ${path.join(" ")}`);
        break;
      }
      const enabled = world.runners.map((_, i) => i).filter((i) => world.enabled(i));
      if (enabled.length === 0) throw new Error(`deadlock after ${path.join(" ")}: ${key}`);
      for (const i of enabled.slice(1)) paths.push([...path, i]);
      path.push(enabled[0]!);
      world.step(enabled[0]!);
    }
  }
  const ending = new Set(ends);
  for (const state of ending) for (const from of seen.get(state)!) ending.add(from); // a Set is walked with what is added on the way
  const trapped = [...seen.keys()].filter((state) => !ending.has(state));
  if (trapped.length > 0) throw new Error(`${trapped.length} of ${seen.size} states, from which the end is not reached: ${trapped[0]}`);
  return seen.size;
}

describe("the Token and the share lock, in every order of steps", () => {
  const scripts: Record<string, Operation[][]> = {
    "three readers": [["read", "read"], ["read", "read"], ["read", "read"]],
    "readers and writers": [["append", "read"], ["append", "read"], ["read", "append"]],
    "closes between them": [["append", "close"], ["append", "close"], ["append", "append"]],
    "fsync between them": [["append", "sync"], ["append", "close"], ["append", "append"]],
    "one that never releases its share lock": [["read", "stick"], ["append", "append"], ["append", "append"]],
  };
  for (const [name, script] of Object.entries(scripts)) {
    for (const mayStay of [true, false]) {
      it(`${name}, ${mayStay ? "with" : "without"} the passive state: one holder, no lost update, no deadlock`, () => {
        expect(search(script, mayStay)).toBeGreaterThan(1000);
      });
    }
  }
});
