/** When there is not enough memory for all, and no swap space: who gets on, who is refused, and when. */
import { expect, it } from "vitest";
import { MachError, threadCreate, userCopy, userRead, userWrite, vmAllocate, vmDeallocate, vmMap } from "../../../lib/kernels/mach3/index.ts";
import type { Task } from "../../../lib/kernels/mach3/index.ts";
import type { Steps } from "../../../lib/engine/index.ts";
import { rig } from "./rig.ts";
import { pagerOf } from "./store-pager.ts";

const PAGE = 4096;
const FILE_PAGES = 24;
const PAGES = 300; // of the 256 that memory has, kernel included

/** Write page after page of new memory of `task` until it is refused one: how long that one was waited for. */
function* fill(task: Task): Steps<number> {
  const { sim } = task.kernel;
  const address = vmAllocate(task, PAGES * PAGE);
  for (let page = 0; page < PAGES; page++) {
    const begin = sim.now;
    try {
      yield* userWrite(task, address + page * PAGE, new Uint8Array([1]));
    } catch (error) {
      expect(error).toBeInstanceOf(MachError);
      expect((error as MachError).code).toBe("KERN_RESOURCE_SHORTAGE");
      return sim.now - begin;
    }
  }
  throw new Error("there was enough");
}

/** While one task takes all memory and waits for more, another reads a file of `pages` pages again and again, with `reads` reads: how many `requests` its pager got. */
function readBeside(pages: number): { reads: number; requests: number } {
  const { kernel, task, run } = rig({ megabytes: 1 });
  const [server, greedy, reader] = [task("server"), task("greedy"), task("reader")];
  const pager = pagerOf(server, { pages });
  let reads = 0;
  run(greedy, (function* () {
    threadCreate(reader, "reader", (function* (): Steps {
      const file = vmMap(reader, reader, { bytes: pages * PAGE, memoryObject: pager.sendRight(reader) });
      for (; ; reads++) {
        const at = (reads % pages) * PAGE;
        expect(Buffer.compare(yield* userRead(reader, file + at, PAGE), pager.store.subarray(at, at + PAGE))).toBe(0);
        yield* kernel.sim.sleep(10_000_000);
      }
    })(), { daemon: true });
    kernel.sim.at(10 * kernel.costs.shortageWaitNs, () => { throw new Error("one waits for ever"); });
    const waitedNs = yield* fill(greedy);
    expect(waitedNs / kernel.costs.shortageWaitNs).toBeCloseTo(1, 1);
    expect(reads).toBeGreaterThan(500);
  })());
  return { reads, requests: pager.count("data_request") };
}

it("while one waits for memory that it will not get, another reads a file larger than what is left, each page brought in once for each time", () => {
  const { reads, requests } = readBeside(FILE_PAGES);
  expect(requests).toBeLessThanOrEqual(reads + 1);
  expect(requests, "or there was enough").toBeGreaterThan(reads / 2);
});

it("a page does not leave memory in vain, when one more would have to go for anybody to get on", () => {
  expect(readBeside(2).requests).toBe(2);
});

it("a thread whose frame others always take first is refused after kernel.shortageWaitUs", () => {
  const { kernel, task, run } = rig({ megabytes: 1 });
  const [unlucky, quick] = [task("unlucky"), task("quick")];
  let turns = 0;
  run(unlucky, (function* () {
    threadCreate(quick, "quick", (function* (): Steps {
      for (let address = 0; ; turns++) {
        if (turns > 0) vmDeallocate(quick, address, PAGE);
        address = vmAllocate(quick, PAGE);
        yield* userWrite(quick, address, new Uint8Array([1])); // nobody runs between the two
        yield* kernel.sim.sleep(10_000_000);
        if (turns > 20_000) throw new Error("the other waits for ever");
      }
    })(), { daemon: true });
    yield* kernel.sim.sleep(1e9);
    expect((yield* fill(unlucky)) / kernel.costs.shortageWaitNs).toBeCloseTo(1, 1);
  })());
  expect(turns).toBeGreaterThan(1000);
});

it("the source of a copy does not go to make room for its target", () => {
  const { kernel, task, run } = rig({ megabytes: 1 });
  const [server, greedy, copier] = [task("server"), task("greedy"), task("copier")];
  const pager = pagerOf(server, { pages: FILE_PAGES });
  let copied = 0;
  run(greedy, (function* () {
    const spare = [vmAllocate(greedy, PAGE), vmAllocate(greedy, PAGE)];
    for (const address of spare) yield* userWrite(greedy, address, new Uint8Array([1]));
    yield* fill(greedy);
    threadCreate(copier, "copier", (function* (): Steps {
      const file = vmMap(copier, copier, { bytes: FILE_PAGES * PAGE, memoryObject: pager.sendRight(copier) });
      yield* userCopy(copier, file, vmAllocate(copier, PAGE), PAGE);
      copied++;
    })());
    yield* kernel.sim.sleep(1e9);
    vmDeallocate(greedy, spare[0]!, PAGE); // enough if the source went too
    yield* kernel.sim.sleep(1e9);
    expect([copied, kernel.pages.waiting, pager.count("data_request")]).toEqual([0, 1, 1]);
    vmDeallocate(greedy, spare[1]!, PAGE);
    yield* kernel.sim.sleep(1e9);
  })());
  expect([copied, pager.count("data_request")]).toEqual([1, 1]);
});
