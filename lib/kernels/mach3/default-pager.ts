/**
 * The default pager: keeps the pages of temporary objects on a swap device.
 *
 * Layer: kernels/mach3; section 2 names the mechanism, [21] the pager. A task like
 * any pager, except that the kernel gives it memory objects of its own accord and
 * sends it no more pages than it has room for. Several threads serve it. A page-in
 * may have to wait for a frame, and only page-outs make frames free, so one thread
 * is always left for these; they need no memory. What the device fails to write is
 * lost: whoever touches such a page gets an error.
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
import { BackingStore, SwapSpace } from "./swap-space.ts";
import type { Slot } from "./swap-space.ts";
import { Task, threadCreate, threadWire } from "./task.ts";
import { vmHold, vmLetGo } from "./wired-memory.ts";

const SECTORS_PER_PAGE = PAGE_BYTES / 512;

/** Where swap space is: `sectors` sectors of the device called `device`, from `sector` on. */
export interface SwapDevice {
  device: string;
  sector: number;
  sectors: number;
}

export class DefaultPager {
  readonly task: Task;
  readonly space: SwapSpace;
  readonly #swap: SwapDevice;
  readonly #set: PortName;
  readonly #stores = new Map<PortName, BackingStore>();
  #threads = 0;
  /** Page-ins under way, and those that wait until there are fewer. */
  #reading = 0;
  readonly #waiting: Received[] = [];

  /** Starts the default pager of `kernel` on `swap`. */
  constructor(kernel: Kernel, swap: SwapDevice) {
    const task = new Task(kernel, "default pager");
    const slots = Math.floor(swap.sectors / SECTORS_PER_PAGE);
    this.task = task;
    this.#swap = swap;
    this.space = new SwapSpace(kernel.sim, slots);
    this.#set = task.names.allocateSet("memory objects");
    const requests = task.names.allocatePort("requests", kernel.limits.queueLimit);
    task.names.moveMember(requests, this.#set);
    kernel.defaultPager = { port: task.names.receiveRight(requests), room: slots };
    this.#addThread();
  }

  #addThread(): void {
    threadCreate(this.task, `default pager thread ${++this.#threads}`, this.#thread(), { daemon: true });
  }

  *#thread(): Steps {
    const { task } = this;
    threadWire(task);
    const device = yield* deviceOpen(task, this.#swap.device);
    for (;;) {
      const message = yield* machMsgReceive(task, this.#set);
      if (message.id === MEMORY_OBJECT_CREATE) this.#create(message);
      else if (message.id === MEMORY_OBJECT_TERMINATE) this.#end(message);
      else {
        this.#store(message).pending++;
        if (message.id === MEMORY_OBJECT_DATA_WRITE) yield* this.#write(device, message);
        else if (message.id === MEMORY_OBJECT_DATA_REQUEST) yield* this.#readInTurn(device, message);
      }
    }
  }

  #store({ id, local }: Received): BackingStore {
    const store = this.#stores.get(local);
    if (store === undefined) throw new MachError("KERN_INVALID_ARGUMENT", `${id} to the default pager`);
    return store;
  }

  /** The kernel gives an object. With the first there is work for all threads. */
  #create({ ports: [object, control] }: Received): void {
    const { names, kernel } = this.task;
    this.#stores.set(object!, new BackingStore(kernel.sim, this.space));
    names.moveMember(object!, this.#set);
    names.deallocate(control!);
    while (this.#threads < kernel.limits.defaultPagerThreads) this.#addThread();
  }

  #end(message: Received): void {
    const store = this.#store(message);
    store.end(message.ports[0]!);
    this.#forgetIfEnded(store, message.local);
  }

  /** `message` about an object, with its control port, has been dealt with. */
  #done(message: Received): void {
    const store = this.#store(message);
    this.task.names.deallocate(message.ports[0]!);
    store.pending--;
    this.#forgetIfEnded(store, message.local);
  }

  #forgetIfEnded(store: BackingStore, object: PortName): void {
    if (store.ended === undefined || store.pending > 0) return;
    this.#stores.delete(object);
    this.task.names.destroy(store.ended);
    this.task.names.destroy(object);
  }

  *#write(device: PortName, message: Received): Steps {
    const { task } = this;
    const store = this.#store(message);
    const { address, bytes } = message.memory[0]!;
    const first = (message.data as MemoryObjectDataWrite).offset / PAGE_BYTES;
    const pages = bytes / PAGE_BYTES;
    store.expect(first, first + pages);
    vmHold(task, address, bytes); // or the kernel would send them here again
    for (let page = 0; page < pages; page++) {
      const slot = yield* store.room(first + page);
      const at = address + page * PAGE_BYTES;
      vmLetGo(task, at, PAGE_BYTES);
      if (slot === undefined) {
        vmDeallocate(task, at, PAGE_BYTES);
        continue;
      }
      const good = yield* this.#written(device, slot, at);
      if (!good) task.kernel.defaultPager!.room--;
      store.wrote(first + page, slot, good);
    }
    this.#done(message);
  }

  /** Whether the page at `address`, which is given up, is in `slot` now. */
  *#written(device: PortName, slot: Slot, address: number): Steps<boolean> {
    try {
      yield* deviceWrite(this.task, device, this.#record(slot), { address, bytes: PAGE_BYTES, deallocate: true });
      return true;
    } catch (error) {
      if (!(error instanceof MachError && error.code === "D_IO_ERROR")) throw error;
      return false;
    }
  }

  /** Page-ins never take all threads. One too many is left to the threads that are at it. */
  *#readInTurn(device: PortName, message: Received): Steps {
    this.#waiting.push(message);
    if (this.#reading >= this.#threads - 1) return;
    this.#reading++;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      yield* this.#read(device, next);
      this.#done(next);
    }
    this.#reading--;
  }

  *#read(device: PortName, message: Received): Steps {
    const { task } = this;
    const { offset, length } = message.data as MemoryObjectDataRequest;
    const control = message.ports[0]!;
    const slot = yield* this.#store(message).find(offset / PAGE_BYTES);
    if (slot === undefined) return yield* memoryObjectDataUnavailable(task, control, offset, length);
    if (slot === "lost") return yield* memoryObjectDataError(task, control, offset, length);
    try {
      const address = yield* deviceRead(task, device, this.#record(slot), length);
      yield* memoryObjectDataSupply(task, control, offset, { address, bytes: length, deallocate: true });
    } catch (error) {
      if (!(error instanceof MachError && (error.code === "D_IO_ERROR" || error.code === "KERN_RESOURCE_SHORTAGE"))) throw error;
      yield* memoryObjectDataError(task, control, offset, length);
    }
  }

  #record(slot: Slot): number {
    return this.#swap.sector + slot * SECTORS_PER_PAGE;
  }
}
