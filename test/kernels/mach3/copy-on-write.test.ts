/** Any mixture of writes, forks, messages, flushes and shortage of memory, on memory that a pager backs and tasks share, against arrays of bytes. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Steps } from "../../../lib/engine/index.ts";
import {
  DefaultPager, VM_PROT_NONE, VM_PROT_WRITE, machMsgReceive, machMsgSend, memoryObjectSetAttributes, taskCreate, taskTerminate, threadCreate, userRead, userWrite,
  vmAllocate, vmDeallocate, vmInherit, vmMap,
} from "../../../lib/kernels/mach3/index.ts";
import type { CopyStrategy, PortName, Task } from "../../../lib/kernels/mach3/index.ts";
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
  what: fc.constantFrom("write", "write", "write", "write", "write", "read", "read", "fork", "send", "send", "receive", "map", "unmap", "exit", "clean", "flush", "change"),
  who: fc.nat(5), to: fc.nat(5), region: fc.nat(9), first: fc.nat(PAGES - 1), pages: fc.integer({ min: 1, max: PAGES }),
  at: fc.nat(PAGES * PAGE - 1), length: fc.integer({ min: 1, max: 3 * PAGE }), value: fc.integer({ min: 1, max: 255 }), flag: fc.boolean(),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/**
 * Tasks map a file, write it, inherit it shared or as a copy, send parts of it and keep the messages for a while; its pager has
 * pages cleaned and flushed, and changes what it has flushed. Whoever looks sees the bytes of arrays that are shared and copied likewise.
 */
class Game {
  readonly players: Player[] = [];
  readonly #pager: ReturnType<typeof pagerOf>;
  readonly #options: PagerOptions;
  /** What is in the file. */
  readonly #file: Uint8Array;
  /** The tasks run at the same time: then nobody changes the file behind the kernel, and the first one keeps it mapped. */
  readonly #together: boolean;

  constructor(first: Task, server: Task, options: PagerOptions, together: boolean) {
    this.#pager = pagerOf(server, { pages: PAGES, ...options });
    this.#options = options;
    this.#together = together;
    this.#file = this.#pager.store.slice();
    const ordinary = { address: vmAllocate(first, PAGES * PAGE), bytes: new Uint8Array(PAGES * PAGE) };
    this.#join(first, [this.#map(first, 0, PAGES), ordinary]);
  }

  #join(task: Task, regions: Region[]): Player {
    const player = { task, regions, port: task.names.allocatePort("mail", 100), mail: [] };
    this.players.push(player);
    return player;
  }

  #map(task: Task, first: number, pages: number): Region {
    const bytes = this.#file.subarray(first * PAGE, Math.min(PAGES, first + pages) * PAGE);
    return { bytes, address: vmMap(task, task, { bytes: bytes.length, memoryObject: this.#pager.sendRight(task), offset: first * PAGE }) };
  }

  /** One step of `self`; the child, if it forks. */
  *turn(self: Player, { what, to, region, first, pages, at, length, value, flag }: Step): Steps<Player | undefined> {
    const { task, regions } = self;
    const where = regions[region % regions.length]!;
    const kept = this.#together && self === this.players[0];
    if (what === "write" || what === "read") yield* access(task, where, at % where.bytes.length, length, what === "write" ? value : undefined);
    else if (what === "fork" && this.players.length < 6) return yield* this.#fork(self, value);
    else if (what === "send") {
      const other = this.players[to % this.players.length]!;
      const from = (first * PAGE) % where.bytes.length;
      const bytes = where.bytes.slice(from, from + pages * PAGE);
      const remote = task.names.copyout(other.task.names.copyin(other.port, "make-send"));
      const pageList = flag && value % 4 === 0 && !this.#together; // whose pages are taken one after the other
      yield* machMsgSend(task, { id: "memory", remote, data: undefined, memory: [{ address: where.address + from, bytes: bytes.length, pageList }] });
      other.mail.push(bytes);
    } else if (what === "receive" && self.mail.length > 0) yield* receive(self);
    else if (what === "map") regions.push(this.#map(task, first, pages));
    else if (what === "unmap" && regions.length > 1 && !(kept && where === regions[0])) {
      vmDeallocate(task, where.address, where.bytes.length);
      regions.splice(regions.indexOf(where), 1);
    } else if (what === "exit" && this.players.length > 1 && !kept) {
      this.players.splice(this.players.indexOf(self), 1);
      taskTerminate(task);
    } else if (what === "clean" || what === "flush" || what === "change") yield* this.#lockRequest(what, first, Math.min(pages, PAGES - first), value, flag);
    return undefined;
  }

  *#fork({ task, regions }: Player, which: number): Steps<Player> {
    const shared = regions.map((_, r) => ((which >> (r % 8)) & 1) === 1);
    for (const [r, { address, bytes }] of regions.entries()) vmInherit(task, address, bytes.length, shared[r]! ? "share" : "copy");
    const inherited = regions.map(({ address, bytes }, r) => ({ address, bytes: shared[r]! ? bytes : bytes.slice() }));
    return this.#join(yield* taskCreate(task, `${task.name}.${this.players.length}`), inherited);
  }

  *#lockRequest(what: "clean" | "flush" | "change", first: number, count: number, value: number, clean: boolean): Steps {
    const pager = this.#pager;
    const changes = what === "change" && !this.#together;
    yield* this.players[0]!.task.kernel.sim.sleep(1e7); // if the object has ended, the pager knows it
    if (pager.count("init") === pager.count("terminate")) return;
    yield* pager.lockRequest(first, count, { clean: !changes || clean, flush: what !== "clean" });
    if (!changes) return;
    for (const bytes of [pager.store, this.#file]) bytes.fill(value, first * PAGE, (first + count) * PAGE);
    for (let page = first; page < first + count; page++) this.#options.holes?.delete(page);
  }

  /** All receive their mail and look at all that they have, then all end; what the pager has is what was written. */
  *end(server: Task): Steps {
    const { sim } = server.kernel;
    for (const player of this.players) {
      while (player.mail.length > 0) yield* receive(player);
      for (const region of player.regions) yield* access(player.task, region, 0, region.bytes.length);
    }
    for (const { task } of this.players) taskTerminate(task);
    yield* sim.sleep(1e9); // the pagers finish what they have begun
    const { control } = this.#pager.state;
    if (this.#pager.count("init") > this.#pager.count("terminate")) yield* memoryObjectSetAttributes(server, control, { ready: true, mayCache: false, copyStrategy: "delay" });
    yield* sim.sleep(1e9);
    same(this.#pager.store, this.#file, "what the pager has in the end");
  }
}

/** Write `value` into a region, or look at it, page by page. */
function* access(task: Task, { address, bytes }: Region, from: number, length: number, value?: number): Steps {
  for (let at = from, end = Math.min(bytes.length, from + length); at < end; ) {
    const count = Math.min(end - at, PAGE - (at % PAGE));
    if (value === undefined) same(yield* userRead(task, address + at, count), bytes.subarray(at, at + count), `${task.name} at ${address + at}`);
    else {
      yield* userWrite(task, address + at, new Uint8Array(count).fill(value));
      bytes.fill(value, at, at + count);
    }
    at += count;
  }
}

function* receive({ task, port, regions, mail }: Player): Steps {
  const { memory: [got] } = yield* machMsgReceive(task, port);
  regions.push({ address: got!.address, bytes: mail.shift()! });
}

/**
 * Play all steps, each after the one before or, `together`, each task its own as soon as it can.
 * @param frames of memory that are left: with few, pages leave it all the time.
 */
function play(steps: readonly Step[], frames: number, options: PagerOptions, together: boolean): { pageOuts: number; copyOnWrites: number } {
  const { kernel, machine, task, run, sim } = rig({
    megabytes: 1, limits: { kernelPercent: (100 * (256 - frames)) / 256, reservedPercent: 3.1, freeMinPercent: 5.5, freeTargetPercent: 7.8 },
    drivers: (on) => ({ swap: ramDisk(on, 8192, 300_000) }),
  });
  new DefaultPager(kernel, { device: "swap", sector: 0, sectors: 8192 });
  const free = machine.memory.freeFrames;
  const [server, first] = [task("server"), task("0")];
  const left = [...steps];
  let playing = 0;
  function* live(game: Game, self: Player): Steps {
    for (let step = left.shift(); step !== undefined && game.players.includes(self); step = left.shift()) {
      const child = yield* game.turn(self, step);
      if (child !== undefined) begin(game, child);
      yield* sim.sleep(step.value * 20_000);
    }
    playing--;
  }
  function begin(game: Game, self: Player): void {
    playing++;
    threadCreate(self.task, self.task.name, live(game, self));
  }
  let ended = false;
  run(server, (function* (): Steps {
    const game = new Game(first, server, options, together);
    yield* sim.sleep(1e6); // the object is ready, and has a control port
    if (together) begin(game, game.players[0]!);
    else for (const step of steps) yield* game.turn(game.players[step.who % game.players.length]!, step);
    while (playing > 0) yield* sim.sleep(1e7);
    yield* game.end(server);
    ended = true;
  })());
  expect(ended).toBe(true);
  taskTerminate(server);
  expect(machine.memory.freeFrames).toBe(free);
  return kernel.counters;
}

describe("each address space reads the bytes that it must, whoever writes, copies, cleans and flushes,", () => {
  /** What the pager of a game is like, anew for each game; what is copied at once is no snapshot where others write at the same time. */
  const options = (together: boolean): fc.Arbitrary<() => PagerOptions> => fc.record({
    supply: fc.boolean(), ahead: fc.nat(2), mayCache: fc.boolean(), lock: fc.constantFrom(VM_PROT_NONE, VM_PROT_WRITE), hole: fc.nat(PAGES),
    copyStrategy: fc.constantFrom<CopyStrategy>("delay", "delay", together ? "delay" : "none"),
  }).map(({ hole, ...rest }) => () => ({ ...rest, holes: new Set([hole, hole + 2].filter((page) => page < PAGES)) }));
  const game = fc.noBias(fc.array(step, { minLength: 30, maxLength: 90 }));

  for (const together of [false, true]) for (const few of [false, true]) {
    it(`${together ? "all at the same time" : "one after the other"}, ${few ? "when pages leave memory all the time" : "with memory enough"}`, () => {
      const sum = { copyOnWrites: 0, pageOuts: 0 };
      fc.assert(fc.property(game, options(together), (steps, of) => {
        const { copyOnWrites, pageOuts } = play(steps, few ? 32 : 230, of(), together);
        sum.copyOnWrites += copyOnWrites;
        sum.pageOuts += pageOuts;
      }), { numRuns: 40 });
      expect(sum.copyOnWrites).toBeGreaterThan(200);
      if (few) expect(sum.pageOuts).toBeGreaterThan(500);
    });
  }
});
