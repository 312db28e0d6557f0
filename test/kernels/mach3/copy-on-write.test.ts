/** Any mixture of writes, forks, messages, flushes and shortage of memory, on memory that a pager backs and tasks share, against arrays of bytes. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Steps } from "../../../lib/engine/index.ts";
import {
  VM_PROT_NONE, VM_PROT_WRITE, machMsgReceive, machMsgSend, memoryObjectSetAttributes, startDefaultPager, taskCreate, taskTerminate, userRead, userWrite,
  vmAllocate, vmDeallocate, vmInherit, vmMap,
} from "../../../lib/kernels/mach3/index.ts";
import type { PortName, Task } from "../../../lib/kernels/mach3/index.ts";
import { ramDisk, rig } from "./rig.ts";
import { pagerOf } from "./store-pager.ts";
import type { PagerOptions } from "./store-pager.ts";

const PAGE = 4096;
const PAGES = 8;

function same(got: Uint8Array, expected: Uint8Array, what = "bytes"): void {
  expect(Buffer.compare(got, expected), what).toBe(0);
}

/** What a task has of memory: where, and the bytes that must be there, which others may write too. */
interface Region {
  address: number;
  bytes: Uint8Array;
}

interface Player {
  task: Task;
  regions: Region[];
  port: PortName;
  mail: Uint8Array[];
}

const step = fc.record({
  what: fc.constantFrom("write", "write", "write", "write", "fork", "send", "send", "receive", "receive", "map", "unmap", "exit", "clean", "flush", "change"),
  who: fc.nat(5), to: fc.nat(5), region: fc.nat(9), first: fc.nat(PAGES - 1), pages: fc.integer({ min: 1, max: PAGES }),
  at: fc.nat(PAGES * PAGE - 1), length: fc.integer({ min: 1, max: 3 * PAGE }), value: fc.integer({ min: 1, max: 255 }), flag: fc.boolean(),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/**
 * Tasks map a file, write it, inherit it shared or as a copy, send parts of it and keep the messages for a while; its pager has
 * pages cleaned and flushed, and changes what it has flushed. Whoever looks sees the bytes of arrays that are shared and copied likewise.
 * @param frames of memory that are left: with few, pages leave it all the time.
 */
function play(steps: readonly Step[], frames: number, options: PagerOptions): { pageOuts: number; copyOnWrites: number } {
  const { kernel, machine, task, run, sim } = rig({
    megabytes: 1, limits: { kernelPercent: (100 * (256 - frames)) / 256, reservedPercent: 3.1, freeMinPercent: 5.5, freeTargetPercent: 7.8 },
    drivers: (on) => ({ swap: ramDisk(on, 8192, 300_000) }),
  });
  startDefaultPager(kernel, { device: "swap", sector: 0, sectors: 8192 });
  const free = machine.memory.freeFrames;
  const server = task("server");
  const pager = pagerOf(server, { pages: PAGES, ...options });
  const file = pager.store.slice();
  const player = (of: Task, regions: Region[]): Player => ({ task: of, regions, port: of.names.allocatePort("mail", 100), mail: [] });
  const mapFile = (of: Task, first: number, pages: number): Region => {
    const bytes = file.subarray(first * PAGE, Math.min(PAGES, first + pages) * PAGE);
    return { bytes, address: vmMap(of, of, { bytes: bytes.length, memoryObject: pager.sendRight(of), offset: first * PAGE }) };
  };
  const only = task("task 0");
  run(only, (function* (): Steps {
    const players = [player(only, [mapFile(only, 0, PAGES), { address: vmAllocate(only, PAGES * PAGE), bytes: new Uint8Array(PAGES * PAGE) }])];
    yield* sim.sleep(1e6); // the object is ready, and has a control port
    for (const [i, { what, who, to, region, first, pages, at, length, value, flag }] of steps.entries()) {
      const self = players[who % players.length]!;
      const { task: me, regions } = self;
      const where = regions[region % Math.max(1, regions.length)];
      if (what === "write" && where !== undefined) {
        const from = at % where.bytes.length;
        const bytes = new Uint8Array(Math.min(length, where.bytes.length - from)).fill(value);
        yield* userWrite(me, where.address + from, bytes);
        where.bytes.set(bytes, from);
      } else if (what === "fork" && players.length < 6) {
        const shared = regions.map((_, r) => ((value >> (r % 8)) & 1) === 1);
        for (const [r, { address, bytes }] of regions.entries()) vmInherit(me, address, bytes.length, shared[r]! ? "share" : "copy");
        const inherited = regions.map(({ address, bytes }, r) => ({ address, bytes: shared[r]! ? bytes : bytes.slice() }));
        players.push(player(yield* taskCreate(me, `task ${i + 1}`), inherited));
      } else if (what === "send" && where !== undefined) {
        const other = players[to % players.length]!;
        const from = (first * PAGE) % where.bytes.length;
        const bytes = where.bytes.slice(from, from + pages * PAGE);
        const remote = me.names.copyout(other.task.names.copyin(other.port, "make-send"));
        yield* machMsgSend(me, { id: "memory", remote, data: undefined, memory: [{ address: where.address + from, bytes: bytes.length, pageList: flag && value % 4 === 0 }] });
        other.mail.push(bytes);
      } else if (what === "receive" && self.mail.length > 0) {
        const { memory: [got] } = yield* machMsgReceive(me, self.port);
        regions.push({ address: got!.address, bytes: self.mail.shift()! });
      } else if (what === "map") regions.push(mapFile(me, first, pages));
      else if (what === "unmap" && where !== undefined && regions.length > 1) {
        vmDeallocate(me, where.address, where.bytes.length);
        regions.splice(regions.indexOf(where), 1);
      } else if (what === "exit" && players.length > 1) {
        players.splice(players.indexOf(self), 1);
        taskTerminate(me);
      } else if (what === "clean" || what === "flush" || what === "change") {
        yield* sim.sleep(1e7); // if the object has ended, the pager knows it
        if (pager.count("init") === pager.count("terminate")) continue;
        const count = Math.min(pages, PAGES - first);
        yield* pager.lockRequest(first, count, { clean: what !== "change" || flag, flush: what !== "clean" });
        if (what === "change") for (const bytes of [pager.store, file]) bytes.fill(value, first * PAGE, (first + count) * PAGE);
        if (what === "change") for (let page = first; page < first + count; page++) options.holes?.delete(page);
      }
      yield* look(players[i % players.length]!);
    }
    for (const who of players) {
      for (const bytes of who.mail) who.regions.push({ address: (yield* machMsgReceive(who.task, who.port)).memory[0]!.address, bytes });
      yield* look(who);
    }
    for (const { task: who } of players) taskTerminate(who);
    yield* sim.sleep(1e9); // the pagers finish what they have begun
    if (pager.count("init") > pager.count("terminate")) yield* memoryObjectSetAttributes(server, pager.state.control, { ready: true, mayCache: false, copyStrategy: "delay" });
    yield* sim.sleep(1e9);
    same(pager.store, file, "what the pager has in the end");
  })());
  taskTerminate(server);
  expect(machine.memory.freeFrames).toBe(free);
  return kernel.counters;
}

function* look({ task, regions }: Player): Steps {
  for (const { address, bytes } of regions) same(yield* userRead(task, address, bytes.length), bytes, `${task.name} at ${address}`);
}

describe("each address space reads the bytes that it must, whoever writes, copies, cleans and flushes,", () => {
  const options = fc.record({ supply: fc.boolean(), ahead: fc.nat(2), mayCache: fc.boolean(), lock: fc.constantFrom(VM_PROT_NONE, VM_PROT_WRITE), hole: fc.nat(PAGES) })
    .map(({ hole, ...rest }): (() => PagerOptions) => () => ({ ...rest, holes: new Set([hole, hole + 2].filter((page) => page < PAGES)) }));

  it("with memory enough", () => {
    let written = 0;
    fc.assert(fc.property(fc.noBias(fc.array(step, { minLength: 20, maxLength: 60 })), options, (steps, of) => {
      written += play(steps, 230, of()).copyOnWrites;
    }), { numRuns: 60 });
    expect(written).toBeGreaterThan(250);
  });

  it("and when pages leave memory all the time", () => {
    let pageOuts = 0;
    fc.assert(fc.property(fc.noBias(fc.array(step, { minLength: 20, maxLength: 60 })), options, (steps, of) => {
      pageOuts += play(steps, 32, of()).pageOuts;
    }), { numRuns: 40 });
    expect(pageOuts).toBeGreaterThan(500);
  });
});
