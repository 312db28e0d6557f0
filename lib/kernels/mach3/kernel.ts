/**
 * The Mach 3.0 kernel: what all of its parts share.
 *
 * Layer: kernels/mach3; section 2. Reading order: port, name-space, message, ipc
 * (communication); vm-page, pmap, vm-object, vm-map, fault, copy-object, vm-copy,
 * address-space, page-out (memory); memory-object (the external pager protocol); device; trap;
 * task.
 */
import type { Simulation, Steps, Thread } from "../../engine/index.ts";
import type { Machine } from "../../hardware/machine.ts";
import { PAGE_BYTES } from "../../hardware/memory.ts";
import type { Frame } from "../../hardware/memory.ts";
import { kernelCosts } from "./costs.ts";
import type { KernelCosts, KernelLimits, KernelSpec } from "./costs.ts";
import { newCounters } from "./counters.ts";
import { DeviceServer } from "./device-server.ts";
import type { DeviceDriver } from "./device-server.ts";
import { MachError } from "./errors.ts";
import { chargeInLine } from "./in-line.ts";
import { memoryObjectControl } from "./memory-object/control.ts";
import { memoryObjectInit } from "./memory-object/init.ts";
import type { KernelMessage, Right } from "./message.ts";
import { pageOutDaemon } from "./page-out.ts";
import { Port, releaseSend } from "./port.ts";
import type { KernelService } from "./port.ts";
import { ResidentPages } from "./resident-pages.ts";
import { KERNEL, Task } from "./task.ts";
import { VmObject, terminateObject } from "./vm-object.ts";

/** Kernel threads go before those of user tasks. */
const KERNEL_PRIORITY = 8;

export class Kernel {
  readonly sim: Simulation;
  readonly machine: Machine;
  readonly costs: KernelCosts;
  readonly limits: KernelLimits;
  readonly counters = newCounters();
  readonly pages: ResidentPages;
  /** The task of the kernel's own threads. */
  readonly task: Task;
  readonly devices: DeviceServer;
  /** Where temporary objects get their pager from, and how many more of their pages it has room for; see default-pager.ts. */
  defaultPager: { readonly port: Port; room: number } | undefined = undefined;
  objectsMade = 0;
  readonly #memoryObjects = new Map<Port, VmObject>();
  readonly #cached = new Set<VmObject>(); // without references, the oldest first
  #loaded: unknown = undefined; // the task whose address space the processor has

  /** A kernel on `machine`, with what its work costs and the drivers of its devices by name. */
  constructor(machine: Machine, spec: KernelSpec, drivers: Readonly<Record<string, DeviceDriver>> = {}) {
    const { sim, processor, memory } = machine;
    this.sim = sim;
    this.machine = machine;
    this.costs = kernelCosts(spec.kernel, machine);
    this.limits = spec.limits;
    this.pages = new ResidentPages(sim, memory, spec.limits);
    this.task = new Task(this, "kernel");
    for (let i = 0; i < Math.floor((memory.frames * spec.limits.kernelPercent) / 100); i++) memory.allocate("kernel");
    processor.switchCost = (_from, to) => this.#switchNs(to);
    this.devices = new DeviceServer(this, drivers);
    this.startThread("io done", this.devices.answerCompletions());
    this.startThread("page-out daemon", pageOutDaemon(this));
  }

  /** Add work of the kernel to what the running thread, or interrupt, owes. */
  charge(ns: number, what: string): void {
    this.machine.processor.charge(ns, what, KERNEL);
  }

  /** Start a thread of the kernel's own, which may use the last frames. */
  startThread(name: string, steps: Steps): void {
    const { processor } = this.machine;
    const thread = this.sim.spawn(name, steps, { daemon: true, processor, priority: KERNEL_PRIORITY });
    thread.context = this.task;
    this.pages.privileged.add(thread as Thread);
  }

  /** Let `ns` of work of the running thread pass at once: others may come between before and after it. */
  *pass(ns: number, what: string): Steps {
    this.charge(ns, what);
    yield* this.sim.settle();
  }

  /** The running thread has entered the kernel by a trap. */
  trapped(what = "Trap"): void {
    this.counters.traps++;
    this.charge(this.costs.trapNs, what);
  }

  /** The running `thread` goes on in the address space of `task`. */
  enterSpace(thread: Thread, task: Task): void {
    thread.context = task;
    this.#loaded = task;
    this.counters.addressSpaceSwitches++;
    this.charge(this.costs.addressSpaceSwitchNs, "address space switch");
  }

  /** Copy a page between frames. */
  copyFrame(from: Frame, to: Frame): void {
    this.machine.bcopy(from * PAGE_BYTES, to * PAGE_BYTES, PAGE_BYTES);
    this.counters.copies++;
    this.counters.copiedBytes += PAGE_BYTES;
  }

  /** A frame for `owner`, waiting for one if need be. @throws KERN_RESOURCE_SHORTAGE when there will be none */
  *allocateFrame(owner: string): Steps<Frame> {
    for (;;) {
      const frame = this.pages.allocateFrame(owner);
      if (frame !== undefined) return frame;
      yield* this.pages.waitForFrame();
    }
  }

  /** A port on which the kernel itself receives. */
  kernelPort(name: string, service: KernelService): Port {
    return new Port(this.sim, { name, limit: this.limits.queueLimit, service });
  }

  /** A send right to `port` for a message of the kernel's. */
  sendRight(port: Port): Right {
    port.sendRights++;
    return { kind: "send", port };
  }

  /** Send a message of the kernel's: it waits for nobody. */
  send(port: Port, message: KernelMessage): void {
    this.charge(this.costs.sendNs, message.id);
    chargeInLine(this, message);
    this.counters.messages++;
    port.enqueue(message);
  }

  /** Use the send-once right `reply` for an answer of the kernel's. */
  answer(reply: Right, message: KernelMessage): void {
    if (reply.kind === "send-once") reply.port.sendOnceRights--;
    this.send(reply.port, message);
  }

  /** The VM object of the memory object that `port` stands for, with one reference more; a new one is introduced to its pager. */
  enterMemoryObject(port: Port): VmObject {
    const known = this.#memoryObjects.get(port);
    if (known !== undefined) {
      this.#cached.delete(known);
      known.references++;
      return known;
    }
    if (port.dead) throw new MachError("KERN_INVALID_ARGUMENT", `${port.name} is dead`);
    const object = new VmObject(this, 0, false);
    this.attachPager(object, port);
    memoryObjectInit(this, object);
    return object;
  }

  /** Let `port` be the memory object of `object`, which gets a control port. */
  attachPager(object: VmObject, port: Port): void {
    port.sendRights++;
    object.memoryObject = port;
    object.control = this.kernelPort(`control of ${object.name}`, memoryObjectControl(this, object));
    this.#memoryObjects.set(port, object);
    port.whenDead = () => failPending(this, object);
  }

  /** `object` has ended: forget its pager, to which the receive right of the control port goes. */
  detachPager(object: VmObject): { memoryObject: Port; control: Port } {
    const { memoryObject, control } = object;
    this.#memoryObjects.delete(memoryObject!);
    if (this.defaultPager !== undefined) this.defaultPager.room += object.pagedOut?.size ?? 0;
    this.#cached.delete(object);
    memoryObject!.whenDead = undefined;
    object.memoryObject = object.control = undefined;
    releaseSend(memoryObject!);
    return { memoryObject: memoryObject!, control: control! };
  }

  /** Keep an object without references for who maps it next; the oldest goes when there are too many. */
  cacheObject(object: VmObject): void {
    this.#cached.add(object);
    if (this.#cached.size > this.limits.cachedObjects) this.uncache([...this.#cached][0]!);
  }

  /** End a cached object. */
  uncache(object: VmObject): void {
    if (this.#cached.delete(object)) terminateObject(this, object);
  }

  /** Going to `to` costs a switch of threads, and of address spaces unless its own is loaded; kernel threads run in any. */
  #switchNs(to: Thread): number {
    const task = to.context;
    if (task === this.#loaded || task === this.task) return this.costs.threadSwitchNs;
    this.#loaded = task;
    this.counters.addressSpaceSwitches++;
    return this.costs.threadSwitchNs + this.costs.addressSpaceSwitchNs;
  }
}

/** The pager of `object` is gone: who waits for its pages will wait in vain, so they get an error. */
function failPending(kernel: Kernel, object: VmObject): void {
  for (const page of object.pages.values()) {
    if (!page.busy) continue;
    page.busy = false;
    page.error = true;
  }
  object.wakeWaiters();
  kernel.uncache(object);
}
