import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Steps } from "../../../lib/engine/index.ts";
import {
  MEMORY_OBJECT_LOCK_COMPLETED, MEMORY_OBJECT_SUPPLY_COMPLETED, MachError, VM_PROT_WRITE, machMsgReceive, memoryObjectDataSupply, memoryObjectLockRequest,
  memoryObjectSetAttributes, taskTerminate, threadCreate, userRead, userWrite, vmAllocate, vmDeallocate, vmMap,
} from "../../../lib/kernels/mach3/index.ts";
import { rig } from "./rig.ts";
import { pagerOf } from "./store-pager.ts";

const PAGE = 4096;
const PAGES = 24;

describe("the external pager protocol", () => {
  it("data_provided is copied by the kernel, data_supply gives up the pager's pages", () => {
    for (const supply of [false, true]) {
      const { kernel, task, run } = rig();
      const [server, client] = [task("server"), task("client")];
      const pager = pagerOf(server, { supply });
      run(client, (function* () {
        const address = vmMap(client, client, { bytes: PAGES * PAGE, memoryObject: pager.sendRight(client) });
        expect(yield* userRead(client, address + PAGE, PAGE)).toEqual(pager.store.slice(PAGE, 2 * PAGE));
      })());
      expect(pager.log).toEqual(["init", "data_request"]);
      expect(kernel.counters).toMatchObject(supply ? { copies: 0, framesStolen: 1 } : { copies: 1, framesStolen: 0 });
    }
  });

  it("a page that is not the sender's alone is copied even by data_supply", () => {
    const { kernel, task, run } = rig();
    const [server, client] = [task("server"), task("client")];
    const port = server.names.allocatePort("memory object", 5);
    threadCreate(server, "pager", (function* (): Steps {
      const init = yield* machMsgReceive(server, port);
      yield* memoryObjectSetAttributes(server, init.ports[0]!, { ready: true, mayCache: false, copyStrategy: "none" });
      const request = yield* machMsgReceive(server, port);
      const address = vmAllocate(server, PAGE);
      yield* userWrite(server, address, new Uint8Array([42]));
      yield* memoryObjectDataSupply(server, request.ports[0]!, 0, { address, bytes: PAGE }); // kept, not deallocated
      yield* userWrite(server, address, new Uint8Array([43]));
    })());
    run(client, (function* () {
      const address = vmMap(client, client, { bytes: PAGE, memoryObject: client.names.copyout(server.names.copyin(port, "make-send")) });
      expect((yield* userRead(client, address, 1))[0]).toBe(42);
    })());
    expect(kernel.counters).toMatchObject({ copies: 1, framesStolen: 0 });
  });

  it("a pager learns how much of what it supplies was taken: all, or what lies before the first page that is there", () => {
    const { task, run, machine, sim } = rig();
    const [server, a] = [task("server"), task("a")];
    const pager = pagerOf(server);
    const told: unknown[] = [];
    run(a, (function* () {
      const address = vmMap(a, a, { bytes: PAGES * PAGE, memoryObject: pager.sendRight(a) });
      yield* userRead(a, address + 5 * PAGE, 1); // from now on it is there
      const replyPort = server.names.allocatePort("supplied", 5);
      const supply = function* (first: number, pages: number): Steps {
        const memory = { address: vmAllocate(server, pages * PAGE), bytes: pages * PAGE, deallocate: true };
        yield* userWrite(server, memory.address, new Uint8Array(memory.bytes).fill(100 + first));
        yield* memoryObjectDataSupply(server, pager.state.control, first * PAGE, memory, { replyPort });
        const { id, data } = yield* machMsgReceive(server, replyPort);
        expect(id).toBe(MEMORY_OBJECT_SUPPLY_COMPLETED);
        told.push(data);
      };
      yield* supply(0, 2);
      const free = machine.memory.freeFrames;
      yield* supply(3, 4);
      yield* sim.settle();
      expect(free - machine.memory.freeFrames).toBe(2); // pages 3 and 4
      yield* supply(5, 1);
      pager.log.length = 0;
      for (const [page, value] of [[0, 100], [1, 100], [3, 103], [4, 103]] as const) expect((yield* userRead(a, address + page * PAGE, 1))[0]).toBe(value);
      expect(pager.log).toEqual([]);
      expect((yield* userRead(a, address + 5 * PAGE, 1))[0]).toBe(pager.store[5 * PAGE]);
      expect((yield* userRead(a, address + 6 * PAGE, 1))[0]).toBe(pager.store[6 * PAGE]); // this one was free, but behind page 5
      expect(pager.log).toEqual(["data_request"]);
    })());
    expect(told).toEqual([
      { offset: 0, length: 2 * PAGE, result: "KERN_SUCCESS", errorOffset: 2 * PAGE },
      { offset: 3 * PAGE, length: 4 * PAGE, result: "KERN_MEMORY_PRESENT", errorOffset: 5 * PAGE },
      { offset: 5 * PAGE, length: PAGE, result: "KERN_MEMORY_PRESENT", errorOffset: 5 * PAGE },
    ]);
  });

  it("two tasks that map one object see each other's writes; the pager is asked once", () => {
    const { task, run } = rig();
    const [server, a, b] = [task("server"), task("a"), task("b")];
    const pager = pagerOf(server);
    run(a, (function* () {
      const here = vmMap(a, a, { bytes: PAGE, memoryObject: pager.sendRight(a) });
      const there = vmMap(b, b, { bytes: PAGE, memoryObject: pager.sendRight(b) });
      yield* userWrite(a, here + 10, new Uint8Array([200]));
      expect((yield* userRead(b, there + 10, 1))[0]).toBe(200);
    })());
    expect(pager.log.filter((id) => id === "data_request")).toHaveLength(1);
  });

  it("a hole is filled with zeros, an error reaches the thread that touched the page", () => {
    const { task, run } = rig();
    const [server, a] = [task("server"), task("a")];
    const pager = pagerOf(server, { holes: new Set([1]), bad: new Set([2]) });
    run(a, (function* () {
      const address = vmMap(a, a, { bytes: PAGES * PAGE, memoryObject: pager.sendRight(a) });
      expect(yield* userRead(a, address + PAGE, PAGE)).toEqual(new Uint8Array(PAGE));
      try {
        yield* userRead(a, address + 2 * PAGE, 1);
        expect.unreachable();
      } catch (error) {
        expect((error as MachError).code).toBe("KERN_MEMORY_ERROR");
      }
    })());
  });

  it("a lock request brings dirty pages to the pager in runs, before it is answered; clean ones stay silent", () => {
    const { task, run, kernel } = rig({ limits: { dataWritePages: 4 } });
    const [server, a] = [task("server"), task("a")];
    const pager = pagerOf(server);
    run(a, (function* () {
      const address = vmMap(a, a, { bytes: PAGES * PAGE, memoryObject: pager.sendRight(a) });
      yield* userRead(a, address, PAGES * PAGE);
      for (const page of [1, 2, 3, 4, 5, 9]) yield* userWrite(a, address + page * PAGE, new Uint8Array([page + 100]));
      const done = server.names.allocatePort("done", 5);
      pager.log.length = 0;
      yield* memoryObjectLockRequest(server, pager.state.control, { offset: 0, length: PAGES * PAGE, clean: true }, done);
      expect((yield* machMsgReceive(server, done)).id).toBe(MEMORY_OBJECT_LOCK_COMPLETED);
      yield* kernel.sim.sleep(1e8);
      expect(pager.log).toEqual(["data_write", "data_write", "data_write"]);
      expect([1, 2, 3, 4, 5, 9].map((page) => pager.store[page * PAGE])).toEqual([101, 102, 103, 104, 105, 109]);
      pager.log.length = 0;
      yield* memoryObjectLockRequest(server, pager.state.control, { offset: 0, length: PAGES * PAGE, clean: true, flush: true }, done);
      yield* machMsgReceive(server, done);
      expect(pager.log).toEqual([]);
      expect((yield* userRead(a, address + 5 * PAGE, 1))[0]).toBe(105);
      expect(pager.log).toEqual(["data_request"]);
    })());
    expect(pager.state.maxWrite).toBe(4);
  });

  it("a forbidden access waits until the pager allows it", () => {
    const { task, run } = rig();
    const [server, a] = [task("server"), task("a")];
    const pager = pagerOf(server, { lock: VM_PROT_WRITE });
    run(a, (function* () {
      const address = vmMap(a, a, { bytes: PAGE, memoryObject: pager.sendRight(a) });
      yield* userRead(a, address, 1);
      expect(pager.log).not.toContain("data_unlock");
      yield* userWrite(a, address, new Uint8Array([1]));
      expect(pager.log).toContain("data_unlock");
    })());
  });

  it("an object that may be cached keeps its pages without a mapping, another is written back and terminated", () => {
    for (const mayCache of [true, false]) {
      const { task, run, kernel } = rig();
      const [server, a] = [task("server"), task("a")];
      const pager = pagerOf(server, { mayCache });
      run(a, (function* () {
        const memoryObject = pager.sendRight(a);
        for (const round of [1, 2]) {
          const address = vmMap(a, a, { bytes: PAGE, memoryObject });
          if (round === 1) yield* userWrite(a, address, new Uint8Array([66]));
          else expect((yield* userRead(a, address, 1))[0]).toBe(66);
          vmDeallocate(a, address, PAGE);
          yield* kernel.sim.sleep(1e7);
        }
      })());
      expect(pager.log).toEqual(mayCache ? ["init", "data_request"] : ["init", "data_request", "data_write", "terminate", "init", "data_request", "terminate"]);
    }
  });

  it("the death of a pager ends the waits for its pages with an error", () => {
    const { task, run, kernel } = rig();
    const [server, a] = [task("server"), task("a")];
    const port = server.names.allocatePort("memory object", 5);
    run(a, (function* () {
      const address = vmMap(a, a, { bytes: PAGE, memoryObject: a.names.copyout(server.names.copyin(port, "make-send")) });
      threadCreate(server, "killer", (function* () {
        yield* kernel.sim.sleep(1e6);
        taskTerminate(server);
      })());
      try {
        yield* userRead(a, address, 1);
        expect.unreachable();
      } catch (error) {
        expect((error as MachError).code).toBe("KERN_MEMORY_ERROR");
      }
    })());
  });

  const access = fc.record({ who: fc.nat(2), write: fc.boolean(), at: fc.nat(PAGES * PAGE - 1), length: fc.integer({ min: 1, max: 6000 }), value: fc.nat(255), clean: fc.nat(9) });

  it("under memory shortage the bytes are right whatever leaves memory, and no frame is lost", () => {
    let pageOuts = 0;
    fc.assert(fc.property(fc.array(access, { minLength: 20, maxLength: 60 }), fc.boolean(), fc.nat(3), (accesses, supply, ahead) => {
      const { kernel, machine, task, run, sim } = rig({ megabytes: 1, limits: { kernelPercent: (100 * (256 - 32)) / 256, reservedPercent: 3.9, freeMinPercent: 5.5, freeTargetPercent: 7 } });
      const freeAtFirst = machine.memory.freeFrames;
      const server = task("server");
      const clients = [task("a"), task("b"), task("c")];
      const pager = pagerOf(server, { supply, ahead });
      const model = pager.store.slice();
      const maps: number[] = [];
      run(clients[0]!, (function* () {
        for (const client of clients) maps.push(vmMap(client, client, { bytes: PAGES * PAGE, memoryObject: pager.sendRight(client) }));
        for (const { who, write, at, length, value, clean } of accesses) {
          const count = Math.min(length, model.length - at);
          const address = maps[who]! + at;
          if (write) {
            model.fill(value, at, at + count);
            yield* userWrite(clients[who]!, address, new Uint8Array(count).fill(value));
          } else expect(Buffer.compare(yield* userRead(clients[who]!, address, count), model.subarray(at, at + count))).toBe(0);
          if (clean === 0) yield* memoryObjectLockRequest(server, pager.state.control, { offset: 0, length: PAGES * PAGE, clean: true, flush: value % 2 === 0 });
        }
        for (const client of clients) taskTerminate(client);
        yield* sim.sleep(1e9);
        expect(Buffer.compare(pager.store, model)).toBe(0);
      })());
      taskTerminate(server);
      expect(machine.memory.freeFrames).toBe(freeAtFirst);
      pageOuts += kernel.counters.pageOuts;
    }), { numRuns: 60 });
    expect(pageOuts).toBeGreaterThan(300);
  });
});
