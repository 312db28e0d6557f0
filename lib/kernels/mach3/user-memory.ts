/**
 * Loads and stores of user code: what a program does with its memory.
 *
 * Layer: kernels/mach3. An access goes through the physical map; where that has no
 * translation the thread faults into the kernel and tries again. Copies are charged
 * as the machine's bcopy; looking at bytes and setting them is part of the
 * program's own work.
 */
import type { Steps } from "../../engine/index.ts";
import { PAGE_BYTES } from "../../hardware/memory.ts";
import { holding, translate, vmFault } from "./fault.ts";
import type { Task } from "./task.ts";
import { virtualPage } from "./vm-map.ts";
import { VM_PROT_READ, VM_PROT_WRITE } from "./vm-page.ts";

/** bcopy in the address space of `task`: `bytes` bytes from one address to another. Errors as vmFault. */
export function* userCopy(task: Task, from: number, to: number, bytes: number): Steps {
  const { machine } = task.kernel;
  for (let done = 0; done < bytes; ) {
    const source = translate(task, from + done, VM_PROT_READ);
    if (source < 0) {
      yield* vmFault(task, from + done, VM_PROT_READ);
      continue;
    }
    const target = translate(task, to + done, VM_PROT_WRITE);
    if (target < 0) {
      const { object, index } = task.pmap.access(virtualPage(from + done), false)!;
      yield* holding(object, index, vmFault(task, to + done, VM_PROT_WRITE)); // or each could go while the other comes, again and again
      continue; // the source may have gone all the same
    }
    const piece = Math.min(bytes - done, PAGE_BYTES - (source % PAGE_BYTES), PAGE_BYTES - (target % PAGE_BYTES));
    machine.bcopy(source, target, piece);
    done += piece;
  }
}

/** Physical address of the byte at `address` of `task`, brought into memory for `access` if need be; it holds until the next wait. */
export function* userAddress(task: Task, address: number, access: typeof VM_PROT_READ | typeof VM_PROT_WRITE): Steps<number> {
  for (;;) {
    const physical = translate(task, address, access);
    if (physical >= 0) return physical;
    yield* vmFault(task, address, access);
  }
}

/** The `bytes` bytes at `address` of `task`, a copy for the program to look at. Errors as vmFault. */
export function* userRead(task: Task, address: number, bytes: number): Steps<Uint8Array> {
  const { memory } = task.kernel.machine;
  const result = memory.room(bytes);
  for (let done = 0; done < bytes; ) {
    const source = translate(task, address + done, VM_PROT_READ);
    if (source < 0) {
      yield* vmFault(task, address + done, VM_PROT_READ);
      continue;
    }
    const piece = Math.min(bytes - done, PAGE_BYTES - (source % PAGE_BYTES));
    result.set(memory.view(source, piece), done);
    task.kernel.sim.probe?.move("load", source, result.subarray(done), piece, 0);
    done += piece;
  }
  return result;
}

/** Put `bytes` at `address` of `task`. Errors as vmFault. */
export function* userWrite(task: Task, address: number, bytes: Uint8Array): Steps {
  const { memory } = task.kernel.machine;
  for (let done = 0; done < bytes.length; ) {
    const target = translate(task, address + done, VM_PROT_WRITE);
    if (target < 0) {
      yield* vmFault(task, address + done, VM_PROT_WRITE);
      continue;
    }
    const piece = Math.min(bytes.length - done, PAGE_BYTES - (target % PAGE_BYTES));
    memory.view(target, piece).set(bytes.subarray(done, done + piece));
    task.kernel.sim.probe?.move("store", bytes.subarray(done), target, piece, 0);
    done += piece;
  }
}
