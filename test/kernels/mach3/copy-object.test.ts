/** Asymmetric copy-on-write: copies of memory that a pager backs, or that tasks share, hold the bytes of their time, and cost nothing until somebody writes. */
import { describe, expect, it } from "vitest";
import type { Steps } from "../../../lib/engine/index.ts";
import {
  DefaultPager, VM_PROT_WRITE, deviceOpen, deviceWrite, machMsgReceive, machMsgSend, taskCreate, taskTerminate, threadCreate, userRead, userWrite, vmAllocate, vmDeallocate, vmInherit,
  vmMap, vmWire,
} from "../../../lib/kernels/mach3/index.ts";
import type { Kernel, MachError, Task } from "../../../lib/kernels/mach3/index.ts";
import { ramDisk, rig } from "./rig.ts";
import type { RigOptions } from "./rig.ts";
import { pagerOf } from "./store-pager.ts";
import type { PagerOptions } from "./store-pager.ts";

const PAGE = 4096;

/** Run `steps` in a task that has a file of 100 pages mapped at `address`, none of which is in memory. */
function mapped(options: PagerOptions, steps: (made: { kernel: Kernel; server: Task; parent: Task; pager: ReturnType<typeof pagerOf>; address: number }) => Steps): void {
  const { kernel, task, run } = rig();
  const [server, parent] = [task("server"), task("parent")];
  const pager = pagerOf(server, { pages: 100, mayCache: true, ...options });
  let ended = false;
  run(parent, (function* (): Steps {
    yield* steps({ kernel, server, parent, pager, address: vmMap(parent, parent, { bytes: 100 * PAGE, memoryObject: pager.sendRight(parent) }) });
    ended = true;
  })());
  expect(ended).toBe(true);
}

function* store(task: Task, address: number, value: number): Steps {
  yield* userWrite(task, address, new Uint8Array([value]));
}

function* load(task: Task, address: number): Steps<number> {
  return (yield* userRead(task, address, 1))[0]!;
}

function same(got: Uint8Array, expected: Uint8Array, what = "bytes"): void {
  expect(Buffer.compare(got, expected), what).toBe(0);
}

/** How `steps` end: the code of what they throw. */
function* codeOf(steps: Steps<unknown>): Steps<string> {
  try {
    yield* steps;
    return "done";
  } catch (error) {
    return (error as MachError).code;
  }
}

/** Send `pages` pages of `task` at `address` to `to`; the memory there. */
function* send(task: Task, address: number, pages: number, to: Task): Steps<number> {
  const port = to.names.allocatePort("mail", 5);
  yield* machMsgSend(task, { id: "memory", remote: task.names.copyout(to.names.copyin(port, "make-send")), data: undefined, memory: [{ address, bytes: pages * PAGE }] });
  const { memory: [got] } = yield* machMsgReceive(to, port);
  to.names.destroy(port);
  return got!.address;
}

describe("a fork over a mapped file", () => {
  it("asks the pager for nothing and copies nothing; what either side writes is copied, once", () => {
    mapped({}, function* ({ parent, pager, address, kernel }): Steps {
      const child = yield* taskCreate(parent, "child");
      yield* kernel.sim.sleep(1e6);
      expect(pager.log).toEqual(["init"]);
      expect(kernel.counters).toMatchObject({ copies: 0, copyOnWrites: 0, pageIns: 0 });
      const [first, second] = [pager.store[3 * PAGE]!, pager.store[4 * PAGE]!];
      for (const value of [201, 202]) yield* store(parent, address + 3 * PAGE, value);
      expect(kernel.counters).toMatchObject({ copyOnWrites: 1, pageIns: 1 });
      for (const value of [211, 212]) yield* store(child, address + 4 * PAGE, value);
      expect(kernel.counters).toMatchObject({ copyOnWrites: 2, pageIns: 2 });
      expect([yield* load(parent, address + 3 * PAGE), yield* load(child, address + 3 * PAGE)]).toEqual([202, first]);
      expect([yield* load(parent, address + 4 * PAGE), yield* load(child, address + 4 * PAGE)]).toEqual([second, 212]);
      same(yield* userRead(child, address + 5 * PAGE, 95 * PAGE), pager.store.subarray(5 * PAGE));
      expect(kernel.counters.copyOnWrites).toBe(2);
      yield* store(child, address + 3 * PAGE, 213); // its own copy of the pushed page
      yield* store(parent, address + 3 * PAGE, 203);
      expect(kernel.counters.copyOnWrites).toBe(3);
    });
  });

  it("copies all of it at once when the pager says none", () => {
    mapped({ copyStrategy: "none" }, function* ({ parent, address, kernel, pager }): Steps {
      const child = yield* taskCreate(parent, "child");
      expect(kernel.counters).toMatchObject({ copies: 200, pageIns: 100 }); // the pager's own copies too
      yield* store(parent, address, 99);
      expect(yield* load(child, address)).toBe(pager.store[0]);
      expect(kernel.counters.copyOnWrites).toBe(0);
    });
  });

  it("waits until the pager has said how its object is copied", () => {
    mapped({ readyNs: 5e6 }, function* ({ parent, kernel }): Steps {
      yield* taskCreate(parent, "child");
      expect(kernel.sim.now).toBeGreaterThan(5e6);
      expect(kernel.counters).toMatchObject({ copies: 0, pageIns: 0 });
    });
  });

  it("fails, and does not wait, when the pager has died before it was ready", () => {
    mapped({ readyNs: 5e6 }, function* ({ kernel, parent, server }): Steps {
      yield* kernel.sim.sleep(1e6);
      taskTerminate(server);
      expect(yield* codeOf(taskCreate(parent, "child"))).toBe("KERN_MEMORY_ERROR");
    });
  });

  it("another without a write between shares the copy object: one page is pushed for both", () => {
    mapped({}, function* ({ parent, address, kernel, pager }): Steps {
      const children = [yield* taskCreate(parent, "first")];
      const objects = kernel.objectsMade;
      children.push(yield* taskCreate(parent, "second"));
      expect(kernel.objectsMade).toBe(objects);
      yield* store(parent, address, 99);
      expect(kernel.counters.copyOnWrites).toBe(1);
      children.push(yield* taskCreate(parent, "third"));
      yield* store(parent, address, 98);
      expect(kernel.counters.copyOnWrites).toBe(2);
      const seen: number[] = [];
      for (const child of children) seen.push(yield* load(child, address));
      expect(seen).toEqual([pager.store[0], pager.store[0], 99]);
    });
  });

  it("reads of the copy ask for reading only, and a page locked against writing needs no unlock", () => {
    mapped({ lock: VM_PROT_WRITE }, function* ({ parent, address, pager }): Steps {
      const child = yield* taskCreate(parent, "child");
      yield* store(child, address, 7);
      expect(pager.log).toEqual(["init", "data_request"]);
      yield* store(parent, address, 8);
      expect(pager.log).toEqual(["init", "data_request", "data_unlock"]);
      expect([yield* load(parent, address), yield* load(child, address)]).toEqual([8, 7]);
    });
  });
});

describe("what a pager flushes, and then changes,", () => {
  for (const clean of [true, false]) it(`stays in the copy as it was, in memory or not, ${clean ? "cleaned" : "thrown away"}`, () => {
    mapped({}, function* ({ parent, address, pager, kernel }): Steps {
      const before = pager.store.slice();
      yield* userRead(parent, address + PAGE, PAGE); // clean
      yield* store(parent, address + 2 * PAGE, before[2 * PAGE] = 77); // dirty
      const child = yield* taskCreate(parent, "child");
      yield* store(parent, address + 3 * PAGE, 78); // pushed already
      yield* pager.lockRequest(0, 10, { clean, flush: true });
      expect(kernel.counters.pageIns).toBe(10); // all ten, to be kept
      expect(pager.store[2 * PAGE]).toBe(clean ? 77 : new Uint8Array(before).map((_, i) => (i * 7 + Math.floor(i / PAGE)) % 256)[2 * PAGE]);
      pager.store.fill(200, 0, 10 * PAGE);
      expect(yield* load(parent, address + 2 * PAGE)).toBe(200);
      same(yield* userRead(child, address, 100 * PAGE), before);
    });
  });

  it("is wanted back if it is precious, and kept for the copy too", () => {
    mapped({ supply: true, precious: true }, function* ({ parent, address, pager }): Steps {
      yield* load(parent, address);
      const child = yield* taskCreate(parent, "child");
      yield* pager.lockRequest(0, 1, { clean: true, flush: true });
      expect(pager.log).toEqual(["init", "data_request", "data_write", "lock_completed"]);
      expect(yield* load(child, address)).toBe(pager.store[0]);
      expect(pager.count("data_request")).toBe(1);
    });
  });

  it("is lost to the copy where the pager cannot give it, and only there", () => {
    mapped({ bad: new Set([1]) }, function* ({ parent, address, pager }): Steps {
      const child = yield* taskCreate(parent, "child");
      yield* pager.lockRequest(0, 3, { flush: true });
      pager.store.fill(200);
      for (let again = 0; again < 2; again++) expect(yield* codeOf(load(child, address + PAGE))).toBe("KERN_MEMORY_ERROR");
      expect([yield* load(child, address), yield* load(child, address + 2 * PAGE)]).toEqual([0, 2]);
    });
  });

  it("no longer needs its object, when the copy has got all of it: the pager hears of the end", () => {
    mapped({ mayCache: false }, function* ({ kernel, parent, address, pager }): Steps {
      const child = yield* taskCreate(parent, "child");
      vmDeallocate(parent, address, 100 * PAGE);
      yield* kernel.sim.sleep(1e7);
      expect(pager.count("terminate")).toBe(0); // the copy needs it
      yield* pager.lockRequest(0, 100, { flush: true });
      yield* kernel.sim.sleep(1e7);
      expect(pager.count("terminate")).toBe(1);
      same(yield* userRead(child, address, 100 * PAGE), pager.store);
    });
  });
});

describe("memory that tasks share", () => {
  /** Two tasks that share ten pages, with ones in them, and one that gets copies. */
  function sharing(steps: (made: { kernel: Kernel; a: Task; b: Task; other: Task; address: number }) => Steps, options: RigOptions = {}): void {
    const { kernel, task, run } = rig(options);
    const [a, other] = [task("a"), task("other")];
    let ended = false;
    run(a, (function* (): Steps {
      const address = vmAllocate(a, 10 * PAGE);
      vmInherit(a, address, 10 * PAGE, "share");
      yield* userWrite(a, address, new Uint8Array(10 * PAGE).fill(1));
      yield* steps({ kernel, a, b: yield* taskCreate(a, "b"), other, address });
      ended = true;
    })());
    expect(ended).toBe(true);
  }

  it("is copied page by page as it is written", () => {
    sharing(function* ({ kernel, a, b, other, address }): Steps {
      const copy = yield* send(b, address, 10, other);
      expect(kernel.counters.copies).toBe(0);
      yield* store(a, address + PAGE, 2);
      yield* store(other, copy + 2 * PAGE, 3);
      expect(kernel.counters).toMatchObject({ copies: 2, copyOnWrites: 2 });
      const bytes: number[] = [];
      for (const [who, from] of [[a, address], [b, address], [other, copy]] as const) for (const page of [0, 1, 2]) bytes.push(yield* load(who, from + page * PAGE));
      expect(bytes).toEqual([1, 2, 1, 1, 2, 1, 1, 1, 3]);
    });
  });

  it("pages outside of what was copied are not copied when they are written", () => {
    sharing(function* ({ kernel, a, other, address }): Steps {
      yield* send(a, address + 4 * PAGE, 2, other);
      for (const page of [0, 3, 6, 9]) yield* store(a, address + page * PAGE, 1);
      expect(kernel.counters.copyOnWrites).toBe(0);
      yield* store(a, address + 5 * PAGE, 1);
      expect(kernel.counters.copyOnWrites).toBe(1);
    });
  });

  it("sent again and again, is copied for an old copy only once", () => {
    sharing(function* ({ kernel, a, other, address }): Steps {
      const old = yield* send(a, address, 10, other);
      for (let round = 0; round < 10; round++) yield* store(a, address + round * PAGE, 2);
      expect(kernel.counters.copyOnWrites).toBe(10);
      const free = kernel.machine.memory.freeFrames;
      for (let round = 0; round < 30; round++) {
        vmDeallocate(other, yield* send(a, address, 10, other), 10 * PAGE);
        yield* store(a, address + (round % 10) * PAGE, round);
      }
      expect(kernel.machine.memory.freeFrames).toBe(free);
      same(yield* userRead(other, old, 10 * PAGE), new Uint8Array(10 * PAGE).fill(1));
      expect(kernel.counters.copyOnWrites).toBe(10);
    });
  });

  it("is its copies' alone when all who shared it are gone: no page is kept twice", () => {
    sharing(function* ({ kernel, a, b, other, address }): Steps {
      const free = kernel.machine.memory.freeFrames;
      const copy = yield* send(a, address, 10, other);
      vmDeallocate(a, address, 10 * PAGE);
      taskTerminate(b);
      for (let page = 0; page < 5; page++) yield* store(other, copy + page * PAGE, 2);
      expect(kernel.machine.memory.freeFrames).toBe(free);
      for (let page = 0; page < 10; page++) expect(yield* load(other, copy + page * PAGE)).toBe(page < 5 ? 2 : 1);
    });
  });

  it("is copied at once where it is wired, since its frames are written by who never faults", () => {
    sharing(function* ({ kernel, a, other }): Steps {
      const frame = kernel.pages.allocateFrame("shared page")!;
      const bytes = kernel.machine.memory.page(frame).fill(1);
      const copy = yield* send(a, vmWire(a, [frame], true).address, 1, other);
      bytes.fill(2);
      expect(yield* load(other, copy)).toBe(1);
    });
  });

  it("goes to a device as it was when it was sent, though it is written before the device has taken it", () => {
    let disk: ReturnType<typeof ramDisk>;
    sharing(function* ({ kernel, a, b, address }): Steps {
      threadCreate(b, "writer", (function* () {
        yield* kernel.sim.sleep(5e6);
        yield* store(b, address, 2);
        expect(disk.bytes[0]).toBe(0); // the device has not taken it
      })());
      yield* deviceWrite(a, yield* deviceOpen(a, "disk"), 0, { address, bytes: PAGE });
      expect(yield* load(a, address)).toBe(2);
      expect(disk.bytes.slice(0, PAGE)).toEqual(new Uint8Array(PAGE).fill(1));
    }, { drivers: (on) => ({ disk: (disk = ramDisk(on, 100, 1e7)) }) });
  });

  it("shows zeros where there were none, though the page of zeros may leave memory and the source is written", () => {
    const { kernel, task, run } = rig({ megabytes: 1, limits: { kernelPercent: (100 * (256 - 60)) / 256, reservedPercent: 3.1, freeMinPercent: 5.5, freeTargetPercent: 7.8 }, drivers: (on) => ({ swap: ramDisk(on, 8192, 300_000) }) });
    new DefaultPager(kernel, { device: "swap", sector: 0, sectors: 8192 });
    const a = task("a");
    const seen = run(a, (function* (): Steps<number> {
      const address = vmAllocate(a, PAGE);
      vmInherit(a, address, PAGE, "share");
      yield* taskCreate(a, "b");
      const copy = yield* send(a, address, 1, a);
      yield* load(a, copy);
      yield* store(a, address, 1);
      const more = vmAllocate(a, 100 * PAGE);
      for (let page = 0; page < 100; page++) yield* store(a, more + page * PAGE, 2);
      return yield* load(a, copy);
    })());
    expect(seen).toBe(0);
  });
});
