/**
 * Thousands of orders in which processes share files: the Token goes back and forth between libraries that are
 * interrupted at any step of its protocol, and no byte, offset or size is lost.
 *
 * A failure names its batch; SEED=<batch> RUNS=1 in the environment play it again.
 */
import { expect, it } from "vitest";
import { RandomStream } from "../../../lib/engine/index.ts";
import type { Steps } from "../../../lib/engine/index.ts";
import { boot } from "../../../lib/systems/boot.ts";
import type { System } from "../../../lib/systems/system.ts";
import type { Bsd43Server } from "../../../lib/servers/bsd43/server.ts";
import type { Unix } from "../../../lib/unix/interface.ts";

const BATCHES = Number(process.env.RUNS ?? 100);
const FIRST = Number(process.env.SEED ?? 1);
const ROUNDS = 50; // of a batch, on one booted system
const CLIENTS = 3;
const CALLS = 3;
const RECORD = 700; // bytes that a read takes of the common input
const INPUT_RECORDS = CLIENTS * CALLS;

/** Steps of the protocols take time, and a thread loses the processor soon: anybody may come between any two steps. */
const options = {
  machine: { base: "hp-vectra", disk: { cylinders: 20 }, memory: { sizeMB: 2 }, processor: { tickHz: 2500, tickUs: 1, quantumMs: 0.4 } },
  library: { stepUs: 100 },
  server: { forkUs: 500, exitUs: 200 }, // what takes long and is not the subject
} as const;

type What = "write" | "read" | "append" | "sync" | "size";
const KINDS: readonly What[] = ["write", "write", "write", "read", "read", "append", "append", "sync", "size"];

interface Call {
  what: What;
  bytes: number;
  pauseNs: number;
  /** What the bytes of a write are: no two writes of a round have the same. */
  mark: number;
}

function draw(chance: RandomStream): Call[][] {
  return Array.from({ length: CLIENTS }, (_, client) => Array.from({ length: CALLS }, (_, i) => ({
    what: KINDS[chance.integer(0, KINDS.length - 1)]!,
    bytes: chance.uniform() < 0.9 ? chance.integer(1, 600) : chance.integer(1, 9000),
    pauseNs: chance.integer(0, 1) * chance.integer(0, 2_000_000),
    mark: 1 + client * CALLS + i,
  })));
}

/** One round: a parent opens three files, its children use them at once, and the parent looks at what has become of them. */
function* round(unix: Unix, system: System, scripts: readonly (readonly Call[])[]): Steps {
  const shared = yield* unix.open("/shared", { create: true, truncate: true });
  const input = yield* unix.open("/input", { access: "read" });
  yield* unix.close(yield* unix.open("/log", { create: true, truncate: true }));
  const taken: number[] = [];
  const client = (script: readonly Call[]) => function* (self: Unix): Steps {
    let log: number | undefined;
    for (const { what, bytes, pauseNs, mark } of script) {
      yield* system.sim.sleep(pauseNs);
      if (what === "write") same(yield* self.write(shared, new Uint8Array(bytes).fill(mark)), bytes, "bytes written");
      else if (what === "read") {
        const record = yield* self.read(input, RECORD);
        same(uniform(record), RECORD, "bytes of a record of the input");
        taken.push(record[0]!);
      } else if (what === "append") {
        log ??= yield* self.open("/log", { access: "write", append: true });
        yield* self.write(log, new Uint8Array(bytes).fill(mark));
      } else if (what === "sync") yield* self.fsync(shared);
      else same((yield* self.lseek(shared, 0, "current")) <= (yield* self.stat("/shared")).size, true, "the pointer is within the file");
    }
  };
  for (const script of scripts) yield* unix.fork(client(script));
  for (const _ of scripts) same((yield* unix.wait()).status, 0, "status of a client");
  const sizeOf = (what: What): number => scripts.flat().reduce((sum, call) => sum + (call.what === what ? call.bytes : 0), 0);
  same(yield* unix.lseek(shared, 0, "current"), sizeOf("write"), "the pointer that all share");
  yield* unix.lseek(shared, 0);
  expectRecords(yield* unix.read(shared, 1_000_000), "write", scripts);
  const log = yield* unix.open("/log");
  expectRecords(yield* unix.read(log, 1_000_000), "append", scripts);
  same(taken.sort((a, b) => a - b).join(), taken.map((_, i) => i).join(), "records of the input that were read");
  for (const fd of [shared, input, log]) yield* unix.close(fd);
}

/** `bytes` are all the records that were written with `what`, each once and in one piece. */
function expectRecords(bytes: Uint8Array, what: What, scripts: readonly (readonly Call[])[]): void {
  const left = new Map(scripts.flat().filter((call) => call.what === what).map(({ mark, bytes: count }) => [mark, count]));
  for (let at = 0; at < bytes.length; ) {
    const mark = bytes[at]!;
    const count = left.get(mark);
    if (count === undefined) throw new Error(`${what}: byte ${at} is ${mark}, which nobody wrote, or a second time`);
    if (uniform(bytes.subarray(at, at + count)) < count) throw new Error(`${what}: the ${count} bytes at ${at} are not one record`);
    left.delete(mark);
    at += count;
  }
  same([...left.keys()].join(), "", `${what}: records that are missing`);
}

/** How many bytes at the start are equal to the first. */
function uniform(bytes: Uint8Array): number {
  let count = 0;
  while (count < bytes.length && bytes[count] === bytes[0]) count++;
  return count;
}

/** As expect(found).toBe(expected), which is too slow for thousands of rounds. */
function same<T>(found: T, expected: T, what: string): void {
  if (found !== expected) throw new Error(`${what}: ${found}, expected ${expected}`);
}

it(`${BATCHES * ROUNDS} interleavings of three processes lose nothing`, () => {
  let transfers = 0;
  for (let batch = FIRST; batch < FIRST + BATCHES; batch++) {
    const chance = new RandomStream(batch, "interleavings");
    const system = boot("mach3", { ...options, seed: batch });
    system.prepare({ "/input": Uint8Array.from({ length: INPUT_RECORDS * RECORD }, (_, i) => Math.floor(i / RECORD)) });
    for (let i = 0; i < ROUNDS; i++) {
      const scripts = draw(chance);
      try {
        system.run((unix) => round(unix, system, scripts));
      } catch (error) {
        throw new Error(`batch ${batch}, round ${i}: ${(error as Error).message}\n${JSON.stringify(scripts)}`, { cause: error });
      }
    }
    transfers += (system.os as unknown as Bsd43Server).tokens.transfers;
  }
  expect(transfers / (BATCHES * ROUNDS), "transfers of the Token in a round").toBeGreaterThan(5);
}, 600_000);
