/**
 * The default pager: keeps the pages of temporary objects on a swap device.
 *
 * Layer: kernels/mach3; section 2 names the mechanism, [21] the pager. A task like
 * any pager, except that the kernel gives it memory objects of its own accord. When
 * the swap device is full, or fails, pages are lost: whoever touches one gets an error.
 */
import type { Steps } from "../../engine/index.ts";
import { PAGE_BYTES } from "../../hardware/memory.ts";
import { vmDeallocate } from "./address-space.ts";
import { deviceOpen, deviceRead, deviceWrite } from "./device.ts";
import { MachError } from "./errors.ts";
import { machMsgReceive } from "./ipc.ts";
import type { Kernel } from "./kernel.ts";
import { MEMORY_OBJECT_CREATE } from "./memory-object/create.ts";
import {
  MEMORY_OBJECT_DATA_REQUEST, MEMORY_OBJECT_DATA_WRITE, MEMORY_OBJECT_TERMINATE,
  memoryObjectDataError, memoryObjectDataSupply, memoryObjectDataUnavailable,
} from "./memory-object/index.ts";
import type { MemoryObjectDataRequest, MemoryObjectDataWrite } from "./memory-object/index.ts";
import type { PortName, Received } from "./message.ts";
import { Task, threadCreate, threadWire } from "./task.ts";

const SECTORS_PER_PAGE = PAGE_BYTES / 512;

/** Where swap space is: `sectors` sectors of the device called `device`, from `sector` on. */
export interface SwapSpace {
  device: string;
  sector: number;
  sectors: number;
}

/** Start the default pager of `kernel` on `swap`; its task. */
export function startDefaultPager(kernel: Kernel, swap: SwapSpace): Task {
  const task = new Task(kernel, "default pager");
  const set = task.names.allocateSet("memory objects");
  const requests = task.names.allocatePort("requests", kernel.limits.queueLimit);
  task.names.moveMember(requests, set);
  kernel.defaultPager = task.names.receiveRight(requests);
  threadCreate(task, "default pager", serve(task, set, swap), { daemon: true });
  return task;
}

/** The pages of one memory object that are on the device: page to slot. A page that found no slot is lost. */
type Slots = Map<number, number | typeof LOST>;
const LOST = "lost";

function* serve(task: Task, set: PortName, swap: SwapSpace): Steps {
  threadWire(task);
  const device = yield* deviceOpen(task, swap.device);
  const free = Array.from({ length: Math.floor(swap.sectors / SECTORS_PER_PAGE) }, (_, slot) => slot).reverse();
  const objects = new Map<PortName, Slots>();
  const record = (slot: number): number => swap.sector + slot * SECTORS_PER_PAGE;
  for (;;) {
    const message = yield* machMsgReceive(task, set);
    const slots = objects.get(message.local);
    if (message.id === MEMORY_OBJECT_CREATE) {
      objects.set(message.ports[0]!, new Map());
      task.names.moveMember(message.ports[0]!, set);
      task.names.deallocate(message.ports[1]!);
    } else if (slots === undefined) throw new MachError("KERN_INVALID_ARGUMENT", `${message.id} to the default pager`);
    else if (message.id === MEMORY_OBJECT_DATA_WRITE) yield* write(message, slots);
    else if (message.id === MEMORY_OBJECT_DATA_REQUEST) yield* read(message, slots);
    else if (message.id === MEMORY_OBJECT_TERMINATE) {
      for (const slot of slots.values()) if (slot !== LOST) free.push(slot);
      objects.delete(message.local);
      task.names.destroy(message.ports[0]!);
      task.names.destroy(message.local);
    }
  }

  function* write(message: Received, slots: Slots): Steps {
    const { offset } = message.data as MemoryObjectDataWrite;
    const [memory] = message.memory;
    for (let done = 0; done < memory!.bytes; done += PAGE_BYTES) {
      const page = (offset + done) / PAGE_BYTES;
      const known = slots.get(page);
      const slot = (known === LOST ? undefined : known) ?? free.pop() ?? LOST;
      slots.set(page, slot);
      const address = memory!.address + done;
      if (slot === LOST) vmDeallocate(task, address, PAGE_BYTES);
      else if (!(yield* written(slot, address))) slots.set(page, LOST); // nor is the slot of use to another page
    }
    task.names.deallocate(message.ports[0]!);
  }

  /** Whether the page at `address`, which is given up, is in `slot` now. */
  function* written(slot: number, address: number): Steps<boolean> {
    try {
      yield* deviceWrite(task, device, record(slot), { address, bytes: PAGE_BYTES, deallocate: true });
      return true;
    } catch (error) {
      if (!(error instanceof MachError && (error.code === "D_IO_ERROR" || error.code === "KERN_MEMORY_ERROR"))) throw error;
      return false;
    }
  }

  function* read(message: Received, slots: Slots): Steps {
    const { offset, length } = message.data as MemoryObjectDataRequest;
    const control = message.ports[0]!;
    const slot = slots.get(offset / PAGE_BYTES);
    if (slot === undefined) yield* memoryObjectDataUnavailable(task, control, offset, length);
    else if (slot === LOST) yield* memoryObjectDataError(task, control, offset, length);
    else {
      try {
        const address = yield* deviceRead(task, device, record(slot), length);
        yield* memoryObjectDataSupply(task, control, offset, { address, bytes: length, deallocate: true });
      } catch (error) {
        if (!(error instanceof MachError && error.code === "D_IO_ERROR")) throw error;
        yield* memoryObjectDataError(task, control, offset, length);
      }
    }
    task.names.deallocate(control);
  }
}
