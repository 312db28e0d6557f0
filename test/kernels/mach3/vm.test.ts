import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  MachError, VM_PROT_READ, VM_PROT_WRITE, machMsgReceive, machMsgSend, DefaultPager, taskCreate, taskTerminate, userCopy, userRead, userWrite, vmAllocate, vmDeallocate, vmInherit, vmProtect,
} from "../../../lib/kernels/mach3/index.ts";
import type { Task } from "../../../lib/kernels/mach3/index.ts";
import { ramDisk, rig } from "./rig.ts";

const PAGE = 4096;
const PAGES = 12;

/** What a task should see: its regions by address, and the tasks that share them. */
type Model = Map<number, Uint8Array>;

type Op =
  | { what: "write"; who: number; at: number; length: number; value: number }
  | { what: "fork"; who: number; share: boolean }
  | { what: "send"; who: number; to: number; at: number; length: number }
  | { what: "copy"; who: number; from: number; at: number; length: number }
  | { what: "exit"; who: number };

const op: fc.Arbitrary<Op> = fc.oneof(
  fc.record({ what: fc.constant("write" as const), who: fc.nat(5), at: fc.nat(PAGES * PAGE - 1), length: fc.integer({ min: 1, max: 9000 }), value: fc.nat(255) }),
  fc.record({ what: fc.constant("fork" as const), who: fc.nat(5), share: fc.boolean() }),
  fc.record({ what: fc.constant("send" as const), who: fc.nat(5), to: fc.nat(5), at: fc.nat(PAGES - 1), length: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ what: fc.constant("copy" as const), who: fc.nat(5), from: fc.nat(PAGES * PAGE - 1), at: fc.nat(PAGES * PAGE - 1), length: fc.integer({ min: 1, max: 9000 }) }),
  fc.record({ what: fc.constant("exit" as const), who: fc.nat(5) }),
);

/**
 * Tasks write, fork, send each other memory and end; each must always see the bytes that a flat model says.
 * @param megabytes of the machine: with little, all goes through the page-out daemon and the default pager.
 */
function play(ops: readonly Op[], megabytes: number, kernelPercent: number): number {
  const { kernel, machine, task, run, sim } = rig({
    megabytes, limits: { kernelPercent, freeMinPercent: 5.5, freeTargetPercent: 7.8, reservedPercent: 3.1 },
    drivers: (m) => ({ swap: ramDisk(m, 8192, 300_000) }),
  });
  new DefaultPager(kernel, { device: "swap", sector: 0, sectors: 8192 });
  const freeAtFirst = machine.memory.freeFrames;
  const first = task("task 0");
  run(first, (function* () {
    const base = vmAllocate(first, PAGES * PAGE);
    const live: { task: Task; model: Model }[] = [{ task: first, model: new Map([[base, new Uint8Array(PAGES * PAGE)]]) }];
    for (const [i, step] of ops.entries()) {
      const { task: self, model } = live[step.who % live.length]!;
      const region = model.get(base)!;
      if (step.what === "write") {
        const bytes = new Uint8Array(Math.min(step.length, region.length - step.at)).fill(step.value);
        yield* userWrite(self, base + step.at, bytes);
        region.set(bytes, step.at);
      } else if (step.what === "copy") {
        const length = Math.min(step.length, region.length - step.at, region.length - step.from, Math.abs(step.at - step.from));
        yield* userCopy(self, base + step.from, base + step.at, length);
        region.copyWithin(step.at, step.from, step.from + length);
      } else if (step.what === "fork" && live.length < 6) {
        vmInherit(self, base, PAGES * PAGE, step.share ? "share" : "copy");
        const child = yield* taskCreate(self, `task ${i + 1}`);
        live.push({ task: child, model: new Map([...model].map(([address, bytes]) => [address, step.share && address === base ? bytes : bytes.slice()])) });
      } else if (step.what === "send") {
        const { task: other, model: others } = live[step.to % live.length]!;
        const length = Math.min(step.length, PAGES - step.at) * PAGE;
        const name = other.names.allocatePort("p", 5);
        const send = self.names.copyout(other.names.copyin(name, "make-send"));
        yield* machMsgSend(self, { id: "x", remote: send, data: undefined, memory: [{ address: base + step.at * PAGE, bytes: length }] });
        const { memory: [got] } = yield* machMsgReceive(other, name);
        others.set(got!.address, region.slice(step.at * PAGE, step.at * PAGE + length));
        other.names.destroy(name);
      } else if (step.what === "exit" && live.length > 1) {
        taskTerminate(self);
        live.splice(step.who % live.length, 1);
      }
      const { task: seen, model: expected } = live[i % live.length]!;
      yield* look(seen, expected);
    }
    for (const { task: seen, model: expected } of live) yield* look(seen, expected);
    for (const { task: seen } of live) taskTerminate(seen);
    yield* sim.sleep(1e9); // the pagers finish what they have begun
  })());
  expect(machine.memory.freeFrames).toBe(freeAtFirst);
  return kernel.counters.pageOuts;
}

function* look(task: Task, model: Model) {
  for (const [address, bytes] of model) {
    const got: Uint8Array = yield* userRead(task, address, bytes.length);
    expect(Buffer.compare(got, bytes), `${task.name} at ${address}`).toBe(0);
  }
}

describe("address spaces", () => {
  it("hold the bytes that a flat model holds, over copies, forks and messages; no frame is lost", () => {
    fc.assert(fc.property(fc.array(op, { maxLength: 25 }), (ops) => void play(ops, 4, 0)), { numRuns: 60 });
  });

  it("also when most of it is on the swap device", () => {
    let pageOuts = 0;
    fc.assert(fc.property(fc.array(op, { minLength: 25, maxLength: 40 }), (ops) => {
      pageOuts += play(ops, 1, (100 * (256 - 26)) / 256);
    }), { numRuns: 30 });
    expect(pageOuts).toBeGreaterThan(300);
  });

  it("a fault on a page that is there takes 316 us", () => {
    const { task, run, sim, kernel } = rig();
    const a = task("a");
    run(a, (function* () {
      const address = vmAllocate(a, PAGE);
      yield* userWrite(a, address, new Uint8Array([5]));
      const child = yield* taskCreate(a, "child");
      yield* sim.settle();
      const begin = sim.now;
      expect(yield* userRead(child, address, 1)).toEqual(new Uint8Array([5]));
      yield* sim.settle();
      expect((sim.now - begin) / 1000).toBe(316);
    })());
    expect(kernel.counters.faults).toBe(2);
  });

  it("refuse what is not mapped or not allowed", () => {
    const { task, run } = rig();
    const a = task("a");
    const attempt = function* (steps: Generator<number, unknown, void>) {
      try {
        yield* steps;
        return "done";
      } catch (error) {
        return (error as MachError).code;
      }
    };
    run(a, (function* () {
      const address = vmAllocate(a, 3 * PAGE);
      yield* userWrite(a, address, new Uint8Array(3 * PAGE).fill(1));
      vmProtect(a, address + PAGE, PAGE, VM_PROT_READ);
      expect(yield* attempt(userWrite(a, address + PAGE, new Uint8Array([1])))).toBe("KERN_PROTECTION_FAILURE");
      expect(yield* attempt(userWrite(a, address + 2 * PAGE, new Uint8Array([2])))).toBe("done");
      vmProtect(a, address, PAGE, VM_PROT_READ, true);
      expect(() => vmProtect(a, address, PAGE, VM_PROT_WRITE)).toThrow("KERN_PROTECTION_FAILURE");
      vmDeallocate(a, address + 2 * PAGE, PAGE);
      expect(yield* attempt(userRead(a, address + 2 * PAGE, 1))).toBe("KERN_INVALID_ADDRESS");
      expect(() => vmAllocate(a, PAGE, address)).toThrow("KERN_NO_SPACE");
      expect(() => vmAllocate(a, PAGE, 12)).toThrow("KERN_INVALID_ADDRESS");
    })());
  });
});
