/** What happens to memory and rights when a message cannot be sent, or its sender ends in the middle. */
import { describe, expect, it } from "vitest";
import type { Steps } from "../../../lib/engine/index.ts";
import {
  MEMORY_OBJECT_DATA_REQUEST, MEMORY_OBJECT_INIT, deviceOpen, deviceReadRequest, machMsgReceive, machMsgSend, memoryObjectDataError, memoryObjectSetAttributes,
  taskCreate, taskTerminate, threadCreate, threadWire, userRead, userWrite, vmAllocate, vmMap,
} from "../../../lib/kernels/mach3/index.ts";
import type { MemoryObjectDataRequest, PortName, Task } from "../../../lib/kernels/mach3/index.ts";
import { ramDisk, rig } from "./rig.ts";

const PAGE = 4096;
const MS = 1_000_000;

/** Names of a receive right with a send right, for a queue in which nobody reads. */
function queueOf(task: Task): PortName {
  const name = task.names.allocatePort("queue", 5);
  task.names.copyout(task.names.copyin(name, "make-send"));
  return name;
}

/** A memory object of `task` whose pager answers no request, or each with an error. */
function badPager(task: Task, answers: boolean): PortName {
  const object = queueOf(task);
  threadCreate(task, "pager", (function* () {
    for (;;) {
      const { id, ports: [control], data } = yield* machMsgReceive(task, object);
      if (id === MEMORY_OBJECT_INIT) yield* memoryObjectSetAttributes(task, control!, { ready: true, mayCache: false, copyStrategy: "none" });
      else if (id === MEMORY_OBJECT_DATA_REQUEST && answers) {
        const { offset, length } = data as MemoryObjectDataRequest;
        yield* memoryObjectDataError(task, control!, offset, length);
      }
    }
  })(), { daemon: true });
  return object;
}

/** Two pages of `task` with `value`s in them, and behind them one of `pagers`'s. */
function* threePages(task: Task, pagers: Task, memoryObject: PortName): Steps<number> {
  const address = vmAllocate(task, 2 * PAGE);
  yield* userWrite(task, address, new Uint8Array(2 * PAGE).fill(9));
  vmMap(pagers, task, { bytes: PAGE, memoryObject, address: address + 2 * PAGE, inheritance: "none" });
  return address;
}

/** Somebody ends `task`. */
function* endOf(task: Task): Steps {
  taskTerminate(task);
}

it("a page list that fails midway leaves the sender its pages", () => {
  const { kernel, task, run } = rig();
  const [a, p] = [task("a"), task("pager")];
  const memoryObject = badPager(p, true);
  const remote = queueOf(a);
  run(a, (function* () {
    const address = yield* threePages(a, p, memoryObject);
    const send = machMsgSend(a, { id: "pages", remote, data: undefined, memory: [{ address, bytes: 3 * PAGE, deallocate: true, pageList: true }] });
    let code = "none";
    try {
      yield* send;
    } catch (error) {
      ({ code } = error as { code: string });
    }
    expect(code).toBe("KERN_MEMORY_ERROR");
    expect(yield* userRead(a, address, 2 * PAGE)).toEqual(new Uint8Array(2 * PAGE).fill(9));
    expect(kernel.counters.framesStolen).toBe(0);
  })());
});

describe("a task that ends in the middle of a call leaves nothing behind:", () => {
  for (const pageList of [true, false]) it(`a message with ${pageList ? "a page list" : "a copy"} of memory that never comes`, () => {
    const { sim, machine, kernel, task, run } = rig();
    const [a, p, queue] = [task("a"), task("pager"), task("queue")];
    const memoryObject = badPager(p, false);
    const port = queueOf(queue);
    const remote = a.names.copyout(queue.names.copyin(port, "make-send"));
    run(queue, sim.sleep(MS)); // all that is made once is made
    const before = machine.memory.freeFrames;
    threadCreate(a, "a", (function* () {
      const address = yield* threePages(a, p, memoryObject);
      yield* machMsgSend(a, { id: "pages", remote, data: undefined, memory: [{ address, bytes: 3 * PAGE, deallocate: true, pageList }] });
    })(), { daemon: true });
    run(queue, sim.sleep(100 * MS));
    run(queue, endOf(a));
    run(queue, sim.sleep(100 * MS));
    expect(machine.memory.freeFrames).toBe(before);
    expect(queue.names.receiveRight(port).sendRights).toBe(1); // the queue's own
    expect(kernel.counters.framesStolen).toBe(0);
  });

  it("the frames that a device_read has got so far", () => {
    const { sim, machine, kernel, task, run } = rig({ megabytes: 1, drivers: (on) => ({ disk: ramDisk(on, 10_000) }) });
    const [a, hog] = [task("a"), task("hog")];
    threadCreate(a, "a", (function* () {
      const device = yield* deviceOpen(a, "disk");
      const replies = a.names.allocatePort("replies", 5);
      threadWire(a); // such a thread waits for frames however few there are
      yield* sim.sleep(50 * MS);
      yield* deviceReadRequest(a, device, replies, { record: 0, bytes: 16 * PAGE, tag: 1 });
    })(), { daemon: true });
    run(hog, sim.sleep(20 * MS));
    const before = machine.memory.freeFrames;
    const held: number[] = [];
    while (machine.memory.freeFrames > 5) held.push(machine.memory.allocate("hog")!);
    run(hog, sim.sleep(100 * MS));
    expect(machine.memory.freeFrames).toBe(0); // the read has taken five, and waits for more
    run(hog, endOf(a));
    run(hog, sim.sleep(100 * MS));
    for (const frame of held) kernel.pages.freeFrame(frame);
    expect(machine.memory.freeFrames).toBe(before);
  });

  it("a child that was being made", () => {
    const { sim, machine, task, run } = rig();
    const [a, p, other] = [task("a"), task("pager"), task("other")];
    const memoryObject = badPager(p, false);
    run(other, sim.sleep(MS));
    const before = machine.memory.freeFrames;
    threadCreate(a, "a", (function* () {
      const address = vmAllocate(a, 4 * PAGE);
      yield* userWrite(a, address, new Uint8Array(4 * PAGE).fill(7));
      vmMap(p, a, { bytes: PAGE, memoryObject, inheritance: "copy" });
      yield* taskCreate(a, "child");
    })(), { daemon: true });
    run(other, sim.sleep(100 * MS));
    run(other, endOf(a));
    run(other, sim.sleep(100 * MS));
    expect(machine.memory.freeFrames).toBe(before);
  });
});
