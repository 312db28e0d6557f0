/** The page-out daemon: dirty pages leave in bursts of 5 to 10, with a pause after each for the disk; clean ones at once. */
import { expect, it } from "vitest";
import type { Steps } from "../../../lib/engine/index.ts";
import { MEMORY_OBJECT_DATA_WRITE, MEMORY_OBJECT_INIT, machMsgReceive, memoryObjectDataUnavailable, memoryObjectSetAttributes, threadCreate, threadWire, userWrite, userRead, vmAllocate, vmDeallocate, vmMap } from "../../../lib/kernels/mach3/index.ts";
import type { MemoryObjectDataRequest, PortName, Task } from "../../../lib/kernels/mach3/index.ts";
import { rig } from "./rig.ts";

const PAGE = 4096;
const PAGES = 150;
const FILLED_PERCENT = (100 * (256 - 200)) / 256; // of 1 MB: 200 pages are left

/** A pager of a file of holes, which forgets what is written; `written` has the time of each page that it gets. */
function sink(task: Task, written: number[]): PortName {
  const port = task.names.allocatePort("memory object", 16);
  threadCreate(task, "pager", (function* (): Steps {
    threadWire(task);
    for (;;) {
      const message = yield* machMsgReceive(task, port);
      const control = message.ports[0]!;
      if (message.id === MEMORY_OBJECT_INIT) yield* memoryObjectSetAttributes(task, control, { ready: true, mayCache: true, copyStrategy: "none" });
      else if (message.id === MEMORY_OBJECT_DATA_WRITE) {
        const { address, bytes } = message.memory[0]!;
        for (let at = 0; at < bytes; at += PAGE) written.push(task.kernel.sim.now);
        vmDeallocate(task, address, bytes);
      } else {
        const { offset, length } = message.data as MemoryObjectDataRequest;
        yield* memoryObjectDataUnavailable(task, control, offset, length);
      }
    }
  })(), { daemon: true });
  return port;
}

/** Fill memory with the pages of a mapped object, dirty or clean, then take pages of zeros until they have to go: the bursts that went out, in pages, and the pauses between, in ms. */
function bursts(write: boolean): { pages: number[]; pausesMs: number[]; wanted: number } {
  const { kernel, task, run } = rig({ megabytes: 1, limits: { kernelPercent: FILLED_PERCENT, reservedPercent: 3.9, freeMinPercent: 5.5, freeTargetPercent: 15 } });
  const [server, client] = [task("server"), task("client")];
  const written: number[] = [];
  const port = sink(server, written);
  run(client, (function* (): Steps {
    const memoryObject = client.names.copyout(server.names.copyin(port, "make-send"));
    const address = vmMap(client, client, { bytes: PAGES * PAGE, memoryObject });
    for (let page = 0; page < PAGES; page++) {
      if (write) yield* userWrite(client, address + page * PAGE, new Uint8Array([1]));
      else yield* userRead(client, address + page * PAGE, 1);
    }
    const more = vmAllocate(client, 60 * PAGE);
    for (let page = 0; page < 60; page++) yield* userWrite(client, more + page * PAGE, new Uint8Array([2]));
    yield* kernel.sim.sleep(1e9);
  })());
  const pages: number[] = [];
  const pausesMs: number[] = [];
  written.forEach((time, i) => {
    const pauseMs = i === 0 ? Infinity : (time - written[i - 1]!) / 1e6;
    if (pauseMs > 5) {
      pages.push(0);
      if (i > 0) pausesMs.push(pauseMs);
    }
    pages[pages.length - 1]!++;
  });
  return { pages, pausesMs, wanted: kernel.costs.burstWaitNs / 1e6 };
}

it("dirty pages go out 5 to 10 at a time, and the disk gets its time for each before the next burst", () => {
  const { pages, pausesMs, wanted } = bursts(true);
  expect(pages.length).toBeGreaterThan(2);
  expect(Math.max(...pages)).toBe(10);
  expect(Math.min(...pages)).toBeGreaterThanOrEqual(5);
  pausesMs.forEach((pause, i) => expect(pause, `after ${pages[i]} pages`).toBeGreaterThan(0.8 * wanted * pages[i]!));
});

it("clean pages go without a message", () => {
  expect(bursts(false).pages).toEqual([]);
});
