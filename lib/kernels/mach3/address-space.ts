/**
 * The calls that change an address space: vm_allocate, vm_map and their companions.
 *
 * Layer: kernels/mach3; section 2 ("an object, which is represented by a send right
 * to a port, must be entered into the task's address space with vm_map and can
 * subsequently [be] accessed through normal memory accesses"). Addresses and sizes
 * are in bytes; a size is rounded up to whole pages.
 */
import { PAGE_BYTES } from "../../hardware/memory.ts";
import type { Steps } from "../../engine/index.ts";
import { MachError } from "./errors.ts";
import type { PortName } from "./message.ts";
import type { Task } from "./task.ts";
import { copyObject } from "./vm-copy.ts";
import { checkRange, virtualPage } from "./vm-map.ts";
import type { Inheritance } from "./vm-map.ts";
import { VM_PROT_DEFAULT, VM_PROT_NONE, VM_PROT_WRITE, pagesOf } from "./vm-page.ts";
import type { Protection } from "./vm-page.ts";
import { entryObject, ownObject } from "./fault.ts";
import { releaseObject } from "./vm-object.ts";

/** vm_allocate (section 2): `bytes` bytes of zeros at `address`, or where there is room; the address. */
export function vmAllocate(task: Task, bytes: number, address?: number): number {
  const { kernel } = task;
  kernel.trapped();
  kernel.charge(kernel.costs.vmAllocateNs, "vm_allocate");
  return task.map.enter(bytes, address).start;
}

/** vm_deallocate (section 2): nothing is mapped from `address` on for `bytes` bytes any more. */
export function vmDeallocate(task: Task, address: number, bytes: number): void {
  const { kernel } = task;
  kernel.trapped();
  kernel.charge(kernel.costs.vmDeallocateNs, "vm_deallocate");
  unmapRange(task, address, bytes);
}

/** What vm_deallocate does, besides being called. */
export function unmapRange(task: Task, address: number, bytes: number): void {
  const end = address + pagesOf(bytes) * PAGE_BYTES;
  checkRange(address, end - address);
  for (const entry of task.map.range(address, end)) {
    task.map.remove(entry);
    task.pmap.remove(virtualPage(entry.start), virtualPage(entry.end));
    if (entry.object !== undefined) releaseObject(task.kernel, entry.object);
  }
}

/** vm_protect (section 2): allow only `protection`; with `maximum` it is the most that can be allowed from now on. */
export function vmProtect(task: Task, address: number, bytes: number, protection: Protection, maximum = false): void {
  const { kernel } = task;
  kernel.trapped();
  kernel.charge(kernel.costs.vmProtectNs, "vm_protect");
  const end = address + pagesOf(bytes) * PAGE_BYTES;
  checkRange(address, end - address);
  task.map.demand(address, end, VM_PROT_NONE);
  const entries = task.map.range(address, end);
  if (entries.some((entry) => (protection & ~entry.maxProtection) !== 0)) {
    throw new MachError("KERN_PROTECTION_FAILURE", `0x${address.toString(16)} of ${task.name} may not be given that much`);
  }
  for (const entry of entries) {
    if (maximum) entry.maxProtection = protection;
    entry.protection = maximum ? entry.protection & protection : protection;
    if ((entry.protection & VM_PROT_WRITE) === 0) task.pmap.writeProtect(virtualPage(entry.start), virtualPage(entry.end));
    if (entry.protection === VM_PROT_NONE) task.pmap.remove(virtualPage(entry.start), virtualPage(entry.end));
  }
  task.map.version++;
}

/** vm_inherit (section 2): what a child of `task` will get of this memory. */
export function vmInherit(task: Task, address: number, bytes: number, inheritance: Inheritance): void {
  const end = address + pagesOf(bytes) * PAGE_BYTES;
  checkRange(address, end - address);
  task.kernel.trapped();
  task.map.demand(address, end, VM_PROT_NONE);
  for (const entry of task.map.range(address, end)) entry.inheritance = inheritance;
}

/** What to map, and how. */
export interface MapRequest {
  bytes: number;
  /** Where; by default where there is room. */
  address?: number;
  /** The caller's send right to the memory object. */
  memoryObject: PortName;
  /** Byte of the memory object that is mapped first, at a page boundary. */
  offset?: number;
  protection?: Protection;
  maxProtection?: Protection;
  inheritance?: Inheritance;
}

/** vm_map (section 2): enter a memory object, named in `caller`, into the address space of `target`; the address. */
export function vmMap(caller: Task, target: Task, request: MapRequest): number {
  const { kernel } = caller;
  const { bytes, address, memoryObject, offset = 0, protection = VM_PROT_DEFAULT, maxProtection = VM_PROT_DEFAULT, inheritance = "copy" } = request;
  kernel.trapped();
  kernel.charge(kernel.costs.vmMapNs, "vm_map");
  if (offset % PAGE_BYTES !== 0 || offset < 0) throw new MachError("KERN_INVALID_ARGUMENT", `offset ${offset}`);
  const entry = target.map.enter(bytes, address, { index: offset / PAGE_BYTES, protection, maxProtection, inheritance });
  try {
    entry.object = kernel.enterMemoryObject(caller.names.sendRight(memoryObject));
  } catch (error) {
    target.map.remove(entry);
    throw error;
  }
  return entry.start;
}

/** Give `child` what `parent` lets it inherit. What goes while what is before it is waited for is not inherited. */
export function* inheritMemory(parent: Task, child: Task): Steps {
  const { kernel, map } = parent;
  for (let entry = map.next(0), done = 0; entry !== undefined; entry = map.next(done)) {
    const { start, end, protection, maxProtection, inheritance } = entry;
    done = end;
    if (inheritance === "none") continue;
    kernel.charge(kernel.costs.forkEntryNs, "vm_inherit");
    const kept = { protection, maxProtection, inheritance };
    if (inheritance === "share") {
      ownObject(kernel, entry);
      const object = entryObject(parent, entry);
      object.references++;
      object.shared = true;
      child.map.enter(end - start, start, { ...kept, object, index: entry.index });
    } else if (entry.object === undefined) child.map.enter(end - start, start, kept);
    else {
      const run = yield* copyObject(parent, entry);
      if (run === undefined) done = start; // look again what is there
      else child.map.enter(end - start, start, { ...kept, object: run.object, index: run.index, needsCopy: true });
    }
  }
}
