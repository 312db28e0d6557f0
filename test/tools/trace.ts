/**
 * What happens inside a system while it works, line by line with times in µs.
 *
 * A Trace puts itself around methods of the booted system's objects; the library
 * knows nothing of it. Golden traces are text files beside the tests and must be met
 * to the letter; UPDATE_GOLDEN=1 in the environment writes them anew, to be read and
 * committed.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { expect } from "vitest";
import type { Steps, Thread } from "../../lib/engine/index.ts";
import { LINE_BYTES } from "../../lib/hardware/cache.ts";
import type { DiskRequest } from "../../lib/hardware/controller.ts";
import { PAGE_BYTES } from "../../lib/hardware/memory.ts";
import { systemParameters } from "../../lib/systems/boot.ts";
import type { System } from "../../lib/systems/system.ts";
import type { MonolithicKernel } from "../../lib/unix/monolithic.ts";
import { callNames } from "../../lib/unix/system-calls.ts";
import { DiskMap } from "./disk-map.ts";

/** A line of the trace; what names sectors is written when the run is over and the disk tells whose they are. */
interface Line {
  atNs: number;
  what: string;
  text: string | ((disk: DiskMap) => string);
}

/** Replace the method `name` of `object` by what `around` makes of it. */
function wrap<T extends object, K extends keyof T>(object: T, name: K, around: (original: T[K]) => T[K]): void {
  const original = object[name];
  object[name] = around((typeof original === "function" ? original.bind(object) : original) as T[K]);
}

const us = (ns: number): string => (ns / 1000).toFixed(1);
const bytes = (count: number): string => (count === 1 ? "1 byte" : `${count} bytes`);

export class Trace {
  readonly #system: System;
  readonly #names: { fileSystem: Map<number, string>; kernel: Map<number, string> };
  readonly #lines: Line[] = [];
  #begin = 0;
  #on = false;
  #inside = { read: 0, missed: 0, ns: 0 }; // a copy: cache lines, and charges that are told of in its own line
  #insideCopy = false;
  #interrupts: { line: Line; counts: Map<string, number> } | undefined = undefined;

  constructor(system: System) {
    this.#system = system;
    this.#names = costNames(system);
    this.#watchProcessor();
    this.#watchMemory();
    this.#watchDisk();
  }

  /** Take `steps`, the call `title`, and write down what happens meanwhile, with times from its beginning. */
  *call<T>(title: string, steps: Steps<T>): Steps<T> {
    this.#begin = this.#system.sim.now;
    this.#on = true;
    this.#add("", title);
    const result = yield* steps;
    this.#add("end", "");
    this.#on = false;
    return result;
  }

  /** Let the disk finish what nobody waits for. */
  rest(ms: number): Steps {
    return this.call("afterwards", this.#system.sim.sleep(ms * 1e6));
  }

  /** The trace as text. Ends the system's run: it is unmounted to see whose the sectors are. */
  text(): string {
    const disk = new DiskMap(this.#system.image());
    const rows = this.#lines.map(({ atNs, what, text }) => {
      const words = typeof text === "string" ? text : text(disk);
      return what === "" ? `\n${words}\n` : `${us(atNs).padStart(10)}  ${`${what.padEnd(10)} ${words}`.trimEnd()}\n`;
    });
    return rows.join("").trimStart();
  }

  #add(what: string, text: Line["text"]): Line {
    const line = { atNs: this.#system.sim.now - this.#begin, what, text };
    if (this.#on) {
      this.#lines.push(line);
      this.#interrupts = undefined;
    }
    return line;
  }

  #watchProcessor(): void {
    const { sim, machine } = this.#system;
    const charging = (names: Map<number, string>) => (original: (ns: number) => void) => (ns: number) => {
      if (this.#insideCopy) this.#inside.ns += ns;
      else if (ns > 0) this.#add("charge", `${us(ns)} for ${names.get(ns) ?? "what has no name"}`);
      original(ns);
    };
    wrap(sim, "charge", charging(this.#names.fileSystem));
    wrap(machine.processor, "charge", charging(this.#names.kernel));
    wrap(machine.processor, "interrupt", (original) => (name, costNs, effect) => {
      this.#interrupted(name);
      original(name, costNs, effect);
    });
    wrap(machine.processor, "switchCost", (original) => (from, to) => {
      const ns = original(from, to);
      this.#add("switch", `${us(ns)} to ${to.name}`);
      return ns;
    });
    wrap(machine.processor, "release", (original) => (thread: Thread) => {
      if (thread.blocked) this.#add("sleep", `${thread.name}: ${thread.queue?.name ?? "for a time"}`);
      original(thread);
    });
    wrap(machine.processor, "ready", (original) => (thread: Thread) => {
      this.#add("wake", thread.name);
      original(thread);
    });
  }

  /** Interrupts with nothing between them share a line. */
  #interrupted(name: string): void {
    const running = (this.#interrupts ??= { line: this.#add("interrupt", ""), counts: new Map<string, number>() });
    this.#interrupts = running;
    running.counts.set(name, (running.counts.get(name) ?? 0) + 1);
    const sinceNs = this.#system.sim.now - this.#begin;
    const until = sinceNs > running.line.atNs ? `, to ${us(sinceNs)}` : "";
    running.line.text = [...running.counts].map(([which, count]) => (count > 1 ? `${which} x ${count}` : which)).join(", ") + until;
  }

  #watchMemory(): void {
    const { machine } = this.#system;
    const { memory } = machine;
    const owner = (address: number) => memory.owner(Math.floor(address / PAGE_BYTES));
    /** What `work` costs, and whether what it reads is in the cache. */
    const watched = (work: () => void): { costs: string; how: string; missed: number } => {
      this.#inside = { read: 0, missed: 0, ns: 0 };
      this.#insideCopy = true;
      work();
      this.#insideCopy = false;
      const { read, missed, ns } = this.#inside;
      const how = missed === 0 ? "cached" : missed === read ? "uncached" : `${missed} of ${read} lines uncached`;
      return { costs: us(ns), how, missed };
    };
    wrap(machine.cache, "read", (original) => (address, count) => {
      const missed = original(address, count);
      const read = Math.floor((address + count - 1) / LINE_BYTES) - Math.floor(address / LINE_BYTES) + 1;
      this.#inside.read += read;
      this.#inside.missed += missed;
      return missed;
    });
    wrap(machine, "bcopy", (original) => (from, to, count) => {
      const { costs, how } = watched(() => original(from, to, count));
      this.#add("copy", `${costs} for ${bytes(count)} from ${owner(from)} to ${owner(to)}, ${how}`);
    });
    wrap(machine, "bzero", (original) => (address, count) => {
      const { costs } = watched(() => original(address, count));
      this.#add("zero", `${costs} for ${bytes(count)} of ${owner(address)}`);
    });
    wrap(machine, "runThrough", (original) => (address, count) => {
      const { costs, how, missed } = watched(() => original(address, count));
      if (missed > 0) this.#add("load", `${costs} for the ${owner(address)}'s code, ${how}`);
    });
  }

  #watchDisk(): void {
    const { controller } = this.#system.machine;
    const { device } = this.#system.os as MonolithicKernel;
    const watch = (what: string, ended: string) => (original: (request: DiskRequest) => void) => (request: DiskRequest) => {
      const { op, sector, sectors, done } = request;
      const name = (disk: DiskMap) => `${op} ${disk.describe(sector, sectors)}`;
      this.#add(what, name);
      original({
        ...request,
        done: (error) => {
          if (ended !== "") this.#add(ended, name);
          done(error);
        },
      });
    };
    wrap(device, "strategy", watch("request", ""));
    wrap(controller, "issue", watch("command", "complete"));
  }
}

/** What each charge is for: the costs of the data file by their ns, those of the file system and the kernel's own. */
function costNames(system: System): { fileSystem: Map<number, string>; kernel: Map<number, string> } {
  const values = systemParameters(system.name).values.costs as Record<string, number>;
  const ns = (us: number) => Math.round(system.machine.netNs(us));
  const names = { fileSystem: new Map<number, string>(), kernel: new Map<number, string>() };
  for (const [key, value] of Object.entries(values)) {
    const name = key.slice(0, -"Us".length);
    if (["bufferHit", "bmap", "lookup", "alloc"].includes(name)) names.fileSystem.set(ns(value), name);
    else if ((callNames as readonly string[]).includes(name)) names.kernel.set(ns(values.trapUs!) + ns(value), `trap and ${name}`);
    else names.kernel.set(ns(value), name);
  }
  return names;
}

/** Compare `text` with the golden file, or write it (see above). */
export function expectGolden(text: string, file: URL): void {
  if (process.env.UPDATE_GOLDEN !== undefined) writeFileSync(file, text);
  expect(text).toBe(readFileSync(file, "utf8"));
}
