/** What happens to memory and rights when a message cannot be sent, or its sender ends in the middle. */
import { describe, expect, it } from "vitest";
import type { Steps } from "../../../lib/engine/index.ts";
import {
  MEMORY_OBJECT_DATA_REQUEST, MEMORY_OBJECT_INIT, deviceOpen, deviceReadRequest, machMsgReceive, machMsgRpc, machMsgSend, memoryObjectDataError, memoryObjectSetAttributes,
  taskCreate, taskTerminate, threadCreate, threadWire, userRead, userWrite, vmAllocate, vmMap,
} from "../../../lib/kernels/mach3/index.ts";
import type { MachError, MemoryObjectDataRequest, PortName, Task } from "../../../lib/kernels/mach3/index.ts";
import { ramDisk, rig } from "./rig.ts";
import { pagerOf } from "./store-pager.ts";

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

/** How `steps` end: what they throw. */
function* failureOf(steps: Steps<unknown>): Steps<MachError | undefined> {
  try {
    yield* steps;
    return undefined;
  } catch (error) {
    return error as MachError;
  }
}

/** A task with a right to a port for two messages of another task, and a page of a file whose pager takes 50 ms. */
function slowSender() {
  const { sim, machine, task, run } = rig({ megabytes: 1 });
  const [a, to, server] = [task("a"), task("to"), task("server")];
  const port = to.names.allocatePort("queue of two", 2);
  const remote = a.names.copyout(to.names.copyin(port, "make-send"));
  const pager = pagerOf(server, { pages: 8, readyNs: 50 * MS });
  const map = (): number => vmMap(a, a, { bytes: 8 * PAGE, memoryObject: pager.sendRight(a) });
  return { sim, machine, run, a, to, port, remote, map, queue: to.names.receiveRight(port) };
}

describe("a message whose memory is waited for", () => {
  it("waits for room in the queue when it has it: never are there more than fit", () => {
    const { sim, run, a, to, port, remote, map, queue } = slowSender();
    const codes: (string | undefined)[] = [];
    run(a, (function* (): Steps {
      const address = map();
      for (let i = 0; i < 6; i++) threadCreate(a, `sender ${i}`, (function* (): Steps {
        codes.push((yield* failureOf(machMsgSend(a, { id: "pages", remote, data: i, memory: [{ address, bytes: PAGE }] }, i < 4 ? MS : undefined)))?.code);
      })());
      yield* sim.sleep(40 * MS);
      yield* machMsgSend(a, { id: "nothing", remote, data: undefined }); // it need not wait for others' memory
      expect(queue.queue).toHaveLength(1);
      yield* sim.sleep(100 * MS);
      expect(queue.queue).toHaveLength(2);
      expect(codes).toEqual([undefined, "MACH_SEND_TIMED_OUT", "MACH_SEND_TIMED_OUT", "MACH_SEND_TIMED_OUT"]);
      expect((yield* machMsgReceive(to, port)).id).toBe("nothing");
      yield* sim.sleep(MS);
      expect(queue.queue).toHaveLength(2);
      for (let i = 0; i < 3; i++) yield* machMsgReceive(to, port);
      expect(codes.slice(4)).toEqual([undefined, undefined]);
    })());
  });

  it("and whose destination dies meanwhile is lost with it, as if it had been queued: a call hears that no answer comes", () => {
    const { sim, machine, run, a, to, port, remote, map } = slowSender();
    const free = machine.memory.freeFrames;
    run(a, (function* (): Steps {
      threadCreate(to, "end", (function* (): Steps {
        yield* sim.sleep(MS);
        to.names.destroy(port);
      })());
      const local = a.replyPort();
      const right = queueOf(a);
      const address = map();
      const answer = yield* machMsgRpc(a, { id: "call", remote, local, data: undefined, ports: [{ name: right, disposition: "move-receive" }], memory: [{ address, bytes: PAGE, pageList: true }] }, local);
      expect(answer.id).toBe("mach_notify_send_once");
      expect(a.names.rights(right).dead).toBe(true);
      expect(machine.memory.freeFrames).toBe(free - 1); // the page of the file
      expect((yield* failureOf(machMsgSend(a, { id: "again", remote, data: undefined })))?.code).toBe("MACH_SEND_INVALID_DEST");
    })());
  });
});

describe("a message for which there is no room", () => {
  /** Two messages in the queue, and one with two stolen pages, a receive right and the only right to the destination. */
  function full() {
    const { kernel, sim, machine, task, run } = rig();
    const [a, to] = [task("a"), task("to")];
    const port = to.names.allocatePort("queue of two", 2);
    const queue = to.names.receiveRight(port);
    const remote = a.names.copyout(to.names.copyin(port, "make-send"));
    const extra = queueOf(a);
    function* third(timeoutNs?: number): Steps {
      for (let i = 0; i < 2; i++) yield* machMsgSend(a, { id: "first", remote, data: undefined });
      const address = vmAllocate(a, 2 * PAGE);
      yield* userWrite(a, address, new Uint8Array(2 * PAGE).fill(9));
      const memory = [{ address, bytes: 2 * PAGE, deallocate: true, pageList: true }];
      yield* machMsgSend(a, { id: "third", remote, disposition: "move-send", local: a.replyPort(), data: undefined, ports: [{ name: extra, disposition: "move-receive" }], memory }, timeoutNs);
    }
    return { kernel, sim, machine, run, a, to, queue, extra, third };
  }

  it("in time comes back to its sender with all that it held", () => {
    const { sim, run, a, queue, extra, third } = full();
    run(a, (function* (): Steps {
      const port = a.names.receiveRight(extra);
      const begin = sim.now;
      const { code, returned } = (yield* failureOf(third(5 * MS)))!;
      expect([code, sim.now >= begin + 5 * MS, queue.queue.length, queue.sendRights]).toEqual(["MACH_SEND_TIMED_OUT", true, 2, 1]);
      expect(a.names.sendRight(returned!.remote!)).toBe(queue);
      expect(a.names.receiveRight(returned!.ports[0]!)).toBe(port);
      expect([port.dead, port.sendRights]).toEqual([false, 1]);
      const [{ address, bytes } = { address: 0, bytes: 0 }] = returned!.memory;
      expect(yield* userRead(a, address, bytes)).toEqual(new Uint8Array(2 * PAGE).fill(9));
      const replies = a.names.receiveRight(a.replyPort());
      expect([replies.sendOnceRights, replies.queue]).toEqual([0, []]); // nobody will answer, and nothing says so twice
    })());
  });

  it("leaves nothing behind when its sender ends while it waits", () => {
    const { kernel, sim, machine, run, a, to, queue, extra, third } = full();
    const free = machine.memory.freeFrames;
    const port = a.names.receiveRight(extra);
    threadCreate(a, "sender", third(), { daemon: true });
    run(to, sim.sleep(50 * MS));
    expect([kernel.counters.framesStolen, queue.queue.length]).toEqual([2, 2]);
    run(to, endOf(a));
    run(to, sim.sleep(MS));
    expect([machine.memory.freeFrames, queue.sendRights, port.dead]).toEqual([free, 0, true]);
  });
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
