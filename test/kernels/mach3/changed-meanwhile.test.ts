/** Copies of memory that have to wait, while others unmap, write, clean or flush it. */
import { describe, expect, it } from "vitest";
import type { Steps } from "../../../lib/engine/index.ts";
import {
  deviceOpen, deviceWrite, machMsgReceive, machMsgSend, taskCreate, threadCreate, threadWire, userRead, userWrite, vmAllocate, vmDeallocate, vmMap,
} from "../../../lib/kernels/mach3/index.ts";
import type { CopyStrategy, Kernel, MachError, OutOfLineItem, PortName, Task } from "../../../lib/kernels/mach3/index.ts";
import { ramDisk, rig } from "./rig.ts";
import { pagerOf } from "./store-pager.ts";
import type { PagerOptions } from "./store-pager.ts";

const PAGE = 4096;
const MS = 1_000_000;

type Pager = ReturnType<typeof pagerOf>;

interface Made {
  kernel: Kernel;
  a: Task;
  to: Task;
  files: Pager[];
  /** `a`'s right to a port of `to`'s. */
  remote: PortName;
  port: PortName;
  disk: ReturnType<typeof ramDisk>;
}

/** Run `steps` in a task that sends memory to another, with a file of four pages for each of `options`. */
function running(options: readonly PagerOptions[], steps: (made: Made) => Steps): void {
  let disk!: ReturnType<typeof ramDisk>;
  const { kernel, task, run } = rig({ megabytes: 1, drivers: (on) => ({ disk: (disk = ramDisk(on, 100, 100 * MS)) }) });
  const [a, to] = [task("a"), task("to")];
  const files = options.map((of, i) => pagerOf(task(`server ${i}`), { pages: 4, ...of }));
  const port = to.names.allocatePort("mail", 20);
  let ended = false;
  run(a, (function* (): Steps {
    yield* steps({ kernel, a, to, files, port, remote: a.names.copyout(to.names.copyin(port, "make-send")), disk });
    ended = true;
  })());
  expect(ended).toBe(true);
}

const map = (task: Task, file: Pager, address?: number): number => vmMap(task, task, { bytes: 4 * PAGE, memoryObject: file.sendRight(task), ...(address === undefined ? {} : { address }) });

/** A thread of `task` that takes `steps`: what has come of it so far. */
function begin<T>(task: Task, steps: Steps<T>): { result?: T; code?: string } {
  const outcome: { result?: T; code?: string } = {};
  threadCreate(task, "meanwhile", (function* (): Steps {
    try {
      outcome.result = yield* steps;
      outcome.code = "done";
    } catch (error) {
      outcome.code = (error as MachError).code;
    }
  })());
  return outcome;
}

const send = (task: Task, remote: PortName, memory: OutOfLineItem): Steps => machMsgSend(task, { id: "memory", remote, data: undefined, memory: [memory] });

/** Take frames until only `left` are free; who gives them back. */
function shortage({ pages, machine: { memory } }: Kernel, left = pages.reserved): () => void {
  const taken: number[] = [];
  while (memory.freeFrames > left) taken.push(memory.allocate("hog")!);
  return () => taken.splice(0).forEach((frame) => pages.freeFrame(frame));
}

function* store(task: Task, address: number, value: number): Steps {
  yield* userWrite(task, address, new Uint8Array([value]));
}

function* load(task: Task, address: number): Steps<number> {
  return (yield* userRead(task, address, 1))[0]!;
}

/** Each page in a queue is a page of its object. */
function checkQueues({ pages }: Kernel): void {
  for (const queue of [pages.active, pages.inactive]) for (let page = queue.first; page !== undefined; page = page.next) expect(page.object.pages.get(page.index)).toBe(page);
}

describe("while a page of a file waits for the frame of its copy", () => {
  for (const [copyStrategy, clean] of [["delay", false], ["delay", true], ["none", false], ["none", true]] satisfies [CopyStrategy, boolean][]) {
    it(`(${copyStrategy}) a flush ${clean ? "with" : "without"} clean takes it all the same, and what the pager changes then is seen`, () => {
      let inFile = -1;
      const completed = (): void => {
        [inFile] = pager.store;
        pager.store[0] = 77;
      };
      let pager: Pager;
      running([{ copyStrategy, mayCache: true, completed }], function* ({ kernel, a, to, files: [file], remote, port }): Steps {
        pager = file!;
        const address = map(a, pager);
        if (clean) yield* store(a, address, 99);
        else yield* load(a, address);
        const end = shortage(kernel);
        const sent = begin(a, send(a, remote, { address, bytes: PAGE, pageList: copyStrategy === "delay" }));
        yield* kernel.sim.sleep(MS / 100);
        expect(sent.code).toBeUndefined();
        yield* pager.lockRequest(0, 4, { flush: true, clean });
        expect(inFile).toBe(clean ? 99 : 0);
        expect(yield* load(a, address)).toBe(77);
        end();
        yield* kernel.sim.sleep(100 * MS);
        expect(sent.code).toBe("done");
        expect(yield* load(a, address)).toBe(77);
        expect(yield* load(to, (yield* machMsgReceive(to, port)).memory[0]!.address)).toBe(77);
      });
    });
  }

  for (const mapped of [true, false]) it(`${mapped ? "it" : "a page of ordinary memory"} may be unmapped: the sender hears it, and no frame is lost or freed twice`, () => {
    running([{}], function* ({ kernel, a, files: [file], remote }): Steps {
      const free = kernel.machine.memory.freeFrames;
      const places: number[] = [];
      for (let i = 0; i < 4; i++) {
        const address = mapped ? map(a, file!) : vmAllocate(a, 4 * PAGE);
        places.push(address);
        yield* store(a, address + i * PAGE, 1 + i);
      }
      const end = shortage(kernel);
      const sent = places.map((address, i) => begin(a, send(a, remote, { address: address + i * PAGE, bytes: PAGE, pageList: true })));
      yield* kernel.sim.sleep(0);
      for (const address of places) vmDeallocate(a, address, 4 * PAGE);
      end();
      yield* kernel.sim.sleep(100 * MS);
      expect(sent.map(({ code }) => code)).toEqual(Array(4).fill("KERN_INVALID_ADDRESS"));
      checkQueues(kernel);
      expect(kernel.machine.memory.freeFrames).toBe(free);
    });
  });
});

it("a page that a device is taking, for whose copy there is no frame, is cleaned before its pager hears that it is", () => {
  let inFile = -1;
  let pager: Pager;
  running([{ mayCache: true, completed: () => void ([inFile] = pager.store) }], function* ({ kernel, a, files: [file], disk }): Steps {
    pager = file!;
    const address = map(a, pager);
    yield* store(a, address, 99);
    const written = begin(a, deviceWrite(a, yield* deviceOpen(a, "disk"), 0, { address, bytes: PAGE }));
    yield* kernel.sim.sleep(50 * MS);
    const end = shortage(kernel, 0);
    threadCreate(a, "later", (function* (): Steps {
      yield* kernel.sim.sleep(100 * MS);
      end();
    })());
    yield* pager.lockRequest(0, 4, { clean: true });
    expect(inFile).toBe(99);
    yield* kernel.sim.sleep(100 * MS);
    expect([written.code, disk.bytes[0]]).toEqual(["done", 99]);
    checkQueues(kernel);
  });
});

describe("while one part of memory is waited for, another that goes", () => {
  for (const slow of [{ readyNs: 50 * MS }, { copyStrategy: "none" }] as const) {
    const [first, second] = [0x100000, 0x100000 + 4 * PAGE];

    for (const pageList of [false, true]) it(`cannot be sent ${pageList ? "as a page list" : "as a copy"} any more (${Object.keys(slow).join()})`, () => {
      running([slow, {}], function* ({ kernel, a, files: [one, other], remote, port, to }): Steps {
        map(a, one!, first);
        map(a, other!, second);
        const sent = begin(a, send(a, remote, { address: first, bytes: 8 * PAGE, pageList }));
        yield* kernel.sim.sleep(0);
        vmDeallocate(a, second, 4 * PAGE);
        yield* kernel.sim.sleep(500 * MS);
        expect(sent.code).toBe("KERN_INVALID_ADDRESS");
        expect(to.names.receiveRight(port).queue).toHaveLength(0);
        expect(other!.count("terminate")).toBe(1); // nobody refers to it any more
      });
    });

    it(`is not inherited, and what has come in its place is (${Object.keys(slow).join()})`, () => {
      running([slow, {}, {}], function* ({ kernel, a, files: [one, other, third] }): Steps {
        map(a, one!, first);
        map(a, other!, second);
        const forked = begin(a, taskCreate(a, "child"));
        yield* kernel.sim.sleep(0);
        for (const address of [first, second]) vmDeallocate(a, address, 4 * PAGE);
        map(a, third!, second - PAGE);
        yield* kernel.sim.sleep(500 * MS);
        const child = forked.result!;
        expect(child.map.entries().map(({ start, end }) => [start, end])).toEqual([[second - PAGE, second + 3 * PAGE]]);
        expect(yield* load(child, second)).toBe(third!.store[PAGE]);
        expect([one!.count("terminate"), other!.count("terminate")]).toEqual([1, 1]);
      });
    });
  }

  it("and is more than what was waited for does not come twice", () => {
    running([{ readyNs: 50 * MS }, {}], function* ({ kernel, a, files: [one, other] }): Steps {
      const [first, second] = [0x100000, 0x100000 + 4 * PAGE];
      vmAllocate(a, 4 * PAGE, first);
      map(a, one!, second);
      const forked = begin(a, taskCreate(a, "child"));
      yield* kernel.sim.sleep(0);
      for (const address of [first, second]) vmDeallocate(a, address, 4 * PAGE);
      map(a, other!, second - PAGE);
      yield* kernel.sim.sleep(500 * MS);
      expect(forked.result!.map.entries().map(({ start, end }) => [start, end])).toEqual([[first, second], [second, second + 3 * PAGE]]);
    });
  });
});

it("who has waited to read a page of zeros sees what another thread of the task has written there meanwhile", () => {
  running([], function* ({ kernel, a, to, remote, port }): Steps {
    const address = vmAllocate(a, PAGE);
    yield* send(a, remote, { address, bytes: PAGE }); // now it is written only in a shadow
    const end = shortage(kernel);
    const read = begin(a, load(a, address));
    yield* kernel.sim.sleep(MS);
    expect(read.code).toBeUndefined();
    threadWire(a); // such a thread gets frames when others do not
    yield* store(a, address, 5);
    end();
    yield* kernel.sim.sleep(MS);
    expect(read.result).toBe(5);
    expect(yield* load(a, address)).toBe(5);
    expect(yield* load(to, (yield* machMsgReceive(to, port)).memory[0]!.address)).toBe(0);
  });
});
