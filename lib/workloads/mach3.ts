/**
 * The benchmarks that only Mach 3.0 has: the null RPC of Table 5-2, device_read() of
 * Table 5-6, the cost of a page fault in Table 5-8, and the change of the mapping
 * window, section 5.
 *
 * Layer: workloads. The first three run in tasks of their own on the kernel's
 * interface, the last is a program on the Unix interface.
 */
import type { Steps } from "../engine/index.ts";
import { SECTOR_BYTES } from "../hardware/disk/sectors.ts";
import { PAGE_BYTES } from "../hardware/memory.ts";
import {
  MEMORY_OBJECT_DATA_REQUEST, MEMORY_OBJECT_INIT, Task, VM_PROT_READ, deviceOpen, deviceRead, machMsgReceive, machMsgRpc, memoryObjectDataProvided,
  memoryObjectDataSupply, memoryObjectSetAttributes, replyTo, taskTerminate, threadCreate, userAddress, vmDeallocate, vmMap,
} from "../kernels/mach3/index.ts";
import type { MemoryObjectDataRequest, PortName } from "../kernels/mach3/index.ts";
import { InputError } from "../schema/index.ts";
import { Bsd43Server } from "../servers/bsd43/server.ts";
import type { System } from "../systems/system.ts";
import { stopwatch } from "./measurement.ts";
import type { Measurement } from "./measurement.ts";
import type { RawReadOptions } from "./raw.ts";

const WINDOW_BYTES = 65536;
const BACKLOG = 5; // messages that a port of a benchmark holds

/** The Single Server of `system`. @throws InputError when it is another system */
export function serverOf({ os, name }: System): Bsd43Server {
  if (!(os instanceof Bsd43Server)) throw new InputError(`this benchmark needs Mach 3.0, "mach3", and not "${name}"`);
  return os;
}

function newTask(system: System, name: string): Task {
  return new Task(serverOf(system).kernel, name);
}

/** Run `steps` in a thread of `task`, which ends with them; what they give. */
function runIn<T>(system: System, task: Task, steps: Steps<T>): T {
  const main = function* (): Steps<T> {
    const result = yield* steps;
    taskTerminate(task);
    return result;
  };
  const thread = threadCreate(task, task.name, main());
  system.sim.run();
  return thread.result as T;
}

/** A send right, in `client`, to a new port of `server`. */
function connect(server: Task, client: Task): { port: PortName; name: PortName } {
  const port = server.names.allocatePort("benchmark", BACKLOG);
  return { port, name: client.names.copyout(server.names.copyin(port, "make-send")) };
}

/** An empty message from one user task to another and back: Table 5-2, "Null RPC". */
export function nullMachRpc(system: System, turns = 400): Measurement {
  const { sim } = system;
  const server = newTask(system, "null server");
  const client = newTask(system, "null client");
  const { port, name } = connect(server, client);
  const serve = function* (): Steps {
    let request = yield* machMsgReceive(server, port);
    for (;;) request = yield* machMsgRpc(server, replyTo(request, undefined), port);
  };
  threadCreate(server, "null server", serve(), { daemon: true });
  return runIn(system, client, (function* () {
    const answers = client.names.allocatePort("answers", BACKLOG);
    let stop = stopwatch(system);
    for (let turn = 0; turn <= turns; turn++) {
      yield* machMsgRpc(client, { id: "null", remote: name, local: answers, data: undefined }, answers);
      yield* sim.settle();
      if (turn === 0) stop = stopwatch(system);
    }
    return stop(turns, 0);
  })());
}

/** device_read() of a raw partition with calls of one size at a fixed increment. */
export function deviceReads(system: System, { readBytes, increment = 1, reads = 24 }: RawReadOptions): Measurement {
  const task = newTask(system, "reader");
  return runIn(system, task, (function* () {
    const device = yield* deviceOpen(task, "disk");
    const stop = stopwatch(system);
    for (let i = 0; i < reads; i++) {
      const address = yield* deviceRead(task, device, (i * increment * readBytes) / SECTOR_BYTES, readBytes);
      vmDeallocate(task, address, readBytes);
      yield* system.sim.settle();
    }
    return stop(reads, reads * readBytes);
  })());
}

/** How a pager hands over what it has read: section 4.1.2. */
export type PagerInterface = "data_provided" | "data_supply";

/**
 * Page faults on memory that a pager backs with a raw partition: Table 5-8. For each
 * request the pager reads `readBytes` with device_read() and hands all of it over; a
 * task touches the first page of each.
 */
export function pageFaults(system: System, pagerInterface: PagerInterface, { readBytes, increment = 1, reads = 24 }: RawReadOptions): Measurement {
  const pager = newTask(system, "pager");
  const client = newTask(system, "toucher");
  const { port, name } = connect(pager, client);
  const give = pagerInterface === "data_supply" ? memoryObjectDataSupply : memoryObjectDataProvided;
  const serve = function* (): Steps {
    const device = yield* deviceOpen(pager, "disk");
    for (;;) {
      const message = yield* machMsgReceive(pager, port);
      const control = message.ports[0]!;
      if (message.id === MEMORY_OBJECT_INIT) yield* memoryObjectSetAttributes(pager, control, { ready: true, mayCache: false, copyStrategy: "none" });
      if (message.id !== MEMORY_OBJECT_DATA_REQUEST) continue;
      const { offset } = message.data as MemoryObjectDataRequest;
      const address = yield* deviceRead(pager, device, offset / SECTOR_BYTES, readBytes);
      yield* give(pager, control, offset, { address, bytes: readBytes, deallocate: true });
      pager.names.deallocate(control);
    }
  };
  threadCreate(pager, "pager", serve(), { daemon: true });
  return runIn(system, client, (function* () {
    const { sim } = system;
    const bytes = reads * increment * readBytes;
    const address = vmMap(client, client, { bytes, memoryObject: name, protection: VM_PROT_READ });
    const stop = stopwatch(system);
    for (let i = 0; i < reads; i++) {
      yield* userAddress(client, address + i * increment * readBytes, VM_PROT_READ);
      yield* sim.settle();
    }
    return stop(reads, reads * readBytes);
  })());
}

/** lseek() over 61440 bytes after each read of 4096, so that each read changes the mapping window: section 5, 2250 µs. */
export function windowChanges(system: System, windows = 32): Measurement {
  const path = "/windows";
  system.prepare({ [path]: windows * WINDOW_BYTES });
  return system.run(function* (unix) {
    const fd = yield* unix.open(path, { access: "read" });
    while ((yield* unix.read(fd, WINDOW_BYTES)).length > 0);
    yield* unix.lseek(fd, 0);
    yield* unix.read(fd, PAGE_BYTES);
    const stop = stopwatch(system);
    for (let i = 1; i < windows; i++) {
      yield* unix.lseek(fd, WINDOW_BYTES - PAGE_BYTES, "current");
      yield* unix.read(fd, PAGE_BYTES);
    }
    const measured = stop(windows - 1, (windows - 1) * PAGE_BYTES);
    yield* unix.close(fd);
    return measured;
  });
}
