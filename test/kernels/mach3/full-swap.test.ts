/** When swap space is full, whoever wants more memory is told that there is none, and nothing is lost; what a broken device loses is told to who touches it. */
import { describe, expect, it } from "vitest";
import { DefaultPager, MachError, taskTerminate, userRead, userWrite, vmAllocate, vmDeallocate } from "../../../lib/kernels/mach3/index.ts";
import type { MachCode, Task } from "../../../lib/kernels/mach3/index.ts";
import type { Steps } from "../../../lib/engine/index.ts";
import { ramDisk, rig } from "./rig.ts";

const PAGE = 4096;
const PAGES = 300; // of the 256 that memory has, kernel included
const SWAP_PAGES = 16;

/** Check that page `page` of what is at `address` of `task` is what was written there. */
function* check(task: Task, address: number, page: number): Steps {
  expect(Buffer.compare(yield* userRead(task, address + page * PAGE, PAGE), contentsOf(page))).toBe(0);
}

const contentsOf = (page: number): Uint8Array => new Uint8Array(PAGE).fill(page);

/** The code that `steps` fail with; "none" if they do not. */
function* codeOf(steps: Steps<unknown>): Steps<MachCode | "none"> {
  try {
    yield* steps;
    return "none";
  } catch (error) {
    if (!(error instanceof MachError)) throw error;
    return error.code;
  }
}

/** A kernel with 1 MB of memory and so many pages of swap space; all that is made once is made. */
function small(swapPages: number, broken: readonly number[] = []) {
  let disk: ReturnType<typeof ramDisk>;
  const made = rig({ megabytes: 1, drivers: (on) => ({ swap: (disk = ramDisk(on, 8 * PAGES)) }) });
  const pager = new DefaultPager(made.kernel, { device: "swap", sector: 0, sectors: 8 * swapPages });
  for (const page of broken) disk!.fail.add(8 * page);
  const other = made.task("other");
  made.run(other, (function* () {
    const address = vmAllocate(other, PAGES * PAGE); // the pager has its threads
    for (let page = 0; page < 240; page++) yield* codeOf(userWrite(other, address + page * PAGE, new Uint8Array([1])));
    vmDeallocate(other, address, PAGES * PAGE);
    yield* made.sim.sleep(1e9);
  })());
  return { ...made, other, pager, free: made.machine.memory.freeFrames };
}

/** Take pages at `address` until there are no more; how many there were. */
function* takeAll(task: Task, address: number): Steps<number> {
  for (let page = 0; page < PAGES; page++) {
    const code = yield* codeOf(userWrite(task, address + page * PAGE, contentsOf(page)));
    if (code === "none") continue;
    expect(code).toBe("KERN_RESOURCE_SHORTAGE");
    return page;
  }
  return PAGES;
}

describe("full swap space", () => {
  it("ends what a task can have, and it keeps what it has", () => {
    const { kernel, machine, task, run, pager, free } = small(SWAP_PAGES);
    const a = task("a");
    const had = run(a, (function* () {
      const address = vmAllocate(a, PAGES * PAGE);
      const pages = yield* takeAll(a, address);
      for (let round = 0; round < 2; round++) for (let page = 0; page < pages; page++) yield* check(a, address, page);
      expect(yield* takeAll(a, address)).toBe(pages);
      taskTerminate(a);
      yield* kernel.sim.sleep(1e9);
      return pages;
    })());
    expect(had).toBeGreaterThan(free + SWAP_PAGES - kernel.pages.freeTarget - 1);
    expect(had).toBeLessThan(free + SWAP_PAGES);
    expect([machine.memory.freeFrames, pager.space.free, kernel.defaultPager!.room]).toEqual([free, SWAP_PAGES, SWAP_PAGES]);
  });

  it("is no matter to a task that waits for memory until another gives up some", () => {
    const { kernel, machine, task, run, pager, free } = small(SWAP_PAGES);
    const [a, b] = [task("a"), task("b")];
    run(a, (function* () {
      const address = vmAllocate(a, PAGES * PAGE);
      yield* takeAll(a, address);
      kernel.sim.spawn("b", (function* () {
        const own = vmAllocate(b, 20 * PAGE);
        for (let page = 0; page < 20; page++) yield* userWrite(b, own + page * PAGE, contentsOf(page));
        for (let page = 0; page < 20; page++) yield* check(b, own, page);
        taskTerminate(b);
      })(), { processor: machine.processor }).context = b;
      yield* kernel.sim.sleep(kernel.costs.shortageWaitNs / 2);
      vmDeallocate(a, address, 30 * PAGE);
      yield* kernel.sim.sleep(1e9);
      taskTerminate(a);
      yield* kernel.sim.sleep(1e9);
    })());
    expect([machine.memory.freeFrames, pager.space.free]).toEqual([free, SWAP_PAGES]);
  });

  it("without any of it, memory is all there is", () => {
    const { machine, task, run, free } = small(0);
    const a = task("a");
    run(a, (function* () {
      expect(yield* takeAll(a, vmAllocate(a, PAGES * PAGE))).toBeLessThan(free);
      taskTerminate(a);
    })());
    expect(machine.memory.freeFrames).toBe(free);
  });
});

describe("swap space that fails", () => {
  it("loses pages, and whoever touches one hears it; its slots are not used again", () => {
    const { kernel, machine, sim, task, run, other, pager } = small(PAGES, [...Array(PAGES).keys()].slice(SWAP_PAGES));
    const free = machine.memory.freeFrames;
    const a = task("a");
    const lost = run(a, (function* () {
      const address = vmAllocate(a, PAGES * PAGE);
      for (let page = 0; page < PAGES; page++) yield* userWrite(a, address + page * PAGE, contentsOf(page));
      let errors = 0;
      for (let page = PAGES - 1; page >= 0; page--) { // first those that are still in memory
        const code = yield* codeOf(check(a, address, page));
        expect(["none", "KERN_MEMORY_ERROR"]).toContain(code);
        if (code !== "none") errors++;
      }
      return errors;
    })());
    expect(lost).toBeGreaterThan(PAGES - SWAP_PAGES - 256);
    expect(lost).toBeLessThan(PAGES / 2);
    run(other, (function* () {
      taskTerminate(a);
      yield* sim.sleep(1e9);
      const address = vmAllocate(other, PAGE);
      yield* userWrite(other, address, new Uint8Array([1])); // memory and its pager are there for others
      taskTerminate(other);
    })());
    expect(machine.memory.freeFrames).toBe(free);
    expect(pager.space.free).toBeLessThan(PAGES - lost + 1);
    expect(kernel.defaultPager!.room).toBe(pager.space.free);
  });
});

describe("more tasks than the default pager has threads, all waiting for their pages", () => {
  it.each([2, 4])("with %i threads", (defaultPagerThreads) => {
    const { kernel, machine, task, run, sim } = rig({ megabytes: 1, limits: { defaultPagerThreads }, drivers: (on) => ({ swap: ramDisk(on, 8 * 600, 15_000_000) }) });
    const pager = new DefaultPager(kernel, { device: "swap", sector: 0, sectors: 8 * 600 });
    const parent = task("parent");
    const each = 20; // pages of each of 24 tasks: twice what there is
    run(parent, (function* () {
      const threads = Array.from({ length: 24 }, (_, i) => {
        const child = task(`child ${i}`);
        const thread = sim.spawn(child.name, (function* (): Steps {
          const address = vmAllocate(child, each * PAGE);
          for (let round = 0; round < 3; round++) for (let page = 0; page < each; page++) {
            if (round > 0) expect((yield* userRead(child, address + page * PAGE, 1))[0]).toBe((i + page + round - 1) & 255);
            yield* userWrite(child, address + page * PAGE, new Uint8Array(PAGE).fill(i + page + round));
            yield* sim.sleep(50_000);
          }
          taskTerminate(child);
        })(), { processor: machine.processor });
        thread.context = child;
        return thread;
      });
      for (const thread of threads) yield* sim.join(thread);
      yield* sim.sleep(1e9);
    })());
    expect(kernel.counters.pageIns).toBeGreaterThan(500);
    expect(pager.space.free).toBe(600);
  });
});
